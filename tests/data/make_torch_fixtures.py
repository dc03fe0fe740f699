#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Writes tests/data/torch: recurrent layers, gradients and training runs computed by PyTorch in double precision.

Made with Debian 12's python3-torch 1.13.1 and python3-numpy 1.24.2:

    python3 tests/data/make_torch_fixtures.py

For each cell: two layers, four sequences of lengths 6, 6, 4, 1 packed longest first (enforce_sorted), non-zero
initial state, all biases random. The loss is sum(output * upstream) + sum(final state * upstream_final), so that
gradients arrive at every step and at the final state. All arrays keep PyTorch's shapes.

bidirectional_gru, bidirectional_lstm: the same for `bidirectional=True`. All parameters, and all their gradients,
are one array each: in the order of named_parameters(), every matrix column by column.

adaptive_softmax: AdaptiveLogSoftmaxWithLoss on 40 vectors, 17 classes, two tails, with and without a bias of the
head: log-probabilities, predictions, the mean loss, and its gradients. schedules: learning rates of
torch.optim.lr_scheduler after each step, beside the losses that ReduceLROnPlateau was given (in reverse for "max").

For each optimiser: a small character model (embedding 5 -> LSTM 7, two layers -> linear) trained for 20 steps
on random symbols with the state carried over; the losses before each step, and the parameters at the start.
"""
import pathlib

import numpy
import torch

torch.set_default_dtype(torch.float64)
ROOT = pathlib.Path(__file__).parent / "torch"


def save(folder, name, tensor):
    folder.mkdir(parents=True, exist_ok=True)
    numpy.save(folder / f"{name}.npy", numpy.ascontiguousarray(tensor.detach().numpy()))


def randomise(module, scale):
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.copy_((torch.rand_like(parameter) * 2 - 1) * scale)


def layer_case(name, module_type):
    torch.manual_seed(20)
    folder = ROOT / name
    size, hidden, layers, lengths = 3, 5, 2, [6, 6, 4, 1]
    module = module_type(size, hidden, num_layers=layers)
    randomise(module, 0.8)
    data = torch.randn(sum(lengths), size, requires_grad=True)
    batch_sizes = torch.tensor([sum(length > t for length in lengths) for t in range(max(lengths))])
    packed = torch.nn.utils.rnn.PackedSequence(data, batch_sizes)
    states = [torch.randn(layers, len(lengths), hidden, requires_grad=True) for _ in range(2 if name == "lstm" else 1)]
    output, final = module(packed, tuple(states) if name == "lstm" else states[0])
    finals = list(final) if name == "lstm" else [final]
    upstream = torch.randn_like(output.data)
    loss = (output.data * upstream).sum()
    for key, (state, last) in zip("hc", zip(states, finals)):
        upstream_final = torch.randn_like(last)
        loss = loss + (last * upstream_final).sum()
        save(folder, f"{key}0", state)
        save(folder, f"{key}n", last)
        save(folder, f"upstream_{key}n", upstream_final)
    loss.backward()
    save(folder, "x", data)
    save(folder, "output", output.data)
    save(folder, "upstream", upstream)
    save(folder, "grad_x", data.grad)
    for key, state in zip("hc", states):
        save(folder, f"grad_{key}0", state.grad)
    for key, parameter in module.named_parameters():
        save(folder, key, parameter)
        save(folder, f"grad_{key}", parameter.grad)


def flatten(tensors):
    return torch.cat([tensor.detach().t().reshape(-1) for tensor in tensors])


def bidirectional_case(name, module_type):
    torch.manual_seed(40)
    folder = ROOT / f"bidirectional_{name}"
    size, hidden, layers, lengths = 3, 4, 2, [7, 5, 5, 1]
    module = module_type(size, hidden, num_layers=layers, bidirectional=True)
    randomise(module, 0.8)
    data = torch.randn(sum(lengths), size, requires_grad=True)
    batch_sizes = torch.tensor([sum(length > t for length in lengths) for t in range(max(lengths))])
    packed = torch.nn.utils.rnn.PackedSequence(data, batch_sizes)
    shape = (2 * layers, len(lengths), hidden)
    states = [torch.randn(shape, requires_grad=True) for _ in range(2 if name == "lstm" else 1)]
    output, final = module(packed, tuple(states) if name == "lstm" else states[0])
    finals = list(final) if name == "lstm" else [final]
    upstream = torch.randn_like(output.data)
    loss = (output.data * upstream).sum()
    for key, (state, last) in zip("hc", zip(states, finals)):
        upstream_final = torch.randn_like(last)
        loss = loss + (last * upstream_final).sum()
        save(folder, f"{key}0", state)
        save(folder, f"{key}n", last)
        save(folder, f"upstream_{key}n", upstream_final)
    loss.backward()
    for key, value in {"x": data, "output": output.data, "upstream": upstream, "grad_x": data.grad}.items():
        save(folder, key, value)
    for key, state in zip("hc", states):
        save(folder, f"grad_{key}0", state.grad)
    save(folder, "parameters", flatten(module.parameters()))
    save(folder, "gradients", flatten(parameter.grad for parameter in module.parameters()))


def adaptive_softmax_case(name, head_bias):
    torch.manual_seed(50)
    folder = ROOT / f"adaptive_softmax_{name}"
    size, classes, count = 9, 17, 40
    module = torch.nn.AdaptiveLogSoftmaxWithLoss(size, classes, [4, 10], div_value=2.0, head_bias=head_bias)
    randomise(module, 0.9)
    x = torch.randn(count, size, requires_grad=True)
    targets = torch.randint(classes, (count,))
    output, loss = module(x, targets)
    loss.backward()
    save(folder, "x", x)
    save(folder, "targets", targets.to(torch.int32))
    save(folder, "output", output)
    save(folder, "loss", loss.reshape(1))
    save(folder, "log_prob", module.log_prob(x))
    save(folder, "predictions", module.predict(x).to(torch.int32))
    save(folder, "grad_x", x.grad)
    save(folder, "parameters", flatten(module.parameters()))
    save(folder, "gradients", flatten(parameter.grad for parameter in module.parameters()))


def schedule_cases():
    folder = ROOT / "schedules"
    steps = 60
    torch.manual_seed(60)
    # Falls, stays, jumps, falls again: every branch of the plateau rule is taken.
    noise = torch.rand(steps) * 0.02
    losses = torch.cat([torch.linspace(2, 1, 12), torch.full((20,), 1.0), torch.full((8,), 1.5),
                        torch.linspace(1.2, 0.6, 20)]) + noise
    save(folder, "losses", losses)

    def rates(name, make, start=0.8):
        optimiser = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=start)
        scheduler = make(optimiser)
        found = [optimiser.param_groups[0]["lr"]]
        for loss in losses.flip(0) if "highest" in name else losses:
            optimiser.step()
            if isinstance(scheduler, torch.optim.lr_scheduler.ReduceLROnPlateau):
                scheduler.step(float(loss))
            else:
                scheduler.step()
            found.append(optimiser.param_groups[0]["lr"])
        save(folder, name, torch.tensor(found))

    schedulers = torch.optim.lr_scheduler
    rates("step", lambda o: schedulers.StepLR(o, step_size=7, gamma=0.6))
    rates("cosine", lambda o: schedulers.CosineAnnealingLR(o, T_max=13, eta_min=0.05))
    rates("plateau_default", schedulers.ReduceLROnPlateau)
    rates("plateau_relative", lambda o: schedulers.ReduceLROnPlateau(
        o, factor=0.5, patience=2, cooldown=3, threshold=0.01, min_lr=0.03))
    rates("plateau_absolute", lambda o: schedulers.ReduceLROnPlateau(
        o, factor=0.5, patience=1, cooldown=1, threshold=0.05, threshold_mode="abs"))
    rates("plateau_highest", lambda o: schedulers.ReduceLROnPlateau(
        o, mode="max", factor=0.7, patience=3, threshold=0.1, eps=0.02))
    rates("plateau_highest_absolute", lambda o: schedulers.ReduceLROnPlateau(
        o, mode="max", factor=0.9, patience=0, cooldown=2, threshold=0.3, threshold_mode="abs"))


class CharacterModel(torch.nn.Module):
    def __init__(self, symbols, size, hidden):
        super().__init__()
        self.embedding = torch.nn.Embedding(symbols, size)
        self.lstm = torch.nn.LSTM(size, hidden, num_layers=2)
        self.readout = torch.nn.Linear(hidden, symbols)

    def forward(self, ids, state):
        output, state = self.lstm(self.embedding(ids), state)
        return self.readout(output), state


def training_cases():
    torch.manual_seed(30)
    symbols, steps, batch, window = 6, 20, 3, 4
    start = CharacterModel(symbols, 5, 7)
    randomise(start, 0.5)
    folder = ROOT / "training"
    ids = torch.randint(symbols, (steps * window + 1, batch))
    save(folder, "ids", ids.to(torch.int32))
    for key, parameter in start.named_parameters():
        save(folder, key, parameter)
    optimisers = {
        "sgd": lambda p: torch.optim.SGD(p, lr=0.5, momentum=0.9, weight_decay=1e-3, nesterov=True),
        "adagrad": lambda p: torch.optim.Adagrad(p, lr=0.05, lr_decay=1e-2, weight_decay=1e-3),
        "adam": lambda p: torch.optim.Adam(p, lr=0.01, weight_decay=1e-3),
        "adamw": lambda p: torch.optim.AdamW(p, lr=0.01, weight_decay=1e-1),
    }
    for name, make in optimisers.items():
        model = CharacterModel(symbols, 5, 7)
        model.load_state_dict(start.state_dict())
        optimiser = make(model.parameters())
        state, losses = None, []
        for step in range(steps):
            rows = slice(step * window, (step + 1) * window)
            scores, state = model(ids[rows], state)
            state = tuple(part.detach() for part in state)
            targets = ids[step * window + 1:(step + 1) * window + 1]
            loss = torch.nn.functional.cross_entropy(scores.reshape(-1, symbols), targets.reshape(-1))
            optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 0.25)
            optimiser.step()
            losses.append(loss.detach())
        save(folder, f"losses_{name}", torch.stack(losses))


layer_case("elman", torch.nn.RNN)
layer_case("gru", torch.nn.GRU)
layer_case("lstm", torch.nn.LSTM)
training_cases()
bidirectional_case("gru", torch.nn.GRU)
bidirectional_case("lstm", torch.nn.LSTM)
adaptive_softmax_case("plain", head_bias=False)
adaptive_softmax_case("biased", head_bias=True)
schedule_cases()

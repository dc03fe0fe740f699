#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Writes tests/data/torch: recurrent layers, gradients and training runs computed by PyTorch in double precision.

Made with Debian 12's python3-torch 1.13.1 and python3-numpy 1.24.2:

    python3 tests/data/make_torch_fixtures.py

For each cell: two layers, four sequences of lengths 6, 6, 4, 1 packed longest first (enforce_sorted), non-zero
initial state, all biases random. The loss is sum(output * upstream) + sum(final state * upstream_final), so that
gradients arrive at every step and at the final state. All arrays keep PyTorch's shapes.

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

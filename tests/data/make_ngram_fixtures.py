#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Writes tests/data/ngram: n-gram cells and their gradients computed by PyTorch in double precision.

Made with Debian 12's python3-torch 1.13.1 and python3-numpy 1.24.2:

    python3 tests/data/make_ngram_fixtures.py

Nothing here knows a formula of an expansion. One step of an n-gram cell is  f(x, 0) + J(x', 0) state  with f one step
of a cell, J its Jacobian in the state as automatic differentiation gives it, and

    origin      f is PyTorch's own cell, x' = x
    maclaurin   f is the cell with sigmoid u -> 1/2 + u/4 and tanh u -> u, x' = x
    simplified_origin, simplified_maclaurin      the same with x' = 0

All biases and initial states are random. Sequences of lengths 5, 5, 3, 1, packed longest first. The loss is
sum(h * upstream) + sum(final state * upstream_final); its gradient is autograd's. Each file is one vector: parameters
(weight_ih, weight_hh, bias_ih, bias_hh; matrices column by column), x, initial state, upstream, upstream_final,
hidden states of all columns, gradients at parameters, x and initial state.

spectral.npy: torch.nn.utils.parametrizations.spectral_norm of a 12 x 4 matrix, trained by plain descent at rate 0.3 on
sum(W * target): the matrix (column by column), u and v before the first forward pass, target, then W as the forward
pass of each of 5 steps saw it.
"""
import pathlib

import numpy
import torch

torch.set_default_dtype(torch.float64)
ROOT = pathlib.Path(__file__).parent / "ngram"
SIZE, HIDDEN, LENGTHS = 3, 4, [5, 5, 3, 1]
GATES = {"elman": 1, "gru": 3, "lstm": 4}


def linear_sigmoid(u):
    return 0.5 + 0.25 * u


def identity(u):
    return u


def cell_step(cell, expansion, weights, x, state):
    """state: [h] or [h, c], each B x H."""
    if expansion.endswith("origin"):
        if cell == "lstm":
            return torch.lstm_cell(x, tuple(state), *weights)
        return [(torch.gru_cell if cell == "gru" else torch.rnn_tanh_cell)(x, state[0], *weights)]
    w_ih, w_hh, b_ih, b_hh = weights
    sigmoid, tanh = linear_sigmoid, identity
    a = (x @ w_ih.T + b_ih).chunk(GATES[cell], 1)
    q = (state[0] @ w_hh.T + b_hh).chunk(GATES[cell], 1)
    if cell == "elman":
        return [tanh(a[0] + q[0])]
    if cell == "gru":
        r, z = sigmoid(a[0] + q[0]), sigmoid(a[1] + q[1])
        n = tanh(a[2] + r * q[2])
        return [(1 - z) * n + z * state[0]]
    i, f, o = sigmoid(a[0] + q[0]), sigmoid(a[1] + q[1]), sigmoid(a[3] + q[3])
    c = f * state[1] + i * tanh(a[2] + q[2])
    return [o * tanh(c), c]


def ngram_step(cell, expansion, weights, x, state):
    zero = [torch.zeros_like(part) for part in state]
    token = cell_step(cell, expansion, weights, x, zero)
    at = torch.zeros_like(x) if expansion.startswith("simplified") else x
    _, product = torch.autograd.functional.jvp(
        lambda *s: tuple(cell_step(cell, expansion, weights, at, list(s))), tuple(zero), tuple(state),
        create_graph=True)
    return [g + p for g, p in zip(token, product)]


def columns(tensor):
    """A weight or bias in our order: column by column. States and inputs are B x H already: row by row."""
    return tensor.detach().numpy().T.reshape(-1)


def rows(tensor):
    return tensor.detach().numpy().reshape(-1).copy()


def case(cell, expansion):
    torch.manual_seed(31)
    rows_of_w = GATES[cell] * HIDDEN
    shapes = [(rows_of_w, SIZE), (rows_of_w, HIDDEN), (rows_of_w,), (rows_of_w,)]
    weights = [((torch.rand(*shape) * 2 - 1) * 0.8).requires_grad_() for shape in shapes]
    count = sum(LENGTHS)
    x = torch.randn(count, SIZE, requires_grad=True)
    initial = [torch.randn(len(LENGTHS), HIDDEN, requires_grad=True) for _ in range(2 if cell == "lstm" else 1)]
    upstream = torch.randn(count, HIDDEN)
    upstream_final = [torch.randn(len(LENGTHS), HIDDEN) for _ in initial]
    state, outputs, at = list(initial), [], 0
    final = [[None] * len(LENGTHS) for _ in initial]
    for t in range(max(LENGTHS)):
        live = sum(length > t for length in LENGTHS)
        state = ngram_step(cell, expansion, weights, x[at:at + live], [part[:live] for part in state])
        at += live
        outputs.append(state[0])
        for b in range(live):
            if LENGTHS[b] == t + 1:
                for k, part in enumerate(state):
                    final[k][b] = part[b]
    output = torch.cat(outputs)
    loss = (output * upstream).sum()
    for part, weight in zip(final, upstream_final):
        loss = loss + (torch.stack(part) * weight).sum()
    loss.backward()
    parts = [columns(w) for w in weights] + [rows(t) for t in [x, *initial, upstream, *upstream_final, output]]
    parts += [columns(torch.zeros_like(w) if w.grad is None else w.grad) for w in weights]
    parts += [rows(t.grad) for t in [x, *initial]]
    numpy.save(ROOT / f"{expansion}_{cell}.npy", numpy.concatenate(parts))


def spectral_case():
    torch.manual_seed(32)
    module = torch.nn.Linear(4, 12, bias=False)
    target = torch.randn(12, 4)
    module = torch.nn.utils.parametrizations.spectral_norm(module)
    norm = module.parametrizations.weight[0]
    parts = [columns(module.parametrizations.weight.original), rows(norm._u), rows(norm._v), columns(target)]
    descent = torch.optim.SGD(module.parameters(), lr=0.3)
    for _ in range(5):
        descent.zero_grad()
        weight = module.weight
        parts.append(columns(weight))
        (weight * target).sum().backward()
        descent.step()
    numpy.save(ROOT / "spectral.npy", numpy.concatenate(parts))


if __name__ == "__main__":
    ROOT.mkdir(exist_ok=True)
    for name in GATES:
        for how in ["maclaurin", "origin", "simplified_maclaurin", "simplified_origin"]:
            case(name, how)
    spectral_case()

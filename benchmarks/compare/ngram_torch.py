#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Times a training step of n-gram cells written as a loop over steps in PyTorch: the peer of ngram_benchmark.

    python3 benchmarks/compare/ngram_torch.py [--threads 2] [--seconds 3]

Two ways to write the cell: "loop" does all of a step in the loop, as a module called step by step does; "hoisted"
projects the inputs and computes the coefficients (g and the diagonals of A) for all steps at once and leaves the
product with W_hh and the linear update in the loop. Gradients by autograd. Prints milliseconds a training step (best
of all repetitions) and tokens per second; PyTorch's own nn.GRU and nn.LSTM beside them. How good these times are
depends on the BLAS that PyTorch was linked with (Debian's own build uses the reference BLAS unless libopenblas0 is
installed): say which one it was.
"""
import argparse
import time

import torch


def gru_coefficients(a, b_hh, expansion):
    """a: W_ih x + b_ih, one step or all. Returns g, zeta and the coefficients of W_hr h, W_hz h, W_hn h."""
    x_r, x_z, x_n = a.chunk(3, -1)
    b_r, b_z, beta = b_hh.chunk(3)
    if expansion == "maclaurin":
        rho, zeta = 0.5 + 0.25 * (x_r + b_r), 0.5 + 0.25 * (x_z + b_z)
        nu = x_n + rho * beta
        rest = 1 - zeta
        return rest * nu, zeta, 0.25 * rest * beta, -0.25 * nu, rest * rho
    r, z = torch.sigmoid(x_r + b_r), torch.sigmoid(x_z + b_z)
    n = torch.tanh(x_n + r * beta)
    m = (1 - z) * (1 - n * n)
    return (1 - z) * n, z, m * beta * r * (1 - r), -n * z * (1 - z), m * r


def lstm_coefficients(a, b_hh, expansion):
    """Returns g_c, g_h, f, d_i, d_g, e, phi."""
    x_i, x_f, x_g, x_o = (a + b_hh).chunk(4, -1)
    if expansion == "maclaurin":
        i, f, o = 0.5 + 0.25 * x_i, 0.5 + 0.25 * x_f, 0.5 + 0.25 * x_o
        g_c = i * x_g
        return g_c, o * g_c, f, 0.25 * x_g, i, o, 0.25 * g_c
    i, f, u, o = torch.sigmoid(x_i), torch.sigmoid(x_f), torch.tanh(x_g), torch.sigmoid(x_o)
    tau = torch.tanh(i * u)
    return i * u, o * tau, f, u * i * (1 - i), i * (1 - u * u), o * (1 - tau * tau), o * (1 - o) * tau


COEFFICIENTS = {"gru": gru_coefficients, "lstm": lstm_coefficients}


def gru_update(parts, state, w_hh):
    g, zeta, a_r, a_z, a_n = parts
    q_r, q_z, q_n = (state[0] @ w_hh.T).chunk(3, 1)
    return (g + zeta * state[0] + a_r * q_r + a_z * q_z + a_n * q_n,)


def lstm_update(parts, state, w_hh):
    g_c, g_h, f, d_i, d_g, e, phi = parts
    q_i, _, q_g, q_o = (state[0] @ w_hh.T).chunk(4, 1)
    s = f * state[1] + d_i * q_i + d_g * q_g
    return g_h + e * s + phi * q_o, g_c + s


UPDATE = {"gru": gru_update, "lstm": lstm_update}


def run(cell, expansion, weights, x, hoisted):
    w_ih, w_hh, b_ih, b_hh = weights
    zero = x.new_zeros(x.shape[1], w_hh.shape[1])
    state = (zero,) if cell == "gru" else (zero, zero)
    outputs = []
    if hoisted:
        every = zip(*(part.unbind(0) for part in COEFFICIENTS[cell](x @ w_ih.T + b_ih, b_hh, expansion)))
    else:
        every = (COEFFICIENTS[cell](x_t @ w_ih.T + b_ih, b_hh, expansion) for x_t in x.unbind(0))
    for parts in every:
        state = UPDATE[cell](parts, state, w_hh)
        outputs.append(state[0])
    return torch.stack(outputs)


def best_time(step, seconds):
    step()
    best, end = float("inf"), time.perf_counter() + seconds
    while time.perf_counter() < end:
        begin = time.perf_counter()
        step()
        best = min(best, time.perf_counter() - begin)
    return best


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=3)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(1)
    for size, batch, steps in [(128, 20, 35), (512, 64, 50)]:
        x = torch.randn(steps, batch, size, requires_grad=True)
        d_hidden = torch.randn(steps, batch, size)
        for cell, gates, fused in [("gru", 3, torch.nn.GRU), ("lstm", 4, torch.nn.LSTM)]:
            module = fused(size, size)
            weights = [w.detach().clone().requires_grad_() for w in
                       (module.weight_ih_l0, module.weight_hh_l0, module.bias_ih_l0, module.bias_hh_l0)]

            def train(forward):
                for w in weights + list(module.parameters()) + [x]:
                    w.grad = None
                (forward() * d_hidden).sum().backward()

            cases = [(f"ngram {cell} {e} {'hoisted' if hoisted else 'loop'}",
                      lambda e=e, hoisted=hoisted: run(cell, e, weights, x, hoisted))
                     for e in ("maclaurin", "origin") for hoisted in (False, True)]
            cases.append((f"torch.nn {cell}", lambda: module(x)[0]))
            for name, forward in cases:
                best = best_time(lambda: train(forward), options.seconds)
                print(f"{name:28s} {size:4d}/{batch}/{steps}  {1e3 * best:8.2f} ms"
                      f"  {steps * batch / best:10.0f} tokens/s", flush=True)


if __name__ == "__main__":
    main()

# SPDX-License-Identifier: BSD-3-Clause
"""Scores of the n-grams that end at the last token of a sequence, through dense matrices A(x_t) and their
products, as the definition of the n-gram paper reads: the other side of unroll.cpp, in PyTorch.

    python3 unroll_torch.py FOLDER THREADS {restart | cumulative | sgemm}

FOLDER holds the float32 arrays that unroll.cpp writes: weight_ih, weight_hh, bias_ih, bias_hh, weight (all
transposed, as PyTorch's row-major order of our columns), x [T, D]. Expansion: Maclaurin, all biases kept.
Prints one JSON object; `restart` and `cumulative` also write scores.npy, the score of i..T for every i.

* restart: for every i the product A(x_T) ... A(x_{i+1}) anew: T (T - 1) / 2 products of H x H matrices.
* cumulative: one running product from the end: T - 1 of them.
* sgemm: the rate of a 2048^3 product, for scale.

Made with PyTorch 1.13 and NumPy 1.24.
"""
import json
import sys
import time

import numpy
import torch


def best_of(times, run):
    seconds = []
    result = None
    for _ in range(times):
        begin = time.perf_counter()
        result = run()
        seconds.append(time.perf_counter() - begin)
    return min(seconds), result


def gru_expansion(folder):
    """All g(x_t) and a function that gives the dense A(x_t)."""
    load = lambda name: torch.from_numpy(numpy.load(f"{folder}/{name}.npy"))
    weight_ih, weight_hh = load("weight_ih").T, load("weight_hh").T.contiguous()
    bias_ih, bias_hh = load("bias_ih").reshape(-1), load("bias_hh").reshape(-1)
    hidden = weight_hh.shape[1]
    w_r, w_z, w_n = weight_hh.split(hidden)
    a_r, a_z, a_n = (load("x") @ weight_ih.T + bias_ih).split(hidden, dim=1)
    b_r, b_z, b_n = bias_hh.split(hidden)
    rho, zeta = 0.5 + 0.25 * (a_r + b_r), 0.5 + 0.25 * (a_z + b_z)
    nu = a_n + rho * b_n
    g = (1 - zeta) * nu

    def transition(t):
        a = ((1 - zeta[t]) * rho[t]).unsqueeze(1) * w_n - (nu[t] / 4).unsqueeze(1) * w_z
        if b_n.abs().max() > 0:
            a += ((1 - zeta[t]) * b_n / 4).unsqueeze(1) * w_r
        a.diagonal().add_(zeta[t])
        return a

    return g, transition, load("weight").reshape(-1)


def restart(folder):
    g, transition, weight = gru_expansion(folder)
    length = g.shape[0]
    matrices = [transition(t) for t in range(length)]
    scores = torch.empty(length)
    for i in range(length):
        product = torch.eye(g.shape[1])
        for t in range(i + 1, length):
            product = matrices[t] @ product
        scores[i] = weight @ (product @ g[i])
    return scores


def cumulative(folder):
    g, transition, weight = gru_expansion(folder)
    length = g.shape[0]
    scores = torch.empty(length)
    product = torch.eye(g.shape[1])
    for i in reversed(range(length)):
        scores[i] = weight @ (product @ g[i])
        if i > 0:
            product = product @ transition(i)
    return scores


def main():
    folder, threads, what = sys.argv[1:]
    torch.set_num_threads(int(threads))
    torch.set_grad_enabled(False)
    if what == "sgemm":
        a, b = torch.rand(2048, 2048), torch.rand(2048, 2048)
        seconds, _ = best_of(4, lambda: a @ b)
        print(json.dumps({"gflops": 2 * 2048**3 / seconds / 1e9}))
        return
    run = {"restart": restart, "cumulative": cumulative}[what]
    seconds, scores = best_of(1 if what == "restart" else 4, lambda: run(folder))
    numpy.save(f"{folder}/scores.npy", scores.numpy())
    print(json.dumps({"seconds": seconds, "version": torch.__version__}))


main()

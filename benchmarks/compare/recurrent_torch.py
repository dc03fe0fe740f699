# SPDX-License-Identifier: BSD-3-Clause
"""The cases of recurrent.cpp in PyTorch; prints tokens per second as one JSON object."""
import json
import statistics
import sys
import time

import torch
from torch import nn

quick = "quick" in sys.argv
torch.manual_seed(1)


class LanguageModel(nn.Module):
    def __init__(self, kind, vocabulary, embedding, hidden, layers, dropout):
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, embedding)
        self.rnn = kind(embedding, hidden, layers, dropout=dropout)
        self.dropout = nn.Dropout(dropout)
        self.readout = nn.Linear(hidden, vocabulary)

    def forward(self, ids, state=None):
        output, state = self.rnn(self.embedding(ids), state)
        return self.readout(self.dropout(output)), state


def detached(state):
    return tuple(part.detach() for part in state) if isinstance(state, tuple) else state.detach()


def rate(tokens, run, rounds):
    run()
    rates = []
    for _ in range(rounds):
        begin = time.perf_counter()
        run()
        rates.append(tokens / (time.perf_counter() - begin))
    return statistics.median(rates)


def training_rate(model, vocabulary, steps, batch, rounds):
    sgd = torch.optim.SGD(model.parameters(), lr=0.1)
    ids = torch.randint(vocabulary, (steps, batch))
    targets = torch.randint(vocabulary, (steps * batch,))
    carried = [None]

    def step():
        sgd.zero_grad()
        scores, state = model(ids, carried[0])
        carried[0] = detached(state)
        nn.functional.cross_entropy(scores.view(-1, vocabulary), targets).backward()
        nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        sgd.step()

    return rate(steps * batch, step, rounds)


hidden, embedding, batch, steps, stream, words = (
    (64, 32, 10, 10, 50, 500) if quick else (512, 256, 100, 100, 2000, 33278))
characters = LanguageModel(nn.LSTM, 105, embedding, hidden, 3, 0.3)
result = {"training step": training_rate(characters, 105, steps, batch, 3)}
characters.eval()
with torch.no_grad():
    for name, shape in (("forward", (steps, batch)), ("stream", (stream, 1))):
        ids = torch.randint(105, shape)
        result[name] = rate(ids.numel(), lambda: characters.rnn(characters.embedding(ids)), 3)
for name, kind in (("word lstm", nn.LSTM), ("word gru", nn.GRU)):
    result[name] = training_rate(LanguageModel(kind, words, 128, 128, 1, 0.0), words, 35, 20, 5)
print(json.dumps(result))

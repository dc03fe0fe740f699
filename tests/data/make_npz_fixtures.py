#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Writes tests/data/npz: archives. Made with NumPy 1.24.2 (Python 3.11)."""
import pathlib

import numpy as np

folder = pathlib.Path(__file__).parent / "npz"
folder.mkdir(exist_ok=True)


def arrays():
    """Value k * 1.5 - 2 (integers: 3 k - 2) at place k in row-major order; 1000 zeros; halves."""
    k = np.arange(24).reshape(2, 3, 4)
    return {
        "lstm.weight_ih_l0": (k * 1.5 - 2).astype("<f4"),
        "double": np.asfortranarray((k * 1.5 - 2).astype("<f8")),
        "half": (k[0] * 0.5).astype("<f2"),
        "ids": (3 * k - 2).astype("<i4"),
        "big": (3 * k[0, 0] - 2).astype("<i8"),
        "bytes": k.astype("u1"),
        "truth": (k % 3 == 0),
        "zeros": np.zeros(1000, "<f4"),
        "scalar": np.array(2.5),
        "none": np.zeros((0, 3), "<f8"),
    }


np.savez(folder / "stored.npz", **arrays())
np.savez_compressed(folder / "compressed.npz", **arrays())

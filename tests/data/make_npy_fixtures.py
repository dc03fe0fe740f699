#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Writes the .npy fixtures of tests/format. Made with NumPy 1.24.2 (Python 3.11)."""
import pathlib

import numpy as np

folder = pathlib.Path(__file__).parent / "npy"
folder.mkdir(exist_ok=True)


def values(shape, dtype):
    """Value k * 1.5 - 2 (integers: 3 k - 2) at place k in row-major order."""
    k = np.arange(np.prod(shape, dtype=int)).reshape(shape)
    return (k * 1.5 - 2).astype(dtype) if np.dtype(dtype).kind == "f" else (3 * k - 2).astype(dtype)


np.save(folder / "f4_3x2.npy", values((3, 2), "<f4"))
np.save(folder / "f8_2x3x4.npy", values((2, 3, 4), "<f8"))
np.save(folder / "f8_3x4_fortran.npy", np.asfortranarray(values((3, 4), "<f8")))
np.save(folder / "i4_5.npy", values((5,), "<i4"))
np.save(folder / "i8_5.npy", values((5,), "<i8"))
np.save(folder / "f8_scalar.npy", values((), "<f8"))
np.save(folder / "f8_0x3.npy", values((0, 3), "<f8"))
np.save(folder / "f8_big_endian.npy", values((2, 2), ">f8"))
np.save(folder / "u1_4.npy", values((4,), "u1"))
with open(folder / "f8_version2.npy", "wb") as file:
    np.lib.format.write_array(file, values((2, 2), "<f8"), version=(2, 0))

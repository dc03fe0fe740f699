# SPDX-License-Identifier: BSD-3-Clause
"""Fits the HDBSCAN programs that are installed to POINTS.npy and prints a line of JSON for each.

    hdbscan_peers.py POINTS.npy MIN_CLUSTER_SIZE MIN_SAMPLES

Each program gets one fit; those that compile themselves get a small one before. `min_samples` means the k-th other
point in all of them (scikit-learn counts the point itself, so it gets one more).
"""
import importlib
import json
import sys
import time


def contrib(points, size, samples):
    import hdbscan

    return lambda x: hdbscan.HDBSCAN(min_cluster_size=size, min_samples=samples).fit(x).labels_


def fast(points, size, samples):
    import fast_hdbscan

    fit = lambda x: fast_hdbscan.HDBSCAN(min_cluster_size=size, min_samples=samples).fit(x).labels_
    fit(points[: max(1000, 3 * size)])
    return fit


def sklearn(points, size, samples):
    from sklearn.cluster import HDBSCAN

    return lambda x: HDBSCAN(min_cluster_size=size, min_samples=samples + 1).fit(x).labels_


def main():
    path, size, samples = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    peers = {"hdbscan": contrib, "fast_hdbscan": fast, "sklearn": sklearn}
    try:
        import numpy
    except ImportError:
        for name in peers:
            print(json.dumps({"program": name, "absent": "numpy"}))
        return
    points = numpy.load(path)
    for name, make in peers.items():
        try:
            module = importlib.import_module(name)
            fit = make(points, size, samples)
        except ImportError as error:
            print(json.dumps({"program": name, "absent": str(error)}), flush=True)
            continue
        start = time.perf_counter()
        labels = fit(points)
        seconds = time.perf_counter() - start
        version = getattr(module, "__version__", "")
        print(
            json.dumps(
                {
                    "program": (name + " " + version).strip(),
                    "seconds": seconds,
                    "clusters": int(labels.max()) + 1,
                    "noise": float((labels < 0).mean()),
                }
            ),
            flush=True,
        )


if __name__ == "__main__":
    main()

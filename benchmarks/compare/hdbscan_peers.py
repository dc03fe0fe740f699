# SPDX-License-Identifier: BSD-3-Clause
"""Times the HDBSCAN programs that are installed on POINTS.npy and prints a line of JSON for each.

    hdbscan_peers.py POINTS.npy MIN_CLUSTER_SIZE MIN_SAMPLES [NEW]

Each program gets one fit; those that compile themselves get a small one before. The last NEW points are not fitted
but predicted, by programs that can. quitefastmst is asked for the spanning tree alone. `min_samples` means the k-th
other point in all of them (scikit-learn and quitefastmst count the point itself, so they get one more). A program
whose import fails, for whatever reason, is reported as absent.
"""
import importlib
import json
import sys
import time


def contrib(module, points, size, samples):
    program = module.HDBSCAN(min_cluster_size=size, min_samples=samples)
    return lambda: program.fit(points)


def fast(module, points, size, samples):
    program = module.HDBSCAN(min_cluster_size=size, min_samples=samples)
    program.fit(points[: max(1000, 3 * size)])
    return lambda: program.fit(points)


def sklearn(module, points, size, samples):
    program = module.HDBSCAN(min_cluster_size=size, min_samples=samples + 1)
    return lambda: program.fit(points)


def tree(module, points, size, samples):
    return lambda: module.mst_euclid(points, samples + 1)


def predict(module, model, new):
    def run():
        model.generate_prediction_data()
        return module.approximate_predict(model, new)[0]

    return run


#: name, module, what makes its fit, what makes its prediction
PEERS = [
    ("hdbscan", "hdbscan", contrib, predict),
    ("fast_hdbscan", "fast_hdbscan", fast, None),
    ("sklearn", "sklearn.cluster", sklearn, None),
    ("quitefastmst", "quitefastmst", tree, None),
]


def timed(function):
    start = time.perf_counter()
    result = function()
    return result, time.perf_counter() - start


def report(program, stage, seconds, more):
    print(json.dumps({"program": program, "stage": stage, "seconds": seconds, "more": more}), flush=True)


def labelled(labels):
    return {"clusters": int(labels.max()) + 1, "noise": float((labels < 0).mean())}


def main():
    path, size, samples = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    count = int(sys.argv[4]) if len(sys.argv) > 4 else 0
    try:
        import numpy
    except ImportError:
        for name, *_ in PEERS:
            print(json.dumps({"program": name, "absent": "numpy"}))
        return
    points = numpy.load(path)
    new = points[len(points) - count :]
    points = points[: len(points) - count]
    for name, path, make, make_predict in PEERS:
        try:
            module = importlib.import_module(path)
            fit = make(module, points, size, samples)
        except Exception as error:  # whatever a program, or what it imports, is missing
            print(json.dumps({"program": name, "absent": f"{type(error).__name__}: {error}"}), flush=True)
            continue
        program = (name + " " + getattr(sys.modules[path.split(".")[0]], "__version__", "")).strip()
        model, seconds = timed(fit)
        if make is tree:
            report(program, "tree", seconds, {})
            continue
        report(program, "fit", seconds, labelled(model.labels_))
        if count > 0 and make_predict is not None:
            labels, seconds = timed(make_predict(module, model, new))
            report(program, "predict", seconds, {"noise": float((labels < 0).mean())})


if __name__ == "__main__":
    main()

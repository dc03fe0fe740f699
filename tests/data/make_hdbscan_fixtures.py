# SPDX-License-Identifier: BSD-3-Clause
"""Results of scikit-learn-contrib/hdbscan 0.8.43 (NumPy 1.24, scikit-learn 1.2.1) for tests/cluster/.

Usage: make_hdbscan_fixtures.py tests/data/hdbscan

All arrays are float64. One data set of 240 points in the plane: three clouds, of which one has two cores, and
background. min_cluster_size 8, min_samples 4 (the k-th other point), Euclidean distances.
"""
import sys
import warnings

import hdbscan
import numpy as np
from hdbscan import flat

warnings.filterwarnings("ignore")
folder = sys.argv[1]
random = np.random.RandomState(4)
points = np.vstack([
    random.randn(60, 2) * 0.5,
    random.randn(40, 2) * 0.25 + [4.0, 0.3],
    random.randn(40, 2) * 0.25 + [5.1, 0.9],
    random.randn(60, 2) * 0.9 + [1.0, 6.0],
    random.uniform(-3.0, 9.0, (40, 2)),
])
new_points = np.vstack([random.uniform(-4.0, 10.0, (60, 2)), random.randn(20, 2) * 0.5, random.randn(20, 2) * 0.3 + [4.5, 0.6]])


def save(name, array):
    np.save(f"{folder}/{name}.npy", np.ascontiguousarray(array, dtype=np.float64))


def cluster(**parameters):
    return hdbscan.HDBSCAN(min_cluster_size=8, min_samples=4, approx_min_span_tree=False, gen_min_span_tree=True,
                           prediction_data=True, branch_detection_data=True, algorithm="prims_kdtree",
                           **parameters).fit(points)


save("points", points)
save("new_points", new_points)
CASES = {
    "eom": {},
    "leaf": {"cluster_selection_method": "leaf"},
    "epsilon": {"cluster_selection_epsilon": 0.6, "cluster_selection_method": "leaf"},
    "epsilon_max": {"cluster_selection_epsilon_max": 0.75},
    "persistence": {"cluster_selection_persistence": 1.0, "cluster_selection_method": "leaf"},
    "max_size": {"max_cluster_size": 50},
    "alpha": {"alpha": 1.6},
}
labels, probabilities, scores, linkages = [], [], [], []
for name, parameters in CASES.items():
    found = cluster(**parameters)
    labels.append(found.labels_)
    probabilities.append(found.probabilities_)
    scores.append(found.outlier_scores_)
    if name in ("eom", "alpha"):
        linkages.append(found.single_linkage_tree_.to_numpy())
    print(name, found.labels_.max() + 1, (found.labels_ < 0).sum())
save("labels", labels)
save("probabilities", probabilities)
save("outlier_scores", scores)
save("linkages", linkages)  # scipy's format, in the order in which edges of equal length were merged

found = cluster()

# approximate_predict asks for other neighbours than fit did (its core distances are those of the third point, a new
# point's that of its fifth); here its rule is given those of fit, the fourth other point, for both.
data = found.prediction_data_
distances, neighbours = data.tree.query(points, k=5)
core = distances[:, 4]
distances, neighbours = data.tree.query(new_points, k=len(points))
save("predicted", np.transpose([
    hdbscan.prediction._find_cluster_and_probability(found.condensed_tree_, data.cluster_tree, i, d, core, data.cluster_map,
                                                     data.max_lambdas, 3)
    for i, d in zip(neighbours, distances)
]))
save("memberships", hdbscan.all_points_membership_vectors(found))
save("cuts", [found.dbscan_clustering(cut, min_cluster_size=size) for cut, size in ((0.3, 1), (0.5, 4), (1.0, 8))])
save("centres", [[found.weighted_cluster_centroid(k), found.weighted_cluster_medoid(k)] for k in range(found.labels_.max() + 1)])
save("validity", [hdbscan.validity.validity_index(points, found.labels_)])

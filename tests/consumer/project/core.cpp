// SPDX-License-Identifier: BSD-3-Clause
#include <rnnscope/core/parallel.hpp>
#include <rnnscope/points/point_set.hpp>

int main() {
  rnnscope::PointSet<double> points{rnnscope::Matrix<double>::Ones(3, 8), std::vector<rnnscope::Span>(8)};
  points.check();
  rnnscope::parallel_for(points.size(),
                         [&](rnnscope::Index j) { points.vectors.col(j) *= static_cast<double>(j); });
  return points.vectors.sum() == 3.0 * 28.0 ? 0 : 1;
}

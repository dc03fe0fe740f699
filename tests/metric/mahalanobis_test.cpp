// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/metric/mahalanobis.hpp"

#include <doctest/doctest.h>

#include "expected_pairs.hpp"
#include "random_columns.hpp"

using namespace rnnscope;

TEST_CASE("Mahalanobis distances against SciPy, of a given covariance and of the sample's") {
  Matrix<double> covariance(3, 3);
  covariance << 2.0, 0.5, 0.1, 0.5, 1.0, -0.3, 0.1, -0.3, 3.0;
  test::check_pairs(metric::Mahalanobis(covariance), test::four_points(),
                    {6.521069994773829, 2.1145148290391913, 3.1102984201560866, 5.719547243964712,
                     4.015068535892323, 1.7559894663591278});
  Matrix<double> six(3, 6);
  six << test::four_points(), Vector<double>{{0.3, -0.7, 2.0}}, Vector<double>{{-1.0, 0.2, 0.9}};
  const std::vector<double> expected{
      3.001613828131129,  2.214103556301626,  2.3797260507066214, 0.9371145986016791, 2.794305147192466,
      2.8918398244625787, 2.3236387446742617, 2.206793233841742,  3.120397962919181,  0.9599107120681959,
      2.433884342221336,  3.023942967307319,  2.3018340480710586, 2.3173838394058732, 2.5906801955848358};
  test::check_pairs(metric::Mahalanobis::of(six), six, expected, 1e-13);
  // Whatever the units of the features.
  const Matrix<double> scaled = Vector<double>{{1e3, 1e-2, 7.0}}.asDiagonal() * six;
  test::check_pairs(metric::Mahalanobis::of(scaled), scaled, expected, 1e-13);
}

TEST_CASE_TEMPLATE("Mahalanobis: unit covariance is Euclid, a far origin costs nothing, any order of points", S,
                   float, double) {
  const Matrix<S> points = test::random_columns<S>(9, 100, 4);
  const metric::Mahalanobis unit(Matrix<double>::Identity(9, 9));
  const Matrix<double> distances = metric::distance_matrix(unit, points);
  CHECK(distances.isApprox(metric::distance_matrix(metric::Euclidean{}, points), 1e-13));
  const metric::Mahalanobis own = metric::Mahalanobis::of(points);
  const Matrix<S> reversed = points.rowwise().reverse();
  CHECK(metric::distance_matrix(own, reversed).reverse() == metric::distance_matrix(own, points));
  const Matrix<double> far = points.template cast<double>().array() + 1048576.0;
  const Matrix<double> back = far.array() - 1048576.0;
  CHECK(metric::distance_matrix(own, far).isApprox(metric::distance_matrix(own, back), 1e-13));
}

TEST_CASE("Mahalanobis: covariances that are none are refused") {
  CHECK_THROWS_WITH_AS(metric::Mahalanobis(Matrix<double>::Ones(2, 3)),
                       "Mahalanobis distance: expected a square covariance, found 2 x 3", ShapeError);
  CHECK_THROWS_AS(metric::Mahalanobis(Matrix<double>::Ones(3, 3)), ValueError);
  Matrix<double> lopsided(2, 2);
  lopsided << 1.0, 0.5, 0.0, 1.0;
  CHECK_THROWS_WITH_AS(metric::Mahalanobis{lopsided}, "Mahalanobis distance: the covariance is not symmetric",
                       ValueError);
  CHECK_THROWS_AS(static_cast<void>(metric::Mahalanobis::of(Matrix<double>::Ones(3, 1).eval())), ShapeError);
  const metric::Mahalanobis two(Matrix<double>::Identity(2, 2));
  CHECK_THROWS_WITH_AS(static_cast<void>(metric::distance_source(two, test::four_points())),
                       "Mahalanobis distance: the covariance is 2 x 2, but the points have 3 features",
                       ShapeError);
}

TEST_CASE_TEMPLATE("Mahalanobis: units of points and covariance change no digit, however far apart", S, float,
                   double) {
  const Matrix<S> points = test::random_columns<S>(3, 40, 6);
  Matrix<double> covariance(3, 3);
  covariance << 2.0, 0.5, 0.1, 0.5, 1.0, -0.3, 0.1, -0.3, 3.0;
  const Matrix<double> expected = metric::distance_matrix(metric::Mahalanobis(covariance), points);
  CHECK(expected(0, 1) > 0.1);
  const auto times = [](const auto& matrix, int exponent) {
    using Derived = std::remove_cvref_t<decltype(matrix)>;
    return Derived(matrix * std::ldexp(typename Derived::Scalar(1), exponent));
  };
  for (const int points_by : {-66, 0, 100}) {
    const Matrix<S> scaled = times(points, points_by);
    for (const int covariance_by : {-1000, -998, 0, 998, 1000}) {
      const Matrix<double> found =
          metric::distance_matrix(metric::Mahalanobis(times(covariance, covariance_by)), scaled);
      CHECK(found == times(expected, points_by - covariance_by / 2));
    }
  }
  // One feature is 1e150 times smaller by its covariance than the others, which are constant.
  Matrix<S> line = Matrix<S>::Zero(3, 40);
  line.row(0) = times(points, -66).row(0);
  const Matrix<double> unequal = Vector<double>{{std::ldexp(1.0, 1000), 1.0, 1.0}}.asDiagonal();
  const Matrix<double> along = metric::distance_matrix(metric::Mahalanobis(unequal), line);
  const metric::Mahalanobis unit(Matrix<double>::Identity(3, 3));
  CHECK(along == times(metric::distance_matrix(unit, line), -500));
  CHECK(along(0, 1) > 0.0);
}

TEST_CASE("Mahalanobis: proxies and distances go both ways after scaling; what no scale can save is refused") {
  const Matrix<double> points = 1e-20 * test::random_columns<double>(2, 20, 7);
  const metric::Mahalanobis tiny(1e300 * Matrix<double>::Identity(2, 2));
  const auto source = metric::distance_source(tiny, points);
  const Id other = 1;
  double proxy = 0.0;
  source.proxies(0, &other, 1, &proxy);
  CHECK(proxy > 1e-250);
  CHECK(source.lower(source.lift(proxy)) == doctest::Approx(proxy).epsilon(1e-15));
  CHECK(source.lift(proxy) == doctest::Approx(1e-150 * (points.col(0) - points.col(1)).norm()).epsilon(1e-14));
  Matrix<double> both(2, 4);
  both << -1e140, 1e140, 0.0, 0.0, 0.0, 0.0, -1e-120, 1e-120;
  const Matrix<double> unequal = Vector<double>{{1.0, 1e80}}.asDiagonal();
  CHECK_THROWS_WITH_AS(static_cast<void>(metric::distance_source(metric::Mahalanobis(unequal), both)),
                       doctest::Contains("the smallest cannot be squared beside the largest"), ValueError);
}

// SPDX-License-Identifier: BSD-3-Clause
#include "rnnscope/nn/adaptive_softmax.hpp"

#include <doctest/doctest.h>

#include "support.hpp"
#include "torch_fixture.hpp"

using namespace rnnscope;
using namespace rnnscope::test;

namespace {
template <class S>
typename AdaptiveSoftmax<S>::Config small(bool head_bias) {
  return {.input_size = 9, .classes = 17, .cutoffs = {4, 10}, .division = 2, .head_bias = head_bias};
}

std::vector<Id> random_targets(Index count, Index classes, Random& random) {
  std::vector<Id> targets;
  for (Index n = 0; n < count; ++n) targets.push_back(static_cast<Id>(random.below(classes)));
  return targets;
}
}  // namespace

TEST_CASE("loss, gradients, log-probabilities and predictions equal PyTorch's") {
  for (const bool biased : {false, true}) {
    CAPTURE(biased);
    const auto folder = torch_fixture(biased ? "adaptive_softmax_biased" : "adaptive_softmax_plain");
    Parameters<double> names;
    const AdaptiveSoftmax<double> softmax(names, small<double>(biased));
    std::string all;
    for (const TensorInfo& tensor : names.tensors()) all += tensor.name + " ";
    CHECK(all == (biased
                      ? "head.weight head.bias tail.0.0.weight tail.0.1.weight tail.1.0.weight tail.1.1.weight "
                      : "head.weight tail.0.0.weight tail.0.1.weight tail.1.0.weight tail.1.1.weight "));
    CHECK(names.at("tail.1.0.weight").rows() == 2);  // floor(9 / 2^2)
    const Parameters<double> parameters = load_flat(folder, "parameters", names);
    const Matrix<double> x = load_columns(folder, "x");
    const std::vector<Id> targets = load_npy_vector<Id>(folder / "targets.npy");
    const double count = static_cast<double>(targets.size());

    Parameters<double> gradient = parameters.zeros_like();
    Matrix<double> d_x;
    AdaptiveSoftmaxWorkspace<double> work;
    const double sum = softmax.loss_and_gradient(parameters, x, targets, 1 / count, gradient, &d_x, work);
    CHECK(sum / count == doctest::Approx(load_numbers(folder, "loss")(0)).epsilon(1e-12));
    CHECK(softmax.loss(parameters, x, targets, work) == doctest::Approx(sum).epsilon(1e-13));
    CHECK((gradient.flat() - load_flat(folder, "gradients", names).flat()).cwiseAbs().maxCoeff() < 1e-12);
    CHECK((d_x - load_columns(folder, "grad_x")).cwiseAbs().maxCoeff() < 1e-12);

    const Matrix<double> log_prob = softmax.log_prob(parameters, x);
    CHECK((log_prob - load_columns(folder, "log_prob")).cwiseAbs().maxCoeff() < 1e-12);
    const Vector<double> output = load_numbers(folder, "output");
    for (Index n = 0; n < output.size(); ++n) {
      CHECK(log_prob(targets[static_cast<std::size_t>(n)], n) == doctest::Approx(output(n)).epsilon(1e-12));
    }
    const std::vector<Id> predictions = softmax.predict(parameters, x);
    CHECK(predictions == load_npy_vector<Id>(folder / "predictions.npy"));
    CHECK(*std::min_element(predictions.begin(), predictions.end()) < 4);  // both branches were taken
    CHECK(*std::max_element(predictions.begin(), predictions.end()) >= 4);
  }
}

TEST_CASE("gradients by complex step, every parameter and the input") {
  using Z = std::complex<double>;
  Random random(98);
  Parameters<double> parameters;
  const AdaptiveSoftmax<double> softmax(parameters, small<double>(true));
  randomise(parameters, random);
  const Matrix<double> x = random_matrix<double>(9, 12, random);
  const std::vector<Id> targets = random_targets(12, 17, random);
  Parameters<double> gradient = parameters.zeros_like();
  Matrix<double> d_x;
  AdaptiveSoftmaxWorkspace<double> work;
  softmax.loss_and_gradient(parameters, x, targets, 0.25, gradient, &d_x, work);
  Vector<double> at(parameters.size() + x.size()), found(at.size());
  at << parameters.flat(), x.reshaped();
  found << gradient.flat(), d_x.reshaped();
  const Vector<double> expected = complex_step_gradient(
      [&](const Vector<Z>& v) {
        Parameters<Z> moved;
        const AdaptiveSoftmax<Z> complex_softmax(moved, small<Z>(true));
        moved.flat() = v.head(moved.size());
        const Matrix<Z> moved_x = v.tail(x.size()).reshaped(9, 12);
        AdaptiveSoftmaxWorkspace<Z> complex_work;
        return 0.25 * complex_softmax.loss(moved, moved_x, targets, complex_work);
      },
      at);
  CHECK(gradient_error(found, expected) < 1e-14);
}

TEST_CASE_TEMPLATE("probabilities sum to one; the loss is theirs; tails without targets do no harm", S, float,
                   double) {
  const double tolerance = std::is_same_v<S, float> ? 1e-5 : 1e-13;
  Random random(99);
  Parameters<S> parameters;
  const AdaptiveSoftmax<S> softmax(
      parameters,
      {.input_size = 64, .classes = 1000, .cutoffs = {20, 100, 999}, .division = 4, .prefix = "decoder."});
  softmax.initialise(parameters, random);
  CHECK(static_cast<double>(parameters.at("decoder.tail.1.1.weight").cwiseAbs().maxCoeff()) <= 0.5);  // size 4
  CHECK(parameters.at("decoder.tail.2.1.weight").rows() == 1);
  randomise(parameters, random, 0.5);
  const Matrix<S> x = random_matrix<S>(64, 70, random, 3);
  const Matrix<double> log_prob = softmax.log_prob(parameters, x).template cast<double>();
  for (Index n = 0; n < 70; ++n) {
    CHECK(log_prob.col(n).array().exp().sum() == doctest::Approx(1).epsilon(tolerance));
  }
  std::vector<Id> best;
  for (Index n = 0; n < 70; ++n) {
    Index row = 0;
    log_prob.col(n).maxCoeff(&row);
    best.push_back(static_cast<Id>(row));
  }
  CHECK(softmax.predict(parameters, x) == best);

  AdaptiveSoftmaxWorkspace<S> work;
  for (const Index classes : {20, 1000}) {  // targets of the head alone, of everything
    const std::vector<Id> targets = random_targets(70, classes, random);
    double expected = 0;
    for (Index n = 0; n < 70; ++n) expected -= log_prob(targets[static_cast<std::size_t>(n)], n);
    CHECK(static_cast<double>(softmax.loss(parameters, x, targets, work)) ==
          doctest::Approx(expected).epsilon(tolerance));
    Parameters<S> gradient = parameters.zeros_like();
    CHECK(static_cast<double>(softmax.loss_and_gradient(parameters, x, targets, S(1), gradient, nullptr,
                                                        work)) == doctest::Approx(expected).epsilon(tolerance));
    CHECK(gradient.at("decoder.tail.0.0.weight").isZero() == (classes == 20));
  }
}

TEST_CASE("bad configurations and targets are named") {
  Parameters<float> p;
  using Softmax = AdaptiveSoftmax<float>;
  const auto make = [&](std::vector<Index> cutoffs, double division = 2) {
    Parameters<float> parameters;
    Softmax(parameters, {.input_size = 9, .classes = 17, .cutoffs = std::move(cutoffs), .division = division});
  };
  CHECK_NOTHROW(make({1, 2, 16}));
  CHECK_THROWS_WITH_AS(make({}),
                       "AdaptiveSoftmax: needs at least one cutoff; without tails, use Linear and "
                       "softmax_cross_entropy",
                       ValueError);
  const auto rising =
      "AdaptiveSoftmax: cutoffs must rise from at least 1 to at most 16, one less than there are "
      "classes; found ";
  CHECK_THROWS_WITH_AS(make({4, 4}), message(rising, "4 4").c_str(), ValueError);
  CHECK_THROWS_WITH_AS(make({0, 4}), message(rising, "0 4").c_str(), ValueError);
  CHECK_THROWS_WITH_AS(make({4, 17}), message(rising, "4 17").c_str(), ValueError);
  CHECK_THROWS_WITH_AS(
      make({4, 10}, 4),
      "AdaptiveSoftmax: the vectors of tail 1 would have size 9 / 4^2, which is below 1; use fewer "
      "cutoffs or a smaller division",
      ValueError);
  CHECK_THROWS_WITH_AS(make({4}, -1), "AdaptiveSoftmax: division must be positive, found -1", ValueError);
  CHECK_THROWS_WITH_AS(Softmax(p, {.classes = 3, .cutoffs = {1}}),
                       "AdaptiveSoftmax: input size and number of classes must be at least 1, found 0 and 3",
                       ValueError);

  const Softmax softmax(p, small<float>(false));
  AdaptiveSoftmaxWorkspace<float> work;
  CHECK_THROWS_WITH_AS(static_cast<void>(softmax.loss(p, Matrix<float>(9, 2), std::vector<Id>{3, 17}, work)),
                       "AdaptiveSoftmax: target 17 at position 1 is not one of 17 classes", ValueError);
  CHECK_THROWS_WITH_AS(static_cast<void>(softmax.loss(p, Matrix<float>(8, 1), std::vector<Id>{3}, work)),
                       "AdaptiveSoftmax: reads vectors of size 9, found 8", ShapeError);
  Parameters<float> other;
  CHECK_THROWS_WITH_AS(static_cast<void>(softmax.loss_and_gradient(p, Matrix<float>(9, 1), std::vector<Id>{3},
                                                                   1, other, nullptr, work)),
                       "AdaptiveSoftmax: gradient and parameters hold different tensors", ShapeError);
}

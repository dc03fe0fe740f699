// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// A softmax over many classes whose cost is that of the few frequent ones.
#pragma once

#include <cmath>
#include <span>
#include <string>
#include <vector>

#include "rnnscope/core/error.hpp"
#include "rnnscope/core/numeric.hpp"
#include "rnnscope/core/parameters.hpp"
#include "rnnscope/core/random.hpp"
#include "rnnscope/nn/gather.hpp"
#include "rnnscope/nn/init.hpp"
#include "rnnscope/nn/loss.hpp"
#include "rnnscope/product/multiply.hpp"

namespace rnnscope {

/// Memory that an AdaptiveSoftmax works in; one per thread. Buffers of the tails serve one tail after the
/// other.
template <class Scalar>
struct AdaptiveSoftmaxWorkspace {
  Matrix<Scalar> head;                      ///< scores of the head, then their gradient
  Matrix<Scalar> x, low, scores;            ///< of a tail: its columns, projected down, its scores
  Matrix<Scalar> d_x, d_low;                ///< gradients of the first two
  std::vector<Id> head_targets;             ///< for each column, a frequent class or a tail
  std::vector<std::vector<Index>> columns;  ///< for each tail, the columns whose target lies in it
  std::vector<std::vector<Id>> targets;     ///< for each tail, those targets, counted from its first class
};

/// Classes are numbered from the most frequent one. The head scores the first `cutoffs[0]` of them and, as if
/// they were classes too, the tails; tail i holds the classes [cutoffs[i], cutoffs[i+1]), the last one up to
/// the number of classes, and scores them from a smaller vector:
///
///     p(k) = softmax(W_head x + b)_k                                                   for frequent k
///     p(k) = softmax(W_head x + b)_{cutoffs[0] + i} softmax(U_i V_i x)_{k - cutoffs[i]}  for k in tail i
///
/// V_i has floor(H / division^(i+1)) rows. PyTorch's AdaptiveLogSoftmaxWithLoss, with its names:
/// prefix + "head.weight" (and "head.bias"), "tail.i.0.weight" (V_i), "tail.i.1.weight" (U_i).
/// Holds sizes and handles only; all members are const and thread-safe on different workspaces.
/// Source: E. Grave et al., "Efficient softmax approximation for GPUs", 2017.
template <class Scalar>
class AdaptiveSoftmax {
 public:
  using Workspace = AdaptiveSoftmaxWorkspace<Scalar>;

  struct Config {
    Index input_size = 0;        ///< H
    Index classes = 0;           ///< K
    std::vector<Index> cutoffs;  ///< rising; where the tails begin
    double division = 4;         ///< PyTorch's div_value
    bool head_bias = false;
    std::string prefix = "";
  };

  /// Registers the tensors. \throws ValueError on sizes below 1, cutoffs that do not rise from at least 1 to at
  /// most K - 1, or a tail whose vectors would have no size.
  AdaptiveSoftmax(Parameters<Scalar>& parameters, const Config& config)
      : input_size_(config.input_size), classes_(config.classes), head_bias_(config.head_bias) {
    check(config);
    const Index tails = static_cast<Index>(config.cutoffs.size());
    shortlist_ = config.cutoffs.front();
    head_ = parameters.add(config.prefix + "head.weight", shortlist_ + tails, input_size_);
    if (head_bias_) bias_ = parameters.add(config.prefix + "head.bias", shortlist_ + tails);
    for (Index i = 0; i < tails; ++i) {
      const auto k = static_cast<std::size_t>(i);
      Tail tail{.first = config.cutoffs[k],
                .classes = (i + 1 < tails ? config.cutoffs[k + 1] : classes_) - config.cutoffs[k]};
      const Index size = tail_size(config, i);
      const std::string name = message(config.prefix, "tail.", i, ".");
      tail.down = parameters.add(name + "0.weight", size, input_size_);
      tail.up = parameters.add(name + "1.weight", tail.classes, size);
      tails_.push_back(tail);
    }
  }

  [[nodiscard]] Index input_size() const { return input_size_; }
  [[nodiscard]] Index classes() const { return classes_; }
  /// Classes that the head scores itself: the first cutoff.
  [[nodiscard]] Index shortlist() const { return shortlist_; }

  /// Every weight uniform in +-1/sqrt(its fan in), as PyTorch does.
  void initialise(Parameters<Scalar>& parameters, Random& random) const {
    fill_by_fan(parameters[head_], input_size_, random);
    if (head_bias_) fill_by_fan(parameters[bias_], input_size_, random);
    for (const Tail& tail : tails_) {
      fill_by_fan(parameters[tail.down], input_size_, random);
      fill_by_fan(parameters[tail.up], parameters[tail.up].cols(), random);
    }
  }

  /// Sum over the columns of `x` (`H x N`) of -log p(targets_n), in nats. Adds the gradient of scale times that
  /// sum to `gradient` and, unless null, writes it to `d_x` (`H x N`). Scores become their own gradient in
  /// place. Cost: 6 N H (shortlist + tails) flop, and for each column whose target lies in a tail the same with
  /// the sizes of that tail. \throws ShapeError, ValueError on targets outside the classes.
  Scalar loss_and_gradient(const Parameters<Scalar>& parameters, const ConstMatrixRef<Scalar>& x,
                           std::span<const Id> targets, Scalar scale, Parameters<Scalar>& gradient,
                           Matrix<Scalar>* d_x, Workspace& work) const {
    require<ShapeError>(gradient.same_layout(parameters),
                        "AdaptiveSoftmax: gradient and parameters hold different tensors");
    assign_targets(x, targets, work);
    score_head(parameters, x, work.head);
    Scalar sum = softmax_cross_entropy<Scalar>(work.head, work.head_targets, scale);
    multiply_add(work.head, x.transpose(), gradient[head_]);
    if (head_bias_) gradient[bias_].col(0) += work.head.rowwise().sum();
    if (d_x != nullptr) {
      d_x->resize(input_size_, x.cols());
      multiply(parameters[head_].transpose(), work.head, *d_x);
    }
    for (std::size_t i = 0; i < tails_.size(); ++i) {
      const std::vector<Index>& columns = work.columns[i];
      if (columns.empty()) continue;
      score_tail(parameters, i, x, columns, work);
      sum += softmax_cross_entropy<Scalar>(work.scores, work.targets[i], scale);
      multiply_add(work.scores, work.low.transpose(), gradient[tails_[i].up]);
      work.d_low.resize(work.low.rows(), work.low.cols());
      multiply(parameters[tails_[i].up].transpose(), work.scores, work.d_low);
      multiply_add(work.d_low, work.x.transpose(), gradient[tails_[i].down]);
      if (d_x == nullptr) continue;
      work.d_x.resize(input_size_, work.x.cols());
      multiply(parameters[tails_[i].down].transpose(), work.d_low, work.d_x);
      for (std::size_t n = 0; n < columns.size(); ++n)
        d_x->col(columns[n]) += work.d_x.col(static_cast<Index>(n));
    }
    return sum;
  }

  /// The same sum without a gradient.
  [[nodiscard]] Scalar loss(const Parameters<Scalar>& parameters, const ConstMatrixRef<Scalar>& x,
                            std::span<const Id> targets, Workspace& work) const {
    assign_targets(x, targets, work);
    score_head(parameters, x, work.head);
    Scalar sum = softmax_cross_entropy_value<Scalar>(work.head, work.head_targets);
    for (std::size_t i = 0; i < tails_.size(); ++i) {
      if (work.columns[i].empty()) continue;
      score_tail(parameters, i, x, work.columns[i], work);
      sum += softmax_cross_entropy_value<Scalar>(work.scores, work.targets[i]);
    }
    return sum;
  }

  /// log p of every class, `K x N`. Cost: that of all tails for all columns.
  [[nodiscard]] Matrix<Scalar> log_prob(const Parameters<Scalar>& parameters,
                                        const ConstMatrixRef<Scalar>& x) const {
    check_input(x);
    Matrix<Scalar> head, low, scores, result(classes_, x.cols());
    score_head(parameters, x, head);
    subtract_log_sums(head);
    result.topRows(shortlist_) = head.topRows(shortlist_);
    for (std::size_t i = 0; i < tails_.size(); ++i) {
      const Tail& tail = tails_[i];
      project(parameters, tail, x, low, scores);
      subtract_log_sums(scores);
      result.middleRows(tail.first, tail.classes) =
          scores.rowwise() + head.row(shortlist_ + static_cast<Index>(i));
    }
    return result;
  }

  /// The most probable class of every column. No class of a tail beats the tail itself, so only columns whose
  /// best entry of the head is a tail need all classes.
  [[nodiscard]] std::vector<Id> predict(const Parameters<Scalar>& parameters,
                                        const ConstMatrixRef<Scalar>& x) const {
    check_input(x);
    Matrix<Scalar> head;
    score_head(parameters, x, head);
    std::vector<Id> best(static_cast<std::size_t>(x.cols()));
    std::vector<Index> open;
    for (Index n = 0; n < x.cols(); ++n) {
      best[static_cast<std::size_t>(n)] = best_row(head, n);
      if (best[static_cast<std::size_t>(n)] >= shortlist_) open.push_back(n);
    }
    if (open.empty()) return best;
    Matrix<Scalar> open_x(input_size_, static_cast<Index>(open.size()));
    detail::gather_columns(x, open, open_x);
    const Matrix<Scalar> all = log_prob(parameters, open_x);
    for (Index n = 0; n < all.cols(); ++n) {
      const Index column = open[static_cast<std::size_t>(n)];
      best[static_cast<std::size_t>(column)] = best_row(all, n);
    }
    return best;
  }

 private:
  struct Tail {
    Index first = 0;    ///< its first class
    Index classes = 0;  ///< how many
    Tensor down{}, up{};
  };

  /// floor(H / division^(tail + 1))
  static Index tail_size(const Config& config, Index tail) {
    const auto size = static_cast<double>(config.input_size);
    const double divisor = std::pow(config.division, static_cast<double>(tail + 1));
    return static_cast<Index>(std::llround((size - std::fmod(size, divisor)) / divisor));
  }

  static void check(const Config& config) {
    require<ValueError>(config.input_size > 0 && config.classes > 0,
                        "AdaptiveSoftmax: input size and number of classes must be at least 1, found ",
                        config.input_size, " and ", config.classes);
    require<ValueError>(config.division > 0 && std::isfinite(config.division),
                        "AdaptiveSoftmax: division must be positive, found ", config.division);
    require<ValueError>(!config.cutoffs.empty(),
                        "AdaptiveSoftmax: needs at least one cutoff; without tails, use Linear and "
                        "softmax_cross_entropy");
    std::string all;
    for (const Index cutoff : config.cutoffs) all += message(" ", cutoff);
    Index before = 0;
    for (const Index cutoff : config.cutoffs) {
      require<ValueError>(cutoff > before && cutoff < config.classes,
                          "AdaptiveSoftmax: cutoffs must rise from at least 1 to at most ", config.classes - 1,
                          ", one less than there are classes; found", all);
      before = cutoff;
    }
    for (Index i = 0; i < static_cast<Index>(config.cutoffs.size()); ++i) {
      require<ValueError>(tail_size(config, i) > 0, "AdaptiveSoftmax: the vectors of tail ", i,
                          " would have size ", config.input_size, " / ", config.division, "^", i + 1,
                          ", which is below 1; use fewer cutoffs or a smaller division");
    }
  }

  void check_input(const ConstMatrixRef<Scalar>& x) const {
    require<ShapeError>(x.rows() == input_size_, "AdaptiveSoftmax: reads vectors of size ", input_size_,
                        ", found ", x.rows());
  }

  /// Fills the targets of head and tails.
  void assign_targets(const ConstMatrixRef<Scalar>& x, std::span<const Id> targets, Workspace& work) const {
    check_input(x);
    detail::require_targets(targets, classes_, x.cols(), "AdaptiveSoftmax");
    work.head_targets.assign(targets.begin(), targets.end());
    work.columns.assign(tails_.size(), {});
    work.targets.assign(tails_.size(), {});
    for (std::size_t n = 0; n < targets.size(); ++n) {
      if (targets[n] < shortlist_) continue;
      std::size_t i = tails_.size() - 1;
      while (targets[n] < tails_[i].first) --i;
      work.head_targets[n] = static_cast<Id>(shortlist_ + static_cast<Index>(i));
      work.columns[i].push_back(static_cast<Index>(n));
      work.targets[i].push_back(static_cast<Id>(targets[n] - tails_[i].first));
    }
  }

  void score_head(const Parameters<Scalar>& parameters, const ConstMatrixRef<Scalar>& x,
                  Matrix<Scalar>& scores) const {
    const auto weight = parameters[head_];
    scores.resize(weight.rows(), x.cols());
    multiply(weight, x, scores);
    if (head_bias_) scores.colwise() += parameters[bias_].col(0);
  }

  /// scores = U V x
  static void project(const Parameters<Scalar>& parameters, const Tail& tail, const ConstMatrixRef<Scalar>& x,
                      Matrix<Scalar>& low, Matrix<Scalar>& scores) {
    low.resize(parameters[tail.down].rows(), x.cols());
    multiply(parameters[tail.down], x, low);
    scores.resize(tail.classes, x.cols());
    multiply(parameters[tail.up], low, scores);
  }

  void score_tail(const Parameters<Scalar>& parameters, std::size_t i, const ConstMatrixRef<Scalar>& x,
                  const std::vector<Index>& columns, Workspace& work) const {
    work.x.resize(input_size_, static_cast<Index>(columns.size()));
    detail::gather_columns(x, columns, work.x);
    project(parameters, tails_[i], work.x, work.low, work.scores);
  }

  /// Scores -> log-probabilities, column by column.
  static void subtract_log_sums(Matrix<Scalar>& scores) {
    parallel_for(scores.cols(), [&](Index n) { scores.col(n).array() -= log_sum_exp(scores.col(n)); });
  }

  static Id best_row(const Matrix<Scalar>& scores, Index column) {
    Index row = 0;
    scores.col(column).maxCoeff(&row);
    return static_cast<Id>(row);
  }

  Index input_size_ = 0, classes_ = 0, shortlist_ = 0;
  bool head_bias_ = false;
  Tensor head_{}, bias_{};
  std::vector<Tail> tails_;
};

}  // namespace rnnscope

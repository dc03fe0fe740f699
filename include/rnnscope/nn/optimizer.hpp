// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// SGD, Adagrad and Adam with PyTorch's semantics.
#pragma once

#include <algorithm>
#include <cmath>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "rnnscope/core/error.hpp"
#include "rnnscope/core/parallel.hpp"
#include "rnnscope/core/parameters.hpp"

namespace rnnscope {

/// All that an optimiser remembers beside its settings, for a checkpoint: restored in an optimiser of the same
/// kind and settings, the next step is the one that would have been made.
template <class Scalar>
struct OptimizerState {
  double learning_rate = 0;  ///< the one setting that changes during training
  Index steps = 0;
  /// By PyTorch's names, each with one number per parameter; without numbers before the first step.
  std::vector<std::pair<std::string, Vector<Scalar>>> memories;
};

namespace detail {

/// \throws ValueError unless the state has exactly these memories, of one size, which is 0 before the first
/// step (or always, if `used`, say a momentum, is 0).
template <class Scalar>
void require_state(const OptimizerState<Scalar>& state, const std::vector<std::string>& names, const char* who,
                   double used = 1) {
  std::string found;
  bool same_names = state.memories.size() == names.size();
  for (std::size_t k = 0; k < state.memories.size(); ++k) {
    found += " " + state.memories[k].first;
    same_names = same_names && state.memories[k].first == names[k];
  }
  std::string expected;
  for (const std::string& name : names) expected += " " + name;
  require<ValueError>(same_names, who, "::restore: expected the memories", expected, ", found", found);
  const bool empty = state.steps == 0 || used == 0;
  for (const auto& [name, memory] : state.memories) {
    require<ValueError>(state.steps >= 0 && (memory.size() == 0) == empty &&
                            memory.size() == state.memories.front().second.size(),
                        who, "::restore: after ", state.steps, " steps, '", name, "' holds ", memory.size(),
                        " numbers, which does not fit");
  }
}

template <class Scalar>
void require_same_layout(const Parameters<Scalar>& parameters, const Parameters<Scalar>& gradient) {
  require<ShapeError>(parameters.same_layout(gradient),
                      "optimizer: gradient and parameters hold different tensors");
}

/// An optimiser's memory: made at its first step, and only for parameters of that size.
template <class Scalar>
void require_memory(Vector<Scalar>& memory, Index size) {
  if (memory.size() == 0) memory.setZero(size);
  require<ShapeError>(memory.size() == size, "optimizer: it has trained ", memory.size(),
                      " numbers before, now there are ", size, "; use a new optimizer for another model");
}

/// body(run) for fixed runs of `size` numbers, on threads; `run(numbers)` is a view of that part of an array.
template <class Body>
void for_runs(Index size, Body&& body) {
  constexpr Index grain = 1 << 15;
  parallel_for((size + grain - 1) / grain, [&](Index piece) {
    const Index first = piece * grain, count = std::min(size - first, grain);
    body([first, count]<class Numbers>(Numbers&& numbers) {
      using Scalar = std::remove_pointer_t<decltype(numbers.data())>;  // const for constant numbers
      using Array = Eigen::Array<std::remove_const_t<Scalar>, Eigen::Dynamic, 1>;
      return Eigen::Map<std::conditional_t<std::is_const_v<Scalar>, const Array, Array>>(numbers.data() + first,
                                                                                         count);
    });
  });
}
}  // namespace detail

/// Stochastic gradient descent:  v <- momentum v + g,  w <- w - lr v  (Nesterov: w <- w - lr (g + momentum v)),
/// with g <- g + weight_decay w before. The first step sets v = g. One object per training run.
template <class Scalar>
class Sgd {
 public:
  struct Config {
    double learning_rate = 0.1;
    double momentum = 0;
    double weight_decay = 0;
    bool nesterov = false;
  };

  explicit Sgd(const Config& config = {}) : config_(config) {
    require<ValueError>(config.learning_rate >= 0, "Sgd: learning_rate must not be negative, found ",
                        config.learning_rate);
    require<ValueError>(config.momentum >= 0, "Sgd: momentum must not be negative, found ", config.momentum);
    require<ValueError>(config.weight_decay >= 0, "Sgd: weight_decay must not be negative, found ",
                        config.weight_decay);
    require<ValueError>(!config.nesterov || config.momentum > 0, "Sgd: nesterov needs a momentum above 0");
  }

  [[nodiscard]] const Config& config() const { return config_; }
  void set_learning_rate(double rate) { config_.learning_rate = rate; }

  [[nodiscard]] OptimizerState<Scalar> state() const {
    return {config_.learning_rate, steps_, {{"momentum_buffer", velocity_}}};
  }
  /// \throws ValueError unless the state is one of this kind of optimiser.
  void restore(const OptimizerState<Scalar>& state) {
    detail::require_state(state, {"momentum_buffer"}, "Sgd", config_.momentum);
    velocity_ = state.memories[0].second;
    steps_ = state.steps;
    config_.learning_rate = state.learning_rate;
  }

  /// One step. \throws ShapeError if the gradient has another layout.
  void step(Parameters<Scalar>& parameters, const Parameters<Scalar>& gradient) {
    detail::require_same_layout(parameters, gradient);
    if (config_.momentum > 0) detail::require_memory(velocity_, parameters.size());
    const bool first_step = steps_++ == 0;
    const Scalar rate = Scalar(config_.learning_rate), decay = Scalar(config_.weight_decay);
    const Scalar momentum = Scalar(config_.momentum);
    auto w = parameters.flat();
    const auto g = gradient.flat();
    detail::for_runs(parameters.size(), [&](auto run) {
      if (config_.momentum == 0) {
        run(w) -= rate * (run(g) + decay * run(w));
        return;
      }
      if (first_step) {
        run(velocity_) = run(g) + decay * run(w);
      } else {
        run(velocity_) = momentum * run(velocity_) + (run(g) + decay * run(w));
      }
      if (config_.nesterov) {
        run(w) -= rate * (run(g) + decay * run(w) + momentum * run(velocity_));
      } else {
        run(w) -= rate * run(velocity_);
      }
    });
  }

 private:
  Config config_;
  Vector<Scalar> velocity_;  // empty without momentum
  Index steps_ = 0;
};

/// Adagrad:  s <- s + g^2,  w <- w - lr / (1 + (t - 1) lr_decay) * g / (sqrt(s) + epsilon).
/// Source: J. Duchi et al., 2011, in PyTorch's form.
template <class Scalar>
class Adagrad {
 public:
  struct Config {
    double learning_rate = 0.01;
    double learning_rate_decay = 0;
    double weight_decay = 0;
    double epsilon = 1e-10;
  };

  explicit Adagrad(const Config& config = {}) : config_(config) {
    require<ValueError>(
        config.learning_rate >= 0 && config.learning_rate_decay >= 0 && config.weight_decay >= 0 &&
            config.epsilon >= 0,
        "Adagrad: learning_rate, learning_rate_decay, weight_decay and epsilon must not be negative");
  }

  [[nodiscard]] const Config& config() const { return config_; }
  void set_learning_rate(double rate) { config_.learning_rate = rate; }

  [[nodiscard]] OptimizerState<Scalar> state() const {
    return {config_.learning_rate, steps_, {{"sum", sum_}}};
  }
  /// \throws ValueError unless the state is one of this kind of optimiser.
  void restore(const OptimizerState<Scalar>& state) {
    detail::require_state(state, {"sum"}, "Adagrad");
    sum_ = state.memories[0].second;
    steps_ = state.steps;
    config_.learning_rate = state.learning_rate;
  }

  /// One step. \throws ShapeError if the gradient has another layout.
  void step(Parameters<Scalar>& parameters, const Parameters<Scalar>& gradient) {
    detail::require_same_layout(parameters, gradient);
    detail::require_memory(sum_, parameters.size());
    const Scalar rate =
        Scalar(config_.learning_rate / (1.0 + static_cast<double>(steps_) * config_.learning_rate_decay));
    ++steps_;
    const Scalar decay = Scalar(config_.weight_decay), epsilon = Scalar(config_.epsilon);
    auto w = parameters.flat();
    const auto g = gradient.flat();
    detail::for_runs(parameters.size(), [&](auto run) {
      run(sum_) += (run(g) + decay * run(w)).square();
      run(w) -= rate * (run(g) + decay * run(w)) / (run(sum_).sqrt() + epsilon);
    });
  }

 private:
  Config config_;
  Vector<Scalar> sum_;
  Index steps_ = 0;
};

/// Adam:  m <- b1 m + (1 - b1) g,  v <- b2 v + (1 - b2) g^2,
///        w <- w - lr / (1 - b1^t) * m / (sqrt(v) / sqrt(1 - b2^t) + epsilon).
/// With `decoupled_weight_decay` (AdamW) w is first scaled by 1 - lr weight_decay; otherwise weight_decay w is
/// added to g. Source: D. Kingma and J. Ba, 2014, in PyTorch's form.
template <class Scalar>
class Adam {
 public:
  struct Config {
    double learning_rate = 1e-3;
    double beta1 = 0.9;
    double beta2 = 0.999;
    double epsilon = 1e-8;
    double weight_decay = 0;
    bool decoupled_weight_decay = false;
  };

  explicit Adam(const Config& config = {}) : config_(config) {
    require<ValueError>(config.learning_rate >= 0 && config.epsilon >= 0 && config.weight_decay >= 0,
                        "Adam: learning_rate, epsilon and weight_decay must not be negative");
    require<ValueError>(config.beta1 >= 0 && config.beta1 < 1 && config.beta2 >= 0 && config.beta2 < 1,
                        "Adam: beta1 and beta2 must lie in [0, 1), found ", config.beta1, " and ",
                        config.beta2);
  }

  [[nodiscard]] const Config& config() const { return config_; }
  void set_learning_rate(double rate) { config_.learning_rate = rate; }

  [[nodiscard]] OptimizerState<Scalar> state() const {
    return {config_.learning_rate, steps_, {{"exp_avg", mean_}, {"exp_avg_sq", square_}}};
  }
  /// \throws ValueError unless the state is one of this kind of optimiser.
  void restore(const OptimizerState<Scalar>& state) {
    detail::require_state(state, {"exp_avg", "exp_avg_sq"}, "Adam");
    mean_ = state.memories[0].second;
    square_ = state.memories[1].second;
    steps_ = state.steps;
    config_.learning_rate = state.learning_rate;
  }

  /// One step. \throws ShapeError if the gradient has another layout.
  void step(Parameters<Scalar>& parameters, const Parameters<Scalar>& gradient) {
    detail::require_same_layout(parameters, gradient);
    detail::require_memory(mean_, parameters.size());
    detail::require_memory(square_, parameters.size());
    ++steps_;
    const double t = static_cast<double>(steps_);
    const Scalar rate = Scalar(config_.learning_rate / (1.0 - std::pow(config_.beta1, t)));
    const Scalar square_root = Scalar(std::sqrt(1.0 - std::pow(config_.beta2, t)));
    const Scalar beta1 = Scalar(config_.beta1), beta2 = Scalar(config_.beta2),
                 epsilon = Scalar(config_.epsilon);
    const Scalar added_decay = Scalar(config_.decoupled_weight_decay ? 0.0 : config_.weight_decay);
    const Scalar kept =
        Scalar(config_.decoupled_weight_decay ? 1.0 - config_.learning_rate * config_.weight_decay : 1.0);
    auto w = parameters.flat();
    const auto g = gradient.flat();
    detail::for_runs(parameters.size(), [&](auto run) {
      run(w) *= kept;
      run(mean_) = beta1 * run(mean_) + (Scalar(1) - beta1) * (run(g) + added_decay * run(w));
      run(square_) = beta2 * run(square_) + (Scalar(1) - beta2) * (run(g) + added_decay * run(w)).square();
      run(w) -= rate * run(mean_) / (run(square_).sqrt() / square_root + epsilon);
    });
  }

 private:
  Config config_;
  Vector<Scalar> mean_, square_;
  Index steps_ = 0;
};

}  // namespace rnnscope

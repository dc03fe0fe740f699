// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// Training under the condition that some matrices have spectral norm 1.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

#include "rnnscope/core/error.hpp"
#include "rnnscope/core/parameters.hpp"
#include "rnnscope/core/random.hpp"
#include "rnnscope/product/multiply.hpp"

namespace rnnscope {

/// The largest singular value of a matrix V (`R x C`) and its vectors, followed by power iteration while V is
/// trained as  W = V / sigma,  sigma = u^T V v.  One matrix holds V or W by turns.
///
/// The semantics of PyTorch's `parametrizations.spectral_norm`: u and v are constants for the gradient.
template <class Scalar>
struct SpectralScale {
  Vector<Scalar> u, v;       ///< unit vectors, `R` and `C`
  Scalar sigma = Scalar(1);  ///< by which the matrix was divided

  /// V -> W. Each iteration:  u <- V v / |V v|,  v <- V^T u / |V^T u|. Cost: 4 R C flop each.
  void divide(MatrixMap<Scalar> weight, Index iterations) {
    constexpr Scalar epsilon = Scalar(1e-12);
    for (Index k = 0; k < iterations; ++k) {
      multiply(weight, v, u);
      u /= std::max(u.norm(), epsilon);
      multiply(weight.transpose(), u, v);
      v /= std::max(v.norm(), epsilon);
    }
    Vector<Scalar> product(u.size());
    multiply(weight, v, product);
    sigma = u.dot(product);
    require<ValueError>(std::isfinite(sigma) && sigma > Scalar(0),
                        "spectral norm: the largest singular value must be positive, found ", sigma);
    weight /= sigma;
  }

  /// W -> V.
  void multiply_back(MatrixMap<Scalar> weight) const { weight *= sigma; }

  /// dL/dW -> dL/dV = (dL/dW - <dL/dW, W> u v^T) / sigma.
  void pull_back(const ConstMatrixMap<Scalar>& weight, MatrixMap<Scalar> gradient) const {
    const Scalar along = gradient.cwiseProduct(weight).sum();
    gradient = (gradient - along * u * v.transpose()) / sigma;
  }
};

/// Options of SpectralNorm.
struct SpectralNormOptions {
  Index iterations = 1;    ///< power iterations of a step
  Index first = 15;        ///< power iterations at the beginning
  std::uint64_t seed = 1;  ///< of the first u and v

  void check() const {
    require<ValueError>(iterations >= 1 && first >= 1,
                        "SpectralNorm: at least 1 power iteration is needed, found ", iterations, " and ",
                        first);
  }
};

/// An optimiser that keeps chosen matrices at spectral norm 1, whatever the optimiser inside does.
///
/// What is trained is V; what the parameters hold between steps, and models read, save and evaluate, is
/// W = V / sigma. A step turns dL/dW into dL/dV, lets `Optimizer` move V (and all else), and divides again
/// after `iterations` power iterations. Clipping before the step sees dL/dW. Put around the recurrent weights
/// of an n-gram cell, it keeps the products of A from growing: the published n-gram cells were stabilised like
/// that.
///
/// \code
///   rnnscope::SpectralNorm optimizer(rnnscope::Adam<float>({.learning_rate = 2e-3}), model.parameters,
///                                    {model.stack().layers()[0].weight_hh()});
///   rnnscope::train(model, optimizer, training, validation, options);
/// \endcode
///
/// Source: T. Miyato et al., "Spectral normalization for generative adversarial networks", ICLR 2018.
template <class Optimizer, class Scalar>
class SpectralNorm {
 public:
  /// Divides the matrices by their spectral norms at once. \throws ValueError for a zero matrix, and for one
  /// that is listed twice.
  SpectralNorm(Optimizer optimizer, Parameters<Scalar>& parameters, const std::vector<Tensor>& matrices,
               const SpectralNormOptions& options = {})
      : optimizer_(std::move(optimizer)), options_(options) {
    options.check();
    for (std::size_t k = 0; k < matrices.size(); ++k) {
      require<ValueError>(std::count(matrices.begin(), matrices.end(), matrices[k]) == 1,
                          "SpectralNorm: tensor '",
                          parameters.tensors().at(static_cast<std::size_t>(matrices[k])).name,
                          "' is listed twice; a matrix is kept at norm 1 by one scale");
    }
    Random random(options.seed);
    for (const Tensor tensor : matrices) {
      Part part{tensor, {}};
      part.scale.u.resize(parameters[tensor].rows());
      part.scale.v.resize(parameters[tensor].cols());
      for (Index k = 0; k < part.scale.v.size(); ++k) part.scale.v(k) = static_cast<Scalar>(random.normal());
      part.scale.divide(parameters[tensor], options.first);
      parts_.push_back(std::move(part));
    }
  }

  [[nodiscard]] const auto& config() const { return optimizer_.config(); }
  void set_learning_rate(double rate) { optimizer_.set_learning_rate(rate); }
  /// sigma of the k-th matrix: V = sigma W.
  [[nodiscard]] Scalar sigma(std::size_t k) const { return parts_.at(k).scale.sigma; }

  /// For Checkpoint: the optimiser inside, u, v and sigma.
  template <class Self, class Visit>
  static void visit_state(Self& self, Visit&& visit) {
    visit("optimizer", self.optimizer_);
    for (std::size_t k = 0; k < self.parts_.size(); ++k) {
      visit(message("u", k), self.parts_[k].scale.u);
      visit(message("v", k), self.parts_[k].scale.v);
      visit(message("sigma", k), self.parts_[k].scale.sigma);
    }
  }

  /// One step; `gradient` is dL/dW and becomes dL/dV. \throws as the optimiser, or ValueError if a matrix has
  /// become zero or is not finite.
  void step(Parameters<Scalar>& parameters, Parameters<Scalar>& gradient) {
    require<ShapeError>(parameters.same_layout(gradient),
                        "SpectralNorm: gradient and parameters hold different tensors");
    for (const Part& part : parts_) {
      part.scale.pull_back(std::as_const(parameters)[part.tensor], gradient[part.tensor]);
      part.scale.multiply_back(parameters[part.tensor]);
    }
    optimizer_.step(parameters, gradient);
    for (Part& part : parts_) part.scale.divide(parameters[part.tensor], options_.iterations);
  }

 private:
  struct Part {
    Tensor tensor;
    SpectralScale<Scalar> scale;
  };

  Optimizer optimizer_;
  SpectralNormOptions options_;
  std::vector<Part> parts_;
};

}  // namespace rnnscope

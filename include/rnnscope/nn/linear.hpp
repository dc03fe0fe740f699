// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// An affine read-out.
#pragma once

#include <cmath>
#include <string>

#include "rnnscope/core/error.hpp"
#include "rnnscope/core/parameters.hpp"
#include "rnnscope/core/random.hpp"
#include "rnnscope/product/multiply.hpp"

namespace rnnscope {

/// y = W x + b with W of shape `K x H`. Tensors: prefix + "weight", prefix + "bias". Holds handles only; all
/// members are const and thread-safe.
template <class Scalar>
class Linear {
 public:
  struct Config {
    Index input_size = 0;
    Index output_size = 0;
    std::string prefix = "";
  };

  /// Registers weight and bias. \throws ValueError if a size is below 1.
  Linear(Parameters<Scalar>& parameters, const Config& config) {
    require<ValueError>(config.input_size > 0 && config.output_size > 0,
                        "Linear: input and output size must be at least 1, found ", config.input_size, " and ",
                        config.output_size);
    weight_ = parameters.add(config.prefix + "weight", config.output_size, config.input_size);
    bias_ = parameters.add(config.prefix + "bias", config.output_size);
  }

  [[nodiscard]] Tensor weight() const { return weight_; }
  [[nodiscard]] Tensor bias() const { return bias_; }

  /// Weight and bias uniform in +-1/sqrt(H), as PyTorch does.
  void initialise(Parameters<Scalar>& parameters, Random& random) const {
    const double bound = 1.0 / std::sqrt(static_cast<double>(parameters[weight_].cols()));
    for (const Tensor tensor : {weight_, bias_}) {
      auto values = parameters[tensor];
      for (Index k = 0; k < values.size(); ++k)
        values.data()[k] = static_cast<Scalar>(random.uniform(-bound, bound));
    }
  }

  /// y = W x + b; `x` is `H x N`, `y` becomes `K x N`. Cost: 2 K H N flop. \throws ShapeError.
  void forward(const Parameters<Scalar>& parameters, const ConstMatrixRef<Scalar>& x, Matrix<Scalar>& y) const {
    const auto weight = parameters[weight_];
    require<ShapeError>(x.rows() == weight.cols(), "Linear: reads vectors of size ", weight.cols(), ", found ",
                        x.rows());
    y.resize(weight.rows(), x.cols());
    multiply(weight, x, y);
    y.colwise() += parameters[bias_].col(0);
  }

  /// dW += dy x^T, db += sum dy, and, unless `d_x` is null, d_x = W^T dy (`H x N`, written).
  void backward(const Parameters<Scalar>& parameters, const ConstMatrixRef<Scalar>& x,
                const ConstMatrixRef<Scalar>& d_y, Parameters<Scalar>& gradient, Matrix<Scalar>* d_x) const {
    const auto weight = parameters[weight_];
    require_shape(x, weight.cols(), d_y.cols(), "Linear::backward: x");
    require_shape(d_y, weight.rows(), x.cols(), "Linear::backward: d_y");
    multiply_add(d_y, x.transpose(), gradient[weight_]);
    gradient[bias_].col(0) += d_y.rowwise().sum();
    if (d_x != nullptr) {
      d_x->resize(weight.cols(), d_y.cols());
      multiply(weight.transpose(), d_y, *d_x);
    }
  }

 private:
  Tensor weight_{}, bias_{};
};

}  // namespace rnnscope

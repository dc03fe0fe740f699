// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// A read-out whose weight is the embedding.
#pragma once

#include <string>

#include "rnnscope/core/error.hpp"
#include "rnnscope/core/parameters.hpp"
#include "rnnscope/nn/embedding.hpp"
#include "rnnscope/product/multiply.hpp"

namespace rnnscope {

/// y = E^T x + b, where E (`H x V`) is the table of an Embedding, so each symbol is scored by the vector that
/// stands for it. The table is one tensor: what reaches it from the scores adds to what reaches it from the
/// input. Registers prefix + "bias" only. Holds handles only; all members are const and thread-safe.
/// Source: O. Press and L. Wolf, 2017; H. Inan et al., 2017.
template <class Scalar>
class TiedLinear {
 public:
  struct Config {
    std::string prefix = "";
  };

  /// `embedding` must live in the same `parameters`.
  TiedLinear(Parameters<Scalar>& parameters, const Embedding<Scalar>& embedding, const Config& config = {})
      : weight_(embedding.weight()) {
    bias_ = parameters.add(config.prefix + "bias", parameters[weight_].cols());
  }

  [[nodiscard]] Tensor weight() const { return weight_; }
  [[nodiscard]] Tensor bias() const { return bias_; }

  /// The bias is zero to begin with; the table belongs to the embedding.
  void initialise(Parameters<Scalar>& parameters) const { parameters[bias_].setZero(); }

  /// `x` is `H x N`, `y` becomes `V x N`. Cost: 2 V H N flop.
  /// \throws ShapeError unless the hidden states are as long as the embedding's vectors.
  void forward(const Parameters<Scalar>& parameters, const ConstMatrixRef<Scalar>& x, Matrix<Scalar>& y) const {
    const auto table = parameters[weight_];
    require<ShapeError>(x.rows() == table.rows(), "TiedLinear: the embedding's vectors have size ",
                        table.rows(), ", so the hidden states must have, found ", x.rows());
    y.resize(table.cols(), x.cols());
    multiply(table.transpose(), x, y);
    y.colwise() += parameters[bias_].col(0);
  }

  /// dE += x dy^T, db += sum dy, and, unless `d_x` is null, d_x = E dy (`H x N`, written).
  void backward(const Parameters<Scalar>& parameters, const ConstMatrixRef<Scalar>& x,
                const ConstMatrixRef<Scalar>& d_y, Parameters<Scalar>& gradient, Matrix<Scalar>* d_x) const {
    const auto table = parameters[weight_];
    require_shape(x, table.rows(), d_y.cols(), "TiedLinear::backward: x");
    require_shape(d_y, table.cols(), x.cols(), "TiedLinear::backward: d_y");
    multiply_add(x, d_y.transpose(), gradient[weight_]);
    gradient[bias_].col(0) += d_y.rowwise().sum();
    if (d_x != nullptr) {
      d_x->resize(table.rows(), d_y.cols());
      multiply(table, d_y, *d_x);
    }
  }

 private:
  Tensor weight_{}, bias_{};
};

}  // namespace rnnscope

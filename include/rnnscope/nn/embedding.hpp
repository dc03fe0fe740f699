// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// A table of vectors, one column per symbol.
#pragma once

#include <span>
#include <string>

#include "rnnscope/core/error.hpp"
#include "rnnscope/core/parameters.hpp"
#include "rnnscope/core/random.hpp"
#include "rnnscope/nn/init.hpp"

namespace rnnscope {

/// An `E x V` table; in memory it equals PyTorch's row-major `nn.Embedding.weight` of shape [V, E].
/// Holds a handle only; all members are const and thread-safe.
template <class Scalar>
class Embedding {
 public:
  /// Registers `name`. \throws ValueError if a size is below 1.
  Embedding(Parameters<Scalar>& parameters, std::string name, Index vocabulary_size, Index size) {
    require<ValueError>(vocabulary_size > 0 && size > 0,
                        "Embedding: vocabulary and vector size must be at least 1, found ", vocabulary_size,
                        " and ", size);
    weight_ = parameters.add(std::move(name), size, vocabulary_size);
  }

  [[nodiscard]] Tensor weight() const { return weight_; }

  /// Standard normal entries, as PyTorch does.
  void initialise(Parameters<Scalar>& parameters, Random& random) const {
    fill_normal(parameters[weight_], 1, random);
  }

  /// Entries uniform in +-bound.
  void initialise_uniform(Parameters<Scalar>& parameters, Random& random, double bound) const {
    fill_uniform(parameters[weight_], bound, random);
  }

  /// x_n = column ids[n]; `out` is `E x N`. \throws ValueError if an id is outside the table.
  void forward(const Parameters<Scalar>& parameters, std::span<const Id> ids, Matrix<Scalar>& out) const {
    const auto table = parameters[weight_];
    out.resize(table.rows(), static_cast<Index>(ids.size()));
    for (std::size_t n = 0; n < ids.size(); ++n) {
      require<ValueError>(ids[n] >= 0 && ids[n] < table.cols(), "Embedding: id ", ids[n], " at position ", n,
                          " is outside the vocabulary of ", table.cols());
      out.col(static_cast<Index>(n)) = table.col(ids[n]);
    }
  }

  /// Adds each column of `d_out` (`E x N`) to the gradient of its symbol, in order of position.
  void backward(std::span<const Id> ids, const ConstMatrixRef<Scalar>& d_out,
                Parameters<Scalar>& gradient) const {
    require<ShapeError>(d_out.cols() == static_cast<Index>(ids.size()), "Embedding::backward: ", ids.size(),
                        " ids but ", d_out.cols(), " columns");
    auto d_table = gradient[weight_];
    require<ShapeError>(d_out.rows() == d_table.rows(), "Embedding::backward: vectors of size ", d_out.rows(),
                        ", expected ", d_table.rows());
    for (std::size_t n = 0; n < ids.size(); ++n) {
      require<ValueError>(ids[n] >= 0 && ids[n] < d_table.cols(), "Embedding::backward: id ", ids[n],
                          " at position ", n, " is outside the vocabulary of ", d_table.cols());
      d_table.col(ids[n]) += d_out.col(static_cast<Index>(n));
    }
  }

 private:
  Tensor weight_{};
};

}  // namespace rnnscope

// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// A classifier run on embeddings instead of ids, with the gradient of its logits at them.
#pragma once

#include <span>
#include <string_view>

#include "rnnscope/core/error.hpp"
#include "rnnscope/core/types.hpp"
#include "rnnscope/model/sequence_classifier.hpp"
#include "rnnscope/text/packed_layout.hpp"

namespace rnnscope {

/// One run of a SequenceClassifier in evaluation mode (no dropout) on given embeddings.
///
/// Borrows all three. \throws ShapeError if x does not fit, ValueError for an empty sequence.
template <class Cell>
class ClassifierRun {
 public:
  using Scalar = typename Cell::Scalar;

  /// `x`: `E x layout.columns()`.
  ClassifierRun(const SequenceClassifier<Cell>& model, const PackedLayout& layout, const Matrix<Scalar>& x)
      : model_(model), layout_(layout), x_(x) {
    for (Index s = 0; s < layout.batch(); ++s)
      require<ValueError>(layout.length(s) > 0, "attribution: sequence ", s, " is empty");
    model.stack().forward(model.parameters, layout, DenseInput<Scalar>(x),
                          model.stack().zero_state(layout.batch()), tape_);
    Matrix<Scalar> last(model.config().hidden_size, layout.batch());
    for (Index s = 0; s < layout.batch(); ++s) last.col(s) = tape_.output().col(last_column(s));
    model.readout().forward(model.parameters, last, logits_);
  }

  /// `K x B`, in the order of the layout's sequences.
  [[nodiscard]] const Matrix<Scalar>& logits() const { return logits_; }
  [[nodiscard]] const StackTape<Cell>& tape() const { return tape_; }
  /// The column of the last token of a sequence.
  [[nodiscard]] Index last_column(Index sequence) const {
    return layout_.column(sequence, layout_.length(sequence) - 1);
  }

  /// d logit(label, s) / d x of every column of every sequence s, `E x N`. `unused` is a gradient of the
  /// model's parameters that the backward pass fills on its way. Cost: that of a backward pass.
  [[nodiscard]] Matrix<Scalar> input_gradient(Index label, Parameters<Scalar>& unused) const {
    Matrix<Scalar> d_output = Matrix<Scalar>::Zero(model_.config().hidden_size, layout_.columns());
    const auto weight = model_.parameters[model_.readout().weight()];
    for (Index s = 0; s < layout_.batch(); ++s) d_output.col(last_column(s)) = weight.row(label).transpose();
    Matrix<Scalar> d_x = Matrix<Scalar>::Zero(x_.rows(), x_.cols());
    MatrixRef<Scalar> d_x_ref(d_x);
    model_.stack().backward(model_.parameters, layout_, DenseInput<Scalar>(x_), tape_, d_output,
                            model_.stack().zero_state(layout_.batch()), unused, &d_x_ref);
    return d_x;
  }

 private:
  const SequenceClassifier<Cell>& model_;
  const PackedLayout& layout_;
  const Matrix<Scalar>& x_;
  StackTape<Cell> tape_;
  Matrix<Scalar> logits_;
};

namespace detail {

/// The embeddings of a batch, `E x N`. \throws ValueError for an id outside the vocabulary.
template <class Cell>
[[nodiscard]] Matrix<typename Cell::Scalar> embedded(const SequenceClassifier<Cell>& model,
                                                     std::span<const Id> ids) {
  Matrix<typename Cell::Scalar> x;
  model.embedding().forward(model.parameters, ids, x);
  return x;
}

/// `baseline`, or zeros if it is empty. \throws ShapeError, ValueError.
template <class Scalar>
[[nodiscard]] Vector<Scalar> checked_baseline(const Vector<Scalar>& baseline, Index size,
                                              std::string_view who) {
  if (baseline.size() == 0) return Vector<Scalar>::Zero(size);
  require_shape(baseline, size, 1, who);
  require<ValueError>(baseline.allFinite(), who, " is not finite");
  return baseline;
}

}  // namespace detail

}  // namespace rnnscope

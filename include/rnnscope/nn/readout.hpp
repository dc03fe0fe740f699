// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// What of the hidden states of a batch is read: every step, the last one, or the mean of each sequence.
#pragma once

#include "rnnscope/core/error.hpp"
#include "rnnscope/core/types.hpp"
#include "rnnscope/text/packed_layout.hpp"

namespace rnnscope {

/// Which columns of the hidden states become columns of a read-out.
enum class Readout {
  EveryStep,      ///< all N of them
  LastStep,       ///< that of the last token of each sequence, `H x B` by slot
  MeanOverSteps,  ///< the mean over the tokens of each sequence, `H x B` by slot
};

namespace detail {

/// Length of the sequence in each slot, which must not be empty unless every step is read.
inline Index read_length(const PackedLayout& layout, Index slot) {
  const Index sequence = layout.sequence(slot), length = layout.length(sequence);
  require<ValueError>(length > 0, "read_out: sequence ", sequence, " is empty, so it has no step to read");
  return length;
}

inline Index readout_columns(Readout readout, const PackedLayout& layout) {
  return readout == Readout::EveryStep ? layout.columns() : layout.batch();
}

}  // namespace detail

/// out = what `readout` takes of `hidden` (`H x N`): `H x N`, or `H x B` with a column per slot (so
/// `out.col(layout.slot(s))` belongs to sequence s). \throws ShapeError, or ValueError on an empty sequence.
template <class Scalar>
void read_out(Readout readout, const PackedLayout& layout, const Matrix<Scalar>& hidden, Matrix<Scalar>& out) {
  require_shape(hidden, hidden.rows(), layout.columns(), "read_out: hidden");
  if (readout == Readout::EveryStep) {
    out = hidden;
    return;
  }
  out.setZero(hidden.rows(), layout.batch());
  for (Index slot = 0; slot < layout.batch(); ++slot) {
    const Index length = detail::read_length(layout, slot);
    if (readout == Readout::LastStep) {
      out.col(slot) = hidden.col(layout.offset(length - 1) + slot);
    } else {
      for (Index t = 0; t < length; ++t) out.col(slot) += hidden.col(layout.offset(t) + slot);
      out.col(slot) /= Scalar(static_cast<double>(length));
    }
  }
}

/// Undoes `read_out`: d_hidden (`H x N`, written) is dL/d(hidden) given dL/d(out). \throws as read_out.
template <class Scalar>
void read_out_backward(Readout readout, const PackedLayout& layout, const Matrix<Scalar>& d_out,
                       Matrix<Scalar>& d_hidden) {
  require_shape(d_out, d_out.rows(), detail::readout_columns(readout, layout), "read_out_backward: d_out");
  if (readout == Readout::EveryStep) {
    d_hidden = d_out;
    return;
  }
  d_hidden.setZero(d_out.rows(), layout.columns());
  for (Index slot = 0; slot < layout.batch(); ++slot) {
    const Index length = detail::read_length(layout, slot);
    if (readout == Readout::LastStep) {
      d_hidden.col(layout.offset(length - 1) + slot) = d_out.col(slot);
    } else {
      const Scalar share = Scalar(1) / Scalar(static_cast<double>(length));
      for (Index t = 0; t < length; ++t) d_hidden.col(layout.offset(t) + slot) = share * d_out.col(slot);
    }
  }
}

}  // namespace rnnscope

// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// All numbers that a model learns, in one flat array with named matrices inside it.
///
/// Modules (layers, embeddings, read-outs) own no weights: they register their tensors here once and keep
/// the handles. A gradient is a second Parameters of the same layout. So optimisers, clipping, saving
/// and gradient checks are loops over one array, and every module is a small value that threads may share.
#pragma once

#include <algorithm>
#include <cstddef>
#include <limits>
#include <new>
#include <string>
#include <string_view>
#include <vector>

#include "rnnscope/core/error.hpp"
#include "rnnscope/core/types.hpp"

namespace rnnscope {

namespace detail {
/// Memory that begins at a multiple of 64 bytes, whatever the compiler's flags. Eigen's sums run in another
/// order at another alignment, so this is what makes two runs agree to the bit.
template <class T>
struct AlignedAllocator {
  using value_type = T;
  static constexpr std::align_val_t alignment{64};

  AlignedAllocator() = default;
  template <class Other>
  AlignedAllocator(const AlignedAllocator<Other>&) {}

  T* allocate(std::size_t count) { return static_cast<T*>(::operator new(count * sizeof(T), alignment)); }
  void deallocate(T* place, std::size_t) { ::operator delete(place, alignment); }
  friend bool operator==(const AlignedAllocator&, const AlignedAllocator&) { return true; }
};
}  // namespace detail

/// Name and place of one tensor inside the flat array, `rows x cols`, column-major.
struct TensorInfo {
  std::string name;
  Index rows = 0;
  Index cols = 0;
  Index offset = 0;

  [[nodiscard]] Index size() const { return rows * cols; }
  friend bool operator==(const TensorInfo&, const TensorInfo&) = default;
};

/// Handle of a tensor: its number in order of registration.
enum class Tensor : Index {};

/// A flat array of `Scalar` with named tensors. Regular value type: copies are deep and equal.
///
/// Threading: const members may run together; views of one object must not be written while others read.
template <class Scalar>
class Parameters {
 public:
  /// Appends a `rows x cols` tensor of zeros. Views taken before are invalid afterwards.
  /// \throws ValueError if the name is taken or a size is negative.
  Tensor add(std::string name, Index rows, Index cols = 1) {
    require<ValueError>(rows >= 0 && cols >= 0, "Parameters::add: '", name, "' has a negative size ",
                        shape_text(rows, cols));
    require<ValueError>(cols == 0 || rows <= (std::numeric_limits<Index>::max() / 64 - size()) / cols,
                        "Parameters::add: '", name, "' is too large: ", shape_text(rows, cols));
    require<ValueError>(find(name) == nullptr, "Parameters::add: there is already a tensor named '", name, "'");
    tensors_.push_back({std::move(name), rows, cols, size()});
    values_.resize(values_.size() + static_cast<std::size_t>(rows * cols), Scalar(0));
    return static_cast<Tensor>(tensors_.size() - 1);
  }

  [[nodiscard]] Index size() const { return static_cast<Index>(values_.size()); }
  [[nodiscard]] const std::vector<TensorInfo>& tensors() const { return tensors_; }

  /// The whole array as one column.
  [[nodiscard]] Eigen::Map<Vector<Scalar>> flat() { return {values_.data(), size()}; }
  [[nodiscard]] Eigen::Map<const Vector<Scalar>> flat() const { return {values_.data(), size()}; }

  /// The tensor behind a handle, `rows x cols`.
  [[nodiscard]] MatrixMap<Scalar> operator[](Tensor tensor) {
    const TensorInfo& t = info(tensor);
    return {values_.data() + t.offset, t.rows, t.cols};
  }
  [[nodiscard]] ConstMatrixMap<Scalar> operator[](Tensor tensor) const {
    const TensorInfo& t = info(tensor);
    return {values_.data() + t.offset, t.rows, t.cols};
  }

  /// The tensor of that name. \throws ValueError naming all tensors if there is none.
  [[nodiscard]] MatrixMap<Scalar> at(std::string_view name) { return (*this)[handle(name)]; }
  [[nodiscard]] ConstMatrixMap<Scalar> at(std::string_view name) const { return (*this)[handle(name)]; }
  [[nodiscard]] bool contains(std::string_view name) const { return find(name) != nullptr; }

  /// The same layout, all zeros: a gradient, or an optimiser's memory.
  [[nodiscard]] Parameters zeros_like() const {
    Parameters result = *this;
    result.set_zero();
    return result;
  }
  void set_zero() { std::fill(values_.begin(), values_.end(), Scalar(0)); }

  /// The same layout and values in another scalar type.
  template <class Other>
  [[nodiscard]] Parameters<Other> cast() const {
    Parameters<Other> result;
    for (const TensorInfo& t : tensors_) result.add(t.name, t.rows, t.cols);
    if (size() > 0) result.flat() = flat().template cast<Other>();
    return result;
  }

  /// True if both hold the same tensors in the same order.
  template <class Other>
  [[nodiscard]] bool same_layout(const Parameters<Other>& other) const {
    return tensors_ == other.tensors();
  }

  friend bool operator==(const Parameters&, const Parameters&) = default;

 private:
  [[nodiscard]] const TensorInfo& info(Tensor tensor) const {
    eigen_assert(static_cast<std::size_t>(tensor) < tensors_.size());
    return tensors_[static_cast<std::size_t>(tensor)];
  }
  [[nodiscard]] const TensorInfo* find(std::string_view name) const {
    const auto it =
        std::find_if(tensors_.begin(), tensors_.end(), [&](const TensorInfo& t) { return t.name == name; });
    return it == tensors_.end() ? nullptr : &*it;
  }
  [[nodiscard]] Tensor handle(std::string_view name) const {
    const TensorInfo* t = find(name);
    if (t == nullptr) {
      std::string known;
      for (const TensorInfo& each : tensors_) known += " " + each.name;
      throw ValueError(message("there is no tensor named '", name, "'; known:", known));
    }
    return static_cast<Tensor>(t - tensors_.data());
  }

  std::vector<Scalar, detail::AlignedAllocator<Scalar>> values_;
  std::vector<TensorInfo> tensors_;
};

}  // namespace rnnscope

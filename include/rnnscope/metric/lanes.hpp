// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// Eight doubles side by side: the fixed order of summation that makes every distance reproducible.
///
/// Partial sum l takes the coordinates k = l, l + 8, l + 16, ...; the eight are added in one fixed tree.
/// The registers below them (one of AVX-512, two of AVX, four of SSE2 or NEON) do not change a bit.
/// `multiply_add` rounds once where the target has FMA and twice elsewhere, in all lanes alike.
#pragma once

#include <array>
#include <cmath>
#include <cstdint>
#include <cstring>

#include "rnnscope/core/numeric.hpp"

namespace rnnscope::metric {

/// Eight doubles. Floats are widened when loaded, so sums of float data are kept in double.
class Lanes {
 public:
  static constexpr int count = 8;
#if defined(__AVX512VL__)
  static constexpr int width = 8;
#elif defined(__AVX__) && defined(__FMA__)
  static constexpr int width = 4;
#else
  static constexpr int width = 2;
#endif
  static constexpr int registers = count / width;

  /// The eight numbers from `p` on.
  template <class Scalar>
  RNNSCOPE_INLINE static Lanes load(const Scalar* p) {
    Lanes result;
    for (int r = 0; r < registers; ++r) load_register(result.part_[r], p + r * width);
    return result;
  }
  /// The `size` < 8 numbers from `p` on, then zeros.
  template <class Scalar>
  RNNSCOPE_INLINE static Lanes load_first(const Scalar* p, Index size) {
#if defined(__AVX512VL__)
    const auto mask = static_cast<unsigned char>((1u << size) - 1u);
    Lanes result;
    if constexpr (sizeof(Scalar) == sizeof(double)) {
      result.part_[0] = _mm512_maskz_loadu_pd(mask, p);
    } else {
      widen(result.part_[0], _mm256_maskz_loadu_ps(mask, p));
    }
    return result;
#else
    Scalar padded[count] = {};
    for (Index l = 0; l < size; ++l) padded[l] = p[l];
    return load(padded);
#endif
  }

  /// Eight times the same number.
  RNNSCOPE_INLINE static Lanes all(double value) {
    Lanes result;
    for (int r = 0; r < registers; ++r) result.part_[r] = value - Register{};
    return result;
  }

  [[nodiscard]] RNNSCOPE_INLINE std::array<double, count> values() const {
    std::array<double, count> result;
    std::memcpy(result.data(), part_, sizeof part_);
    return result;
  }

  RNNSCOPE_INLINE void store(double* p) const { std::memcpy(p, part_, sizeof part_); }
  /// Bit l says whether the number in lane l is at most that of `other`.
  [[nodiscard]] RNNSCOPE_INLINE std::uint32_t at_most(const Lanes& other) const {
#if defined(__AVX512VL__)
    return _mm512_cmp_pd_mask(part_[0], other.part_[0], _CMP_LE_OQ);
#else
    std::uint32_t bits = 0;
    for (int r = 0; r < registers; ++r) {
#if defined(__AVX__) && defined(__FMA__)
      const auto lanes =
          static_cast<std::uint32_t>(_mm256_movemask_pd(_mm256_cmp_pd(part_[r], other.part_[r], _CMP_LE_OQ)));
      bits |= lanes << (r * width);
#else
      for (int l = 0; l < width; ++l) bits |= (part_[r][l] <= other.part_[r][l] ? 1u : 0u) << (r * width + l);
#endif
    }
    return bits;
#endif
  }

  RNNSCOPE_INLINE friend Lanes operator+(const Lanes& a, const Lanes& b) {
    Lanes result;
    for (int r = 0; r < registers; ++r) result.part_[r] = a.part_[r] + b.part_[r];
    return result;
  }
  RNNSCOPE_INLINE friend Lanes operator-(const Lanes& a, const Lanes& b) {
    Lanes result;
    for (int r = 0; r < registers; ++r) result.part_[r] = a.part_[r] - b.part_[r];
    return result;
  }
  /// |a|
  RNNSCOPE_INLINE friend Lanes abs(const Lanes& a) {
    Lanes result;
    for (int r = 0; r < registers; ++r) {
      result.part_[r] = reinterpret_cast<Register>(reinterpret_cast<Bits>(a.part_[r]) & INT64_MAX);
    }
    return result;
  }
  /// The larger of two numbers, lane by lane.
  RNNSCOPE_INLINE friend Lanes max(const Lanes& a, const Lanes& b) {
    Lanes result;
    for (int r = 0; r < registers; ++r) result.part_[r] = a.part_[r] > b.part_[r] ? a.part_[r] : b.part_[r];
    return result;
  }
  /// a b + c
  RNNSCOPE_INLINE friend Lanes multiply_add(const Lanes& a, const Lanes& b, const Lanes& c) {
    Lanes result;
    for (int r = 0; r < registers; ++r) {
#if defined(__AVX512VL__)
      result.part_[r] = _mm512_fmadd_pd(a.part_[r], b.part_[r], c.part_[r]);
#elif defined(__AVX__) && defined(__FMA__)
      result.part_[r] = _mm256_fmadd_pd(a.part_[r], b.part_[r], c.part_[r]);
#elif defined(__FMA__) || defined(FP_FAST_FMA)
      for (int l = 0; l < width; ++l)
        result.part_[r][l] = std::fma(a.part_[r][l], b.part_[r][l], c.part_[r][l]);
#else
      result.part_[r] = a.part_[r] * b.part_[r] + c.part_[r];
#endif
    }
    return result;
  }

 private:
  using Register = double __attribute__((vector_size(8 * width)));
  using Floats = float __attribute__((vector_size(4 * width)));
  using Bits = std::int64_t __attribute__((vector_size(8 * width)));

  RNNSCOPE_INLINE static void load_register(Register& to, const double* p) { std::memcpy(&to, p, sizeof to); }
  RNNSCOPE_INLINE static void load_register(Register& to, const float* p) {
    Floats from;
    std::memcpy(&from, p, sizeof from);
    widen(to, from);
  }
  RNNSCOPE_INLINE static void widen(Register& to, const Floats& from) {
#if defined(__AVX512VL__) && !defined(__clang__)  // g++ 12 splits the builtin, but sees through the loop
#pragma GCC unroll 8
    for (int l = 0; l < width; ++l) to[l] = static_cast<double>(from[l]);
#elif defined(__AVX__) && defined(__FMA__) && !defined(__AVX512VL__)
    to = _mm256_cvtps_pd(from);
#else
    to = __builtin_convertvector(from, Register);
#endif
  }

  Register part_[registers] = {};
};

}  // namespace rnnscope::metric

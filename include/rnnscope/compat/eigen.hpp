// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// The only place that includes Eigen. Eigen's own warnings are silenced here, not in the user's flags.
#pragma once

#if defined(__FAST_MATH__)
#error "rnnscope: -ffast-math (and -Ofast) break its exactness and NaN checks; compile without it."
#endif

#if defined(__GNUC__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wsign-conversion"
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wold-style-cast"
#pragma GCC diagnostic ignored "-Wpedantic"
#if !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC diagnostic ignored "-Wuninitialized"  // false, from the AVX-512 intrinsics of g++ 12 at -O2
#pragma GCC diagnostic ignored "-Wclass-memaccess"
#else
#pragma GCC diagnostic ignored "-Wdeprecated-copy"
#endif
#endif

#include <Eigen/Core>

#if defined(__GNUC__)
#pragma GCC diagnostic pop
#endif

static_assert(EIGEN_VERSION_AT_LEAST(3, 4, 0), "rnnscope needs Eigen 3.4 or newer");

// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// Eigen's eigenvalue solvers, for the few headers that need them; they take long to compile.
#pragma once

#include "rnnscope/compat/eigen.hpp"

#if defined(__GNUC__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wsign-conversion"
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wold-style-cast"
#pragma GCC diagnostic ignored "-Wpedantic"
#endif

#include <Eigen/Eigenvalues>

#if defined(__GNUC__)
#pragma GCC diagnostic pop
#endif

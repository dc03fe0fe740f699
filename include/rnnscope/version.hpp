// SPDX-License-Identifier: BSD-3-Clause
/// \file
/// The version of rnnscope. This is the only place where it is written; CMake reads it from here.
#pragma once

#define RNNSCOPE_VERSION_MAJOR 0
#define RNNSCOPE_VERSION_MINOR 1
#define RNNSCOPE_VERSION_PATCH 0

// SPDX-License-Identifier: BSD-3-Clause
#include "all_headers.hpp"

int major_version_seen_by_two();

int major_version_seen_by_two() { return RNNSCOPE_VERSION_MAJOR; }

// SPDX-License-Identifier: BSD-3-Clause
// Two translation units include every header: a function without `inline` is then defined twice.
#include "all_headers.hpp"

int major_version_seen_by_two();

int main() { return major_version_seen_by_two() == RNNSCOPE_VERSION_MAJOR ? 0 : 1; }

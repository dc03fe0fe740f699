#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Builds everything and runs all tests. Usage: scripts/test.sh [preset], dev by default (see CMakePresets.json).
set -euo pipefail
cd "$(dirname "$0")/.."
preset="${1:-dev}"

scripts/setup.sh test
cmake --preset "$preset"
cmake --build --preset "$preset" -j "$(nproc)"
ctest --preset "$preset"

#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# A cell that misses a duty must stop the compilation with the name of that duty.
# Usage: cell_errors.sh COMPILER DIRECTORY...   (the directories to include from)
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
compiler="$1"
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
arguments=(-std=c++20 -fsyntax-only)
for directory in "${@:2}"; do arguments+=(-isystem "$directory"); done
failures=0

# compile HEADER STATEMENT PATTERN: the cell of leaky_cell.hpp without what PATTERN, a sed command, takes away.
compile() {
  {
    printf '#include "rnnscope/core/numeric.hpp"\n#include "%s"\n' "$1"
    sed -e '/#pragma once/d; /#include/d' -e "$3" "$here/leaky_cell.hpp"
    printf 'void use() { %s }\n' "$2"
  } > "$folder/cell.cpp"
  "$compiler" "${arguments[@]}" "$folder/cell.cpp" 2> "$folder/errors"
}

cell=rnnscope/nn/cell.hpp
require='rnnscope::require_cell<LeakyCell<float>>();'
layer=rnnscope/nn/recurrent.hpp
construct='rnnscope::Parameters<float> p; rnnscope::Recurrent<LeakyCell<float>> layer(p, {});'

if ! compile "$layer" "$construct" ''; then
  echo "the complete cell does not compile:"; cat "$folder/errors"; failures=1
fi

missing() {  # missing HEADER STATEMENT PATTERN MESSAGE
  if compile "$1" "$2" "$3"; then
    echo "compiles without what '$3' removed"; failures=1
  elif ! grep -qF "rnnscope: $4" "$folder/errors"; then
    echo "without what '$3' removed, expected '$4', found:"; head -n 12 "$folder/errors"; failures=1
  fi
}
# The type of the scalar is named S, so the member alias can go alone.
missing "$cell" "$require" '/using Scalar/d' 'a cell needs `using Scalar = ...;`'
missing "$cell" "$require" '/ name = /d' 'a cell needs `static constexpr std::string_view name`'
missing "$cell" "$require" '/ states = /d' 'a cell needs `static constexpr int states`'
missing "$cell" "$require" '/gate_names/d' 'a cell needs an array `gate_names`'
missing "$cell" "$require" '/channel_names/d' 'a cell needs an array `channel_names`'
missing "$cell" "$require" '/shared_gradient/d' 'a cell needs `static constexpr bool shared_gradient`'
missing "$cell" "$require" 's/void forward/void ahead/' 'a cell needs `void forward(in, tape) const`'
missing "$cell" "$require" 's/void backward/void back/' 'a cell needs `void backward(in, tape, d_state, d) const`'
missing "$cell" "$require" 's/int states = 1/int states = 3/' 'the first `states` channels of a cell are its state'
missing "$layer" "$construct" 's/void backward/void back/' 'a cell needs `void backward(in, tape, d_state, d) const`'
exit "$failures"

#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# check_layers.sh must accept a good tree and name every broken rule of a bad one.
set -euo pipefail
check="$(cd "$(dirname "$0")" && pwd)/check_layers.sh"
tree="$(mktemp -d)"
trap 'rm -rf "$tree"' EXIT
failures=0

# header FOLDER/NAME LINE...: writes a header that is right but for the given lines.
header() {
  local file="$tree/include/rnnscope/$1"
  mkdir -p "$(dirname "$file")"
  printf '%s\n' '// SPDX-License-Identifier: BSD-3-Clause' '#pragma once' "${@:2}" > "$file"
}

# expect NAME PATTERN: the tree must have exactly one violation, and it must read like PATTERN.
expect() {
  local output
  if output="$("$check" "$tree")"; then
    echo "$1: not found"; failures=1
  elif [[ "$(wc -l <<< "$output")" != 1 ]] || ! grep -qE "$2" <<< "$output"; then
    echo "$1: expected one violation like '$2', found:"; echo "$output"; failures=1
  fi
}

good_tree() {
  rm -rf "$tree/include"
  header version.hpp
  header rnnscope.hpp '#include "rnnscope/report/html.hpp"'
  header compat/eigen.hpp '#include <Eigen/Core>'
  header compat/xtensor.hpp '#include <xtensor/xarray.hpp>'
  header core/types.hpp '#include "rnnscope/compat/eigen.hpp"'
  header text/reader.hpp '#include <fstream>' '#include "rnnscope/core/types.hpp"'
  header format/npy.hpp '#include <nlohmann/json.hpp>' '#include "rnnscope/compat/xtensor.hpp"'
  header nn/cell.hpp '#include "rnnscope/core/types.hpp"'
  header nn/lstm.hpp '#include "rnnscope/nn/cell.hpp"' '#include "rnnscope/version.hpp"'
  header cluster/hdbscan.hpp
  header report/html.hpp '#include "rnnscope/format/npy.hpp"' '#include "rnnscope/nn/lstm.hpp"'
}

good_tree
if ! output="$("$check" "$tree")" || [[ -n "$output" ]]; then
  echo "a good tree is refused: $output"; failures=1
fi

broken() {  # broken PATTERN HEADER LINE...
  good_tree
  header "${@:2}"
  expect "$2 ${*:3}" "$1"
}
broken 'level 4.*includes nn/ \(level 4\)' cluster/bad.hpp '#include "rnnscope/nn/cell.hpp"'
broken 'level 1.*includes text/ \(level 3\)' core/bad.hpp '#include "rnnscope/text/reader.hpp"'
broken 'belongs to rnnscope::core' nn/bad.hpp '#include "rnnscope/format/npy.hpp"'
broken 'belongs to rnnscope::core' nn/bad.hpp '#include "rnnscope/compat/xtensor.hpp"'
broken 'JSON does not' nn/bad.hpp '#include <nlohmann/json.hpp>'
broken 'only compat/ includes Eigen' nn/bad.hpp '#include <Eigen/Dense>'
broken 'only compat/ includes Eigen' nn/bad.hpp '#  include <unsupported/Eigen/FFT>'
broken 'only compat/ includes xtensor' format/bad.hpp '#include <xtensor/xview.hpp>'
broken 'iostream' report/bad.hpp '#include <iostream>'
broken 'reads and writes no files' cluster/bad.hpp '#include <fstream>'
broken 'with quotes' nn/bad.hpp '#include <rnnscope/nn/cell.hpp>'
broken 'own headers are included as' nn/bad.hpp '#include "cell.hpp"'
broken 'there is no' nn/bad.hpp '#include "rnnscope/nn/gone.hpp"'
broken 'includes rnnscope/rnnscope.hpp' nn/bad.hpp '#include "rnnscope/rnnscope.hpp"'
broken 'does not know' novel/bad.hpp
broken 'does not know' bad.hpp

good_tree
header nn/bad.hpp
seq -f '// %.0f' 499 >> "$tree/include/rnnscope/nn/bad.hpp"
expect '501 lines' 'bad.hpp:501: 501 lines'

good_tree
echo '#pragma once' > "$tree/include/rnnscope/nn/bad.hpp"
expect 'no SPDX line' 'SPDX'
good_tree
echo '// SPDX-License-Identifier: BSD-3-Clause' > "$tree/include/rnnscope/nn/bad.hpp"
expect 'no #pragma once' 'pragma once'

exit $failures

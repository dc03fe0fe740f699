#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Checks the rules of the source tree that no compiler checks. Usage: check_layers.sh [repository]
# Prints one line per violation and exits with 1 if there is any.
set -euo pipefail
cd "${1:-$(dirname "$0")/../..}"

# Every folder of include/rnnscope. A header includes its own folder and folders of a lower level, nothing else.
#   part   "core" folders need Eigen alone and build rnnscope::core; "full" ones may use xtensor and JSON
#   files  whether the folder's business is reading or writing files
table='
#  folder    level part  files
   compat    0     core  no
   core      1     core  no
   product   2     core  no
   text      3     core  yes
   metric    3     core  no
   points    3     core  no
   format    3     full  yes
   nn        4     core  no
   cluster   4     core  no
   expand    5     core  no
   model     5     full  yes
   trace     6     full  yes
   attribute 6     full  no
   analysis  6     full  no
   report    7     full  yes
'
max_lines=500

find include -name '*.hpp' | LC_ALL=C sort | TABLE="$table" xargs awk -v max_lines="$max_lines" '
function complain(line, message) {
  print FILENAME ":" line ": " message
  failures++
}
# The folder of "rnnscope/<folder>/x.hpp", "" for a header directly in rnnscope/.
function folder_of(path,   part) {
  return split(path, part, "/") == 3 ? part[2] : ""
}
# compat/xtensor.hpp is the one header of compat/ that rnnscope::core cannot offer.
function is_full(path) {
  return path == "rnnscope/compat/xtensor.hpp" || part_of[folder_of(path)] == "full"
}
function check_own_include(path) {
  if (system("test -f include/" path) != 0) complain(FNR, "there is no " path)
  if (at_root) return
  target = folder_of(path)
  if (target == folder || path == "rnnscope/version.hpp") return
  if (!(target in level)) complain(FNR, folder "/ includes " path)
  else if (level[target] >= level[folder])
    complain(FNR, folder "/ (level " level[folder] ") includes " target "/ (level " level[target] ")")
  else if (!is_full(self) && is_full(path)) complain(FNR, folder "/ belongs to rnnscope::core, " path " does not")
}
function check_foreign_include(path) {
  if (path ~ /^rnnscope\//) complain(FNR, "own headers are included with quotes")
  if (path ~ /^(unsupported\/)?Eigen\// && folder != "compat") complain(FNR, "only compat/ includes Eigen")
  if (path ~ /^(xtensor|xtl|xsimd)/ && folder != "compat") complain(FNR, "only compat/ includes xtensor")
  if (path ~ /^nlohmann\// && !is_full(self)) complain(FNR, folder "/ belongs to rnnscope::core, JSON does not")
  if (path == "iostream") complain(FNR, "<iostream>: the library prints nothing; <ostream> or <istream> will do")
  if (path == "fstream" && files[folder] != "yes") complain(FNR, folder "/ reads and writes no files")
}
function finish_file() {
  if (self == "") return
  if (!has_pragma) { print current ":1: #pragma once is missing"; failures++ }
  if (lines > max_lines) { print current ":" lines ": " lines " lines, at most " max_lines " are allowed"; failures++ }
}
BEGIN {
  count = split(ENVIRON["TABLE"], row, "\n")
  for (i = 1; i <= count; i++)
    if (split(row[i], cell, " ") == 4 && cell[1] != "#") {
      level[cell[1]] = cell[2]
      part_of[cell[1]] = cell[3]
      files[cell[1]] = cell[4]
    }
}
FNR == 1 {
  finish_file()
  current = FILENAME
  self = FILENAME
  sub(/^include\//, "", self)
  folder = folder_of(self)
  at_root = self == "rnnscope/version.hpp" || self == "rnnscope/rnnscope.hpp"
  has_pragma = 0
  if (!at_root && !(folder in level)) complain(1, "a folder that check_layers.sh does not know")
  if ($0 != "// SPDX-License-Identifier: BSD-3-Clause") complain(1, "the first line must be the SPDX line")
}
{ lines = FNR }
/^#pragma once/ { has_pragma = 1 }
/^[ \t]*#[ \t]*include[ \t]/ {
  path = $0
  sub(/^[ \t]*#[ \t]*include[ \t]*/, "", path)
  quoted = path ~ /^"/
  path = substr(path, 2)
  sub(/[">].*$/, "", path)
  if (!quoted) check_foreign_include(path)
  else if (path ~ /^rnnscope\//) check_own_include(path)
  else complain(FNR, "\"" path "\": own headers are included as \"rnnscope/...\"")
}
END {
  finish_file()
  exit failures > 0
}'

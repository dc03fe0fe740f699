#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Formats all sources with clang-format 14. With --check it changes nothing, lists what is not formatted and
# exits with 1. Exits with 77 if there is no clang-format 14 (other versions format differently).
set -euo pipefail
cd "$(dirname "$0")/.."

for clang_format in clang-format-14 clang-format ""; do
  [[ -z "$clang_format" ]] || "$clang_format" --version 2> /dev/null | grep -q 'version 14\.' && break
done
if [[ -z "$clang_format" ]]; then
  echo "skipped: clang-format 14 is not installed"
  exit 77
fi

arguments=(-i)
[[ "${1:-}" == --check ]] && arguments=(--dry-run --Werror --ferror-limit=1)
find include tests examples benchmarks -name '*.[ch]pp' -print0 | xargs -0 "$clang_format" "${arguments[@]}"

#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# A code block of a page below docs/ that follows the line `<!-- code of FILE -->` must stand in FILE, line for
# line, so that what is printed is what is tested. Usage: check_code_blocks.sh [repository]
# Prints one line per block that does not, and exits with 1 if there is any, or no block at all.
set -euo pipefail
cd "${1:-$(dirname "$0")/../..}"

blocks=0
failures=0
for page in docs/*.md; do
  source=""
  block=""
  inside=no
  number=0
  while IFS= read -r line || [[ -n "$line" ]]; do
    number=$((number + 1))
    if [[ "$inside" == yes ]]; then
      if [[ "$line" == '```' ]]; then
        inside=no
        blocks=$((blocks + 1))
        if [[ ! -f "$source" ]]; then
          echo "$page:$number: there is no $source"
          failures=1
        elif [[ -z "$block" || $'\n'"$(cat "$source")"$'\n' != *$'\n'"$block"* ]]; then
          echo "$page:$number: the code block is not in $source"
          failures=1
        fi
        source=""
      else
        block+="$line"$'\n'
      fi
    elif [[ "$line" =~ ^'<!-- code of '([^ ]+)' -->'$ ]]; then
      source="${BASH_REMATCH[1]}"
    elif [[ -n "$source" && "$line" == '```'* ]]; then
      inside=yes
      block=""
    fi
  done < "$page"
  if [[ -n "$source" ]]; then
    echo "$page: no complete code block follows 'code of $source'"
    failures=1
  fi
done
if [[ "$blocks" == 0 ]]; then
  echo "docs/: no block is marked '<!-- code of FILE -->'"
  failures=1
fi
exit "$failures"

#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# check_code_blocks.sh must accept a block that is in its file and name one that is not.
set -euo pipefail
check="$(cd "$(dirname "$0")" && pwd)/check_code_blocks.sh"
tree="$(mktemp -d)"
trap 'rm -rf "$tree"' EXIT
mkdir "$tree/docs"
printf '%s\n' 'int a;' '  int b;' 'int c;' > "$tree/code.hpp"
failures=0

# expect WANTED LINE...: the page of these lines gives WANTED, a pattern, or nothing at all if that is empty.
expect() {
  printf '%s\n' "${@:2}" > "$tree/docs/page.md"
  local output status=0
  output="$("$check" "$tree")" || status=$?
  if [[ -z "$1" && "$status$output" != 0 ]] || [[ -n "$1" && ("$status" == 0 || ! "$output" =~ $1) ]]; then
    echo "expected '$1', found '$output' ($status) for:"
    printf '%s\n' "${@:2}"
    failures=1
  fi
}

mark='<!-- code of code.hpp -->'
expect '' "$mark" '```cpp' '  int b;' 'int c;' '```' 'text' '```' 'unmarked' '```'
expect 'page.md:4: the code block is not in code.hpp' "$mark" '```cpp' 'int b;' '```'
expect 'not in code.hpp' "$mark" '```cpp' '  int b' '```'
expect 'not in code.hpp' "$mark" '```cpp' 'int a;' 'int c;' '```'
expect 'not in code.hpp' "$mark" '```cpp' '```'
expect 'there is no other.hpp' '<!-- code of other.hpp -->' '```' 'int a;' '```'
expect 'no complete code block' "$mark" 'text'
expect 'no complete code block' "$mark" '```' 'int a;'
expect 'no block is marked' '```' 'int a;' '```'
exit "$failures"

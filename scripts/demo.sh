#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
set -euo pipefail
root="$(cd "$(dirname "$0")/.." && pwd)"

usage() {
  cat << 'TEXT'
scripts/demo.sh [--text FILE [--tags FILE]] [--minutes M]

Installs what is missing, builds, trains a character model, shows what its cells do, and explains how a second
network understands negation. Reports and plots go to out/.

  --text FILE    train the character model on this text instead of the built-in one (and leave out negation)
  --tags FILE    one tag per token of that text, to name the clusters after
  --minutes M    train the character model for at most so many minutes
TEXT
}

own_text=false
arguments=()
while [[ $# -gt 0 ]]; do
  case "$1" in
    --help | -h) usage; exit ;;
    --text | --tags | --minutes) ;;
    *) echo "unknown option: $1" >&2; usage >&2; exit 2 ;;
  esac
  [[ $# -ge 2 ]] || { echo "$1 needs a value" >&2; exit 2; }
  if [[ "$1" != --minutes ]]; then
    [[ -r "$2" ]] || { echo "cannot read $2" >&2; exit 2; }
    own_text=true
  fi
  arguments+=("$1" "$2")
  shift 2
done

"$root/scripts/setup.sh" demo
(
  cd "$root"
  cmake --preset release -DRNNSCOPE_BUILD_TESTS=OFF -DRNNSCOPE_BUILD_BENCHMARKS=OFF
  cmake --build --preset release --target character_model negation
)

# run PROGRAM ARGUMENT...: runs an example and says what it wrote.
run() {
  local out="$root/out/$1" start
  mkdir -p "$out"
  start="$(mktemp)"
  echo
  echo "== $1"
  "$root/build/release/examples/$1" --out "$out" "${@:2}"
  echo "Written:"
  find "$out" -type f -newer "$start" | LC_ALL=C sort | sed 's/^/  /'
  rm "$start"
}

run character_model "${arguments[@]}"
if ! $own_text; then
  run negation
fi

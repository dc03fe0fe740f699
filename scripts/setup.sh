#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Installs the Debian packages that are missing. Does nothing, and needs no network, if none is.
#   scripts/setup.sh demo   what the demonstration needs: compiler, CMake, libraries
#   scripts/setup.sh test   and what the tests and benchmarks need
#   scripts/setup.sh ci     and clang
set -euo pipefail

# Packages; one with a command after a colon is not needed if that command is there.
demo=(g++:g++ cmake:cmake ninja-build:ninja libeigen3-dev libxtensor-dev nlohmann-json3-dev libcli11-dev)
test=(doctest-dev libbenchmark-dev zlib1g-dev clang-format:clang-format)
ci=(clang:clang++)
case "${1:-}" in
  demo) packages=("${demo[@]}") ;;
  test) packages=("${demo[@]}" "${test[@]}") ;;
  ci) packages=("${demo[@]}" "${test[@]}" "${ci[@]}") ;;
  *) sed -n '3,6s/^# //p' "$0" >&2; exit 2 ;;
esac

is_present() {
  local package="${1%%:*}"
  if [[ "$1" == *:* ]] && command -v "${1#*:}" > /dev/null; then return; fi
  [[ "$(dpkg-query -W -f='${Status}' "$package" 2> /dev/null)" == *" installed" ]]
}

missing=()
for package in "${packages[@]}"; do
  is_present "$package" || missing+=("${package%%:*}")
done
[[ ${#missing[@]} -gt 0 ]] || exit 0

if ! command -v dpkg-query > /dev/null; then
  echo "This is no Debian-like system, so these are for you to install if CMake does not find them: ${missing[*]}" >&2
  exit 0
fi

as_root=()
if [[ "$(id -u)" != 0 ]]; then
  as_root=(sudo)
  [[ -t 0 ]] || as_root+=(-n)  # without a terminal nobody can type a password
fi
apt_get() {
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0 "$@" < /dev/null >> "$log" 2>&1
}

echo "Installing ${missing[*]}"
log="$(mktemp)"
trap 'rm -f "$log"' EXIT
apt_get update || true  # the lists at hand may do
if ! apt_get install -y --no-install-recommends "${missing[@]}"; then
  tail -n 20 "$log" >&2
  echo "Could not install them. With a network and root rights:" >&2
  echo "  apt-get update && apt-get install ${missing[*]}" >&2
  exit 1
fi

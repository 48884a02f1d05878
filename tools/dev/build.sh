#!/usr/bin/env bash
# Installs what is missing, configures, and builds: build.sh [NINJA-TARGET...]
# The one place that knows how; quickstart.sh and test.sh call it. The build folder is build/, or
# $FPW_BUILD_DIR.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
build=${FPW_BUILD_DIR:-$root/build}

# What a build and its tests need beyond git and python3, as Debian 12 names it.
packages=(
  clang-22 lld-22 cmake ninja-build                                     # to compile
  libmlir-22-dev mlir-22-tools llvm-22-dev llvm-22-tools libzstd-dev    # MLIR, LLVM, lit, FileCheck
  libarchive-dev libprotobuf-dev protobuf-compiler                      # to read .nnp files
  libgmock-dev libgtest-dev clang-format-22 python3-venv                # to test and to lint
  libc6-dev-arm64-cross libstdc++-12-dev-arm64-cross qemu-user          # to compile for aarch64
)

say() { printf '==> %s\n' "$*"; }
die() { printf 'error: %s\n' "$*" >&2; exit 1; }

missing_packages() {
  local package
  for package in "${packages[@]}"; do
    dpkg-query -W -f '${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed || echo "$package"
  done
}

install_missing() {
  local missing=() as_root=()
  command -v dpkg-query >/dev/null && command -v apt-get >/dev/null ||
    die "this machine has no apt; install the equivalents of: ${packages[*]}, then set FPW_SKIP_INSTALL=1"
  mapfile -t missing < <(missing_packages)
  [ "${#missing[@]}" -gt 0 ] || return 0
  if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || die "need root to install: ${missing[*]}"
    as_root=(sudo)
  fi
  say "installing ${missing[*]} (some minutes)"
  "${as_root[@]}" apt-get update -qq </dev/null || say "apt-get update failed; trying the package lists at hand"
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends "${missing[@]}" </dev/null >/dev/null ||
    die "could not install ${missing[*]}; is the network there, and is this Debian 12 with its security archive?"
}

configure() {
  # Ninja runs cmake again by itself where it must; but the Python of the tests is none of its inputs.
  [ ! -f "$build/build.ninja" ] || [ "$build/python/requirements.txt" -nt "$build/build.ninja" ] || return 0
  local launcher=()
  if command -v ccache >/dev/null; then
    launcher=(-DCMAKE_C_COMPILER_LAUNCHER=ccache -DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
  fi
  say "configuring in $build"
  cmake -S "$root" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release --log-level=WARNING \
    -DCMAKE_C_COMPILER=clang-22 -DCMAKE_CXX_COMPILER=clang++-22 \
    -DCMAKE_PREFIX_PATH=/usr/lib/llvm-22 "${launcher[@]}" >/dev/null
}

[ -n "${FPW_SKIP_INSTALL:-}" ] || install_missing
[ "$#" -gt 0 ] || bash "$root/tools/dev/python.sh" # a part of everything
configure
say "building in $build"
NINJA_STATUS="[%f/%t, %es] " ninja -C "$build" "$@"

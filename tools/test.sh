#!/usr/bin/env bash
# Builds everything and runs every test; arguments go to ctest (for example -R lit).
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build=${FPW_BUILD_DIR:-$root/build}
bash "$root/tools/dev/build.sh"
exec ctest --test-dir "$build" --output-on-failure --parallel "$(nproc)" "$@"

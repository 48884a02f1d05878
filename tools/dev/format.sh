#!/usr/bin/env bash
# Formats all C++ sources; with --check, only says which ones are not formatted.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
mode=(-i)
[ "${1:-}" != --check ] || mode=(--dry-run --Werror)
if ! command -v clang-format-22 >/dev/null; then
  echo "skipped: clang-format-22 is not installed" >&2
  exit 77
fi
find include lib tools test \( -name '*.cpp' -o -name '*.h' \) -print0 | xargs -0 -r clang-format-22 "${mode[@]}"

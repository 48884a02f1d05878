#!/usr/bin/env bash
# Makes the Python environment of the tests, in the folder python of the build folder, with the packages
# that test/requirements.txt lists. Without a network it says so: tests that need the packages are skipped.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
build=${FPW_BUILD_DIR:-$root/build}
environment=$build/python
wanted=$root/test/requirements.txt

cmp -s "$wanted" "$environment/requirements.txt" && exit 0
echo "==> making a Python environment in $environment"
if python3 -m venv "$environment" && "$environment/bin/python" -m pip install --quiet \
  --disable-pip-version-check --retries 1 --timeout 20 --requirement "$wanted"; then
  cp "$wanted" "$environment/requirements.txt"
else
  echo "skipped: the packages of test/requirements.txt cannot be had; tests that need them will not run"
fi

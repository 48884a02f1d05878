#!/usr/bin/env bash
# Makes the Python environments of the tests in the build folder: python, with the packages that
# test/requirements.txt lists, and python-nnabla, where there is a Python that is old enough for nnabla
# ($FPW_NNABLA_PYTHON names one). What cannot be had is said: tests that need it are skipped.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
build=${FPW_BUILD_DIR:-$root/build}

# make_environment FOLDER PYTHON REQUIREMENTS
make_environment() {
  local environment=$build/$1 python=$2 wanted=$root/$3
  cmp -s "$wanted" "$environment/requirements.txt" && return
  echo "==> making a Python environment in $environment"
  if "$python" -m venv "$environment" && "$environment/bin/python" -m pip install --quiet \
    --disable-pip-version-check --retries 1 --timeout 20 --requirement "$wanted"; then
    cp "$wanted" "$environment/requirements.txt"
  else
    echo "skipped: the packages of $3 cannot be had; tests that need them will not run"
  fi
}

# Prints a Python of version 3.8 to 3.10, from the path or from pyenv.
find_old_python() {
  local python
  for python in "${FPW_NNABLA_PYTHON:-}" python3.10 python3.9 python3.8 \
    "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.{10,9,8}.*/bin/python3; do
    if "$python" -c 'import sys; sys.exit(not (3, 8) <= sys.version_info[:2] <= (3, 10))' 2>/dev/null; then
      echo "$python"
      return
    fi
  done
  return 1
}

make_environment python python3 test/requirements.txt
if old=$(find_old_python); then
  make_environment python-nnabla "$old" test/requirements-nnabla.txt
else
  echo "skipped: there is no Python 3.8 to 3.10; tests that need nnabla will not run"
fi

#!/usr/bin/env bash
# Measures FPW on an NVIDIA GPU: the bits of networks beside the CPU's, and times beside torch's.
#
#     tools/bench/gpu.sh ARCHIVE RESULT.json [SECONDS]
#
# ARCHIVE comes from tools/bench/gpu_compile.py. Needs Python with numpy, torch with CUDA and, for ResNet-50,
# torchvision; nothing of FPW but this folder. Every part runs by itself: one that fails or hangs is recorded, and the
# next begins. After SECONDS (default 450) no new part begins.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
archive=$1 result=$2 limit=${3:-450}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
tar -xf "$archive" -C "$folder"
python=${PYTHON:-python3}
"$python" "$here/gpu_run.py" "$folder" "$result" "$limit"

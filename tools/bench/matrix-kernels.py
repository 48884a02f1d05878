#!/usr/bin/env python3
"""Times the kernels for the AMX matrix unit by themselves and prints a table.

Each row is one inner product of digits with its epilogue (an addition and a multiplication in f32),
on one thread and on random data: processor time, rate, and the share of what the unit reaches in the
same process with operands in registers. Needs fpw-opt, mlir-opt and mlir-runner on the PATH.
"""

import argparse
import pathlib
import subprocess
import sys

PROGRAM = pathlib.Path(__file__).parents[2] / "test/Codegen/CPU/Inputs/inner-product.py"
LOWER = [
    ["fpw-opt", "--fpw-cpu-emit-amx", "--canonicalize", "--cse", "--loop-invariant-code-motion"]
    + ["--fpw-cpu-stream-tiles"],
    ["mlir-opt", "--scf-forall-to-for", "--expand-strided-metadata", "--lower-affine"]
    + ["--convert-vector-to-llvm=enable-amx", "--convert-scf-to-cf", "--finalize-memref-to-llvm"]
    + ["--convert-func-to-llvm", "--convert-to-llvm", "--canonicalize", "--cse"]
    + ["--reconcile-unrealized-casts"],
    ["mlir-runner", "-O3", "-e", "main", "--entry-point-result=i32"],
]

# rows, inputs, outputs; or channels, size, outputs, kernel, stride
AFFINE = [(512, 1024, 1024), (1024, 1024, 1024), (16, 1024, 1024), (128, 768, 3072)]
CONVOLUTION = [
    (64, 56, 64, 3, 1),
    (128, 28, 128, 3, 1),
    (256, 14, 256, 3, 1),
    (512, 7, 512, 3, 1),
    (64, 56, 256, 1, 1),
    (256, 56, 64, 1, 1),
    (256, 14, 1024, 1, 1),
    (1024, 14, 256, 1, 1),
    (512, 7, 2048, 1, 1),
    (2048, 7, 512, 1, 1),
    (128, 56, 128, 3, 2),
    (256, 56, 512, 1, 2),
]


def run(arguments):
    """What the program prints: microseconds of the kernel and of the unit."""
    data = subprocess.run([sys.executable, PROGRAM, *arguments], capture_output=True, check=True).stdout
    for command in LOWER:
        data = subprocess.run(command, input=data, capture_output=True, check=True).stdout
    kernel, peak = max(data.decode().splitlines(), key=len).split()
    return int(kernel), int(peak)


def measure(name, products, planes, arguments, runs):
    """Prints the best of a few runs."""
    repeat = max(1, int(2e4 / (products * planes / 2e6)))
    arguments = [*arguments, f"--planes={planes}", f"--repeat={repeat}"]
    results = [run(arguments) for _ in range(runs)]
    kernel = min(kernel for kernel, _ in results) / repeat
    peak = min(peak for _, peak in results) / repeat
    rate = 2 * products * planes / kernel / 1e6
    top = 2 * 4096 * 16 * 16 * 64 / peak / 1e6
    print(f"| {name} | {planes} | {kernel:.1f} | {rate:.2f} | {100 * rate / top:.0f} % |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--planes", type=int, nargs="*", default=[3])
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    print("| work | digits | us | TOP/s | share |\n| --- | --- | --- | --- | --- |")
    for planes in options.planes:
        for rows, inputs, outputs in AFFINE:
            shape = [f"--batch={rows}", f"--channels={inputs}", f"--outputs={outputs}"]
            products = rows * inputs * outputs
            measure(f"affine {rows}x{inputs}x{outputs}", products, planes, shape, options.runs)
        for channels, size, outputs, kernel, stride in CONVOLUTION:
            shape = [f"--size={size}", f"--channels={channels}", f"--outputs={outputs}"]
            shape += [f"--kernel={kernel}", f"--stride={stride}", f"--padding={kernel - 1}"]
            pixels = ((size - 1) // stride + 1) ** 2
            name = f"convolution {kernel}x{kernel}/{stride} {channels}x{size}x{size} to {outputs}"
            products = pixels * channels * outputs * kernel**2
            measure(name, products, planes, shape, options.runs)


if __name__ == "__main__":
    main()

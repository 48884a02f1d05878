#!/usr/bin/env python3
"""Measures fpw on a synthetic network with many weights: time, and peak memory beside their size.

    convert-large.py [--megabytes 100] [--build build]

The goal is to convert 100 MB of float weights in less than a second, with less than three times their
size in memory. Fails when it is missed.
"""

import argparse
import array
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import time
import zipfile

SIDE = 1024  # of the square weight of one layer, 4 MiB
ROOT = pathlib.Path(__file__).resolve().parents[2]


def varint(number):
    encoded = bytearray()
    while number > 127:
        encoded.append(number & 127 | 128)
        number >>= 7
    return bytes(encoded + bytearray([number]))


def field(number, payload):
    """A length-delimited field of a protobuf message."""
    return varint(number << 3 | 2) + varint(len(payload)) + payload


def parameter(name, weights):
    shape = field(1, varint(SIDE) + varint(SIDE))
    return field(200, field(1, name.encode()) + field(20, shape) + field(100, weights))


def weights_of(layer, base):
    """Other bytes for each layer, from one random matrix."""
    cut = (layer * 4099 * 4) % len(base)
    return base[cut:] + base[:cut]


def description(layers):
    """The network in nnabla's text format: affine layers one after the other."""
    lines = ['network { name: "net" batch_size: 1']
    names = ["x"] + [f"h{i}" for i in range(1, layers)] + ["y"]
    lines += [f'variable {{ name: "{name}" type: "Buffer" shape {{ dim: -1 dim: {SIDE} }} }}' for name in names]
    for i in range(layers):
        weight = f"layer{i}/affine/W"
        lines.append(f'variable {{ name: "{weight}" type: "Parameter" shape {{ dim: {SIDE} dim: {SIDE} }} }}')
        lines.append(f'function {{ name: "affine{i}" type: "Affine" input: "{names[i]}" input: "{weight}" '
                     f'output: "{names[i + 1]}" affine_param {{ base_axis: 1 }} }}')
    lines.append('}\nexecutor { name: "runtime" network_name: "net" data_variable { variable_name: "x" } '
                 'output_variable { variable_name: "y" } }')
    return "\n".join(lines) + "\n"


def write_model(path, layers):
    random.seed(1)
    base = array.array("f", (random.gauss(0, 0.05) for _ in range(SIDE * SIDE))).tobytes()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("nnp_version.txt", "0.1\n")
        archive.writestr("network.nntxt", description(layers))
        with archive.open("parameter.protobuf", "w") as file:
            for i in range(layers):
                file.write(parameter(f"layer{i}/affine/W", weights_of(i, base)))


def measure(command):
    """Seconds and peak memory in bytes of a command."""
    begin = time.perf_counter()
    process = subprocess.Popen(command)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - begin
    if status:
        sys.exit(f"error: {command[1]} failed")
    return seconds, usage.ru_maxrss * 1024


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--megabytes", type=int, default=100, help="of weights")
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build", help="the build folder")
    options = parser.parse_args()
    layers = max(1, round(options.megabytes * 1e6 / (4 * SIDE * SIDE)))
    size = layers * SIDE * SIDE * 4
    with tempfile.TemporaryDirectory() as folder:
        model, converted = os.path.join(folder, "large.nnp"), os.path.join(folder, "large.mlirbc")
        write_model(model, layers)
        seconds, memory = measure([options.build / "bin/fpw", "convert", model, "-o", converted])
        print(f"{size / 1e6:.0f} MB of weights in {layers} layers")
        print(f"convert: {seconds:.2f} s, {memory / 1e6:.0f} MB at the peak ({memory / size:.2f} times the weights), "
              f"writes {os.path.getsize(converted) / 1e6:.0f} MB")
    if seconds * 100e6 / size > 1 or memory > 3 * size:
        sys.exit("error: expected less than 1 s per 100 MB and less than 3 times the weights' size")


main()

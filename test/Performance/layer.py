#!/usr/bin/env python3
"""Writes the MLIR of one layer, for time-network, and its GFLOP per sample as a comment.

    layer.py [--codes BITS] convolution CHANNELS SIZE OUTPUTS KERNEL STRIDE PAD [GROUPS]
    layer.py [--codes BITS] deconvolution CHANNELS SIZE OUTPUTS KERNEL STRIDE PAD [GROUPS]
    layer.py [--codes BITS] affine INPUTS OUTPUTS

With --codes the weights are fixed-point numbers of 2 to 16 bits.
"""

import argparse
import random


def random_floats(count):
    """Data that differs from place to place: zeros would raise the clock."""
    state, words = 1, []
    for _ in range(count):
        state = (state * 1103515245 + 12345) % 2**31
        words.append((state >> 8) % 2**23 | 0x3D000000)  # 0.03 to 0.06
    return "0x40000000" + b"".join(word.to_bytes(4, "little") for word in words).hex().upper()


def random_codes(count, bits):
    """Codes with a sign, small ones more often than large ones, as trained weights have them."""
    generator, most = random.Random(1), 2 ** (bits - 1) - 1
    width = 1 if bits <= 8 else 2
    codes = (max(-most, min(most, round(generator.gauss(0, most / 4)))) for _ in range(count))
    return "0x40000000" + b"".join(code.to_bytes(width, "little", signed=True) for code in codes).hex().upper()


def layer(bits, op, attributes, x, w, y, gflop):
    """A network with `op` on channel-last images or on rows, its bias, and a rectifier."""
    def tensor(shape, element="f32"):
        return "tensor<" + "x".join(map(str, shape)) + f"x{element}>"

    x, y, b = ["?"] + x, ["?"] + y, [y[-1]]
    count = 1
    for size in w:
        count *= size
    tx, tw, tb, ty = tensor(x), tensor(w), tensor(b), tensor(y)
    data = random_floats(count)
    if bits:
        data, tw = random_codes(count, bits), tensor(w, "si8" if bits <= 8 else "si16")
        op = "fixed_point_quantized_" + op
        attributes += f" weight_format <bits = {bits}, signed, delta = {2.0 ** (-bits - 2)}>"
    print(f"""// GFLOP per sample: {gflop:.9f}
func.func @layer(%x: {tx}) -> {ty} {{
  %w = nn.parameter "w" = dense_resource<w> : {tw}
  %b = nn.parameter "b" = dense<0.5> : {tb}
  %0 = nn.{op} %x, %w, %b{attributes} : ({tx}, {tw}, {tb}) -> {ty}
  %1 = nn.relu %0 : ({ty}) -> {ty}
  return %1 : {ty}
}}
{{-# dialect_resources: {{ builtin: {{ w: "{data}" }} }} #-}}""")


def windows(pad, stride, groups):
    return f" pad [{pad}, {pad}] stride [{stride}, {stride}] group {groups} channel_last"


def convolution(bits, channels, size, outputs, kernel, stride, pad, groups=1):
    out = (size + 2 * pad - kernel) // stride + 1
    depth = channels // groups
    layer(bits, "convolution", windows(pad, stride, groups),
          [size, size, channels], [outputs, kernel, kernel, depth], [out, out, outputs],
          2e-9 * out * out * outputs * kernel * kernel * depth)


def deconvolution(bits, channels, size, outputs, kernel, stride, pad, groups=1):
    out = (size - 1) * stride + kernel - 2 * pad
    depth = outputs // groups
    layer(bits, "deconvolution", windows(pad, stride, groups),
          [size, size, channels], [channels, kernel, kernel, depth], [out, out, outputs],
          2e-9 * size * size * channels * kernel * kernel * depth)


def affine(bits, inputs, outputs):
    layer(bits, "affine", "", [inputs], [inputs, outputs], [outputs], 2e-9 * inputs * outputs)


def main():
    kinds = {"convolution": convolution, "deconvolution": deconvolution, "affine": affine}
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--codes", type=int, choices=range(2, 17), metavar="BITS")
    parser.add_argument("kind", choices=kinds)
    parser.add_argument("numbers", type=int, nargs="+")
    options = parser.parse_args()
    try:
        kinds[options.kind](options.codes, *options.numbers)
    except TypeError:
        parser.error(f"expected other numbers for {options.kind}")


if __name__ == "__main__":
    main()

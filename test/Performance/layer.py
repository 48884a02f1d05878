#!/usr/bin/env python3
"""Writes the MLIR of one layer, for time-network, and its GFLOP per sample as a comment.

    layer.py convolution CHANNELS SIZE OUTPUTS KERNEL STRIDE PAD [GROUPS]
    layer.py affine INPUTS OUTPUTS
"""

import sys


def random_tensor(seed, shape):
    """Data that differs from place to place: zeros would raise the clock."""
    count = 1
    for size in shape:
        count *= size
    state, words = seed, []
    for _ in range(count):
        state = (state * 1103515245 + 12345) % 2**31
        words.append((state >> 8) % 2**23 | 0x3D000000)  # 0.03 to 0.06
    data = b"".join(word.to_bytes(4, "little") for word in words)
    return "0x40000000" + data.hex().upper()


def layer(op, attributes, x, w, y, gflop):
    """A network with `op` on channel-last images or on rows, its bias, and a rectifier."""
    def tensor(shape):
        return "tensor<" + "x".join(map(str, shape)) + "xf32>"

    x, y, b = ["?"] + x, ["?"] + y, [y[-1]]
    tx, tw, tb, ty = map(tensor, (x, w, b, y))
    print(f"""// GFLOP per sample: {gflop:.9f}
func.func @layer(%x: {tx}) -> {ty} {{
  %w = nn.parameter "w" = dense_resource<w> : {tw}
  %b = nn.parameter "b" = dense<0.5> : {tb}
  %0 = nn.{op} %x, %w, %b{attributes} : ({tx}, {tw}, {tb}) -> {ty}
  %1 = nn.relu %0 : ({ty}) -> {ty}
  return %1 : {ty}
}}
{{-# dialect_resources: {{ builtin: {{ w: "{random_tensor(1, w)}" }} }} #-}}""")


def convolution(channels, size, outputs, kernel, stride, pad, groups=1):
    out = (size + 2 * pad - kernel) // stride + 1
    depth = channels // groups
    layer("convolution",
          f" pad [{pad}, {pad}] stride [{stride}, {stride}] group {groups} channel_last",
          [size, size, channels], [outputs, kernel, kernel, depth], [out, out, outputs],
          2e-9 * out * out * outputs * kernel * kernel * depth)


def affine(inputs, outputs):
    layer("affine", "", [inputs], [inputs, outputs], [outputs], 2e-9 * inputs * outputs)


if __name__ == "__main__":
    kinds = {"convolution": convolution, "affine": affine}
    if len(sys.argv) < 4 or sys.argv[1] not in kinds:
        sys.exit(__doc__)
    kinds[sys.argv[1]](*map(int, sys.argv[2:]))

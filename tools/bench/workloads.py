"""What the comparison with other runtimes runs: single layers and whole networks, and their exact results.

Weights are 8-bit codes times a power of two, so that every runtime computes with the same weights, in whatever
precision. Nodes are those that network.py describes; batch normalisation is folded into them. Inputs are random
and not negative, as behind a rectifier.
"""

import dataclasses
import math

import numpy as np


@dataclasses.dataclass
class Workload:
    """A network, its input, and the work of one run."""

    name: str
    nodes: list
    shape: dict
    x: np.ndarray
    gflop: float
    ranges: dict = dataclasses.field(default_factory=dict)  # of every tensor: for static quantisation

    @property
    def result(self):
        return self.nodes[-1]["o"]

    @property
    def alone(self):
        """Whether this is one layer, which is given images in the layout that a runtime likes best."""
        return len(self.nodes) == 1


class Builder:
    """Appends nodes with random codes; each method returns the name of its result."""

    def __init__(self, *shape):
        self.random = np.random.default_rng(1)
        self.nodes, self.shape, self.flop = [], {"x": shape}, 0

    def add(self, op, inputs, shape, **attributes):
        name = f"t{len(self.nodes) + 1}"
        self.shape[name] = shape
        self.nodes.append(dict(op=op, i=inputs, o=name, **attributes))
        return name

    def weight(self, shape, inputs, outputs):
        """Codes, their step and a bias, such that a layer of `inputs` terms keeps the size of its values."""
        codes = np.rint(32 * self.random.standard_normal(shape, np.float32))
        step = 2.0 ** round(math.log2(math.sqrt(2 / inputs) / 32))
        bias = self.random.standard_normal(outputs, np.float32) / 10
        return dict(q=np.clip(codes, -127, 127).astype(np.int8), d=step, b=bias)

    def affine(self, x, outputs, relu=False):
        batch, inputs = self.shape[x]
        self.flop += 2 * batch * inputs * outputs
        return self.add("affine", [x], (batch, outputs), relu=relu,
                        **self.weight((inputs, outputs), inputs, outputs))

    def conv(self, x, outputs, kernel, stride=1, pad=0, groups=1, relu=False):
        batch, channels, *size = self.shape[x]
        size = [(length + 2 * pad - kernel) // stride + 1 for length in size]
        terms = channels // groups * kernel**2
        self.flop += 2 * batch * outputs * math.prod(size) * terms
        return self.add("conv", [x], (batch, outputs, *size), relu=relu, k=kernel, s=stride, p=pad, g=groups,
                        **self.weight((outputs, channels // groups, kernel, kernel), terms, outputs))

    def deconv(self, x, outputs, kernel, stride, pad):
        batch, channels, *size = self.shape[x]
        self.flop += 2 * batch * channels * math.prod(size) * outputs * kernel**2
        size = [(length - 1) * stride + kernel - 2 * pad for length in size]
        terms = channels * kernel**2 // stride**2
        return self.add("deconv", [x], (batch, outputs, *size), k=kernel, s=stride, p=pad, g=1,
                        **self.weight((channels, outputs, kernel, kernel), terms, outputs))

    def max_pool(self, x, kernel, stride, pad=0):
        *front, height, width = self.shape[x]
        size = [(length + 2 * pad - kernel) // stride + 1 for length in (height, width)]
        return self.add("maxpool", [x], (*front, *size), k=kernel, s=stride, p=pad)

    def sum(self, a, b, relu=False):
        return self.add("add", [a, b], self.shape[a], relu=relu)

    def mean(self, x):
        return self.add("gap", [x], self.shape[x][:2])

    def flatten(self, x):
        return self.add("flat", [x], (self.shape[x][0], math.prod(self.shape[x][1:])))

    def finish(self, name):
        x = np.maximum(self.random.standard_normal(self.shape["x"], np.float32), 0)
        return Workload(name, self.nodes, self.shape, x, self.flop * 1e-9)


def lenet():
    net, x = Builder(1, 3, 32, 32), "x"
    for _ in range(2):
        x = net.max_pool(net.conv(x, 16, 5, relu=True), 2, 2)
    net.affine(net.affine(net.flatten(x), 50, relu=True), 10)
    return net.finish("LeNet")


def basic_block(net, x, width, stride):
    y = net.conv(x, width, 3, stride, 1, relu=True)
    return net.conv(y, width, 3, 1, 1)


def bottleneck(net, x, width, stride):
    y = net.conv(x, width, 1, relu=True)
    y = net.conv(y, width, 3, stride, 1, relu=True)
    return net.conv(y, 4 * width, 1)


def resnet(name, block, depths):
    net = Builder(1, 3, 224, 224)
    x = net.max_pool(net.conv("x", 64, 7, 2, 3, relu=True), 3, 2, 1)
    for stage, depth in enumerate(depths):
        for i in range(depth):
            stride = 2 if stage and i == 0 else 1
            y = block(net, x, 64 << stage, stride)
            if net.shape[x] != net.shape[y]:
                x = net.conv(x, net.shape[y][1], 1, stride)
            x = net.sum(y, x, relu=True)
    net.affine(net.mean(x), 1000)
    return net.finish(name)


# Expansion, channels, repetitions and first stride of MobileNetV2's stages.
INVERTED = [(1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2),
            (6, 320, 1, 1)]


def inverted_residual(net, x, expansion, outputs, stride):
    inputs = net.shape[x][1]
    inner = inputs * expansion
    y = net.conv(x, inner, 1, relu=6) if expansion > 1 else x
    y = net.conv(y, inner, 3, stride, 1, groups=inner, relu=6)
    y = net.conv(y, outputs, 1)
    return net.sum(x, y) if stride == 1 and inputs == outputs else y


def mobilenet():
    net = Builder(1, 3, 224, 224)
    x = net.conv("x", 32, 3, 2, 1, relu=6)
    for expansion, outputs, repetitions, stride in INVERTED:
        for i in range(repetitions):
            x = inverted_residual(net, x, expansion, outputs, 1 if i else stride)
    net.affine(net.mean(net.conv(x, 1280, 1, relu=6)), 1000)
    return net.finish("MobileNetV2")


def affine(rows, inputs, outputs):
    def build():
        net = Builder(rows, inputs)
        net.affine("x", outputs)
        return net.finish(name)

    name = f"affine {rows}x{inputs}x{outputs}"
    return name, build


def conv(channels, size, outputs, kernel, stride=1, groups=1):
    def build():
        net = Builder(1, channels, size, size)
        net.conv("x", outputs, kernel, stride, kernel // 2, groups)
        return net.finish(name)

    step = f", stride {stride}" if stride > 1 else ""
    kind = "depthwise" if groups > 1 else "convolution"
    name = f"{kind} {kernel}x{kernel}{step}, {channels}x{size}x{size}"
    return name + ("" if groups > 1 else f" to {outputs}"), build


def deconv(channels, size, outputs):
    def build():
        net = Builder(1, channels, size, size)
        net.deconv("x", outputs, 4, 2, 1)
        return net.finish(name)

    name = f"deconvolution 4x4, stride 2, {channels}x{size}x{size} to {outputs}"
    return name, build


# What to run by name, in the order of the table.
WORKLOADS = dict([
    affine(512, 1024, 1024), affine(1024, 1024, 1024), affine(16, 1024, 1024), affine(128, 768, 3072),
    affine(1, 4096, 4096), affine(1, 4096, 11008),
    conv(64, 56, 64, 3), conv(128, 28, 128, 3), conv(256, 14, 256, 3), conv(512, 7, 512, 3),
    conv(128, 56, 128, 3, 2), conv(64, 56, 256, 1), conv(256, 56, 64, 1), conv(1024, 14, 256, 1),
    conv(512, 28, 1024, 1, 2), conv(3, 224, 64, 7, 2), conv(144, 56, 144, 3, groups=144),
    deconv(256, 16, 128), deconv(64, 64, 32),
    ("LeNet", lenet),
    ("ResNet-18", lambda: resnet("ResNet-18", basic_block, [2, 2, 2, 2])),
    ("ResNet-50", lambda: resnet("ResNet-50", bottleneck, [3, 4, 6, 3])),
    ("MobileNetV2", mobilenet),
])


def windows(x, node, fill):
    """All windows of a padded image: batch, channel, row, column, and two axes of the kernel."""
    pad, stride = node["p"], node["s"]
    x = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)), constant_values=fill)
    view = np.lib.stride_tricks.sliding_window_view(x, (node["k"], node["k"]), (2, 3))
    return view[:, :, ::stride, ::stride]


def convolve(x, weight, node):
    """A convolution as one matrix product per group."""
    view, groups = windows(x, node, 0), node["g"]
    batch, channels, height, width = view.shape[:4]
    view = view.reshape(batch, groups, channels // groups, height, width, -1)
    rows = view.transpose(0, 1, 2, 5, 3, 4).reshape(batch, groups, -1, height * width)
    weight = weight.reshape(groups, weight.shape[0] // groups, -1)
    return (weight @ rows).reshape(batch, -1, height, width)


def deconvolve(x, weight, node):
    """A deconvolution: every pixel adds a kernel to the result."""
    stride, pad = node["s"], node["p"]
    batch, _, height, width = x.shape
    size = [(length - 1) * stride + node["k"] for length in (height, width)]
    y = np.zeros((batch, weight.shape[1], *size))
    for i, j in np.ndindex(weight.shape[2:]):
        rows, columns = (slice(at, at + (length - 1) * stride + 1, stride)
                         for at, length in ((i, height), (j, width)))
        y[:, :, rows, columns] += np.einsum("nchw,co->nohw", x, weight[:, :, i, j], optimize=True)
    return y[:, :, pad:size[0] - pad, pad:size[1] - pad]


def evaluate(node, inputs):
    """The result of one node in float64."""
    x, op = inputs[0], node["op"]
    if op in ("affine", "conv", "deconv"):
        weight, bias = node["q"] * node["d"], node["b"].astype(np.float64)
        if op == "affine":
            return x @ weight + bias
        return (convolve if op == "conv" else deconvolve)(x, weight, node) + bias[:, None, None]
    if op == "maxpool":
        return windows(x, node, -np.inf).max((4, 5))
    if op == "add":
        return x + inputs[1]
    return x.mean((2, 3)) if op == "gap" else x.reshape(len(x), -1)


def reference(work):
    """The exact result, in float64; fills `ranges` with the least and the greatest value of every tensor."""
    values = {"x": work.x.astype(np.float64)}
    for node in work.nodes:
        y = evaluate(node, [values[name] for name in node["i"]])
        if node.get("relu"):
            y = np.clip(y, 0, 6 if node["relu"] == 6 else None)
        values[node["o"]] = y
    work.ranges = {name: (float(value.min()), float(value.max())) for name, value in values.items()}
    return values[work.result]


def error(result, exact):
    """The greatest difference, as a part of the greatest result."""
    if result.size != exact.size:
        raise ValueError(f"expected a result of {exact.shape} but got {result.shape}")
    difference = np.abs(result.reshape(exact.shape).astype(np.float64) - exact)
    return float(difference.max() / np.abs(exact).max())

#!/usr/bin/env python3
"""Makes small versions of well-known networks as ONNX files, and checks what FPW makes of them.

    networks.py make FOLDER          NAME.onnx, NAME.input_I.npy and NAME.expected.npy for each network
    networks.py check FOLDER FPW     runs each network with FPW, converted and not

The weights are random; what is expected is computed with onnxruntime, or without it with the onnx
package's reference. A network of the batch gets its samples as one.
"""

import json
import pathlib
import subprocess
import sys

import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper

BATCH = 3


class Network:
    """A graph under construction."""

    def __init__(self, name, seed=0, opset=17):
        self.name, self.opset = name, opset
        self.random = numpy.random.default_rng(seed)
        self.nodes, self.initializers, self.inputs, self.data = [], [], [], []

    def input(self, name, shape, data, element=TensorProto.FLOAT):
        self.inputs.append(helper.make_tensor_value_info(name, element, ["batch", *shape]))
        self.data.append(data)
        return name

    def image(self, channels, size):
        return self.input("image", [channels, size, size],
                          self.random.standard_normal((BATCH, channels, size, size)).astype(numpy.float32))

    def constant(self, value, name=None):
        name = name or f"constant_{len(self.initializers)}"
        self.initializers.append(numpy_helper.from_array(numpy.asarray(value), name))
        return name

    def weight(self, *shape, name=None):
        fan = max(int(numpy.prod(shape[1:])), 1)
        value = self.random.standard_normal(shape) * numpy.sqrt(1.5 / fan)
        return self.constant(value.astype(numpy.float32), name or f"weight_{len(self.initializers)}")

    def ones(self, count):
        return self.constant((1 + 0.1 * self.random.standard_normal(count)).astype(numpy.float32))

    def zeros(self, count):
        return self.constant((0.1 * self.random.standard_normal(count)).astype(numpy.float32))

    def op(self, kind, *inputs, outputs=1, **attributes):
        names = [f"{kind.lower()}_{len(self.nodes)}_{i}" for i in range(outputs)]
        self.nodes.append(helper.make_node(kind, inputs, names, name=f"{kind}_{len(self.nodes)}", **attributes))
        return names[0] if outputs == 1 else names

    # Layers.

    def conv(self, x, channels, outputs, kernel=3, stride=1, group=1, bias=True):
        operands = [x, self.weight(outputs, channels // group, kernel, kernel)]
        if bias:
            operands.append(self.zeros(outputs))
        return self.op("Conv", *operands, kernel_shape=[kernel] * 2, strides=[stride] * 2, group=group,
                       pads=[kernel // 2] * 4)

    def norm(self, x, channels):
        variance = self.constant((1 + 0.2 * self.random.random(channels)).astype(numpy.float32))
        return self.op("BatchNormalization", x, self.ones(channels), self.zeros(channels), self.zeros(channels), variance)

    def linear(self, x, inputs, outputs):
        return self.op("Add", self.op("MatMul", x, self.weight(inputs, outputs)), self.zeros(outputs))

    def layer_norm(self, x, size):
        """As exporters before opset 17 write it."""
        centered = self.op("Sub", x, self.op("ReduceMean", x, axes=[-1]))
        square = self.op("Pow", centered, self.constant(numpy.float32(2)))
        variance = self.op("ReduceMean", square, axes=[-1])
        deviation = self.op("Sqrt", self.op("Add", variance, self.constant(numpy.float32(1e-5))))
        return self.op("Add", self.op("Mul", self.op("Div", centered, deviation), self.ones(size)), self.zeros(size))

    def gelu(self, x):
        erf = self.op("Erf", self.op("Div", x, self.constant(numpy.float32(numpy.sqrt(2)))))
        return self.op("Mul", self.op("Mul", x, self.op("Add", erf, self.constant(numpy.float32(1)))),
                       self.constant(numpy.float32(0.5)))

    def swish(self, x):
        return self.op("Mul", x, self.op("Sigmoid", x))

    def heads(self, x, like, count, size):
        """Splits the last dimension into heads, with a shape that is computed from another tensor's."""
        shape = self.op("Shape", like)
        part = lambda i: self.op("Unsqueeze", self.op("Gather", shape, self.constant(numpy.int64(i))), self.constant([0]))
        target = self.op("Concat", part(0), part(1), self.constant(numpy.array([count])), self.constant(numpy.array([size])), axis=0)
        return self.op("Transpose", self.op("Reshape", x, target), perm=[0, 2, 1, 3])

    def attention(self, x, width, heads, mask):
        size = width // heads
        q, k, v = (self.heads(self.linear(x, width, width), x, heads, size) for _ in range(3))
        scores = self.op("MatMul", q, self.op("Transpose", k, perm=[0, 1, 3, 2]))
        scores = mask(self.op("Div", scores, self.constant(numpy.float32(numpy.sqrt(size)))))
        mixed = self.op("Transpose", self.op("MatMul", self.op("Softmax", scores, axis=-1), v), perm=[0, 2, 1, 3])
        merged = self.op("Reshape", mixed, self.constant(numpy.array([0, 0, width])))
        return self.linear(merged, width, width)

    def build(self, *outputs):
        infos = [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in outputs]
        graph = helper.make_graph(self.nodes, self.name, self.inputs, infos, self.initializers)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", self.opset)], ir_version=8)
        model = onnx.shape_inference.infer_shapes(model)
        onnx.checker.check_model(model)
        return model, self.data


def resnet():
    net = Network("resnet")
    x = net.op("Relu", net.norm(net.conv(net.image(3, 32), 3, 16, 7, 2, bias=False), 16))
    x = net.op("MaxPool", x, kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1])
    channels = 16
    for outputs, stride in ((16, 1), (32, 2)):
        y = net.op("Relu", net.norm(net.conv(x, channels, outputs, 3, stride, bias=False), outputs))
        y = net.norm(net.conv(y, outputs, outputs, bias=False), outputs)
        if stride != 1:
            x = net.norm(net.conv(x, channels, outputs, 1, stride, bias=False), outputs)
        x, channels = net.op("Relu", net.op("Add", y, x)), outputs
    x = net.op("Flatten", net.op("GlobalAveragePool", x))
    return net.build(net.op("Gemm", x, net.weight(10, 32), net.zeros(10), transB=1))


def mobilenet():
    net = Network("mobilenet", seed=1)
    clip = lambda x: net.op("Clip", x, net.constant(numpy.float32(0)), net.constant(numpy.float32(6)))
    x = clip(net.norm(net.conv(net.image(3, 32), 3, 16, 3, 2, bias=False), 16))
    channels = 16
    for outputs, stride in ((16, 1), (24, 2), (24, 1)):
        wide = 3 * channels
        y = clip(net.norm(net.conv(x, channels, wide, 1, bias=False), wide))
        y = clip(net.norm(net.conv(y, wide, wide, 3, stride, group=wide, bias=False), wide))
        y = net.norm(net.conv(y, wide, outputs, 1, bias=False), outputs)
        x, channels = net.op("Add", x, y) if stride == 1 and channels == outputs else y, outputs
    x = net.op("ReduceMean", x, axes=[2, 3], keepdims=0)
    return net.build(net.linear(x, channels, 10))


def efficientnet():
    net = Network("efficientnet", seed=2)
    x = net.swish(net.norm(net.conv(net.image(3, 32), 3, 16, 3, 2, bias=False), 16))
    channels = 16
    for outputs, kernel, stride in ((16, 3, 1), (24, 5, 2)):
        wide = 4 * channels
        y = net.swish(net.norm(net.conv(x, channels, wide, 1, bias=False), wide))
        y = net.swish(net.norm(net.conv(y, wide, wide, kernel, stride, group=wide, bias=False), wide))
        gate = net.op("GlobalAveragePool", y)
        gate = net.conv(net.swish(net.conv(gate, wide, 4, 1)), 4, wide, 1)
        y = net.norm(net.conv(net.op("Mul", y, net.op("Sigmoid", gate)), wide, outputs, 1, bias=False), outputs)
        x, channels = net.op("Add", x, y) if stride == 1 and channels == outputs else y, outputs
    x = net.op("Flatten", net.op("GlobalAveragePool", net.swish(x)))
    return net.build(net.linear(x, channels, 10))


def unet():
    net = Network("unet", seed=3)
    block = lambda x, a, b: net.op("Relu", net.norm(net.conv(x, a, b, bias=False), b))
    first = block(net.image(3, 32), 3, 8)
    second = block(net.op("MaxPool", first, kernel_shape=[2, 2], strides=[2, 2]), 8, 16)
    third = block(net.op("AveragePool", second, kernel_shape=[2, 2], strides=[2, 2]), 16, 32)
    up = net.op("ConvTranspose", third, net.weight(32, 16, 2, 2), net.zeros(16), strides=[2, 2], kernel_shape=[2, 2])
    x = block(net.op("Concat", up, second, axis=1), 32, 16)
    up = net.op("Resize", x, "", net.constant(numpy.array([1, 1, 2, 2], numpy.float32)), mode="linear",
                coordinate_transformation_mode="half_pixel")
    x = block(net.op("Concat", up, first, axis=1), 24, 8)
    return net.build(net.op("Sigmoid", net.conv(x, 8, 1, 1)))


def dcgan():
    net = Network("dcgan", seed=4)
    x = net.input("noise", [16], net.random.standard_normal((BATCH, 16)).astype(numpy.float32))
    x = net.op("Reshape", x, net.constant(numpy.array([-1, 16, 1, 1])))
    channels = 16
    for outputs, stride, pad in ((32, 1, 0), (16, 2, 1), (3, 2, 1)):
        x = net.op("ConvTranspose", x, net.weight(channels, outputs, 4, 4), strides=[stride] * 2, pads=[pad] * 4,
                   kernel_shape=[4, 4])
        x = net.op("Relu", net.norm(x, outputs)) if outputs > 3 else net.op("Tanh", x)
        channels = outputs
    return net.build(x)


def bert():
    net, width, length = Network("bert", seed=5), 32, 8
    ids = net.input("input_ids", [length], net.random.integers(0, 50, (BATCH, length)), TensorProto.INT64)
    kept = numpy.ones((BATCH, length), numpy.int64)
    kept[1, 5:] = 0
    mask = net.input("attention_mask", [length], kept, TensorProto.INT64)
    kinds = net.input("token_type_ids", [length], net.random.integers(0, 2, (BATCH, length)), TensorProto.INT64)
    words = net.op("Gather", net.weight(50, width, name="word_embeddings"), ids)
    places = net.op("Gather", net.weight(16, width), net.constant(numpy.arange(length)[None]))
    x = net.op("Add", net.op("Add", words, net.op("Gather", net.weight(2, width), kinds)), places)
    x = net.layer_norm(x, width)
    wide = net.op("Cast", net.op("Unsqueeze", mask, net.constant([1, 2])), to=TensorProto.FLOAT)
    bias = net.op("Mul", net.op("Sub", net.constant(numpy.float32(1)), wide), net.constant(numpy.float32(-10000)))
    for _ in range(2):
        x = net.layer_norm(net.op("Add", x, net.attention(x, width, 4, lambda s: net.op("Add", s, bias))), width)
        x = net.layer_norm(net.op("Add", x, net.linear(net.gelu(net.linear(x, width, 64)), 64, width)), width)
    first = net.op("Gather", x, net.constant(numpy.int64(0)), axis=1)
    return net.build(x, net.op("Tanh", net.op("Gemm", first, net.weight(width, width), net.zeros(width), transB=1)))


def gpt2():
    net, width, length, words = Network("gpt2", seed=6), 32, 8, 50
    ids = net.input("input_ids", [length], net.random.integers(0, words, (BATCH, length)), TensorProto.INT64)
    table = net.weight(words, width, name="wte")
    size = net.op("Gather", net.op("Shape", ids), net.constant(numpy.int64(1)))
    places = net.op("Unsqueeze", net.op("Range", net.constant(numpy.int64(0)), size, net.constant(numpy.int64(1))), net.constant([0]))
    x = net.op("Add", net.op("Gather", table, ids), net.op("Gather", net.weight(16, width, name="wpe"), places))
    seen = net.constant(numpy.tril(numpy.ones((1, 1, 16, 16), bool)))
    triangle = net.op("Slice", seen, net.constant([0, 0]), net.constant([length, length]), net.constant([2, 3]))
    hide = lambda s: net.op("Where", triangle, s, net.constant(numpy.float32(-1e9)))

    def block(x):
        normal = net.op("LayerNormalization", x, net.ones(width), net.zeros(width))
        parts = net.op("Split", net.linear(normal, width, 3 * width), axis=2, outputs=3)
        q, k, v = (net.heads(part, x, 4, width // 4) for part in parts)
        scores = net.op("MatMul", q, net.op("Transpose", k, perm=[0, 1, 3, 2]))
        scores = hide(net.op("Div", scores, net.constant(numpy.float32(numpy.sqrt(width // 4)))))
        mixed = net.op("Transpose", net.op("MatMul", net.op("Softmax", scores), v), perm=[0, 2, 1, 3])
        x = net.op("Add", x, net.linear(net.op("Reshape", mixed, net.constant(numpy.array([0, 0, width]))), width, width))
        h = net.linear(net.op("LayerNormalization", x, net.ones(width), net.zeros(width)), width, 4 * width)
        cube = net.op("Mul", net.op("Pow", h, net.constant(numpy.float32(3))), net.constant(numpy.float32(0.044715)))
        inner = net.op("Mul", net.op("Add", h, cube), net.constant(numpy.float32(numpy.sqrt(2 / numpy.pi))))
        h = net.op("Mul", net.op("Mul", h, net.constant(numpy.float32(0.5))), net.op("Add", net.op("Tanh", inner), net.constant(numpy.float32(1))))
        return net.op("Add", x, net.linear(h, 4 * width, width))

    x = net.op("LayerNormalization", block(block(x)), net.ones(width), net.zeros(width))
    return net.build(net.op("MatMul", x, net.op("Transpose", table, perm=[1, 0])))


def quantized():
    """As quantisation tools leave a network: integers with one step per channel, activations rounded between."""
    net = Network("quantized", seed=7)

    def weight(shape, axis, limit=127):
        count = shape[axis] if axis is not None else 1
        codes = net.constant(net.random.integers(-limit, limit + 1, shape).astype(numpy.int8))
        steps = (0.002 + 0.01 * net.random.random(count)).astype(numpy.float32)
        zero = numpy.zeros(count, numpy.int8)
        if axis is None:
            return net.op("DequantizeLinear", codes, net.constant(steps[0]), net.constant(zero[0]))
        return net.op("DequantizeLinear", codes, net.constant(steps), net.constant(zero), axis=axis)

    def rounded(x, step, zero):
        scale, zero = net.constant(numpy.float32(step)), net.constant(numpy.uint8(zero))
        return net.op("DequantizeLinear", net.op("QuantizeLinear", x, scale, zero), scale, zero)

    x = rounded(net.image(3, 8), 0.05, 128)
    x = net.op("Relu", net.op("Conv", x, weight((8, 3, 3, 3), 0), net.zeros(8), kernel_shape=[3, 3], pads=[1] * 4))
    x = rounded(x, 0.1, 0)
    x = net.op("Relu", net.op("Conv", x, weight((8, 1, 3, 3), 0), net.zeros(8), kernel_shape=[3, 3], group=8))
    x = rounded(net.op("Flatten", net.op("GlobalAveragePool", x)), 0.0625, 3)
    x = net.op("Gemm", x, weight((6, 8), 0), net.zeros(6), transB=1)
    return net.build(net.op("MatMul", x, weight((6, 4), None)))


def typed():
    """Weights of other types, data in another file, constants of the batch's size."""
    net = Network("typed", seed=8)
    x = net.input("x", [6], net.random.standard_normal((BATCH, 6)).astype(numpy.float32))
    for kind in (numpy.float16, numpy.float64):
        table = net.constant(net.random.standard_normal((6, 6)).astype(kind))
        x = net.op("Tanh", net.op("MatMul", x, net.op("Cast", table, to=TensorProto.FLOAT)))
    batch = net.op("Gather", net.op("Shape", x), net.constant(numpy.int64(0)))
    shape = net.op("Concat", net.op("Unsqueeze", batch, net.constant([0])), net.constant(numpy.array([2])), axis=0)
    one = numpy_helper.from_array(numpy.array([1.5], numpy.float32))
    x = net.op("Concat", x, net.op("ConstantOfShape", shape, value=one), axis=1)
    positive = net.op("Greater", x, net.constant(numpy.float32(0)))
    return net.build(net.op("Where", positive, x, net.op("Expand", net.constant(numpy.float32([[-2.0]])), net.op("Shape", x))))


NETWORKS = [resnet, mobilenet, efficientnet, unet, dcgan, bert, gpt2, quantized, typed]


def evaluate(model, feeds):
    try:
        import onnxruntime
    except ImportError:
        from onnx.reference import ReferenceEvaluator
        return ReferenceEvaluator(model).run(None, feeds)
    options = onnxruntime.SessionOptions()
    # Otherwise it computes with the integers between QuantizeLinear and DequantizeLinear, and rounds more.
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    return session.run(None, feeds)


def make(folder):
    folder.mkdir(parents=True, exist_ok=True)
    for network in NETWORKS:
        model, data = network()
        feeds = {info.name: value for info, value in zip(model.graph.input, data)}
        expected = evaluate(model, feeds)
        outside = {"save_as_external_data": True, "location": f"{network.__name__}.bin", "size_threshold": 0}
        onnx.save(model, folder / f"{network.__name__}.onnx", **(outside if network is typed else {}))
        for i, value in enumerate(data):
            numpy.save(folder / f"{network.__name__}.input_{i}.npy", value)
        for i, value in enumerate(expected):
            numpy.save(folder / f"{network.__name__}.expected_{i}.npy", value)


def run(fpw, model, folder, name, outputs, *options):
    """The outputs of a model."""
    command = [fpw, "run", str(model), *options]
    for path in sorted(folder.glob(f"{name}.input_*.npy")):
        command += ["--input", str(path)]
    for i in range(outputs):
        command += ["--output", str(folder / f"{name}.result_{i}.npy")]
    subprocess.run(command, check=True)
    return [numpy.load(folder / f"{name}.result_{i}.npy") for i in range(outputs)]


def distance(actual, expected):
    """The largest difference, beside the largest number."""
    if any(a.shape != e.shape for a, e in zip(actual, expected)):
        return float("inf")
    return max(abs(a - e).max() / abs(e).max() for a, e in zip(actual, expected))


def check(folder, fpw):
    failures = 0
    for network in NETWORKS:
        name = network.__name__
        expected = [numpy.load(path) for path in sorted(folder.glob(f"{name}.expected_*.npy"))]
        model, converted = folder / f"{name}.onnx", folder / f"{name}.mlirbc"
        floats = distance(run(fpw, model, folder, name, len(expected)), expected)
        if network is quantized: # has integers already
            converted = model
        else:
            subprocess.run([fpw, "convert", str(model), "-o", str(converted), "--bits", "8"], check=True, capture_output=True)
        report = folder / f"{name}.json"
        subprocess.run([fpw, "report", str(converted), "--json", str(report)], check=True, capture_output=True)
        in_float = run(fpw, converted, folder, name, len(expected), "--arithmetic", "float")
        in_digits = distance(run(fpw, converted, folder, name, len(expected)), in_float)
        layers = sum(tensor["kind"] == "weight" for tensor in json.loads(report.read_text())["tensors"])
        good = floats < 1e-4 and in_digits < 1e-4 and layers > 0
        failures += not good
        print(f"{name}: {'agrees' if good else 'differs'}: float {floats:.1e}, digits {in_digits:.1e}, {layers} layers with "
              f"8-bit weights: {distance(in_float, expected):.1e}")
    return failures


if __name__ == "__main__":
    if sys.argv[1] == "make":
        make(pathlib.Path(sys.argv[2]))
    else:
        sys.exit(1 if check(pathlib.Path(sys.argv[2]), sys.argv[3]) else 0)

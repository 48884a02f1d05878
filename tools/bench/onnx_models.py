"""Writes workloads as ONNX models, in f32 or statically quantised to 8 bits."""

import numpy as np
from onnx import TensorProto, helper, numpy_helper

OPSET, IR_VERSION = 17, 9
OPERATORS = {"affine": "Gemm", "conv": "Conv", "deconv": "ConvTranspose", "maxpool": "MaxPool", "add": "Add",
             "gap": "GlobalAveragePool", "flat": "Flatten"}


def quantisation(limits):
    """Step and zero of unsigned 8-bit codes for values between two limits."""
    low, high = min(limits[0], 0.0), max(limits[1], 1e-9)
    step = (high - low) / 255
    return np.float32(step), np.uint8(round(-low / step))


class Float:
    """A model in f32: weights are the exact products of codes and steps."""

    def __init__(self, work):
        self.work, self.nodes, self.constants = work, [], []

    def constant(self, name, value):
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def emit(self, op, inputs, name, **attributes):
        self.nodes.append(helper.make_node(op, inputs, [name], **attributes))
        return name

    def operand(self, name):
        return name

    def parameters(self, node):
        weight = node["q"].astype(np.float32) * np.float32(node["d"])
        return [self.constant(node["o"] + "_w", weight), self.constant(node["o"] + "_b", node["b"])]

    def rectify(self, node, name):
        if node["relu"] != 6:
            return self.emit("Relu", [name], node["o"])
        limits = [self.constant(node["o"] + end, np.float32(value)) for end, value in (("_0", 0), ("_6", 6))]
        return self.emit("Clip", [name, *limits], node["o"])

    def pooled(self, node, name):
        """The mean of an image, still with an axis for rows and one for columns."""
        return name

    def add(self, node):
        op, result = node["op"], node["o"]
        name = result + "_linear" if node.get("relu") else result
        inputs = [x if op == "flat" else self.operand(x) for x in node["i"]]
        attributes = {}
        if "k" in node:
            attributes = dict(kernel_shape=[node["k"]] * 2, strides=[node["s"]] * 2, pads=[node["p"]] * 4)
        if node.get("g", 1) > 1:
            attributes["group"] = node["g"]
        if "q" in node:
            inputs += self.parameters(node)
        if op == "gap":
            mean = self.emit(OPERATORS[op], inputs, name + "_image")
            self.emit("Flatten", [self.pooled(node, mean)], name)
        else:
            self.emit(OPERATORS[op], inputs, name, **attributes)
        if node.get("relu"):
            self.rectify(node, name)

    def finish(self, output):
        shape = self.work.shape
        graph = helper.make_graph(
            self.nodes, "network",
            [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape["x"])],
            [helper.make_tensor_value_info(output, TensorProto.FLOAT, shape[self.work.result])],
            self.constants)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)])
        model.ir_version = IR_VERSION
        return model.SerializeToString()

    def model(self):
        for node in self.work.nodes:
            self.add(node)
        return self.finish(self.work.result)


class Quantised(Float):
    """Unsigned 8-bit activations with steps from the ranges of the workload, signed 8-bit weights.

    Every operand is quantised and dequantised again, which runtimes turn into integer layers.
    """

    def __init__(self, work, quantise_result):
        super().__init__(work)
        self.quantise_result, self.done = quantise_result, {}

    def dequantise(self, name, step, zero):
        scales = [self.constant(name + "_step", step), self.constant(name + "_zero", zero)]
        return self.emit("DequantizeLinear", [name, *scales], name + "_real")

    def through_codes(self, name, limits):
        step, zero = quantisation(limits)
        scales = [self.constant(name + "_s", step), self.constant(name + "_z", zero)]
        return self.dequantise(self.emit("QuantizeLinear", [name, *scales], name + "_codes"), step, zero)

    def operand(self, name):
        if name not in self.done:
            self.done[name] = self.through_codes(name, self.work.ranges[name])
        return self.done[name]

    def parameters(self, node):
        step = np.float32(node["d"])
        weight = self.constant(node["o"] + "_w", node["q"])
        product = np.float32(quantisation(self.work.ranges[node["i"][0]])[0] * step)
        bias = self.constant(node["o"] + "_b", np.rint(node["b"] / product).astype(np.int32))
        return [self.dequantise(weight, step, np.int8(0)), self.dequantise(bias, product, np.int32(0))]

    def rectify(self, node, name):
        # A bound of 6 needs no operation: the codes of what reads this have the same bounds.
        return self.emit("Identity" if node["relu"] == 6 else "Relu", [name], node["o"])

    def pooled(self, node, name):
        return self.through_codes(name, self.work.ranges[node["o"]])

    def model(self):
        for node in self.work.nodes:
            self.add(node)
        result = self.work.result
        return self.finish(self.operand(result) if self.quantise_result else result)

"""Writes networks for benchmarks as modules of the nn dialect, weights as 8-bit codes.

A network is a list of nodes, dictionaries with `op` (affine, conv, deconv, maxpool, add, gap, flat), `i` (names of
the inputs), `o` (name of the output) and, as the op needs them, `k`, `s`, `p`, `g` (kernel, stride,
pad, groups), `relu` (true, or 6), `q` (int8 codes), `d` (their step), `b` (the bias). `shape` has the
sizes of every tensor by name, channels first; the input is "x".
"""

import numpy as np


def tensor(shape, element="f32"):
    return "tensor<" + "".join(f"{size}x" for size in shape) + element + ">"


class Module:
    """The text of a module in the making."""

    def __init__(self, shape, channel_last, batch):
        self.lines, self.resources = [], []
        self.channel_last, self.batch = channel_last, batch
        self.shape = {name: self.layout(sizes) for name, sizes in shape.items()}

    def layout(self, sizes):
        sizes = [self.batch, *sizes[1:]]
        return [sizes[0], *sizes[2:], sizes[1]] if self.channel_last and len(sizes) > 2 else sizes

    def emit(self, op, name, operands, types, attributes=""):
        result = tensor(self.shape[name])
        self.lines.append(
            f"  %{name} = nn.{op} {', '.join('%' + x for x in operands)}{attributes}"
            f" : ({', '.join(types)}) -> {result}")

    def parameter(self, name, data, element):
        type_ = tensor(data.shape, element)
        self.lines.append(f'  %{name} = nn.parameter "{name}" = dense_resource<{name}> : {type_}')
        self.resources.append(f'{name}: "0x40000000{np.ascontiguousarray(data).tobytes().hex().upper()}"')
        return type_

    def weight(self, node):
        """Codes in the layout of the layer, and their format."""
        codes = node["q"]
        if self.channel_last and node["op"] != "affine":
            codes = np.moveaxis(codes, 1, -1)
        w = self.parameter(node["o"] + "_w", codes, "si8")
        b = self.parameter(node["o"] + "_b", node["b"].astype("<f4"), "f32")
        return w, b, f" weight_format <bits = 8, signed, delta = {node['d']:.9e}>"

    def reshape(self, name):
        return "[-1, " + ", ".join(map(str, self.shape[name][1:])) + "]"

    def window(self, node):
        kernel, stride, pad = node["k"], node["s"], node["p"]
        text = f" pad [{pad}, {pad}] stride [{stride}, {stride}]"
        if node["op"] == "maxpool":
            text = f" kernel [{kernel}, {kernel}] stride [{stride}, {stride}] pad [{pad}, {pad}]"
        if node.get("g", 1) > 1:
            text += f" group {node['g']}"
        return text + (" channel_last" if self.channel_last else "")

    def layer(self, node, name):
        x = node["i"][0]
        w, b, formats = self.weight(node)
        op = {"affine": "affine", "conv": "convolution", "deconv": "deconvolution"}[node["op"]]
        window = "" if op == "affine" else self.window(node)
        self.emit("fixed_point_quantized_" + op, name, [x, node["o"] + "_w", node["o"] + "_b"],
                  [tensor(self.shape[x]), w, b], window + formats)

    def add(self, node):
        result, rectify = node["o"], node.get("relu")
        name = result + "_" if rectify else result
        self.shape[name] = self.shape[result]
        inputs = node["i"]
        types = [tensor(self.shape[x]) for x in inputs]
        if node["op"] in ("affine", "conv", "deconv"):
            self.layer(node, name)
        elif node["op"] == "maxpool":
            self.emit("max_pooling", name, inputs, types, self.window(node))
        elif node["op"] == "add":
            self.emit("add2", name, inputs, types)
        elif node["op"] == "gap":
            pooled = name + "_pooled"
            sizes = self.shape[inputs[0]]
            self.shape[pooled] = ([sizes[0], 1, 1, sizes[3]] if self.channel_last else [*sizes[:2], 1, 1])
            self.emit("global_average_pooling", pooled, inputs, types,
                      " channel_last" if self.channel_last else "")
            self.emit("reshape", name, [pooled], [tensor(self.shape[pooled])],
                      f" shape {self.reshape(name)}")
        elif node["op"] == "flat":
            self.emit("reshape", name, inputs, types, f" shape {self.reshape(name)}")
        else:
            raise ValueError(f"expected a known op but got {node['op']}")
        if rectify:
            self.emit("relu6" if rectify == 6 else "relu", result, [name], [tensor(self.shape[name])])

    def text(self, result, rectify_input):
        x, y = tensor(self.shape["x"]), tensor(self.shape[result])
        argument = "%input" if rectify_input else "%x"
        head = [f"func.func @network({argument}: {x}) -> {y} {{"]
        if rectify_input:
            head.append(f"  %x = nn.relu %input : ({x}) -> {x}")
        tail = [f"  return %{result} : {y}", "}"]
        resources = ",\n    ".join(self.resources)
        tail.append(f"{{-# dialect_resources: {{ builtin: {{\n    {resources}\n}} }} #-}}")
        return "\n".join([*head, *self.lines, *tail]) + "\n"


def write(nodes, shape, channel_last=False, batch="?", rectify_input=False):
    """The module's text. `rectify_input` states that the input is not negative."""
    module = Module(shape, channel_last, batch)
    for node in nodes:
        module.add(node)
    return module.text(nodes[-1]["o"], rectify_input)

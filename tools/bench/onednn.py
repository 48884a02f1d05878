"""oneDNN through its C interface: single layers, in f32 or with 8-bit codes.

The package brings a library that works on SYCL, with what it needs, into the folder lib of the environment. The
numbers below are those of its public headers (oneapi/dnnl/dnnl_types.h, version 3).
"""

import ctypes
import importlib.metadata
import os
import pathlib

import numpy as np

POINTER, DIMENSIONS = ctypes.c_void_p, ctypes.c_int64 * 12
CPU, IN_ORDER, ANY_LAYOUT, INFERENCE, IMPLEMENTATION = 1, 1, 1, 96, 8
ALGORITHMS = {"conv": 1, "deconv": 10}
SOURCE, RESULT, WEIGHT, BIAS, SCALES = 1, 17, 33, 41, 4096
LAYOUT_OF = {SOURCE: 129, WEIGHT: 131, RESULT: 133}
TYPES = {"float32": 3, "int8": 5, "uint8": 6}


class Argument(ctypes.Structure):
    _fields_ = [("index", ctypes.c_int), ("memory", POINTER)]


def library():
    """The path of the library, or nothing."""
    try:
        files = importlib.metadata.files("onednn") or []
    except importlib.metadata.PackageNotFoundError:
        return None
    paths = (pathlib.Path(file.locate()).resolve() for file in files if file.name.startswith("libdnnl.so"))
    return next((path for path in paths if path.exists()), None)


def environment():
    """What the process that loads the library needs to find the rest."""
    folder = library().parent
    paths = [str(folder), os.environ.get("LD_LIBRARY_PATH", "")]
    return {"LD_LIBRARY_PATH": os.pathsep.join(filter(None, paths)),
            "OCL_ICD_FILENAMES": str(folder / "libintelocl.so")}


class Engine:
    """The processor, and a queue of primitives for it."""

    def __init__(self):
        self.functions = ctypes.CDLL(str(library()))
        self.functions.dnnl_primitive_desc_query_md.restype = POINTER
        self.engine = self.make("engine_create", CPU, ctypes.c_size_t(0))
        self.stream = self.make("stream_create", self.engine, IN_ORDER)

    def do(self, name, *arguments):
        status = getattr(self.functions, "dnnl_" + name)(*arguments)
        if status:
            raise RuntimeError(f"dnnl_{name} says {status}")

    def make(self, name, *arguments):
        """An object from a function that leaves it in its first argument."""
        made = POINTER()
        self.do(name, ctypes.byref(made), *arguments)
        return made

    def layout(self, shape, element, strides=None):
        """A description of an array; without strides, in the layout that the library likes best."""
        sizes, kind = DIMENSIONS(*shape), TYPES[element]
        if strides is None:
            return self.make("memory_desc_create_with_tag", len(shape), sizes, kind, ANY_LAYOUT)
        return self.make("memory_desc_create_with_strides", len(shape), sizes, kind, DIMENSIONS(*strides))

    def array(self, layout):
        return self.make("memory_create", layout, self.engine, POINTER(-1))

    def layout_of(self, values):
        strides = [stride // values.itemsize for stride in values.strides]
        return self.layout(values.shape, values.dtype.name, strides)

    def plain(self, values):
        """An array with these values; their strides may be any."""
        memory = self.array(self.layout_of(values))
        self.copy(memory, values, into=True)
        return memory

    def copy(self, memory, values, into):
        """Copies all bytes of an array, in the order in which they lie."""
        base, target = values, POINTER()
        while base.base is not None and isinstance(base.base, np.ndarray):
            base = base.base
        self.do("memory_map_data", memory, ctypes.byref(target))
        ends = (target, base.ctypes.data) if into else (base.ctypes.data, target)
        ctypes.memmove(*ends, base.nbytes)
        self.do("memory_unmap_data", memory, target)

    def attributes(self, scaled):
        """Attributes with one scale for each of some arguments."""
        made = self.make("primitive_attr_create")
        for argument in scaled:
            self.do("primitive_attr_set_scales_mask", made, argument, 0)
        return made

    def step(self, description, arrays):
        """Something to execute: a primitive and its arguments."""
        primitive = self.make("primitive_create", description)
        return primitive, len(arrays), (Argument * len(arrays))(*[Argument(*pair) for pair in arrays.items()])

    def reorder(self, source, from_layout, target, to_layout, scale=None):
        """A step that moves an array into another layout, and divides by a scale if there is one."""
        attributes = self.attributes([] if scale is None else [RESULT])
        description = self.make("reorder_primitive_desc_create", from_layout, self.engine, to_layout, self.engine,
                                attributes)
        scales = {} if scale is None else {SCALES | RESULT: scale}
        return self.step(description, {SOURCE: source, RESULT: target, **scales})

    def run(self, steps):
        for primitive, count, arguments in steps:
            self.functions.dnnl_primitive_execute(primitive, self.stream, count, arguments)
        self.functions.dnnl_stream_wait(self.stream)


def channels_last(values):
    """The same array, laid out with the channels of a pixel side by side."""
    return np.ascontiguousarray(np.moveaxis(values, 1, -1)).transpose(0, 3, 1, 2) if values.ndim == 4 else values


class OneDnn:
    title, packages = "oneDNN", []

    def prepare(self, work, precision, threads, folder):
        if not work.alone:
            raise NotImplementedError("a library of layers, not of networks")
        self.engine, node = Engine(), work.nodes[0]
        self.shape, integers = work.shape[work.result], precision == "int8"
        description = self.describe(node, work, integers)
        arrays = self.arrays(node, work, description, integers)
        self.call = lambda: self.engine.run(self.steps)
        self.steps.append(self.engine.step(description, arrays))
        name = ctypes.c_char_p()
        self.engine.do("primitive_desc_query", description, IMPLEMENTATION, 0, ctypes.byref(name))
        self.kernels = name.value.decode()

    def weight(self, node):
        codes, groups = node["q"], node.get("g", 1)
        if node["op"] == "deconv":
            codes = codes.transpose(1, 0, 2, 3)
        if groups > 1:
            codes = codes.reshape(groups, codes.shape[0] // groups, *codes.shape[1:])
        return np.ascontiguousarray(codes)

    def bias(self, node):
        return np.ascontiguousarray(node["b"][None] if node["op"] == "affine" else node["b"])

    def describe(self, node, work, integers):
        """The layer, with the layouts that the library chooses."""
        engine, affine, bias = self.engine, node["op"] == "affine", self.bias(node)
        strides = [[shape[1], 1] if affine else None for shape in (work.x.shape, self.shape)]
        layouts = [engine.layout(work.x.shape, "uint8" if integers else "float32", strides[0]),
                   engine.layout(self.weight(node).shape, "int8" if integers else "float32"),
                   engine.layout_of(bias),
                   engine.layout(self.shape, "float32", strides[1])]
        scales = engine.attributes([SOURCE, WEIGHT] if integers else [])
        if affine:
            return engine.make("matmul_primitive_desc_create", engine.engine, *layouts, scales)
        stride, pad = (DIMENSIONS(*[node[key]] * 2) for key in "sp")
        kind = {"conv": "convolution", "deconv": "deconvolution"}[node["op"]]
        return engine.make(kind + "_forward_primitive_desc_create", engine.engine, INFERENCE, ALGORITHMS[node["op"]],
                           *layouts, stride, DIMENSIONS(), pad, pad, scales)

    def arrays(self, node, work, description, integers):
        """The arguments of the layer; quantising the input becomes the first step of every run."""
        engine, step = self.engine, np.float32(node["d"])
        layouts = {argument: POINTER(engine.functions.dnnl_primitive_desc_query_md(description, query, 0))
                   for argument, query in LAYOUT_OF.items()}
        made = {argument: engine.array(layout) for argument, layout in layouts.items()}
        made[BIAS] = engine.plain(self.bias(node))
        values = {SOURCE: channels_last(work.x), WEIGHT: self.weight(node)}
        if not integers:
            values[WEIGHT] = values[WEIGHT] * step
        self.made, self.layouts, self.steps = made, layouts, []
        for argument, value in values.items():
            scale = None
            if integers and argument == SOURCE:
                scale = engine.plain(np.array([work.ranges["x"][1] / 255], np.float32))
            move = engine.reorder(engine.plain(value), engine.layout_of(value), made[argument], layouts[argument],
                                  scale)
            engine.run([move])
            if scale:
                self.steps.append(move)
                made[SCALES | SOURCE], made[SCALES | WEIGHT] = scale, engine.plain(np.array([step]))
        return made

    def result(self):
        y = np.zeros(self.shape, np.float32)
        plain = self.engine.layout_of(y)
        memory = self.engine.array(plain)
        self.engine.run([self.engine.reorder(self.made[RESULT], self.layouts[RESULT], memory, plain)])
        self.engine.copy(memory, y, into=False)
        return y

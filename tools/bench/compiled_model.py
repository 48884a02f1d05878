"""Calls libraries that `fpw compile` made, through the C interface of include/fpw-c/Model.h."""

import ctypes

import numpy as np

VERSION = 2  # FPW_MODEL_VERSION


class Tensor(ctypes.Structure):
    _fields_ = [("name", ctypes.c_char_p), ("type", ctypes.c_int), ("rank", ctypes.c_uint32),
                ("shape", ctypes.POINTER(ctypes.c_int64))]


class Code(ctypes.Structure):
    _fields_ = [("features", ctypes.c_char_p), ("run", ctypes.c_void_p), ("arena_size", ctypes.c_void_p)]


class Model(ctypes.Structure):
    pass


class Context(ctypes.Structure):
    _fields_ = [("model", ctypes.POINTER(Model)), ("code", ctypes.POINTER(Code))]


STATUS, CONTEXT = ctypes.c_int, ctypes.POINTER(Context)
BUFFERS = ctypes.POINTER(ctypes.c_void_p)
Model._fields_ = [
    ("version", ctypes.c_uint32), ("num_inputs", ctypes.c_uint32), ("num_outputs", ctypes.c_uint32),
    ("num_codes", ctypes.c_uint32),
    ("inputs", ctypes.POINTER(Tensor)), ("outputs", ctypes.POINTER(Tensor)),
    ("name", ctypes.c_char_p), ("target", ctypes.c_char_p), ("codes", ctypes.POINTER(Code)),
    ("create_context", ctypes.CFUNCTYPE(STATUS, ctypes.POINTER(Model), ctypes.c_uint32,
                                        ctypes.POINTER(CONTEXT))),
    ("destroy_context", ctypes.CFUNCTYPE(None, CONTEXT)),
    ("set_parallel_for", ctypes.c_void_p),
    ("prepare", ctypes.CFUNCTYPE(STATUS, CONTEXT, ctypes.c_int64)),
    ("run", ctypes.CFUNCTYPE(STATUS, CONTEXT, ctypes.c_int64, BUFFERS, BUFFERS)),
    ("get_error", ctypes.CFUNCTYPE(ctypes.c_char_p)),
]


def aligned(shape):
    """An array that begins at a cache line, as the other runtimes' tensors do."""
    size, line = int(np.prod(shape)) * 4, 64
    memory = np.zeros(size + line, np.uint8)
    start = -memory.ctypes.data % line
    return memory[start:start + size].view(np.float32).reshape(shape)


class CompiledModel:
    """A network with one input and one output, ready for a batch."""

    def __init__(self, path, batch, threads=1):
        library = ctypes.CDLL(path)
        library.fpw_model.restype = ctypes.POINTER(Model)
        self.pointer = library.fpw_model()
        self.model = self.pointer.contents
        if self.model.version != VERSION:
            raise RuntimeError(f"expected version {VERSION} of the interface but got {self.model.version}")
        self.batch, self.context = batch, CONTEXT()
        self.check(self.model.create_context(self.pointer, threads, ctypes.byref(self.context)))
        self.check(self.model.prepare(self.context, batch))
        self.features = self.context.contents.code.contents.features.decode()
        self.output = aligned(self.shape(self.model.outputs[0]))

    def check(self, status):
        if status:
            raise RuntimeError(self.model.get_error().decode())

    def shape(self, tensor):
        return [self.batch if size < 0 else size for size in tensor.shape[:tensor.rank]]

    def bind(self, x):
        """A call without arguments that runs the network on `x`; the result is in `output`."""
        if list(x.shape) != self.shape(self.model.inputs[0]):
            raise RuntimeError(f"expected an input of {self.shape(self.model.inputs[0])} but got {x.shape}")
        data = aligned(x.shape)
        data[...] = x
        inputs = (ctypes.c_void_p * 1)(data.ctypes.data)
        outputs = (ctypes.c_void_p * 1)(self.output.ctypes.data)
        run, context, batch = self.model.run, self.context, self.batch

        def call(keep=data):
            if run(context, batch, inputs, outputs):
                self.check(1)

        return call

"""Loads a compiled network and makes a context; prints its codes, and the one that was chosen, or why none was."""

import ctypes
import sys


class Code(ctypes.Structure):
    _fields_ = [("features", ctypes.c_char_p), ("run", ctypes.c_void_p), ("arena_size", ctypes.c_void_p)]


class Context(ctypes.Structure):
    _fields_ = [("model", ctypes.c_void_p), ("code", ctypes.POINTER(Code))]


class Model(ctypes.Structure):
    _fields_ = [
        ("version", ctypes.c_uint32),
        ("num_inputs", ctypes.c_uint32),
        ("num_outputs", ctypes.c_uint32),
        ("num_codes", ctypes.c_uint32),
        ("inputs", ctypes.c_void_p),
        ("outputs", ctypes.c_void_p),
        ("name", ctypes.c_char_p),
        ("target", ctypes.c_char_p),
        ("codes", ctypes.POINTER(Code)),
        ("create_context", ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_uint32, ctypes.c_void_p)),
        ("destroy_context", ctypes.c_void_p),
        ("set_parallel_for", ctypes.c_void_p),
        ("prepare", ctypes.c_void_p),
        ("run", ctypes.c_void_p),
        ("get_error", ctypes.CFUNCTYPE(ctypes.c_char_p)),
    ]


library = ctypes.CDLL(sys.argv[1])
library.fpw_model.restype = ctypes.POINTER(Model)
model = library.fpw_model()
codes = [model.contents.codes[i].features.decode() for i in range(model.contents.num_codes)]
print("codes:", *codes)
context = ctypes.POINTER(Context)()
status = model.contents.create_context(model, 1, ctypes.byref(context))
chosen = model.contents.get_error() if status else b"chose " + context.contents.code.contents.features
print(f"status {status}: {chosen.decode()}")

#!/usr/bin/env python3
"""Times FPW beside other runtimes: a worker that is told what to run on standard input.

    peer_worker.py --name fpw24 --activation-bits 24 [--static] [--signed-input] [--build BUILD]

Reads and writes one JSON object per line:

    {"cmd": "prepare", "w": {...}, "prec": ..., "dir": D}  ->  {"ok": true, "impl": "fpw ..."}
    {"cmd": "bench", "sec": S}                              ->  {"t": [seconds of each run, ...]}

`w` is the work: one layer ("op": affine, conv or deconv, with its sizes) or a network ("op": "net"). D has x.npy
(f32, channels first) and, for a layer, w.npz with the codes `q`, their step `delta` and the bias `b`; networks
come from the module `peers` that started this program. The result goes to D/y_NAME_ext.npy. A layer by itself
gets and gives its images channels last, as the other runtimes do.
"""

import argparse
import importlib.util
import json
import os
import pathlib
import subprocess
import sys
import time

import numpy as np

import compiled_model
import network

ROOT = pathlib.Path(__file__).resolve().parents[2]


def layer_of(work, directory):
    """The nodes of a layer, and the sizes of its tensors."""
    data = np.load(directory / "w.npz")
    x = np.load(directory / "x.npy")
    codes, step, bias = data["q"], float(data["delta"]), data["b"]
    node = dict(op=work["op"], i=["x"], o="y", relu=bool(work.get("relu")), q=codes, d=step, b=bias)
    if work["op"] == "affine":
        return [node], {"x": x.shape, "y": (x.shape[0], codes.shape[1])}
    kernel, stride, pad = work["k"], work["s"], work["p"]
    node.update(k=kernel, s=stride, p=pad, g=work.get("g", 1))
    size = [x.shape[2], x.shape[3]]
    if work["op"] == "conv":
        size = [(length + 2 * pad - kernel) // stride + 1 for length in size]
    else:
        size = [(length - 1) * stride + kernel - 2 * pad for length in size]
    return [node], {"x": x.shape, "y": (x.shape[0], work["o"], *size)}


def network_of(work):
    """The nodes of a whole network, as the program around this one builds them."""
    for process in (os.getppid(), "self"):
        for argument in pathlib.Path(f"/proc/{process}/cmdline").read_bytes().decode().split("\0"):
            if pathlib.Path(argument).name == "peers.py":
                path = pathlib.Path(f"/proc/{process}/cwd").resolve() / argument
                spec = importlib.util.spec_from_file_location("peers", path)
                module = importlib.util.module_from_spec(spec)
                spec.loader.exec_module(module)
                net = module.net(work)
                return net.nodes, net.shape
    raise RuntimeError("expected to be started by peers.py, which has the networks")


class Worker:
    def __init__(self, options):
        self.options, self.call = options, None

    def compile(self, text, directory):
        module, library = directory / "network.mlir", directory / f"{self.options.name}.so"
        module.write_text(text)
        if self.options.static:
            self.run_program("calibrate", module, "--input", directory / "x.npy", "--margin", "0", "-o", module)
        self.run_program("compile", module, "-o", library, "--arithmetic", "digits",
                         "--activation-bits", str(self.options.activation_bits))
        return str(library)

    def run_program(self, *arguments):
        subprocess.run([self.options.build / "bin/fpw", *arguments], check=True, capture_output=True, text=True)

    def prepare(self, work, directory):
        alone = work["op"] != "net"
        if alone and self.options.static:
            raise NotImplementedError("steps of a layer by itself cost next to nothing")
        nodes, shape = layer_of(work, directory) if alone else network_of(work)
        x = np.load(directory / "x.npy")
        images = alone and x.ndim == 4
        # All runtimes are given data that is not negative, and int8 peers are told so.
        text = network.write(nodes, shape, channel_last=alone, batch=x.shape[0],
                             rectify_input=self.options.activation_bits == 8 and not self.options.signed_input)
        model = compiled_model.CompiledModel(self.compile(text, directory), x.shape[0],
                                             work.get("threads", 1))
        self.call = model.bind(x.transpose(0, 2, 3, 1) if images else x)
        self.call()
        y = model.output.transpose(0, 3, 1, 2) if images else model.output
        np.save(directory / f"y_{self.options.name}_ext.npy", y)
        return {"ok": True, "impl": f"fpw {self.options.activation_bits} bits, {model.features}"}

    def bench(self, seconds):
        times, end = [], time.perf_counter() + seconds
        self.call()
        while len(times) < 3 or (time.perf_counter() < end and len(times) < 4000):
            start = time.perf_counter()
            self.call()
            times.append(time.perf_counter() - start)
        return {"t": times}

    def answer(self, request):
        if request["cmd"] == "bench":
            return self.bench(request["sec"])
        try:
            return self.prepare(request["w"], pathlib.Path(request["dir"]))
        except subprocess.CalledProcessError as error:
            return {"ok": False, "impl": error.stderr[:400]}
        except Exception as error:  # the program around goes on with the other workers
            return {"ok": False, "impl": f"{type(error).__name__}: {error}"[:400]}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--name", required=True)
    parser.add_argument("--activation-bits", type=int, default=24, choices=(8, 16, 24, 32))
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build")
    parser.add_argument("--static", action="store_true", help="fix the steps of a network beforehand, by its input")
    parser.add_argument("--signed-input", action="store_true",
                        help="do not state, with 8 bits, that inputs are not negative, which makes codes unsigned")
    options = parser.parse_args()
    out = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # what libraries print is no answer
    worker = Worker(options)
    for line in sys.stdin:
        print(json.dumps(worker.answer(json.loads(line))), file=out)


if __name__ == "__main__":
    main()

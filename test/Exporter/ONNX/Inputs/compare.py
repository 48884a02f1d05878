"""Exports networks as ONNX models, and compares what onnxruntime and `fpw run` make of the same inputs.

    compare.py WORK-FOLDER [--weights=...] NETWORK...

A text with several modules, between lines of `// -----`, is as many networks. Inputs are random, with a batch
of 3 in place of dynamic sizes. Prints a line per network, and fails where results are further apart than two
orders of adding f32 numbers may be.
"""

import pathlib
import re
import subprocess
import sys

import numpy
import onnx
import onnxruntime

TOLERANCE = 2e-5  # of the largest element of a result
BATCH = 3


def call(*command):
    result = subprocess.run(list(map(str, command)), capture_output=True, text=True)
    if result.returncode:
        sys.exit(f"{' '.join(map(str, command))}: {result.stderr}")


def random_input(value):
    generator = numpy.random.default_rng(len(value.name) + len(value.shape))
    shape = [size if isinstance(size, int) else BATCH for size in value.shape]
    if value.type == "tensor(int64)":
        return generator.integers(-50, 50, size=shape)
    return generator.normal(size=shape).astype(numpy.float32)


def run_theirs(model):
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = 1
    # Otherwise it rounds the inputs of fully connected layers to 8 bits.
    options.add_session_config_entry("session.qdq_matmulnbits_accuracy_level", "1")
    session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
    inputs = {value.name: random_input(value) for value in session.get_inputs()}
    names = [value.name for value in session.get_outputs()]
    return inputs, dict(zip(names, session.run(names, inputs)))


def run_ours(network, inputs, outputs, folder):
    command = ["fpw", "run", network, "--arithmetic", "float"]
    for i, value in enumerate(inputs.values()):
        path = folder / f"in{i}.npy"
        numpy.save(path, value)
        command += ["--input", path]
    paths = {name: folder / f"out{i}.npy" for i, name in enumerate(outputs)}
    for path in paths.values():
        command += ["--output", path]
    call(*command)
    return {name: numpy.load(path) for name, path in paths.items()}


def distance(ours, theirs):
    """The largest difference over the largest element; infinite where shapes or NaNs differ."""
    if ours.shape != theirs.shape or not numpy.array_equal(numpy.isnan(ours), numpy.isnan(theirs)):
        return numpy.inf
    if not ours.size:
        return 0.0
    scale = max(numpy.nanmax(numpy.abs(ours)), 1e-30)
    return float(numpy.nanmax(numpy.abs(ours.astype(numpy.float64) - theirs)) / scale)


def split(network, folder):
    """The networks of a file, as files of their own."""
    text = network.read_text() if network.suffix == ".mlir" else ""
    if "// -----" not in text:
        yield network
        return
    for module in re.split(r"^// -----.*$", text, flags=re.M):
        network = re.search(r"func.func @(\w+)\(([^)]*)\)", module)
        if not network or not network[2] or re.search(r"i(8|16)>", network[2]):
            continue  # the inputs of a network are f32
        path = folder / (network[1] + ".mlir")
        path.write_text(module)
        yield path


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    flags = [argument for argument in sys.argv[2:] if argument.startswith("--")]
    files = [pathlib.Path(argument) for argument in sys.argv[2:] if not argument.startswith("--")]
    failures = 0
    for network in (network for file in files for network in split(file, folder)):
        model = folder / "model.onnx"
        call("fpw", "export", network, "-o", model, *flags)
        onnx.checker.check_model(onnx.load(model), full_check=True)
        inputs, theirs = run_theirs(model)
        ours = run_ours(network, inputs, theirs, folder)
        worst = max(distance(ours[name], theirs[name]) for name in theirs)
        failures += not worst <= TOLERANCE
        print(f"{network.stem}: {'agrees' if worst <= TOLERANCE else f'differs by {worst:.2g}'}")
    sys.exit(failures > 0)


main()

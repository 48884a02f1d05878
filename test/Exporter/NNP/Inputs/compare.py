"""Exports networks as .nnp files, and compares what nnabla and `fpw run` make of the same inputs.

    compare.py WORK-FOLDER NETWORK...

The numbers that nnabla's FixedPointQuantize makes are those that FPW writes with --weights=float, to the bit.
Prints a line per network, and fails where anything else is further apart than two orders of adding f32 numbers.
"""

import pathlib
import subprocess
import sys

import nnabla
import numpy
from nnabla.utils.nnp_graph import NnpLoader

TOLERANCE = 2e-5  # of the largest element of a result
BATCH = 3


def call(*command):
    result = subprocess.run(list(map(str, command)), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if result.returncode:
        sys.exit(f"{' '.join(map(str, command))}: {result.stderr}")


class Network:
    """A network in nnabla, run once on random inputs."""

    def __init__(self, path):
        nnabla.clear_parameters()
        loader = NnpLoader(str(path))
        network = loader.get_network(loader.get_network_names()[0], batch_size=BATCH)
        generator = numpy.random.default_rng(1)
        self.inputs = {}
        for name, variable in network.inputs.items():
            variable.d = generator.normal(size=variable.shape)
            self.inputs[name] = variable.d.astype(numpy.float32).copy()
        self.outputs = {}
        self.weights = []
        for name, variable in network.outputs.items():
            variable.forward()
            self.outputs[name] = variable.d.copy()
            variable.visit(self.add_weight)

    def add_weight(self, function):
        """Notes the weight and bias of a layer, as the layer sees it."""
        if function.name.endswith(("Affine", "Convolution", "Deconvolution")):
            self.weights += [variable.d.copy() for variable in function.inputs[1:]]


def run_ours(network, theirs, folder):
    command = ["fpw", "run", network, "--arithmetic", "float"]
    for i, value in enumerate(theirs.inputs.values()):
        numpy.save(folder / f"in{i}.npy", value)
        command += ["--input", folder / f"in{i}.npy"]
    paths = {name: folder / f"out{i}.npy" for i, name in enumerate(theirs.outputs)}
    for path in paths.values():
        command += ["--output", path]
    call(*command)
    return {name: numpy.load(path) for name, path in paths.items()}


def distance(ours, theirs):
    """The largest difference over the largest element; infinite where shapes or NaNs differ."""
    if ours.shape != theirs.shape or not numpy.array_equal(numpy.isnan(ours), numpy.isnan(theirs)):
        return numpy.inf
    scale = max(numpy.nanmax(numpy.abs(ours)), 1e-30)
    return float(numpy.nanmax(numpy.abs(ours.astype(numpy.float64) - theirs)) / scale)


def compare(network, folder):
    kept, products = folder / "kept.nnp", folder / "products.nnp"
    call("fpw", "export", network, "-o", kept)
    call("fpw", "export", network, "-o", products, "--weights=float")
    theirs, with_products = Network(kept), Network(products)
    for one, other in zip(theirs.weights, with_products.weights):
        if not numpy.array_equal(one, other):
            return "has other weights"
    ours = run_ours(network, theirs, folder)
    worst = max(distance(ours[name], value) for name, value in theirs.outputs.items())
    if not worst <= TOLERANCE:
        return f"differs by {worst:.2g}"
    return f"agrees, {len(theirs.weights)} equal weights"


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    failures = 0
    for network in map(pathlib.Path, sys.argv[2:]):
        verdict = compare(network, folder)
        failures += not verdict.startswith("agrees")
        print(f"{network.stem}: {verdict}")
    sys.exit(failures > 0)


main()

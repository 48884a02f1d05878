"""Small works for the comparison with other runtimes: their modules, and whether FPW's results are right.

    small-workloads.py modules FOLDER
    small-workloads.py check FOLDER FPW
"""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[3] / "tools/bench"))
import network
import runtimes
import workloads

BOUNDS = {"8": 3e-2, "16": 2e-4, "24": 1e-6, "32": 3e-7}


def layers():
    net = workloads.Builder(3, 20)
    net.affine(net.affine("x", 24, relu=True), 7)
    return net.finish("layers")


def convolution():
    net = workloads.Builder(1, 8, 9, 7)
    net.conv("x", 12, 3, 2, 1, groups=4)
    return net.finish("convolution")


def deconvolution():
    net = workloads.Builder(2, 6, 5, 4)
    net.deconv("x", 5, 4, 2, 1)
    return net.finish("deconvolution")


def images():
    """A layer by itself, channels last."""
    net = workloads.Builder(1, 16, 6, 6)
    net.conv("x", 16, 3, 1, 1)
    return net.finish("images")


def whole():
    """A network with every kind of node."""
    net = workloads.Builder(1, 3, 12, 12)
    x = net.max_pool(net.conv("x", 16, 3, 1, 1, relu=6), 3, 2, 1)
    y = workloads.inverted_residual(net, x, 2, 16, 1)
    x = net.sum(workloads.bottleneck(net, y, 8, 1), net.conv(y, 32, 1), relu=True)
    net.sum(net.affine(net.mean(x), 10), net.affine(net.flatten(x), 10))
    return net.finish("network")


WORKS = [layers(), convolution(), deconvolution(), images(), whole()]


def main():
    folder = pathlib.Path(sys.argv[2])
    if sys.argv[1] == "modules":
        for work in WORKS:
            module = network.write(work.nodes, work.shape, work.alone, rectify_input=True)
            (folder / f"{work.name}.mlir").write_text(module)
        return
    runtimes.Fpw.program = sys.argv[3]
    for work in WORKS:
        exact = workloads.reference(work)
        for bits in BOUNDS if work.name == "network" else ("8", "24"):
            private = folder / f"{work.name}{bits}"  # a library is loaded once per path
            private.mkdir()
            runtime = runtimes.Fpw()
            runtime.prepare(work, bits, 1, private)
            runtime.call()
            error = workloads.error(runtime.result(), exact)
            print(work.name, bits, "agrees" if error <= BOUNDS[bits] else "differs", f"{error:.1e}")


main()

#!/usr/bin/env python3
"""Compiles what gpu.sh measures, on a machine with FPW and without a GPU.

    gpu_compile.py [--build BUILD] [--arch NAMES] [--small] OUT.tar.xz

Without architectures (--arch "") the libraries are for the processor, to try the scripts where there is no GPU.

The archive holds libraries that need nothing but NVIDIA's driver, inputs, the CPU's results, and a list of all.
"""

import argparse
import json
import pathlib
import subprocess
import sys
import tarfile
import tempfile

import numpy as np

import gpu_workloads

SOURCE = pathlib.Path(__file__).resolve().parents[2]


class Compiler:
    """Fills a folder. What fails is recorded, and the rest goes on."""

    def __init__(self, fpw, folder, scratch, architectures):
        self.fpw, self.folder, self.scratch, self.architectures = fpw, folder, scratch, architectures
        self.manifest = {"architectures": architectures, "bits": [], "times": [], "failures": []}

    def call(self, *arguments):
        command = [str(self.fpw), *map(str, arguments)]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"{' '.join(command[:2])}: {done.stderr.strip()[-400:]}")

    def attempt(self, name, work):
        try:
            work()
        except (RuntimeError, OSError) as error:
            self.manifest["failures"].append({"name": name, "error": str(error)})
        print(f"{name}: {len(self.manifest['failures'])} failures", file=sys.stderr, flush=True)

    def compile(self, model, bits, library):
        device = ["--target", "cuda", "--arch", ",".join(self.architectures)] if self.architectures else []
        self.call("compile", model, "--arithmetic", "digits", "--activation-bits", bits, *device,
                  "-o", self.folder / library)

    def expect(self, model, bits, x, name):
        """The CPU's result for an input, as files beside the library."""
        np.save(self.folder / f"{name}.x.npy", x)
        self.call("run", model, "--arithmetic", "digits", "--activation-bits", bits,
                  "--input", self.folder / f"{name}.x.npy", "--output", self.folder / f"{name}.y.npy")

    def add_network(self, name, samples):
        source = SOURCE / "test/data/models" / name
        converted = self.scratch / f"{name}.mlirbc"
        self.call("convert", source / f"{name}.nnp", "-o", converted)
        x = np.load(source / "x.npy")[:samples]
        for bits in (8, 16, 24, 32):
            library = f"{name}-{bits}.so"
            self.compile(converted, bits, library)
            self.expect(converted, bits, x, library)
            self.manifest["bits"].append({"name": name, "bits": bits, "library": library, "batch": len(x)})

    def add_entry(self, entry):
        slug = entry.name.replace(" ", "_").replace(",", "")
        model = self.scratch / f"{slug}.mlir"
        model.write_text(entry.module())
        sizes = entry.shape["x"]
        sizes = [sizes[0], *sizes[2:], sizes[1]] if len(sizes) > 2 else sizes
        for bits in entry.bits:
            library = f"{slug}-{bits}.so"
            self.compile(model, bits, library)
            batch = entry.rows or 2
            x = np.random.default_rng(2).standard_normal([batch, *sizes[1:]], np.float32)
            self.expect(model, bits, x, library)
            self.manifest["bits"].append({"name": entry.name, "bits": bits, "library": library, "batch": batch})
            for batch in entry.batches:
                self.manifest["times"].append(
                    {"name": entry.name, "bits": bits, "library": library, "batch": batch,
                     "shape": [batch, *sizes[1:]], "flop": entry.flop * batch, "torch": entry.torch})


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("archive", type=pathlib.Path)
    parser.add_argument("--build", type=pathlib.Path, default=SOURCE / "build")
    parser.add_argument("--arch", default="sm_80", help="the first decides on kernels")
    parser.add_argument("--small", action="store_true", help="little of everything")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as scratch:
        compiler = Compiler(arguments.build / "bin/fpw", pathlib.Path(folder), pathlib.Path(scratch),
                            [name for name in arguments.arch.split(",") if name])
        networks = dict(list(gpu_workloads.NETWORKS.items())[:2]) if arguments.small else gpu_workloads.NETWORKS
        for name, samples in networks.items():
            compiler.attempt(name, lambda: compiler.add_network(name, samples))
        for entry in gpu_workloads.entries(arguments.small):
            compiler.attempt(entry.name, lambda: compiler.add_entry(entry))
        (compiler.folder / "manifest.json").write_text(json.dumps(compiler.manifest, indent=1))
        with tarfile.open(arguments.archive, "w:xz") as archive:
            for path in sorted(compiler.folder.iterdir()):
                archive.add(path, path.name)
    sys.exit(1 if compiler.manifest["failures"] else 0)


if __name__ == "__main__":
    main()

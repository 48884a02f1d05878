"""What mlir-tblgen says about the op and pass definitions of this repository."""

import pathlib
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
LLVM = pathlib.Path("/usr/lib/llvm-22")
OPS = ROOT / "include/fpw/Dialect/NN/IR/NNOps.td"


def pass_files():
    """The definitions of all pass families, in the order of the compile flow."""
    flow = ["Dialect", "Conversion", "Codegen"]
    files = (ROOT / "include/fpw").rglob("Passes.td")
    return sorted(files, key=lambda file: (flow.index(file.parts[len(ROOT.parts) + 2]), file))


def generate(backend, definitions, *options):
    """Runs one backend of mlir-tblgen and returns what it writes."""
    tblgen = shutil.which("mlir-tblgen", path=str(LLVM / "bin")) or shutil.which("mlir-tblgen")
    if not tblgen:
        sys.exit("error: mlir-tblgen not found")
    command = [tblgen, f"-{backend}", *options, "-I", ROOT / "include", "-I", LLVM / "include"]
    return subprocess.run([*command, definitions], check=True, capture_output=True, text=True).stdout

"""What tests may require of the machine they run on: properties that are seen, not assumed.

Run as a program, it lists the lit tests that this machine cannot run, and ends with 77 if there are any.
"""

import os
import pathlib
import platform
import re
import shutil
import subprocess
import sys


def cpu_flags():
    """The instruction sets that the system lets programs use, as Linux names them."""
    try:
        with open("/proc/cpuinfo") as info:
            lines = [line for line in info if line.startswith(("flags", "Features"))]
    except OSError:
        return set()
    return set(lines[0].split(":", 1)[1].split()) if lines else set()


def has_module(python, name):
    """Whether a Python can import a module."""
    return subprocess.run([python, "-c", f"import {name}"], capture_output=True).returncode == 0


def available_features(llvm_tools, python):
    """Features of this machine, of LLVM's tools in a folder, and of the Python that tests call."""
    flags = cpu_flags()
    features = {
        "x86": platform.machine() in ("x86_64", "AMD64"),
        "avx2": {"avx2", "fma"} <= flags,
        "avx-ifma": "avx_ifma" in flags,
        "avx512": {"avx512f", "avx512bw", "avx512dq", "avx512vl"} <= flags,
        "avx512-vnni": "avx512_vnni" in flags,
        "amx-int8": {"amx_tile", "amx_int8"} <= flags,
        "cc": shutil.which("cc") is not None,
        "cuda": os.path.exists("/dev/nvidia0"),
        "mlir-opt": os.access(os.path.join(llvm_tools, "mlir-opt"), os.X_OK),
        "numpy": has_module(python, "numpy"),
    }
    return {name for name, present in features.items() if present}


def main():
    features = available_features(sys.argv[1], sys.executable)
    skipped = False
    for path in sorted(pathlib.Path(__file__).parent.rglob("*")):
        if path.suffix in (".mlir", ".test"):
            required = ",".join(re.findall(r"REQUIRES: *(.*)", path.read_text(errors="replace")))
            missing = {name.strip() for name in required.split(",") if name.strip()} - features
            if missing:
                print(f"skipped: {path.name} needs {', '.join(sorted(missing))}")
                skipped = True
    sys.exit(77 if skipped else 0)


if __name__ == "__main__":
    main()

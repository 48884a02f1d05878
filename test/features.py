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
    """Whether there is this Python, and a module for it."""
    if not shutil.which(python):
        return False
    search = f"import importlib.util, sys; sys.exit(not importlib.util.find_spec('{name}'))"
    return subprocess.run([python, "-c", search], capture_output=True).returncode == 0


def packaged_python(build, environment="python"):
    """The Python of an environment that tools/dev/python.sh makes."""
    return os.path.join(build, environment, "bin", "python")


def runs_aarch64():
    """Whether programs for AArch64 can be built and run: with the C library and the emulator of Debian's packages."""
    startup = "/usr/aarch64-linux-gnu/lib/crt1.o"
    return shutil.which("qemu-aarch64") is not None and os.path.exists(startup)


def has_ptxas():
    """Whether NVIDIA's assembler is among the programs, or where its installer puts it."""
    roots = [os.environ.get(name, "") for name in ("CUDA_ROOT", "CUDA_HOME", "CUDA_PATH")]
    folders = [os.path.join(root, "bin") for root in roots if root] or ["/usr/local/cuda/bin"]
    return shutil.which("ptxas", path=os.pathsep.join([os.environ["PATH"], *folders])) is not None


def available_features(llvm_tools, python, build):
    """Features of this machine, of LLVM's tools in a folder, of the Python that tests call, and of the
    environments in the build folder.
    """
    packaged = packaged_python(build)
    flags = cpu_flags()
    features = {
        "aarch64": runs_aarch64(),
        "x86": platform.machine() in ("x86_64", "AMD64"),
        "avx2": {"avx2", "fma"} <= flags,
        "avx-ifma": "avx_ifma" in flags,
        "avx512": {"avx512f", "avx512bw", "avx512dq", "avx512vl"} <= flags,
        "avx512-vnni": "avx512_vnni" in flags,
        "amx-int8": {"amx_tile", "amx_int8"} <= flags,
        "cc": shutil.which("cc") is not None,
        "cuda": os.path.exists("/dev/nvidia0"),
        "mlir-opt": os.access(os.path.join(llvm_tools, "mlir-opt"), os.X_OK),
        "qemu-x86": shutil.which("qemu-x86_64") is not None,
        "numpy": has_module(python, "numpy"),
        "nnabla": has_module(packaged_python(build, "python-nnabla"), "nnabla"),
        "onnx": has_module(packaged, "onnx"),
        "onnxruntime": has_module(packaged, "onnxruntime"),
        "ptxas": has_ptxas(),
    }
    return {name for name, present in features.items() if present}


def main():
    features = available_features(sys.argv[1], sys.executable, sys.argv[2])
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

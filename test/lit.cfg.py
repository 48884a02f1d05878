"""Configuration of the lit suite: which files are tests, which tools and features they may name."""

import importlib.util
import os
import platform

import lit.formats

config.name = "FPW"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".mlir", ".test"]
config.excludes = ["data", "Inputs", "Unit"]
config.test_source_root = os.path.dirname(__file__)
config.test_exec_root = os.path.join(config.fpw_build_dir, "test")

# Our own tools come first on the path, so that a test names them as a user would.
path = [os.path.join(config.fpw_build_dir, "bin"), config.llvm_tools_dir, os.environ["PATH"]]
config.environment["PATH"] = os.pathsep.join(path)

config.substitutions += [
    ("%data", os.path.join(config.test_source_root, "data")),
    ("%source", config.fpw_source_dir),
    ("%build", config.fpw_build_dir),
    ("%python", config.python),
]


def cpu_flags():
    """The instruction sets that the system lets programs use, as Linux names them."""
    try:
        with open("/proc/cpuinfo") as info:
            lines = [line for line in info if line.startswith(("flags", "Features"))]
    except OSError:
        return set()
    return set(lines[0].split(":", 1)[1].split()) if lines else set()


# A feature is what a test may require: a property of the machine it runs on, seen and not assumed.
FEATURES = {
    "x86": platform.machine() in ("x86_64", "AMD64"),
    "avx2": {"avx2", "fma"} <= cpu_flags(),
    "avx512": {"avx512f", "avx512bw", "avx512dq", "avx512vl"} <= cpu_flags(),
    "avx512-vnni": "avx512_vnni" in cpu_flags(),
    "amx-int8": {"amx_tile", "amx_int8"} <= cpu_flags(),
    "cuda": os.path.exists("/dev/nvidia0"),
    "mlir-opt": os.access(os.path.join(config.llvm_tools_dir, "mlir-opt"), os.X_OK),
    "numpy": importlib.util.find_spec("numpy") is not None,
}
config.available_features |= {name for name, present in FEATURES.items() if present}

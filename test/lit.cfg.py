"""Configuration of the lit suite: which files are tests, which tools and features they may name."""

import os
import sys

import lit.formats

sys.path.insert(0, os.path.dirname(__file__))
import features

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
    ("%fake_cuda", os.path.join(config.fpw_build_dir, "lib/libFPWFakeCUDA.so")),
    ("%python", config.python),
    ("%packaged-python", features.packaged_python(config.fpw_build_dir)),
    ("%nnabla-python", features.packaged_python(config.fpw_build_dir, "python-nnabla")),
]

config.available_features |= features.available_features(config.llvm_tools_dir, config.python, config.fpw_build_dir)

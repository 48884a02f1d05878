"""Encodes each NAME.txt of a folder, a model in protobuf's text form, as NAME.onnx: encode.py SCHEMA FOLDER."""

import pathlib
import subprocess
import sys

for path in pathlib.Path(sys.argv[2]).glob("*.txt"):
    command = ["protoc", f"--proto_path={sys.argv[1]}", "--encode=fpw.onnx.ModelProto", "onnx.proto"]
    path.with_suffix(".onnx").write_bytes(subprocess.run(command, input=path.read_bytes(), check=True, capture_output=True).stdout)

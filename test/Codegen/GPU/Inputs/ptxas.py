"""Compiles the kernels of every tile of the table for some architectures, and reads what ptxas says.

    ptxas.py FPW-OPT ARCHITECTURE... [--bits BITS...] [--cubin FILE]

Prints a row for each kernel: its registers, the bytes of its frame and of what it spills. Exit code 1 if one spills, or if ptxas
makes asynchronous multiplications wait for each other, or mends their fences and waits.
"""
import argparse
import itertools
import os
import re
import shutil
import subprocess
import sys
import tempfile

def find_ptxas():
    """The program, on the path or where CUDA is installed."""
    folders = [os.environ.get(name, "") + "/bin" for name in ("CUDA_ROOT", "CUDA_HOME", "CUDA_PATH")]
    return shutil.which("ptxas") or shutil.which("ptxas", path=os.pathsep.join([*folders, "/usr/local/cuda/bin"]))


def network(bits, columns, rows, unsigned, depth=2048):
    """A function of one affine layer; so many rows are known to be few, 0: any number."""
    name = f"bits{bits}_columns{columns}_rows{rows}_{'u' if unsigned else 's'}" + f"_depth{depth}" * (depth != 2048)
    batch = rows or "?"
    weight = f"tensor<{depth}x{columns}x{'ui8' if unsigned else 'si8'}>"
    image, result = f"tensor<{batch}x{depth}xf32>", f"tensor<{batch}x{columns}xf32>"
    sign = "unsigned" if unsigned else "signed"
    return f"""
func.func @{name}(%x: {image}) -> {result} {{
  %w = nn.parameter "w_{name}" = dense<3> : {weight}
  %y = nn.fixed_point_quantized_affine %x, %w weight_format <bits = 8, {sign}, delta = 5.000000e-01>
      : ({image}, {weight}) -> {result}
  return %y : {result}
}}
"""


def stem(columns):
    """A function of a convolution whose pixels have three channels."""
    return f"""
func.func @stem_columns{columns}(%x: tensor<?x32x32x3xf32>) -> tensor<?x16x16x{columns}xf32> {{
  %w = nn.parameter "stem{columns}" = dense<3> : tensor<{columns}x7x7x3xsi8>
  %y = nn.fixed_point_quantized_convolution %x, %w pad [3, 3] stride [2, 2] channel_last
      weight_format <bits = 8, signed, delta = 5.000000e-01>
      : (tensor<?x32x32x3xf32>, tensor<{columns}x7x7x3xsi8>) -> tensor<?x16x16x{columns}xf32>
  return %y : tensor<?x16x16x{columns}xf32>
}}
"""


def networks(bits):
    return stem(64) + stem(16) + stem(128) + "".join(network(bits, columns, rows, False)
                   for columns in (256, 128, 48, 16) for rows in (0, 16)) + network(bits, 100, 0, True) + network(bits, 64, 0, False, 64)


def kernels_as_ptx(fpw_opt, bits, architecture):
    options = f"--fpw-to-linalg=arithmetic=digits activation-bits={bits}"
    code = subprocess.run([fpw_opt, "-", options, f"--fpw-gpu=arch={architecture} format=isa"], check=True,
                          input=networks(bits), capture_output=True, text=True).stdout
    text = re.search(r'assembly = "(.*?)(?<!\\)">', code, re.S)[1]
    return re.sub(r"\\([0-9A-F]{2}|.)", lambda m: chr(int(m[1], 16)) if len(m[1]) == 2 else m[1], text).rstrip("\0")


def resources(ptx, architecture, cubin):
    with tempfile.NamedTemporaryFile("w", suffix=".ptx") as file:
        file.write(ptx)
        file.flush()
        command = [find_ptxas(), "-v", f"-arch={architecture}", "-o", cubin, file.name]
        said = subprocess.run(command, check=True, capture_output=True, text=True).stderr
    if "serialized" in said or "injected" in said:
        sys.exit(f"wgmma waits where it need not, or not where it has to: {said}")
    pattern = (r"Compiling entry function '(\w+)'.*?(\d+) bytes stack frame, (\d+) bytes spill stores, "
               r"(\d+) bytes spill loads.*?Used (\d+) registers")
    return [(name, *map(int, numbers)) for name, *numbers in re.findall(pattern, said, re.S)]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("fpw_opt")
    parser.add_argument("architectures", nargs="+", metavar="ARCHITECTURE")
    parser.add_argument("--cubin", default="/dev/null")
    parser.add_argument("--bits", type=int, nargs="+", default=[8, 16, 24, 32])
    arguments = parser.parse_args()
    spilling = 0
    for architecture, bits in itertools.product(arguments.architectures, arguments.bits):
        ptx = kernels_as_ptx(arguments.fpw_opt, bits, architecture)
        for name, frame, stores, loads, registers in resources(ptx, architecture, arguments.cubin):
            print(f"{architecture} {name}: {registers} registers, {frame} bytes of frame, {stores + loads} bytes spill")
            spilling += stores + loads > 0
    sys.exit(f"{spilling} kernels spill" if spilling else 0)


if __name__ == "__main__":
    main()

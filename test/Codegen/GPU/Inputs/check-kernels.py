"""Compiles kernels with NVIDIA's assembler: PTX from standard input, for each architecture that is an argument.

Fails if a kernel spills registers or calls a function, or if an operation on floats might be contracted or
flush denormals.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile


def find_ptxas():
    roots = [os.environ.get(name, "") for name in ("CUDA_ROOT", "CUDA_HOME", "CUDA_PATH")]
    folders = [os.path.join(root, "bin") for root in roots if root] or ["/usr/local/cuda/bin"]
    return shutil.which("ptxas", path=os.pathsep.join([os.environ["PATH"], *folders]))


def check_text(ptx):
    """Operations whose bits the assembler may choose; calls; memory of a thread."""
    inexact = re.findall(r"\b(?:mul|add|sub|mad|div|sqrt|rcp)\.(?:approx\.|full\.)?(?:ftz\.)?f(?:32|64)\b|\S*\.ftz\S*", ptx)
    calls = re.findall(r"\.extern\s+\.func\b[^\n]*|\bcall\b[^\n]*|\.local\b[^\n]*", ptx)
    return [f"unexpected: {text}" for text in sorted({*inexact, *calls})]


def check_code(ptxas, path, architecture):
    run = subprocess.run([ptxas, "-v", f"-arch={architecture}", path, "-o", os.devnull], capture_output=True, text=True)
    if run.returncode:
        return 0, [f"ptxas for {architecture}: {run.stderr.strip()[:2000]}"]
    spills = re.findall(r"(\d+) bytes stack frame, (\d+) bytes spill stores, (\d+) bytes spill loads", run.stderr)
    return len(spills), [f"{architecture}: spills {spill}" for spill in spills if spill != ("0", "0", "0")]


def main():
    ptx = sys.stdin.read()
    problems = check_text(ptx)
    with tempfile.NamedTemporaryFile("w", suffix=".ptx") as file:
        file.write(ptx)
        file.flush()
        for architecture in sys.argv[1:]:
            kernels, found = check_code(find_ptxas(), file.name, architecture)
            problems += found
            print(f"{architecture}: {kernels} kernels, 0 bytes spill" if not found else f"{architecture}: failed")
    print("\n".join(problems), end="")
    sys.exit(bool(problems))


main()

"""Runs a command on damaged copies of a file: damage.py FILE COPIES COMMAND..., where @ is the copy.

Each run must succeed, or end with exit code 1 and an error in words.
"""

import os
import random
import subprocess
import sys
import tempfile


def damaged(data, seed):
    """A copy that is cut, has flipped bits, or has bytes from elsewhere."""
    random.seed(seed)
    copy = bytearray(data)
    place = random.randrange(len(copy))
    kind = seed % 4
    if kind == 0:
        return copy[:place]
    if kind == 3:
        length = random.randrange(1, 64)
        other = random.randrange(len(copy))
        copy[place : place + length] = copy[other : other + length]
        return copy
    for _ in range(kind):
        copy[random.randrange(len(copy))] ^= 1 << random.randrange(8)
    return copy


def main():
    path, copies, *command = sys.argv[1:]
    with open(path, "rb") as file:
        data = file.read()
    errors = 0
    with tempfile.TemporaryDirectory() as folder:
        copy = os.path.join(folder, "damaged" + os.path.splitext(path)[1])
        for seed in range(int(copies)):
            with open(copy, "wb") as file:
                file.write(damaged(data, seed))
            arguments = [argument.replace("@", copy) for argument in command]
            result = subprocess.run(arguments, capture_output=True, text=True, errors="replace")
            errors += result.returncode
            if result.returncode not in (0, 1) or (result.returncode == 1 and "error: " not in result.stderr):
                sys.exit(f"damage {seed}: exit code {result.returncode}, said: {result.stderr}")
    print(f"{copies} damaged copies of {os.path.basename(path)}, {errors} errors")


main()

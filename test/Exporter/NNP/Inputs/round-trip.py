"""Exports networks as .nnp files and imports these: the same ops, and the same bits of all parameters.

    round-trip.py WORK-FOLDER NETWORK...

Only what a conversion once said of the numbers before it is lost. Prints a line per network.
"""

import difflib
import pathlib
import re
import subprocess
import sys


def call(*command, **options):
    result = subprocess.run(list(map(str, command)), capture_output=True, text=True, **options)
    if result.returncode:
        sys.exit(f"{' '.join(map(str, command))}: {result.stderr}")
    return result.stdout


def import_network(path):
    """The module, simplified, with its parameters' bits, and axes that count from the beginning."""
    text = call("fpw-opt", "--canonicalize", input=call("fpw-translate", "--import-nnp", path))
    text = re.sub(r" \{conversion = #nn.conversion<[^>]*>\}", "", text)
    return text.replace("nn.log_softmax %arg0 :", "nn.log_softmax %arg0 axis 2 :")


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    failures = 0
    for network in map(pathlib.Path, sys.argv[2:]):
        exported = folder / "exported.nnp"
        call("fpw", "export", network, "-o", exported)
        before, after = import_network(network), import_network(exported)
        changes = list(difflib.unified_diff(before.split("\n"), after.split("\n"), "before", "after", lineterm=""))
        failures += bool(changes)
        print(f"{network.stem}: {'differs' if changes else 'equal'}")
        for line in changes:
            print(line[:300])
    sys.exit(failures > 0)


main()

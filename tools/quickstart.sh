#!/usr/bin/env bash
# From a fresh clone to a first result: builds fpw, converts a trained digit classifier at 8, 6, 4 and
# 3 bits, runs its 360 test images through compiled code, and prints what it cost.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build=${FPW_BUILD_DIR:-$root/build}
bash "$root/tools/dev/build.sh" fpw

fpw=$build/bin/fpw
data=$root/test/data/models/lenet_digits
results=$build/quickstart
mkdir -p "$results"

# run_images MODEL: prints accuracy and time, as fpw does.
run_images() {
  "$fpw" run "$1" --input "$data/x.npy" --output "$results/y.npy" --labels "$data/labels.npy" --repeat 20
}

echo "==> running lenet_digits.nnp in float"
run_images "$data/lenet_digits.nnp" >"$results/float.txt"
for bits in 8 6 4 3; do
  echo "==> converting to $bits bits and running"
  model=$results/lenet_digits-$bits.mlirbc
  "$fpw" convert "$data/lenet_digits.nnp" -o "$model" --bits "$bits"
  "$fpw" report "$model" --json "$results/$bits.json" >"$results/$bits-report.txt"
  run_images "$model" >"$results/$bits.txt"
done

python3 - "$results" <<'PYTHON'
import json, pathlib, re, sys

results = pathlib.Path(sys.argv[1])

def measured(name):
    text = (results / f"{name}.txt").read_text()
    return re.search(r"^accuracy: ([\d.]+)", text, re.M)[1], re.search(r"^time: ([\d.]+ \w+)", text, re.M)[1]

before, float_time = measured("float")
rows = [("bits", "accuracy", "weight bytes", "clipped", "time per image"), ("float", before, "", "", float_time)]
for bits in (8, 6, 4, 3):
    after, time = measured(bits)
    totals = json.loads((results / f"{bits}.json").read_text())["totals"]
    size = f"{totals['bytes_before']:,} -> {totals['bytes_after']:,}"
    rows.append((str(bits), f"{before} -> {after}", size, f"{totals['clipped']:,}", time))
widths = [max(map(len, column)) for column in zip(*rows)]
print()
for row in rows:
    print("  ".join(cell.rjust(width) for cell, width in zip(row, widths)))
PYTHON
echo
echo "The converted models are in $results; build/bin/fpw --help says what else there is to do."

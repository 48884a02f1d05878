#!/usr/bin/env python3
"""Runs the backend tests of the onnx package through FPW, and says which operators pass.

    backend.py RUNNER FOLDER [--only TEXT] [--json FILE] [--jobs N] [--write PAGE | --check PAGE]

RUNNER is run-onnx-models. PAGE is docs/Importers/ONNX.md: `--write` writes what passed into it, `--check`
makes sure that what the page says still passes. Each case becomes a folder below FOLDER: its model, with the inputs that an
importer has to know turned into initializers, its other inputs and its expected outputs. A case passes
if all outputs have the expected shape, type and values, or is refused with a message. Anything else is
a failure of this script, which then ends with exit code 1.
"""

import argparse
import collections
import concurrent.futures
import json
import os
import pathlib
import re
import subprocess
import sys
import warnings

import numpy
import onnx
from onnx import numpy_helper

warnings.simplefilter("ignore")

# Inputs that decide about shapes, by operator. They are frozen, as exporters do it.
FROZEN = {
    "BatchNormalization": [], "CenterCropPad": [1], "Col2Im": [1, 2], "ConstantOfShape": [0], "CumSum": [1],
    "DequantizeLinear": [1, 2], "Dropout": [1, 2], "Expand": [1], "OneHot": [1], "Pad": [1, 2, 3], "QuantizeLinear": [1, 2],
    "Range": [0, 1, 2], "Reshape": [1], "Resize": [1, 2, 3], "Slice": [1, 2, 3, 4], "Split": [1],
    "Squeeze": [1], "Tile": [1], "TopK": [1], "Trilu": [1], "Unsqueeze": [1], "Upsample": [1],
}
FROZEN.update({f"Reduce{kind}": [1] for kind in ("L1", "L2", "LogSum", "LogSumExp", "Max", "Mean", "Min",
                                                 "Prod", "Sum", "SumSquare")})


def collect():
    """Yields (name, model, inputs, outputs, rtol, atol) for each case of tensors."""
    from onnx.backend.test.case.node import collect_testcases
    from onnx.backend.test.loader import load_model_tests

    for case in collect_testcases(None):
        yield case.name, case.model, *map(to_arrays, case.data_sets[0]), case.rtol, case.atol
    for kind in ("simple", "pytorch-converted", "pytorch-operator"):
        for case in load_model_tests(kind=kind):
            folder = pathlib.Path(case.model_dir)
            if not (folder / "model.onnx").exists():
                continue
            model = onnx.load(folder / "model.onnx")
            yield f"{kind}/{case.name}", model, *load_data(folder / "test_data_set_0", model), case.rtol, case.atol


def to_arrays(values):
    return [numpy_helper.to_array(value) if isinstance(value, onnx.TensorProto) else value for value in values]


def load_data(folder, model):
    def load(kind, infos):
        values = []
        for i, info in enumerate(infos):
            path = folder / f"{kind}_{i}.pb"
            if info.type.WhichOneof("value") != "tensor_type" or not path.exists():
                return None
            values.append(numpy_helper.to_array(onnx.load_tensor(path)))
        return values

    known = {tensor.name for tensor in model.graph.initializer}
    return (load("input", [info for info in model.graph.input if info.name not in known]),
            load("output", model.graph.output))


def freeze(model, inputs):
    """Turns inputs that decide about shapes into initializers; returns the others."""
    frozen = set()
    for node in model.graph.node:
        for i in FROZEN.get(node.op_type, ()):
            if i < len(node.input):
                frozen.add(node.input[i])
    known = {tensor.name for tensor in model.graph.initializer}
    kept = []
    infos = [info for info in model.graph.input if info.name not in known]
    for info, value in zip(infos, inputs):
        if info.name in frozen:
            model.graph.initializer.append(numpy_helper.from_array(numpy.asarray(value), info.name))
            model.graph.input.remove(info)
        else:
            kept.append(value)
    return kept


def is_data(values):
    return values is not None and all(
        isinstance(value, (numpy.ndarray, numpy.generic)) and value.dtype.kind in "fiub"
        or hasattr(value, "dtype") and value.dtype.name == "bfloat16" for value in values)


class Runner:
    """The program that runs models; a new one after each crash."""

    def __init__(self, path):
        self.path, self.process = path, None

    def run(self, folder):
        if self.process is None:
            self.process = subprocess.Popen([self.path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.process.stdin.write(f"{folder}\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            status = self.process.wait()
            self.process = None
            return f"crash {status}"
        return line.rstrip("\n")


def tolerance_of(dtype, rtol):
    """What a result may be off: FPW computes in f32 where a model has numbers of 16 bits, and rounds less."""
    return max(rtol, {"bfloat16": 2**-7, "float16": 2**-9}.get(dtype.name, 0))


def difference(folder, outputs, rtol, atol):
    """What is wrong with the results, or None."""
    for i, expected in enumerate(outputs):
        path = folder / f"result_{i}.npy"
        if not path.exists():
            return f"output {i} is missing"
        actual, expected = numpy.load(path), numpy.asarray(expected)
        if actual.shape != expected.shape:
            return f"output {i} has shape {actual.shape}, expected {expected.shape}"
        is_float = expected.dtype.kind not in "iub"
        if actual.dtype != (numpy.float32 if is_float else expected.dtype):
            return f"output {i} has type {actual.dtype}, expected {expected.dtype}"
        try:
            numpy.testing.assert_allclose(actual.astype(numpy.float64), expected.astype(numpy.float64),
                                          rtol=tolerance_of(expected.dtype, rtol), atol=atol)
        except AssertionError as error:
            return f"output {i}: " + " ".join(str(error).split())[:200]
    return None


def run_case(runner, root, name, model, inputs, outputs, rtol, atol):
    if not is_data(inputs) or not is_data(outputs):
        return "refused", "sequences, maps, strings and numbers of few bits are not supported"
    folder = root / re.sub(r"\W", "_", name)
    folder.mkdir(parents=True, exist_ok=True)
    for stale in folder.glob("result_*.npy"):
        stale.unlink()
    kept = freeze(model, inputs)
    onnx.save(model, folder / "model.onnx")
    for i, value in enumerate(kept):
        value = numpy.asarray(value)
        if value.dtype.name == "bfloat16":
            value = value.astype(numpy.float32)
        numpy.save(folder / f"input_{i}.npy", value)
    status, _, message = runner.run(folder).partition(" ")
    if status != "ok":
        return status, message
    wrong = difference(folder, outputs, rtol, atol)
    return ("wrong", wrong) if wrong else ("passed", "")


def run_share(runner, folder, cases):
    """Runs cases one after the other; returns [(name, status, message)]."""
    runner = Runner(runner)
    return [(name, *run_case(runner, folder, name, model, *rest)) for name, model, *rest in cases]


def operators(cases):
    """The operator that each case is about. A case that spells an operator out in others is about that one."""
    direct = {name: model.graph.node[0].op_type for name, model, *_ in cases}
    whole = {name: direct.get(re.sub(r"_expanded.*", "", name), kind) for name, kind in direct.items()}
    return {name: "" if "/" in name else kind for name, kind in whole.items()}


def run_all(runner, folder, cases, jobs):
    """Yields a result for each case, in order."""
    kinds = operators(cases)
    opsets = {name: next((entry.version for entry in model.opset_import if entry.domain == ""), 0) for name, model, *_ in cases}
    shares = [cases[i::jobs] for i in range(jobs)]
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        done = pool.map(lambda share: run_share(runner, folder, share), shares)
    found = {name: (status, message) for share in done for name, status, message in share}
    for name, *_ in cases:
        status, message = found[name]
        yield {"name": name, "operator": kinds[name], "opset": opsets[name], "status": status, "message": message}


#
# The page
#

BEGIN, END = "<!-- begin: written by backend.py -->", "<!-- end: written by backend.py -->"


def summarize(message):
    """Why a case is refused, without what is special to it."""
    message = re.sub(r"^node.*?operator '(\w+)': the operator of domain '([\w.]*)', opset \d+, is not supported", r"needs `\1`", message)
    message = re.sub(r"^'[^']*': expected floats, bool, int32 or int64 but got ", "input of type ", message)
    message = re.sub(r"^output '[^']*': expected floats, bool, int32 or int64 but got ", "output of type ", message)
    message = re.sub(r"(in|of|input|output) '[^']*'", r"\1 ...", message)
    return re.sub(r"tensor<[^>]*>|(?<![\w.^])-?\d+(?:x-?\d+)*(?![\w.^])", "N", message).replace("|", "/")


def modes(names):
    """Names of cases without what they share with their operator's."""
    short = sorted(name.removeprefix("test_") for name in names)
    return ", ".join(f"`{name}`" for name in short)


def make_table(results):
    """What passes and what is refused, by operator; operators of which nothing passes come last."""
    by_operator = collections.defaultdict(list)
    for result in results:
        if result["operator"] and result["opset"]:
            by_operator[result["operator"]].append(result)
    rows, missing = [], []
    for operator, group in sorted(by_operator.items()):
        passed = [result for result in group if result["status"] == "passed"]
        direct = [result for result in passed if "_expanded" not in result["name"]]
        reasons = collections.defaultdict(list)
        for result in group:
            if result["status"] == "refused" and "_expanded" not in result["name"]:
                reasons[summarize(result["message"])].append(result["name"])
        if not direct:
            missing.append(operator)
            continue
        total = sum("_expanded" not in result["name"] for result in group)
        why = "; ".join(f"{reason}: {modes(names)}" for reason, names in sorted(reasons.items()))
        rows.append(f"| {operator} | {len(direct)} of {total} | {why} |")
    counts = collections.Counter(result["status"] for result in results)
    spelled = [result for result in results if "_expanded" in result["name"]]
    converted = [result for result in results if "/" in result["name"]]
    share = lambda group: f"{sum(result['status'] == 'passed' for result in group)} of {len(group)}"
    lines = [f"With onnx {onnx.__version__}: {counts['passed']} of {len(results)} cases pass, {counts['refused']} are refused with a message,",
             "and none gives a wrong value. Of the cases that spell an operator out in others "
             f"{share(spelled)} pass, of the models", f"that PyTorch and others once exported {share(converted)}.", "",
             "| operator | cases that pass | what is refused: cases |", "| --- | --- | --- |", *rows, "",
             "Not supported, or not in a form that the cases have: " + ", ".join(missing) + "."]
    return "\n".join(lines) + "\n"


def split_page(page):
    """The page before, in and after the part that this script writes."""
    before, rest = page.read_text().split(BEGIN + "\n")
    table, after = rest.split(END)
    return before, table, after


def check_page(page, results):
    """Names of operators of which less passes than the page says."""
    worse = []
    for operator, passed, total in re.findall(r"^\| (\w+) \| (\d+) of (\d+) \|", split_page(page)[1], re.MULTILINE):
        group = [result for result in results if result["operator"] == operator and "_expanded" not in result["name"]]
        # Another version of the package may have other cases.
        if len(group) == int(total) and sum(result["status"] == "passed" for result in group) < int(passed):
            worse.append(operator)
    return worse


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("runner")
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--only", default="", help="cases whose names match")
    parser.add_argument("--json", type=pathlib.Path)
    parser.add_argument("--jobs", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--write", type=pathlib.Path)
    parser.add_argument("--check", type=pathlib.Path)
    arguments = parser.parse_args()
    cases = [case for case in collect() if re.search(arguments.only, case[0])]
    results = list(run_all(arguments.runner, arguments.folder, cases, arguments.jobs))
    for result in results:
        if result["status"] not in ("passed", "refused"):
            print(f"{result['status']}: {result['name']}: {result['message']}")
    if arguments.json:
        arguments.json.write_text(json.dumps(results, indent=1))
    if arguments.write:
        before, _, after = split_page(arguments.write)
        arguments.write.write_text(before + BEGIN + "\n" + make_table(results) + END + after)
    worse = check_page(arguments.check, results) if arguments.check else []
    for operator in worse:
        print(f"worse than the page says: {operator}")
    counts = collections.Counter(result["status"] for result in results)
    print(", ".join(f"{count} {status}" for status, count in sorted(counts.items())))
    return 0 if results and set(counts) <= {"passed", "refused"} and not worse else 1


if __name__ == "__main__":
    sys.exit(main())

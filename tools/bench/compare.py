#!/usr/bin/env python3
"""Times FPW beside onnxruntime, OpenVINO and oneDNN on this machine, in one run.

    pip install numpy onnx onnxruntime openvino onednn
    compare.py [--threads 1] [--rounds 5] [--only NAME ...] [--out FOLDER]
    compare.py --publish                the same, and renews the tables and the chart of the documentation
    compare.py --from RESULTS [--publish]     from a stored run

Writes results.json, results.md and results.svg into a folder. All runtimes get the same f32 data and the same
weights, 8-bit codes times a power of two. int8 means static quantisation with steps from the very input; quantising
is part of the time, and results are f32 again. FPW finds its steps while it runs,
but for "static", which takes them from the same input. A layer by itself gives and takes
images channels last where a runtime can, a network takes them channels first. Every runtime and precision is a
process of its own, kept on the same cores; they take turns, and the median of the turns counts.
"""

import argparse
import concurrent.futures
import fnmatch
import importlib.metadata
import importlib.util
import json
import os
import pathlib
import pickle
import platform
import statistics
import subprocess
import sys
import tempfile
import time

import comparison_chart
import comparison_report

FOLDER = pathlib.Path(__file__).resolve().parent
ROOT = FOLDER.parents[1]
RUNTIMES = ["fpw", "onnxruntime", "openvino", "onednn"]


class Process:
    """A runtime in one precision."""

    def __init__(self, runtime, precision, options):
        import onednn
        import runtimes
        self.name = f"{runtimes.RUNTIMES[runtime].title} {precision}"
        self.environment = dict(os.environ, OMP_NUM_THREADS=str(options.threads), OPENBLAS_NUM_THREADS="1")
        if runtime == "onednn":
            self.environment.update(onednn.environment())
        self.command = [sys.executable, FOLDER / "runtime_worker.py", runtime, precision, options.build / "bin/fpw"]
        self.start()

    def start(self):
        self.process = subprocess.Popen(self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                        stderr=subprocess.DEVNULL, env=self.environment)

    def ask(self, **request):
        try:
            print(json.dumps(request), file=self.process.stdin, flush=True)
            return json.loads(self.process.stdout.readline())
        except (OSError, ValueError):
            self.process.kill()
            ended = self.process.wait()
            self.start()  # for the next row
            return {"unsupported": f"its process ended with {ended}"}

    def close(self):
        self.process.stdin.close()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()


def prepare(processes, work, exact, folder, cores):
    """Lets every process get ready for the work; what each answered, by name."""
    import numpy
    (folder / "work.pickle").write_bytes(pickle.dumps(work))
    numpy.save(folder / "exact.npy", exact)
    with concurrent.futures.ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        answers = pool.map(lambda process: process.ask(do="prepare", folder=str(folder), cores=cores), processes)
    return dict(zip((process.name for process in processes), answers))


def take_turns(processes, rounds, seconds):
    """The answers of each process in its turns, by name."""
    turns = {process.name: [] for process in processes}
    for _ in range(rounds):
        for process in processes:
            answer = process.ask(do="time", seconds=seconds)
            if "wall" in answer:
                turns[process.name].append(answer)
    return turns


def summarise(turns, clock):
    """Microseconds from the turns of one process: medians of medians."""
    middle = {kind: 1e6 * statistics.median(statistics.median(turn[kind]) for turn in turns)
              for kind in ("wall", "processor")}
    return {"us": middle[clock], "wall_us": middle["wall"], "processor_us": middle["processor"],
            "least_us": 1e6 * min(min(turn[clock]) for turn in turns)}


def measure(name, processes, options):
    """One row of the table."""
    import workloads
    work = workloads.WORKLOADS[name]()
    exact = workloads.reference(work)
    cores = sorted(os.sched_getaffinity(0))[-options.threads:]  # the first ones serve interrupts
    with tempfile.TemporaryDirectory() as folder:
        answers = prepare(processes, work, exact, pathlib.Path(folder), cores)
    ready = [process for process in processes if "error" in answers[process.name]]
    row = {"name": name, "gflop": work.gflop, "results": {}}
    for title, turns in take_turns(ready, options.rounds, options.slice).items():
        if turns:
            row["results"][title] = {**summarise(turns, options.clock), **answers[title]}
    row["left_out"] = {title: answer["unsupported"] for title, answer in answers.items() if "error" not in answer}
    return row


def processor():
    try:
        lines = pathlib.Path("/proc/cpuinfo").read_text().splitlines()
        return next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def versions(names):
    return {name: importlib.metadata.version(name) for name in names if name != "fpw"}


def available(names):
    """Those runtimes that can be timed here; says what to install for the others."""
    import runtimes
    found, lacking = [], []
    for name in names:
        packages = runtimes.missing(name)
        if packages:
            lacking += packages
            print(f"{runtimes.RUNTIMES[name].title} is left out: it needs {' and '.join(packages)}")
        else:
            found.append(name)
    if lacking:
        print(f"to install what is missing: pip install {' '.join(dict.fromkeys(lacking))}")
    return found


def describe(row):
    """A line of progress: microseconds of everything."""
    numbers = [f"{name} {result['us']:.0f}" for name, result in row["results"].items()]
    lines = [f"  us: {', '.join(numbers)}"] if numbers else []
    lines += [f"    {name}: {why.splitlines()[0]}" for name, why in row["left_out"].items()]
    return "\n".join(lines)


def run(options):
    """All measurements."""
    import runtimes
    import workloads
    names = [name for name in workloads.WORKLOADS
             if not options.only or any(fnmatch.fnmatch(name, f"*{wish}*") for wish in options.only)]
    if not names:
        sys.exit("compare.py: error: expected --only with a part of one of these names:\n  "
                 + "\n  ".join(workloads.WORKLOADS))
    chosen = available(options.runtimes)
    processes = [Process(runtime, precision, options) for runtime in chosen
                 for precision in runtimes.PRECISIONS.get(runtime, runtimes.PEER_PRECISIONS)]
    results = {"processor": processor(), "threads": options.threads, "rounds": options.rounds,
               "clock": options.clock, "date": time.strftime("%Y-%m-%d"), "versions": versions(chosen), "rows": []}
    try:
        for at, name in enumerate(names):
            print(f"[{at + 1}/{len(names)}] {name}", flush=True)
            results["rows"].append(measure(name, processes, options))
            print(describe(results["rows"][-1]), flush=True)
    finally:
        for process in processes:
            process.close()
    return results


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--threads", type=int, default=1, help="and cores (default 1)")
    add("--rounds", type=int, default=5, help="turns of every runtime (default 5)")
    add("--slice", type=float, default=0.06, help="seconds of a turn (default 0.06)")
    add("--clock", choices=["wall", "processor"], default="wall",
        help="what counts; with one thread, processor time is fairer where other programs run (default wall)")
    add("--only", nargs="+", metavar="NAME", help="parts of names of rows")
    add("--runtimes", nargs="+", choices=RUNTIMES, default=RUNTIMES)
    add("--out", type=pathlib.Path, help="the folder for results (default: compare in the build folder)")
    add("--build", type=pathlib.Path, default=ROOT / "build", help="the build folder of FPW")
    add("--from", dest="source", type=pathlib.Path, metavar="RESULTS", help="a results.json instead of a run")
    add("--publish", action="store_true", help="renew docs/Performance.md, its chart and README.md")
    options = parser.parse_args()
    cores = len(os.sched_getaffinity(0))
    if not 1 <= options.threads <= cores:
        parser.error(f"expected between 1 and {cores} threads, the cores of this machine, but got {options.threads}")
    if options.clock == "processor" and options.threads > 1:
        parser.error("expected one thread with --clock processor, which adds up the time of all threads")
    if options.rounds < 1:
        parser.error(f"expected at least one round but got {options.rounds}")
    return options


def load(options):
    """The results: stored ones, or those of a run."""
    if options.source:
        try:
            return json.loads(options.source.read_text())
        except (OSError, ValueError) as error:
            sys.exit(f"compare.py: error: cannot read {options.source}: {error}")
    if importlib.util.find_spec("numpy") is None:
        sys.exit("compare.py: error: expected numpy; to install it: pip install numpy")
    if "fpw" in options.runtimes and not (options.build / "bin/fpw").exists():
        sys.exit(f"compare.py: error: expected {options.build / 'bin/fpw'}; build FPW or say --build FOLDER")
    return run(options)


def main():
    options = parse()
    results = load(options)
    options.out = options.out or options.build / "compare"
    options.out.mkdir(parents=True, exist_ok=True)
    tables, chart = comparison_report.tables(results), comparison_chart.chart(results)
    for suffix, text in ((".json", json.dumps(results, indent=1) + "\n"), (".md", tables), (".svg", chart)):
        (options.out / f"results{suffix}").write_text(text)
    print("\n" + tables)
    if options.publish:
        lacking = set(comparison_chart.ROWS) - {row["name"] for row in results["rows"]}
        if lacking or not comparison_report.has_peers(results):
            sys.exit("compare.py: error: expected a run of everything with --publish")
        comparison_report.publish(ROOT, tables, comparison_report.summary(results), chart)


if __name__ == "__main__":
    main()

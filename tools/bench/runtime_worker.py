#!/usr/bin/env python3
"""One runtime of compare.py in one precision, in a process of its own.

    runtime_worker.py RUNTIME PRECISION FPW

Reads and writes one JSON object per line:

    {"do": "prepare", "folder": F, "cores": [...]}  ->  {"error": of the result} or {"unsupported": why}
    {"do": "time", "seconds": S}                    ->  {"wall": [seconds of each run, ...], "processor": [...]}

F has the work and its exact result, as compare.py left them there.
"""

import json
import os
import pathlib
import pickle
import subprocess
import sys
import time

import numpy as np

import runtimes
import workloads

MOST_RUNS = 4000


def pin(cores):
    """Keeps every thread of this process on these cores."""
    for thread in os.listdir("/proc/self/task"):
        try:
            os.sched_setaffinity(int(thread), cores)
        except ProcessLookupError:
            pass  # it has ended


class Worker:
    def __init__(self, runtime, precision, program):
        self.kind, self.precision, self.runtime = runtimes.RUNTIMES[runtime], precision, None
        self.kind.program = program
        self.cores = os.sched_getaffinity(0)

    def prepare(self, folder, cores):
        self.runtime = None  # gives its memory back
        pin(self.cores)  # onnxruntime leaves matrix units unused where it starts on a single core
        work = pickle.loads((folder / "work.pickle").read_bytes())
        runtime = self.kind()
        runtime.prepare(work, self.precision, len(cores), folder)
        pin(cores)
        runtime.call()
        runtime.call()
        self.runtime = runtime
        error = workloads.error(np.array(runtime.result(), np.float32), np.load(folder / "exact.npy"))
        return {"error": error, "kernels": runtime.kernels}

    def time(self, seconds):
        self.runtime.call()  # warms the caches after the turns of the others
        wall, processor, end = [], [], time.perf_counter() + seconds
        while len(wall) < 3 or (time.perf_counter() < end and len(wall) < MOST_RUNS):
            used, start = time.process_time(), time.perf_counter()
            self.runtime.call()
            wall.append(time.perf_counter() - start)
            processor.append(time.process_time() - used)
        return {"wall": wall, "processor": processor}

    def answer(self, request):
        try:
            if request["do"] == "time":
                return self.time(request["seconds"])
            return self.prepare(pathlib.Path(request["folder"]), set(request["cores"]))
        except NotImplementedError as reason:
            return {"unsupported": str(reason)}
        except subprocess.CalledProcessError as failure:
            return {"unsupported": failure.stderr[:400]}
        except Exception as failure:  # the others go on
            return {"unsupported": f"{type(failure).__name__}: {failure}"[:400]}


def main():
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # what libraries print is no answer
    worker = Worker(*sys.argv[1:])
    for line in sys.stdin:
        print(json.dumps(worker.answer(json.loads(line))), file=answers)


if __name__ == "__main__":
    main()

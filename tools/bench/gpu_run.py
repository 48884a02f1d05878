"""Runs the parts of gpu.sh one after the other and collects what they say.

    gpu_run.py FOLDER RESULT.json SECONDS

The result is written after each part, so that an end from outside loses one part at most.
"""

import json
import pathlib
import select
import subprocess
import sys
import tempfile
import time

PART_SECONDS = 60


class Worker:
    """A process that runs parts. After an error it is replaced: a GPU may not recover within a process."""

    def __init__(self, folder):
        self.folder, self.process, self.errors = folder, None, None

    def start(self):
        script = pathlib.Path(__file__).with_name("gpu_measure.py")
        self.errors = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen([sys.executable, str(script), self.folder], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=self.errors, text=True)

    def stop(self):
        self.process.kill()
        self.process.wait()
        self.process = None
        self.errors.seek(0)
        return self.errors.read().strip()[-600:]

    def run(self, *part):
        """What a part gave, or its error."""
        if self.process is None:
            self.start()
        try:
            self.process.stdin.write(" ".join(map(str, part)) + "\n")
            self.process.stdin.flush()
            ready, _, _ = select.select([self.process.stdout], [], [], PART_SECONDS)
            line = self.process.stdout.readline() if ready else ""
            result = json.loads(line) if line else {}
        except (OSError, ValueError) as error:
            result, ready = {"error": repr(error)}, True
        if not result:
            said = self.stop()
            return {"error": said if ready else f"no end after {PART_SECONDS} seconds"}
        if "error" in result:
            self.stop()
        return result


def main():
    folder, result_path, limit = sys.argv[1], pathlib.Path(sys.argv[2]), float(sys.argv[3])
    begin = time.monotonic()
    worker = Worker(folder)
    manifest = json.loads((pathlib.Path(folder) / "manifest.json").read_text())
    result = {"architectures": manifest["architectures"], "failures": manifest["failures"],
              "machine": worker.run("machine"), "bits": [], "times": [], "left_out": []}
    # Bits first, then times from the small to the whole, each beside torch's.
    parts = [("bits", i) for i in range(len(manifest["bits"]))] + [("time", i) for i in range(len(manifest["times"]))]
    for kind, number in parts:
        entries = "bits" if kind == "bits" else "times"
        entry = dict(manifest[entries][number])
        if time.monotonic() - begin > limit:
            result["left_out"].append({"part": kind, "name": entry["name"], "batch": entry["batch"]})
            continue
        entry["fpw" if kind == "time" else "result"] = worker.run(kind, number)
        if kind == "time":
            same = [other for other in result["times"]
                    if other["torch"] == entry["torch"] and other["batch"] == entry["batch"]]
            entry["peers"] = same[0]["peers"] if same else worker.run("torch", number)
        result[entries].append(entry)
        result["seconds"] = time.monotonic() - begin
        result_path.write_text(json.dumps(result, indent=1))
    if worker.process:
        worker.stop()
    result_path.write_text(json.dumps(result, indent=1))
    unequal = [entry["name"] for entry in result["bits"] if not entry["result"].get("equal")]
    print(f"{len(result['bits']) - len(unequal)} of {len(result['bits'])} networks have the CPU's bits; "
          f"{len(result['times'])} times; {len(result['left_out'])} left out")
    sys.exit(1 if unequal else 0)


if __name__ == "__main__":
    main()

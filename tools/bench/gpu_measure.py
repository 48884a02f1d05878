"""Runs parts of gpu.sh on a GPU: reads a line for each, writes a line of JSON.

    gpu_measure.py FOLDER

    machine      what runs here
    bits N       entry N of the manifest's bits: equal to the CPU's?
    time N       entry N of its times
    torch N      the same work in torch

gpu_run.py starts it, and starts it anew where a part took it down.
"""

import json
import pathlib
import sys
import time

import numpy as np


def load(folder, entry):
    from compiled_model import CompiledModel
    return CompiledModel(str(folder / entry["library"]), entry["batch"])


def bits(folder, entry):
    model = load(folder, entry)
    x, expected = (np.load(folder / f"{entry['library']}.{kind}.npy") for kind in "xy")
    model.bind(x)()
    differing = int(np.count_nonzero(model.output.view(np.uint32) != expected.view(np.uint32)))
    return {"equal": differing == 0, "differing": differing, "elements": int(expected.size)}


def seconds(call, finish, budget=0.2):
    """The median and the least time of a call, after some that warm up."""
    for _ in range(3):
        call()
    finish()
    times = []
    end = time.perf_counter() + budget
    while len(times) < 5 or (time.perf_counter() < end and len(times) < 200):
        begin = time.perf_counter()
        call()
        finish()
        times.append(time.perf_counter() - begin)
    return {"median": float(np.median(times)), "least": float(min(times)), "runs": len(times)}


def kernels(call, finish, runs=10):
    """The time of each kernel in the GPU, by CUDA's own profile."""
    import torch
    from torch.profiler import ProfilerActivity, profile
    torch.zeros(1, device="cuda")
    with profile(activities=[ProfilerActivity.CUDA]) as profiled:
        for _ in range(runs):
            call()
        finish()
    rows = [(event.key, getattr(event, "device_time_total", getattr(event, "cuda_time_total", 0)) / runs * 1e-6,
             event.count / runs) for event in profiled.key_averages()]
    is_copy = lambda key: key.startswith(("Memcpy", "Memset"))
    return {"device": sum(row[1] for row in rows if not is_copy(row[0])),
            "copies": sum(row[1] for row in rows if is_copy(row[0])),
            "kernels": [{"name": key, "seconds": took, "launches": count} for key, took, count in rows]}


def time_fpw(folder, entry):
    model = load(folder, entry)
    x = np.random.default_rng(3).standard_normal(entry["shape"], np.float32)
    call = model.bind(x)
    result = seconds(call, lambda: None)  # a run ends when its results are there
    try:
        result.update(kernels(call, lambda: None))
        result["tflops"] = entry["flop"] / result["device"] * 1e-12
    except Exception as error:  # the profile is not everywhere
        result["profile_error"] = repr(error)
    return result


def torch_calls(work, batch):
    """What torch computes in the entry's place, by the precision."""
    import torch
    make = lambda *shape: torch.randn(*shape, device="cuda")
    if work["kind"] == "gemm":
        a, b = make(batch, work["inputs"]), make(work["inputs"], work["outputs"])
        run = lambda type_: (lambda x, y: (lambda: x @ y))(a.to(type_), b.to(type_))
        calls = {"fp32": run(torch.float32), "tf32": run(torch.float32), "bf16": run(torch.bfloat16)}
        codes = lambda t: t.mul(30).clamp(-127, 127).to(torch.int8)
        left, right = codes(a), codes(b).t().contiguous().t()
        if batch > 16:  # a limit of torch._int_mm
            calls["int8"] = lambda: torch._int_mm(left, right)
        return calls
    if work["kind"] == "conv":
        layer = torch.nn.Conv2d(work["channels"], work["outputs"], work["kernel"], work["stride"],
                                work["kernel"] // 2)
        x = make(batch, work["channels"], work["size"], work["size"])
    else:
        import torchvision
        layer, x = torchvision.models.resnet50(weights=None), make(batch, 3, 224, 224)
    layer = layer.cuda().eval().to(memory_format=torch.channels_last)
    x = x.to(memory_format=torch.channels_last)
    half, y = __import__("copy").deepcopy(layer).bfloat16(), x.bfloat16()
    return {"fp32": lambda: layer(x), "tf32": lambda: layer(x), "bf16": lambda: half(y)}


def time_torch(folder, entry):
    import torch
    torch.backends.cudnn.benchmark = True
    results = {}
    for precision, call in torch_calls(entry["torch"], entry["batch"]).items():
        torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = precision == "tf32"
        try:
            with torch.inference_mode():
                results[precision] = seconds(call, torch.cuda.synchronize, budget=0.2)
                results[precision].update(kernels(call, torch.cuda.synchronize))
                results[precision]["tflops"] = entry["flop"] / results[precision]["device"] * 1e-12
        except Exception as error:  # one precision less
            results[precision] = {"error": repr(error)}
    return results


def machine(folder):
    import torch
    properties = torch.cuda.get_device_properties(0)
    return {"gpu": properties.name, "capability": f"{properties.major}.{properties.minor}",
            "processors": properties.multi_processor_count, "memory": properties.total_memory,
            "torch": torch.__version__, "cuda": torch.version.cuda}


def answer(folder, manifest, part, number=None):
    if part == "machine":
        return machine(folder)
    function, entries = {"bits": (bits, "bits"), "time": (time_fpw, "times"), "torch": (time_torch, "times")}[part]
    return function(folder, manifest[entries][int(number)])


def main():
    folder = pathlib.Path(sys.argv[1])
    manifest = json.loads((folder / "manifest.json").read_text())
    for line in sys.stdin:
        try:
            result = answer(folder, manifest, *line.split())
        except Exception as error:  # whatever it is, it belongs to this part
            result = {"error": repr(error)}
        print(json.dumps(result), flush=True)


if __name__ == "__main__":
    main()

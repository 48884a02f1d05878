"""What the measurements on a GPU run: networks of FPW, and the same work in torch.

Each entry is a network for gpu_compile.py, with its batch, and what torch computes beside it. Weights repeat a
block of random codes, so that compiled networks pack into little and the GPU multiplies random numbers all the same.
"""

import dataclasses

import numpy as np

import network
import workloads

PERIOD = 16381  # a prime: rows of weights do not repeat


@dataclasses.dataclass
class Entry:
    name: str
    nodes: list
    shape: dict
    batches: list
    bits: list
    torch: dict  # what gpu_peers.py times: its kind and sizes
    flop: float  # of one sample
    rows: int = 0  # of a network for one batch only; 0: any

    def module(self):
        return network.write(self.nodes, self.shape, channel_last=True, batch=self.rows or "?")


def repeat(nodes):
    """The same nodes with codes that repeat."""
    for node in nodes:
        if "q" in node:
            flat = node["q"].reshape(-1)
            node["q"] = np.resize(flat[:PERIOD], flat.shape).reshape(node["q"].shape)
    return nodes


def entry(name, build, batches, bits, torch):
    workload = build()
    return Entry(name, repeat(workload.nodes), workload.shape, batches, bits, torch,
                 workload.gflop * 1e9 / workload.shape["x"][0])


def gemm(rows, inputs, outputs):
    """Few rows have a kernel of their own, if they are known when the network is compiled."""
    build = workloads.affine(1, inputs, outputs)[1]
    result = entry(f"gemm {rows}x{inputs}x{outputs}", build, [rows], [8, 24],
                   dict(kind="gemm", inputs=inputs, outputs=outputs))
    result.rows = rows if rows <= 16 else 0
    return result


def conv(channels, size, outputs, kernel, stride=1):
    name, build = workloads.conv(channels, size, outputs, kernel, stride)
    return entry(name, build, [1, 32, 128], [24],
                 dict(kind="conv", channels=channels, size=size, outputs=outputs, kernel=kernel, stride=stride))


def resnet50():
    build = workloads.WORKLOADS["ResNet-50"]
    return entry("ResNet-50", build, [1, 32, 128], [24], dict(kind="resnet50"))


def entries(small=False):
    """All; `small`: some of each kind, small enough for the emulator."""
    if small:
        return [gemm(16, 64, 48), conv(16, 8, 32, 3)]
    return [
        gemm(4096, 4096, 4096), gemm(1024, 1024, 1024), gemm(16, 4096, 4096),
        conv(64, 56, 64, 1), conv(64, 56, 64, 3), conv(64, 56, 256, 1), conv(256, 56, 64, 1),
        conv(128, 28, 128, 3), conv(128, 28, 512, 1), conv(512, 28, 128, 1),
        conv(256, 14, 256, 3), conv(256, 14, 1024, 1), conv(1024, 14, 256, 1),
        conv(512, 7, 512, 3), conv(512, 7, 2048, 1), conv(2048, 7, 512, 1),
        conv(3, 224, 64, 7, 2), resnet50(),
    ]


# Networks of the repository whose bits are compared with the CPU's: folder of test/data/models, samples.
NETWORKS = {"lenet_digits": 64, "mlp_digits": 360, "autoencoder": 8, "dcgan": 4, "small_resnet": 2}

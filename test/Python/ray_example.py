"""Runs a network over a data set on a cluster: ray_example.py MODEL X.npy LABELS.npy

Each worker of Ray compiles the network once, for the processor that it finds, and then takes batches.
"""

import sys

import numpy
import ray


class Classifier:
    """What a worker keeps between batches: a compiled model."""

    def __init__(self, path, bits):
        import fpw

        self.model = fpw.load(path).convert(bits=bits).compile()

    def __call__(self, batch):
        batch["class"] = self.model(batch["image"]).argmax(axis=1)
        return batch


def main(model, images, labels):
    ray.init(logging_level="ERROR")
    data = ray.data.from_items([{"image": image, "label": int(label)}
                                for image, label in zip(numpy.load(images), numpy.load(labels).ravel())])
    results = data.map_batches(Classifier, fn_constructor_args=(model, 8), batch_size=64, concurrency=2, num_cpus=1)
    rows = results.to_pandas()
    print(f"accuracy: {(rows['class'] == rows['label']).mean():.4f} ({len(rows)} images)")


if __name__ == "__main__":
    main(*sys.argv[1:])

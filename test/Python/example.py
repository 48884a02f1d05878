"""Converts a network, says what that cost, and runs it: example.py MODEL X.npy LABELS.npy"""

import sys

import fpw
import numpy

model, images, labels = sys.argv[1:]
x, classes = numpy.load(images), numpy.load(labels).ravel()

network = fpw.load(model)
for bits in (8, 6, 4):
    converted = network.convert(bits=bits)
    totals = converted.report().totals
    compiled = converted.compile(threads=2, activation_bits=24)
    accuracy = (compiled(x).argmax(axis=1) == classes).mean()
    print(f"{bits} bits: {totals['bytes_before']} -> {totals['bytes_after']} bytes, accuracy {accuracy:.4f}")

try:
    compiled(x.astype("float64"))
except TypeError as error:
    print(error)

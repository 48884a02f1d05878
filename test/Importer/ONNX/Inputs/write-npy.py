"""Writes numbers of some shape as a .npy file, without numpy: write-npy.py FILE SIZE..."""

import math
import struct
import sys

shape = tuple(map(int, sys.argv[2:]))
header = f"{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}, }}"
header += " " * (-(len(header) + 11) % 64) + "\n"
values = [math.sin(i) for i in range(math.prod(shape))]
with open(sys.argv[1], "wb") as file:
    file.write(b"\x93NUMPY\1\0" + struct.pack("<H", len(header)) + header.encode("latin1"))
    file.write(struct.pack(f"<{len(values)}f", *values))

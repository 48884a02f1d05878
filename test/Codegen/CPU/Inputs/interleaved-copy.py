"""Writes a program that interleaves lines and returns the number of elements in wrong places."""

import argparse

PROGRAM = """
#source = affine_map<({loops}) -> ({source})>
#target = affine_map<({loops}) -> ({loops})>
func.func @copy(%x: memref<{source_shape}xi32>, %y: memref<{target_shape}xi32>) {{
  linalg.generic {{indexing_maps = [#source, #target], iterator_types = [{parallel}]}}
      ins(%x : memref<{source_shape}xi32>) outs(%y : memref<{target_shape}xi32>) {{
  ^bb0(%in: i32, %out: i32):
    linalg.yield %in : i32
  }}
  return
}}
func.func @main() -> i32 {{
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %size = arith.constant {size} : index
  %zero = arith.constant 0 : i32
  %one = arith.constant 1 : i32
  %x = memref.alloc() : memref<{source_shape}xi32>
  %y = memref.alloc() : memref<{target_shape}xi32>
  %from = memref.collapse_shape %x [[{dims}]] : memref<{source_shape}xi32> into memref<{size}xi32>
  scf.for %i = %c0 to %size step %c1 {{
    %value = arith.index_cast %i : index to i32
    memref.store %value, %from[%i] : memref<{size}xi32>
  }}
  func.call @copy(%x, %y) : (memref<{source_shape}xi32>, memref<{target_shape}xi32>) -> ()
  %wrong = memref.alloc() : memref<i32>
  memref.store %zero, %wrong[] : memref<i32>
  linalg.generic {{indexing_maps = [#source, #target], iterator_types = [{parallel}]}}
      ins(%x : memref<{source_shape}xi32>) outs(%y : memref<{target_shape}xi32>) {{
  ^bb0(%in: i32, %out: i32):
    %differs = arith.cmpi ne, %in, %out : i32
    %more = arith.extui %differs : i1 to i32
    %before = memref.load %wrong[] : memref<i32>
    %after = arith.addi %before, %more : i32
    memref.store %after, %wrong[] : memref<i32>
    linalg.yield %out : i32
  }}
  %count = memref.load %wrong[] : memref<i32>
  return %count : i32
}}
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("lines", type=int)
    parser.add_argument("pixels", type=int)
    parser.add_argument("channels", type=int, nargs="?", help="without, pixels have no loop of channels")
    options = parser.parse_args()
    sizes = {"n": 3, "x": options.pixels, "l": options.lines}
    if options.channels:
        sizes["c"] = options.channels
    loops, source = list(sizes), ["n", "l", "x", "c"][: len(sizes)]
    size = 1
    for value in sizes.values():
        size *= value
    print(
        PROGRAM.format(
            loops=", ".join(loops),
            source=", ".join(source),
            source_shape="x".join(str(sizes[loop]) for loop in source),
            target_shape="x".join(str(sizes[loop]) for loop in loops),
            parallel=", ".join(['"parallel"'] * len(loops)),
            dims=", ".join(str(i) for i in range(len(loops))),
            size=size,
        )
    )


main()

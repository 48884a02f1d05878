"""Writes a program that computes an inner product of digits in two ways and returns in how many
places the results differ, or with --repeat, one that times the first way and the matrix unit itself.

One function carries `fpw.kernel = "amx"`, the other is the same without it. Inputs are pseudo-random.
"""

import argparse

MAIN = """
llvm.func @syscall(i64, ...) -> i64

func.func private @fill_bytes(%buffer: memref<?xi8>) {{
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %size = memref.dim %buffer, %c0 : memref<?xi8>
  %seed = arith.constant 12345 : i32
  %factor = arith.constant 1664525 : i32
  %shift = arith.constant 1013904223 : i32
  %sixteen = arith.constant 16 : i32
  scf.for %i = %c0 to %size step %c1 iter_args(%state = %seed) -> i32 {{
    %product = arith.muli %state, %factor : i32
    %next = arith.addi %product, %shift : i32
    %high = arith.shrui %next, %sixteen : i32
    %byte = arith.trunci %high : i32 to i8
    memref.store %byte, %buffer[%i] : memref<?xi8>
    scf.yield %next : i32
  }}
  return
}}

func.func private @fill_floats(%buffer: memref<?xf32>) {{
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %size = memref.dim %buffer, %c0 : memref<?xf32>
  %step = arith.constant 3.7e-3 : f32
  scf.for %i = %c0 to %size step %c1 {{
    %integer = arith.index_cast %i : index to i32
    %number = arith.sitofp %integer : i32 to f32
    %value = arith.mulf %number, %step : f32
    memref.store %value, %buffer[%i] : memref<?xf32>
  }}
  return
}}

func.func @main() -> i32 {{
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %prctl = arith.constant 158 : i64
  %request = arith.constant 0x1023 : i64
  %tiles = arith.constant 18 : i64
  %granted = llvm.call @syscall(%prctl, %request, %tiles) vararg(!llvm.func<i64 (i64, ...)>) : (i64, i64, i64) -> i64
  %batch = arith.constant {batch} : index
  %bytes = arith.constant {plane_bytes} : index
  %planes_flat = memref.alloc(%bytes) {{alignment = 64 : i64}} : memref<?xi8>
  %planes = memref.view %planes_flat[%c0][{view_sizes}] : memref<?xi8> to {planes}
  func.call @fill_bytes(%planes_flat) : (memref<?xi8>) -> ()
  %weight_bytes = arith.constant {weight_bytes} : index
  %weights_flat = memref.alloc(%weight_bytes) {{alignment = 64 : i64}} : memref<?xi8>
  %weights = memref.view %weights_flat[%c0][] : memref<?xi8> to {weights}
  func.call @fill_bytes(%weights_flat) : (memref<?xi8>) -> ()
  %delta = memref.alloc() : {vector}
  %delta_any = memref.cast %delta : {vector} to memref<?xf32>
  func.call @fill_floats(%delta_any) : (memref<?xf32>) -> ()
  %numbers = arith.constant {results} : index
  %first = memref.alloc(%numbers) : memref<?xf32>
  %second = memref.alloc(%numbers) : memref<?xf32>
  %first_result = memref.reinterpret_cast %first to offset: [0], sizes: [{result_sizes}], strides: [{result_strides}] : memref<?xf32> to {result}
  %second_result = memref.reinterpret_cast %second to offset: [0], sizes: [{result_sizes}], strides: [{result_strides}] : memref<?xf32> to {result}
  func.call @amx(%planes, %weights, %delta, %first_result) : ({planes}, {weights}, {vector}, {result}) -> ()
  {rest}
}}
"""

COMPARE = """func.call @plain(%planes, %weights, %delta, %second_result) : ({planes}, {weights}, {vector}, {result}) -> ()
  %zero = arith.constant 0 : i32
  %count = scf.for %i = %c0 to %numbers step %c1 iter_args(%sum = %zero) -> i32 {{
    %a = memref.load %first[%i] : memref<?xf32>
    %b = memref.load %second[%i] : memref<?xf32>
    %a_bits = arith.bitcast %a : f32 to i32
    %b_bits = arith.bitcast %b : f32 to i32
    %differ = arith.cmpi ne, %a_bits, %b_bits : i32
    %one = arith.extui %differ : i1 to i32
    %next = arith.addi %sum, %one : i32
    scf.yield %next : i32
  }}
  return %count : i32"""

# The processor's time, in microseconds, of one run and of 4096 products of tiles that stay in registers.
TIME = """%runs = arith.constant {repeat} : index
  %thousand = arith.constant 1024 : index
  %begin = llvm.call @clock() : () -> i64
  scf.for %i = %c0 to %runs step %c1 {{
    func.call @amx(%planes, %weights, %delta, %first_result) : ({planes}, {weights}, {vector}, {result}) -> ()
  }}
  %middle = llvm.call @clock() : () -> i64
  scf.for %i = %c0 to %runs step %c1 {{
    func.call @peak(%weights_flat, %thousand) : (memref<?xi8>, index) -> ()
  }}
  %end = llvm.call @clock() : () -> i64
  %kernel = arith.subi %middle, %begin : i64
  %peak = arith.subi %end, %middle : i64
  %format = llvm.mlir.addressof @format : !llvm.ptr
  llvm.call @printf(%format, %kernel, %peak) vararg(!llvm.func<i32 (ptr, ...)>) : (!llvm.ptr, i64, i64) -> i32
  %zero = arith.constant 0 : i32
  return %zero : i32"""

PEAK = """
llvm.func @printf(!llvm.ptr, ...) -> i32
llvm.func @clock() -> i64
llvm.mlir.global constant @format("%ld %ld\\0A\\00")

func.func private @peak(%bytes: memref<?xi8>, %count: index) attributes {passthrough = ["noinline"]} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c64 = arith.constant 64 : index
  %sums = memref.alloca() : memref<16x16xi32>
  %a = amx.tile_load %bytes[%c0], %c64 : memref<?xi8> into !amx.tile<16x64xi8>
  %b = amx.tile_load %bytes[%c64], %c64 : memref<?xi8> into !amx.tile<16x64xi8>
  %z0 = amx.tile_zero : !amx.tile<16x16xi32>
  %z1 = amx.tile_zero : !amx.tile<16x16xi32>
  %z2 = amx.tile_zero : !amx.tile<16x16xi32>
  %z3 = amx.tile_zero : !amx.tile<16x16xi32>
  %r:4 = scf.for %i = %c0 to %count step %c1 iter_args(%s0 = %z0, %s1 = %z1, %s2 = %z2, %s3 = %z3) -> (!amx.tile<16x16xi32>, !amx.tile<16x16xi32>, !amx.tile<16x16xi32>, !amx.tile<16x16xi32>) {
    %n0 = amx.tile_muli %a, %b, %s0 : !amx.tile<16x64xi8>, !amx.tile<16x64xi8>, !amx.tile<16x16xi32>
    %n1 = amx.tile_muli %a, %b, %s1 : !amx.tile<16x64xi8>, !amx.tile<16x64xi8>, !amx.tile<16x16xi32>
    %n2 = amx.tile_muli %a, %b, %s2 : !amx.tile<16x64xi8>, !amx.tile<16x64xi8>, !amx.tile<16x16xi32>
    %n3 = amx.tile_muli %a, %b, %s3 : !amx.tile<16x64xi8>, !amx.tile<16x64xi8>, !amx.tile<16x16xi32>
    scf.yield %n0, %n1, %n2, %n3 : !amx.tile<16x16xi32>, !amx.tile<16x16xi32>, !amx.tile<16x16xi32>, !amx.tile<16x16xi32>
  }
  amx.tile_store %sums[%c0, %c0], %r#0 : memref<16x16xi32>, !amx.tile<16x16xi32>
  amx.tile_store %sums[%c0, %c0], %r#1 : memref<16x16xi32>, !amx.tile<16x16xi32>
  amx.tile_store %sums[%c0, %c0], %r#2 : memref<16x16xi32>, !amx.tile<16x16xi32>
  amx.tile_store %sums[%c0, %c0], %r#3 : memref<16x16xi32>, !amx.tile<16x16xi32>
  return
}
"""

FUNCTION = """
func.func private @{name}(%planes: {planes}, %weights: {weights}, %delta: {vector}, %result: {result}) {{
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0 : i32
  %bits = arith.constant 8 : i32
  %batch = memref.dim %planes, %c0 : {planes}
  %sums = memref.alloc({batch_operand}) : {sums}
  linalg.fill ins(%zero : i32) outs(%sums : {sums})
  linalg.generic {{indexing_maps = [affine_map<{loops} -> {plane_map}>, affine_map<{loops} -> {weight_map}>, affine_map<{loops} -> {sum_map}>],
      iterator_types = [{iterators}]}}
      ins(%planes, %weights : {planes}, {weights}) outs(%sums : {sums}) {attributes} {{
  ^bb0(%a: i8, %b: i8, %sum: i32):
    %wide_a = arith.{extend_plane} %a : i8 to i32
    %wide_b = arith.{extend_weight} %b : i8 to i32
    %product = arith.muli %wide_a, %wide_b : i32
    %next = arith.addi %sum, %product : i32
    linalg.yield %next : i32
  }}
  linalg.generic {{indexing_maps = [{combine_maps}], iterator_types = [{combine_iterators}]}}
      ins({combine_operands} : {combine_types}) outs(%result : {result}) {{
  ^bb0({combine_arguments}%step: f32, %old: f32):
    {combine_body}
    %number = arith.sitofp %whole0 : i32 to f32
    %value = arith.mulf %number, %step : f32
    linalg.yield %value : f32
  }}
  memref.dealloc %sums : {sums}
  return
}}
"""

TILE = (
    "o floordiv 32, {outer}c floordiv 64, (o mod 32) floordiv 16, (c mod 64) floordiv 4, "
    "(o mod 16) * 4 + c mod 4"
)


def product(numbers):
    result = 1
    for number in numbers:
        result *= number
    return result


def memref(sizes, element, dynamic_batch=False):
    sizes = [str(size) for size in sizes]
    if dynamic_batch:
        sizes[0] = "?"
    return "memref<" + "x".join(sizes + [element]) + ">"


def describe(options):
    """The types and maps of an affine layer, or of a convolution over a padded image."""
    blocks = [-(-options.outputs // 32), options.channels // 64, 2, 16, 64]
    d, n = options.planes, options.outputs
    if not options.size:
        planes = [options.batch, d, options.channels]
        sums, result = [options.batch, d, n], [options.batch, n]
        weights, outer, kernel = blocks, "", []
        rows, plane_map = ["b"], "(b, d, c)"
    else:
        kernel = [options.kernel] * 2
        padded = options.size + options.padding
        out = (padded - options.kernel) // options.stride + 1
        planes = [options.batch, padded, padded, d, options.channels]
        sums, result = [options.batch, out, out, d, n], [options.batch, out, out, n]
        weights, outer = blocks[:1] + kernel + blocks[1:], "i, j, "
        rows = ["b", "y", "x"]
        plane_map = f"(b, y * {options.stride} + i, x * {options.stride} + j, d, c)"
    taps = ["i", "j"][: len(kernel)]
    strides = [product(result[i + 1 :]) for i in range(len(result))]
    row_names = ", ".join(rows)
    operands = ["%sums"] * d + ["%delta"]
    combine = [f"affine_map<({row_names}, o) -> ({row_names}, {plane}, o)>" for plane in range(d)]
    combine.append(f"affine_map<({row_names}, o) -> (o)>")
    combine.append(f"affine_map<({row_names}, o) -> ({row_names}, o)>")
    body = f"%whole{d - 1} = arith.addi %s{d - 1}, %zero : i32"
    for plane in reversed(range(d - 1)):
        body += f"\n    %shifted{plane} = arith.shli %whole{plane + 1}, %bits : i32"
        body += f"\n    %whole{plane} = arith.addi %shifted{plane}, %s{plane} : i32"
    dynamic = options.dynamic
    sums_type = memref(sums, "i32", dynamic)
    return {
        "batch": options.batch,
        "plane_bytes": product(planes) + 16 * product(planes[-2:]) * options.stride,
        "view_sizes": "%batch" if dynamic else "",
        "planes": memref(planes, "i8", dynamic),
        "weight_bytes": product(weights),
        "weights": memref(weights, "i8"),
        "vector": memref([n], "f32"),
        "results": product(result),
        "result": memref(result, "f32", dynamic),
        "result_sizes": ", ".join(["%batch" if dynamic else str(result[0])] + list(map(str, result[1:]))),
        "result_strides": ", ".join(str(stride) for stride in strides),
        "sums": sums_type,
        "batch_operand": "%batch" if dynamic else "",
        "loops": "(" + ", ".join(rows + ["d", "o"] + taps + ["c"]) + ")",
        "plane_map": plane_map,
        "weight_map": "(" + TILE.format(outer=outer) + ")",
        "sum_map": f"({row_names}, d, o)",
        "iterators": ", ".join(
            ['"parallel"'] * (len(rows) + 2) + ['"reduction"'] * (len(taps) + 1)
        ),
        "extend_plane": "extui" if "planes" in options.unsigned else "extsi",
        "extend_weight": "extui" if "weights" in options.unsigned else "extsi",
        "combine_maps": ", ".join(combine),
        "combine_iterators": ", ".join(['"parallel"'] * (len(rows) + 1)),
        "combine_operands": ", ".join(operands),
        "combine_types": ", ".join([sums_type] * d + [memref([n], "f32")]),
        "combine_arguments": "".join(f"%s{plane}: i32, " for plane in range(d)),
        "combine_body": body,
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--batch", type=int, default=1)
    parser.add_argument("--dynamic", action="store_true", help="leave the batch open")
    parser.add_argument("--planes", type=int, default=3)
    parser.add_argument("--channels", type=int, default=64)
    parser.add_argument("--outputs", type=int, default=32)
    parser.add_argument("--size", type=int, default=0, help="of an image; 0 for an affine layer")
    parser.add_argument("--kernel", type=int, default=3)
    parser.add_argument("--stride", type=int, default=1)
    parser.add_argument("--padding", type=int, default=2, help="elements added to a line")
    parser.add_argument("--unsigned", nargs="*", default=[], choices=["planes", "weights"])
    parser.add_argument("--plan", nargs="*", default=[], help="entries of fpw.amx_plan, NAME=VALUE")
    parser.add_argument("--repeat", type=int, default=0, help="runs to time; 0 compares results")
    options = parser.parse_args()
    parts = describe(options)
    attributes = 'fpw.kernel = "amx"'
    if options.plan:
        entries = (entry.replace("=", " = ") + " : i64" for entry in options.plan)
        attributes += ", fpw.amx_plan = {" + ", ".join(entries) + "}"
    print(FUNCTION.format(name="amx", attributes=f"attrs = {{{attributes}}}", **parts))
    if options.repeat:
        rest = TIME.format(repeat=options.repeat, **parts)
        print(PEAK)
    else:
        rest = COMPARE.format(**parts)
        print(FUNCTION.format(name="plain", attributes="", **parts))
    print(MAIN.format(rest=rest, **parts))


if __name__ == "__main__":
    main()

//===- ShapeOpTest.cpp - Ops that move elements, one by one -----*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Network.h"

#include "llvm/ADT/STLExtras.h"
#include <cmath>
#include <gtest/gtest.h>

using namespace fpw;
using namespace fpw::test;

namespace {

using Position = ArrayRef<int64_t>;
using Shape = SmallVector<int64_t>;

/// Runs `nn.TEXT` on integers of some shape, with static and with a dynamic batch, and compares
/// with `source`, which says what each element of the result is.
void check(const Shape &from, const Shape &to, const std::string &text,
           llvm::function_ref<float(const FloatTensor &, Position)> source,
           bool batchMayBeDynamic = true, Tolerance tolerance = {0.0}) {
  FloatTensor x = makeIntegers(from, /*seed=*/9, /*range=*/100);
  FloatTensor expected = generate(to, [&](Position position) { return source(x, position); });
  for (bool isDynamic : {false, true}) {
    if (isDynamic && !batchMayBeDynamic)
      continue;
    auto type = [&](const Shape &shape) { return isDynamic ? batchTypeOf(shape) : typeOf(shape); };
    Network network;
    network.addInput("x", type(from));
    network.addOp("y", "nn." + text + " : (" + type(from) + ") -> " + type(to));
    network.addOutput("y");
    expectClose(network.run(x).front(), expected, tolerance,
                text + (isDynamic ? " of a dynamic batch" : ""));
  }
}

/// The element with the same row-major index.
float sameElement(const FloatTensor &x, Position position, const Shape &shape) {
  int64_t index = 0;
  for (auto [i, size] : llvm::zip(position, shape))
    index = index * size + i;
  return x.data[index];
}

void checkReshape(const Shape &from, const Shape &to, const Shape &shape,
                  bool batchMayBeDynamic = true) {
  check(
      from, to, "reshape %x shape " + listOf(shape),
      [&](const FloatTensor &x, Position p) { return sameElement(x, p, to); }, batchMayBeDynamic);
}

TEST(ShapeOpTest, Reshape) {
  checkReshape({2, 3, 4}, {2, 12}, {-1, 12});
  checkReshape({2, 12}, {2, 3, 4}, {-1, 3, 4});
  checkReshape({2, 4, 6}, {2, 6, 4}, {-1, 6, 4});
  // The first size of a result of a network is the batch: these reshapes need a static one.
  checkReshape({2, 4, 6}, {8, 6}, {-1, 6}, /*batchMayBeDynamic=*/false);
  checkReshape({4, 6}, {2, 12}, {-1, 12}, /*batchMayBeDynamic=*/false);
  checkReshape({2, 3}, {2, 1, 3, 1}, {-1, 1, 3, 1});
  checkReshape({2, 1, 3, 1}, {2, 3}, {-1, 3});
  checkReshape({2, 3, 4}, {24}, {-1}, /*batchMayBeDynamic=*/false);
  checkReshape({2, 3, 4}, {4, 3, 2}, {4, -1, 2}, /*batchMayBeDynamic=*/false);
  checkReshape({1, 1}, {}, {}, /*batchMayBeDynamic=*/false);
  checkReshape({}, {1, 1, 1}, {1, 1, 1}, /*batchMayBeDynamic=*/false);
}

TEST(ShapeOpTest, Transpose) {
  check({2, 3, 4, 5}, {2, 5, 3, 4}, "transpose %x axes [0, 3, 1, 2]",
        [](const FloatTensor &x, Position p) { return at(x, {p[0], p[2], p[3], p[1]}); });
  check(
      {2, 3, 4}, {4, 3, 2}, "transpose %x axes [2, 1, 0]",
      [](const FloatTensor &x, Position p) { return at(x, {p[2], p[1], p[0]}); }, false);
}

TEST(ShapeOpTest, Broadcast) {
  check({2, 1, 4}, {2, 3, 4}, "broadcast %x shape [-1, 3, 4]",
        [](const FloatTensor &x, Position p) { return at(x, {p[0], 0, p[2]}); });
  check(
      {1, 1}, {3, 2}, "broadcast %x shape [3, 2]",
      [](const FloatTensor &x, Position) { return x.data[0]; }, false);
}

TEST(ShapeOpTest, Slice) {
  const std::string whole = std::to_string(INT64_MAX);
  check({2, 9}, {2, 3}, "slice %x start [0, 1] stop [" + whole + ", 8] step [1, 3]",
        [](const FloatTensor &x, Position p) { return at(x, {p[0], 1 + 3 * p[1]}); });
  check({2, 9}, {2, 4}, "slice %x start [0, -2] stop [" + whole + ", 0] step [1, -2]",
        [](const FloatTensor &x, Position p) { return at(x, {p[0], 7 - 2 * p[1]}); });
  check({2, 3, 4}, {2, 3, 4},
        "slice %x start [0, 99, -1] stop [" + whole + ", -99, -99] step [1, -1, -1]",
        [](const FloatTensor &x, Position p) { return at(x, {p[0], 2 - p[1], 3 - p[2]}); });
  check({2, 5}, {2, 2}, "slice %x start [0, -3] stop [" + whole + ", -1] step [1, 1]",
        [](const FloatTensor &x, Position p) { return at(x, {p[0], 2 + p[1]}); });
  check({2, 5}, {2, 0}, "slice %x start [0, 4] stop [" + whole + ", 2] step [1, 1]",
        [](const FloatTensor &x, Position) { return x.data[0]; });
}

TEST(ShapeOpTest, Pad) {
  check({2, 3, 4}, {2, 6, 5}, "pad %x pad_width [1, 2, 0, 1] constant_value 5.000000e-01",
        [](const FloatTensor &x, Position p) {
          int64_t i = p[1] - 1, j = p[2];
          return i >= 0 && i < 3 && j < 4 ? at(x, {p[0], i, j}) : 0.5f;
        });
  check({2, 3, 4}, {2, 7, 4}, "pad %x pad_width [2, 2, 0, 0] mode \"reflect\"",
        [](const FloatTensor &x, Position p) {
          const int64_t mirrored[] = {2, 1, 0, 1, 2, 1, 0};
          return at(x, {p[0], mirrored[p[1]], p[2]});
        });
  check({2, 3, 4}, {2, 6, 9}, "pad %x pad_width [1, 2, 5, 0] mode \"repeat\"",
        [](const FloatTensor &x, Position p) {
          return at(x, {p[0], std::clamp<int64_t>(p[1] - 1, 0, 2), std::max<int64_t>(p[2] - 5, 0)});
        });
}

TEST(ShapeOpTest, InterpolateNearest) {
  check({2, 3, 4}, {2, 6, 8},
        "interpolate %x output_size [6, 8] mode \"nearest\" align_corners false",
        [](const FloatTensor &x, Position p) { return at(x, {p[0], p[1] / 2, p[2] / 2}); });
  check({2, 3, 4, 2}, {2, 2, 7, 2},
        "interpolate %x output_size [2, 7] mode \"nearest\" align_corners false channel_last",
        [](const FloatTensor &x, Position p) {
          return at(x, {p[0], int64_t(3 / 2.0f * p[1]), int64_t(4 / 7.0f * p[2]), p[3]});
        });
  check({2, 3}, {2, 5},
        "interpolate %x output_size [5] mode \"nearest\" align_corners false half_pixel_for_nn",
        [](const FloatTensor &x, Position p) {
          return at(x, {p[0], std::min<int64_t>(3 / 5.0f * (p[1] + 0.5f), 2)});
        });
}

/// The element at a place between elements, along dimension 1 of a matrix.
float lerp(const FloatTensor &x, int64_t row, float place) {
  int64_t before = std::min<int64_t>(place, x.shape[1] - 1);
  int64_t after = std::min(before + 1, x.shape[1] - 1);
  float weight = place - before;
  return (1 - weight) * at(x, {row, before}) + weight * at(x, {row, after});
}

TEST(ShapeOpTest, InterpolateLinear) {
  Tolerance tolerance{1e-6};
  check(
      {2, 4}, {2, 7}, "interpolate %x output_size [7] mode \"linear\" align_corners true",
      [](const FloatTensor &x, Position p) { return lerp(x, p[0], 0.5f * p[1]); }, true, tolerance);
  check(
      {2, 4}, {2, 6}, "interpolate %x output_size [6] mode \"linear\" align_corners false",
      [](const FloatTensor &x, Position p) { return lerp(x, p[0], 4 / 6.0f * p[1]); }, true,
      tolerance);
  check(
      {2, 4}, {2, 3},
      "interpolate %x output_size [3] mode \"linear\" align_corners false half_pixel",
      [](const FloatTensor &x, Position p) {
        return lerp(x, p[0], std::max(4 / 3.0f * (p[1] + 0.5f) - 0.5f, 0.0f));
      },
      true, tolerance);
  check(
      {2, 2, 2}, {2, 3, 3}, "interpolate %x output_size [3, 3] mode \"linear\" align_corners true",
      [](const FloatTensor &x, Position p) {
        float h = 0.5f * p[1], w = 0.5f * p[2];
        return (1 - h) * ((1 - w) * at(x, {p[0], 0, 0}) + w * at(x, {p[0], 0, 1})) +
               h * ((1 - w) * at(x, {p[0], 1, 0}) + w * at(x, {p[0], 1, 1}));
      },
      true, tolerance);
}

TEST(ShapeOpTest, ConcatenateStackSplit) {
  Network network;
  network.addInput("a", "tensor<?x2x3xf32>");
  network.addInput("b", "tensor<?x1x3xf32>");
  network.addOp("c", "nn.concatenate %a, %b axis -2 : (tensor<?x2x3xf32>, tensor<?x1x3xf32>) -> "
                     "tensor<?x3x3xf32>");
  network.addOp("s", "nn.stack %c, %c, %c axis 2 : (tensor<?x3x3xf32>, tensor<?x3x3xf32>, "
                     "tensor<?x3x3xf32>) -> tensor<?x3x3x3xf32>");
  network.addOp("p:3", "nn.split %c axis 1 : (tensor<?x3x3xf32>) -> (tensor<?x3xf32>, "
                       "tensor<?x3xf32>, tensor<?x3xf32>)");
  network.addOp("d", "nn.sub2 %p#2, %p#0 : (tensor<?x3xf32>, tensor<?x3xf32>) -> tensor<?x3xf32>");
  for (const char *name : {"c", "s", "d"})
    network.addOutput(name);
  FloatTensor a = makeIntegers({2, 2, 3}, 10), b = makeIntegers({2, 1, 3}, 11);
  std::vector<FloatTensor> results = network.run({a, b});
  auto joined = [&](int64_t n, int64_t i, int64_t j) {
    return i < 2 ? at(a, {n, i, j}) : at(b, {n, 0, j});
  };
  auto compare = [&](size_t i, const Shape &shape, llvm::function_ref<float(Position)> f) {
    expectClose(results[i], generate(shape, f), {0.0}, "result " + std::to_string(i));
  };
  compare(0, {2, 3, 3}, [&](Position p) { return joined(p[0], p[1], p[2]); });
  compare(1, {2, 3, 3, 3}, [&](Position p) { return joined(p[0], p[1], p[3]); });
  compare(2, {2, 3}, [&](Position p) { return joined(p[0], 2, p[1]) - joined(p[0], 0, p[1]); });
}

TEST(ShapeOpTest, BatchMatmul) {
  struct Case {
    Shape a, b, result;
    bool transposeA, transposeB;
  };
  for (const Case &c : {Case{{2, 3, 4}, {2, 4, 5}, {2, 3, 5}, false, false},
                        Case{{2, 4, 3}, {2, 4, 5}, {2, 3, 5}, true, false},
                        Case{{2, 3, 4}, {2, 5, 4}, {2, 3, 5}, false, true},
                        Case{{2, 4, 3}, {2, 5, 4}, {2, 3, 5}, true, true},
                        Case{{2, 1, 3, 4}, {2, 6, 4, 5}, {2, 6, 3, 5}, false, false},
                        Case{{2, 6, 3, 4}, {2, 1, 5, 4}, {2, 6, 3, 5}, false, true}}) {
    Network network;
    network.addInput("a", batchTypeOf(c.a));
    network.addInput("b", batchTypeOf(c.b));
    network.addOp("y", std::string("nn.batch_matmul %a, %b") +
                           (c.transposeA ? " transpose_a" : "") +
                           (c.transposeB ? " transpose_b" : "") + " : (" + batchTypeOf(c.a) + ", " +
                           batchTypeOf(c.b) + ") -> " + batchTypeOf(c.result));
    network.addOutput("y");
    FloatTensor a = makeIntegers(c.a, 12), b = makeIntegers(c.b, 13);
    auto element = [](const FloatTensor &x, Position p, int64_t i, int64_t j, bool isTransposed) {
      Shape position(p);
      for (auto [index, size] : llvm::zip(position, x.shape))
        index = std::min(index, size - 1); // Sizes of 1 repeat.
      position[p.size() - 2] = isTransposed ? j : i;
      position[p.size() - 1] = isTransposed ? i : j;
      return at(x, position);
    };
    FloatTensor expected = generate(c.result, [&](Position p) {
      float sum = 0;
      for (int64_t k = 0; k < 4; ++k)
        sum += element(a, p, p[p.size() - 2], k, c.transposeA) *
               element(b, p, k, p[p.size() - 1], c.transposeB);
      return sum;
    });
    expectClose(network.run({a, b}).front(), expected, {0.0}, "batch_matmul");
  }
}

} // namespace

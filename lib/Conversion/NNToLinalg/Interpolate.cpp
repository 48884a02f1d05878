//===- Interpolate.cpp - Images of another size -----------------*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The positions are known beforehand, so that tables hold them. Each dimension is resized by
// itself.
//
//===----------------------------------------------------------------------===//

#include "Patterns.h"

#include "fpw/Dialect/NN/IR/ScalarExpr.h"

using namespace mlir;
using namespace fpw;

namespace {
/// How one dimension changes its size.
struct Resize {
  int64_t from, to;
  bool alignCorners, halfPixel, halfPixelForNearest;

  /// In float, as nnabla computes it: where a position falls on an integer, the last bit decides.
  float positionOf(int64_t i) const {
    float scale = to <= 1        ? 0.0f
                  : alignCorners ? float(from - 1) / float(to - 1)
                                 : float(from) / float(to);
    if (halfPixelForNearest)
      return float(from) / float(to) * (float(i) + 0.5f);
    return halfPixel ? std::max(0.0f, scale * (float(i) + 0.5f) - 0.5f) : scale * float(i);
  }
  int64_t indexOf(int64_t i) const { return std::min(int64_t(positionOf(i)), from - 1); }
};
} // namespace

static Value resizeNearest(TensorBuilder &t, Value x, int64_t dim, const Resize &resize) {
  SmallVector<int64_t> indices;
  for (int64_t i = 0; i < resize.to; ++i)
    indices.push_back(resize.indexOf(i));
  int64_t ratio = resize.to / resize.from;
  bool isRepetition = resize.to % resize.from == 0;
  for (int64_t i = 0; i < resize.to; ++i)
    isRepetition = isRepetition && indices[i] == i / ratio;
  return isRepetition ? t.repeat(x, dim, ratio) : t.gather(x, dim, indices);
}

static Value resizeLinear(TensorBuilder &t, Value x, int64_t dim, const Resize &resize) {
  SmallVector<int64_t> before, after;
  SmallVector<float> weights;
  for (int64_t i = 0; i < resize.to; ++i) {
    before.push_back(resize.indexOf(i));
    after.push_back(std::min(before.back() + 1, resize.from - 1));
    weights.push_back(resize.positionOf(i) - float(before.back()));
  }
  Value a = t.gather(x, dim, before), b = t.gather(x, dim, after);
  unsigned rank = rankOf(x);
  return t.map(t.sizesOf(a), {a, b, t.table(weights)},
               {t.identity(rank), t.identity(rank), t.select(rank, dim)},
               [](OpBuilder &builder, Location loc, ValueRange elements) {
                 nn::ScalarBuilder s(builder, loc);
                 nn::Scalar weight = s(elements[2]);
                 return ((1.0f - weight) * s(elements[0]) + weight * s(elements[1])).value();
               });
}

static Value lowerInterpolate(nn::InterpolateOp op, nn::InterpolateOp::Adaptor operands,
                              TensorBuilder &t) {
  Value x = operands.getInput();
  ArrayRef<int64_t> target = op.getOutputSize();
  int64_t first = rankOf(x) - target.size() - (op.getChannelLast() ? 1 : 0);
  bool isNearest = op.getMode() == "nearest";
  // The last dimension first: nnabla interpolates rows before columns.
  for (int64_t i = target.size() - 1; i >= 0; --i) {
    Resize resize{tensorType(x).getDimSize(first + i), target[i], op.getAlignCorners(),
                  op.getHalfPixel(), isNearest && op.getHalfPixelForNn()};
    x = isNearest ? resizeNearest(t, x, first + i, resize) : resizeLinear(t, x, first + i, resize);
  }
  return x;
}

void fpw::populateInterpolatePatterns(RewritePatternSet &patterns) {
  addLowering<nn::InterpolateOp>(patterns, lowerInterpolate);
}

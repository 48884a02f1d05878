//===- Quantization.cpp - Integers that stand for floats -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "NodeImporter.h"

using namespace fpw;
using namespace fpw::onnx;

namespace {
/// Steps and zero points: one of each, or one per index of an axis.
struct Scale {
  std::vector<float> steps;
  SmallVector<int64_t> zeroPoints;
  int64_t axis = 0;

  bool isPerAxis() const { return steps.size() > 1; }
};

struct Limits {
  int64_t least, most;
};
} // namespace

static std::optional<Limits> getLimits(ElementType type) {
  switch (type) {
  case TensorProto::INT4:
    return Limits{-8, 7};
  case TensorProto::UINT4:
    return Limits{0, 15};
  case TensorProto::INT8:
    return Limits{-128, 127};
  case TensorProto::UINT8:
    return Limits{0, 255};
  case TensorProto::INT16:
    return Limits{-32768, 32767};
  case TensorProto::UINT16:
    return Limits{0, 65535};
  default:
    return std::nullopt;
  }
}

/// Reads the inputs 1 and 2 for an input of some shape.
static FailureOr<Scale> readScale(NodeImporter &importer, ArrayRef<int64_t> shape) {
  Scale scale;
  importer.ignore({"saturate", "precision"});
  if (importer.getInt("block_size", 0) != 0)
    return importer.emitError() << "scales of blocks are not supported";
  int64_t axis = importer.getInt("axis", 1);
  auto steps = importer.getKnownFloats(1, "the scale");
  if (failed(steps))
    return failure();
  scale.steps = *steps;
  scale.zeroPoints.assign(scale.steps.size(), 0);
  if (importer.hasInput(2)) {
    FailureOr<SmallVector<int64_t>> zeroPoints = importer.getIntegers(2, "the zero point");
    if (failed(zeroPoints))
      return failure();
    scale.zeroPoints = *zeroPoints;
  }
  if (scale.zeroPoints.size() != scale.steps.size())
    return importer.emitError() << "expected as many zero points as scales";
  if (!scale.isPerAxis())
    return scale.steps.empty() ? FailureOr<Scale>(importer.emitError() << "expected a scale")
                               : FailureOr<Scale>(scale);
  FailureOr<int64_t> dim = importer.normalizeAxis(axis, shape.size());
  if (failed(dim))
    return failure();
  if (shape[*dim] != int64_t(scale.steps.size()) || importer.getShape(1).size() != 1)
    return importer.emitError() << "expected one scale per index of axis " << axis;
  scale.axis = *dim;
  return scale;
}

/// Values along the axis of a scale, as a tensor that broadcasts to an input.
static Value makeAlongAxis(NNBuilder &b, const Scale &scale, int64_t rank,
                           std::vector<float> values) {
  SmallVector<int64_t> shape(rank, 1);
  if (scale.isPerAxis())
    shape[scale.axis] = values.size();
  return b.makeParameter(shape, std::move(values));
}

static std::vector<float> toFloats(ArrayRef<int64_t> values) {
  return std::vector<float>(values.begin(), values.end());
}

//===----------------------------------------------------------------------===//
// Quantize
//===----------------------------------------------------------------------===//

/// saturate(round(x / scale) + zero point), with ties to even
static LogicalResult importQuantizeLinear(NodeImporter &importer) {
  NNBuilder &b = importer.getBuilder();
  FailureOr<Scale> scale = readScale(importer, importer.getShape(0));
  if (failed(scale))
    return failure();
  int64_t given = importer.getInt("output_dtype", TensorProto::UNDEFINED);
  ElementType type = importer.hasInput(2) ? importer.getInput(2).type
                     : given == TensorProto::UNDEFINED || !TensorProto::DataType_IsValid(int(given))
                         ? TensorProto::UINT8
                         : static_cast<ElementType>(given);
  std::optional<Limits> limits = getLimits(type);
  if (!limits)
    return importer.emitError() << "quantization to " << onnx::getName(type) << " is not supported";
  Value x = importer.getFloatInput(0);
  if (!x)
    return failure();
  int64_t rank = b.getRank(x);
  Value codes = b.create<nn::RoundEvenOp>(b.div(x, makeAlongAxis(b, *scale, rank, scale->steps)));
  if (llvm::any_of(scale->zeroPoints, [](int64_t zeroPoint) { return zeroPoint != 0; }))
    codes = b.add(codes, makeAlongAxis(b, *scale, rank, toFloats(scale->zeroPoints)));
  return importer.addIntegers(b.clamp(codes, limits->least, limits->most), type, limits->least,
                              limits->most);
}

//===----------------------------------------------------------------------===//
// Dequantize
//===----------------------------------------------------------------------===//

/// (x - zero point) * scale
static LogicalResult importDequantizeLinear(NodeImporter &importer) {
  NNBuilder &b = importer.getBuilder();
  importer.ignore({"output_dtype"});
  FailureOr<Scale> scale = readScale(importer, importer.getShape(0));
  if (failed(scale))
    return failure();
  if (!importer.getInput(0).isExact() || isFloat(importer.getInput(0).type))
    return importer.emitError() << "expected integers of at most 24 bits but got "
                                << onnx::getName(importer.getInput(0).type);
  Value x = importer.getAnyInput(0);
  if (!x)
    return failure();
  int64_t rank = b.getRank(x);
  if (llvm::any_of(scale->zeroPoints, [](int64_t zeroPoint) { return zeroPoint != 0; }))
    x = b.sub(x, makeAlongAxis(b, *scale, rank, toFloats(scale->zeroPoints)));
  return importer.addFloats(b.mul(x, makeAlongAxis(b, *scale, rank, scale->steps)));
}

/// A constant: its floats, and the integers that they come from.
static bool foldDequantizeLinear(NodeImporter &importer) {
  const Constant *x = importer.getConstant(0);
  auto values = x->getFixedIntegers();
  if (isFloat(x->type) || !values || !importer.mayCompute(x->size()))
    return false;
  FailureOr<Scale> scale = readScale(importer, x->shape);
  if (failed(scale))
    return false;
  importer.ignore({"output_dtype"});
  int64_t inner = 1;
  for (int64_t dim = scale->axis + 1; scale->isPerAxis() && dim < int64_t(x->shape.size()); ++dim)
    inner *= x->shape[dim];
  QuantizedTensor codes;
  codes.steps = scale->steps;
  codes.axis = scale->axis;
  std::vector<float> floats;
  auto isWide = [](int64_t value) { return !llvm::isInt<32>(value); };
  if (llvm::any_of(*values, isWide) || llvm::any_of(scale->zeroPoints, isWide))
    return false;
  for (auto [i, value] : llvm::enumerate(*values)) {
    size_t channel = scale->isPerAxis() ? i / inner % scale->steps.size() : 0;
    int64_t code = value - scale->zeroPoints[channel];
    codes.codes.push_back(code);
    floats.push_back(float(code) * scale->steps[channel]);
  }
  return succeeded(
      importer.addQuantized(Constant::makeFloats(x->shape, std::move(floats)), std::move(codes)));
}

void onnx::addQuantizationOperators(OperatorTable &table) {
  table.add("QuantizeLinear", 2, 3, importQuantizeLinear);
  table.add("DequantizeLinear", 2, 3, importDequantizeLinear, foldDequantizeLinear);
}

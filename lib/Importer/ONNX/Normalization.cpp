//===- Normalization.cpp - Normalisation -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "NodeImporter.h"
#include "llvm/ADT/Sequence.h"

using namespace fpw;
using namespace fpw::onnx;

static LogicalResult importBatchNormalization(NodeImporter &importer) {
  NNBuilder &b = importer.getBuilder();
  importer.ignore({"momentum"}); // of training
  if (importer.getInt("training_mode", 0) != 0)
    return importer.emitError() << "training_mode is not supported";
  if (importer.getOpset() < 7 && importer.getInt("is_test", 0) == 0)
    return importer.emitError() << "is_test 0 is not supported";
  if (importer.getInt("spatial", 1) != 1)
    return importer.emitError() << "spatial 0 is not supported";
  nn::BatchNormalizationOp::Properties properties;
  properties.operandSegmentSizes = {1, 1, 1, 1, 1};
  properties.axes = b.getSizes(1);
  properties.eps = b.getFloat(importer.getFloat("epsilon", 1e-5f));
  // scale, bias, mean, variance; the dialect wants beta, which is the bias, first.
  return importer.addFloats(b.create<nn::BatchNormalizationOp>(
      properties, {importer.getFloatInput(0), importer.getFloatInput(2), importer.getFloatInput(1),
                   importer.getFloatInput(3), importer.getFloatInput(4)}));
}

namespace {
/// x normalised over some axes, and how.
struct Normalized {
  Value result, mean, inverseDeviation;
};
} // namespace

/// (x - mean) / sqrt(variance + epsilon)
static Normalized normalize(NNBuilder &b, Value x, ArrayRef<int64_t> axes, float epsilon,
                            bool subtractsMean = true) {
  Normalized n;
  Value centered = x;
  if (subtractsMean) {
    n.mean = b.reduce<nn::MeanOp>(x, axes, /*keepDims=*/true);
    centered = b.sub(x, n.mean);
  }
  Value variance = b.reduce<nn::MeanOp>(b.mul(centered, centered), axes, /*keepDims=*/true);
  Value deviation = b.sqrt(b.add(variance, epsilon));
  n.inverseDeviation = b.createScalar<nn::RDivScalarOp>(deviation, 1.0f);
  n.result = b.mul(centered, n.inverseDeviation);
  return n;
}

static Value applyScale(NodeImporter &importer, Value x) {
  NNBuilder &b = importer.getBuilder();
  if (importer.hasInput(1))
    x = b.mul(x, importer.getFloatInput(1));
  return importer.hasInput(2) ? b.add(x, importer.getFloatInput(2)) : x;
}

/// The last dimensions from an axis on; they must not be the batch.
static FailureOr<SmallVector<int64_t>> getTrailingAxes(NodeImporter &importer, Value x) {
  int64_t rank = NNBuilder::getRank(x);
  FailureOr<int64_t> axis = importer.normalizeAxis(importer.getInt("axis", -1), rank);
  if (failed(axis))
    return failure();
  return llvm::to_vector(llvm::seq<int64_t>(*axis, rank));
}

/// Normalises the first input over its last dimensions.
static FailureOr<Normalized> normalizeTrailing(NodeImporter &importer, bool subtractsMean) {
  importer.ignore({"stash_type"}); // f32 in any case
  Value x = importer.getFloatInput(0);
  float epsilon = importer.getFloat("epsilon", 1e-5f);
  if (!x)
    return failure();
  FailureOr<SmallVector<int64_t>> axes = getTrailingAxes(importer, x);
  if (failed(axes))
    return failure();
  return normalize(importer.getBuilder(), x, *axes, epsilon, subtractsMean);
}

static LogicalResult importLayerNormalization(NodeImporter &importer) {
  FailureOr<Normalized> n = normalizeTrailing(importer, /*subtractsMean=*/true);
  if (failed(n) || failed(importer.addFloats(applyScale(importer, n->result))))
    return failure();
  return success(succeeded(importer.addFloats(n->mean)) &&
                 succeeded(importer.addFloats(n->inverseDeviation)));
}

static LogicalResult importRMSNormalization(NodeImporter &importer) {
  FailureOr<Normalized> n = normalizeTrailing(importer, /*subtractsMean=*/false);
  return failed(n) ? failure() : importer.addFloats(applyScale(importer, n->result));
}

/// Scale and bias of channels, for an input of some rank.
static Value applyPerChannel(NodeImporter &importer, Value x) {
  NNBuilder &b = importer.getBuilder();
  if (!x)
    return x;
  SmallVector<int64_t> shape(b.getRank(x) - 1, 1);
  shape[0] = b.getShape(x)[1];
  x = b.mul(x, importer.getReshapedInput(1, shape));
  return b.add(x, importer.getReshapedInput(2, shape));
}

static LogicalResult checkChannels(NodeImporter &importer, Value x) {
  if (NNBuilder::getRank(x) >= 3 && !mlir::ShapedType::isDynamic(NNBuilder::getShape(x)[1]))
    return success();
  return importer.emitError() << "expected batch, channels and spatial dimensions but got "
                              << x.getType();
}

static LogicalResult importInstanceNormalization(NodeImporter &importer) {
  Value x = importer.getFloatInput(0);
  float epsilon = importer.getFloat("epsilon", 1e-5f);
  if (!x || failed(checkChannels(importer, x)))
    return failure();
  auto axes = llvm::to_vector(llvm::seq<int64_t>(2, NNBuilder::getRank(x)));
  Normalized n = normalize(importer.getBuilder(), x, axes, epsilon);
  return importer.addFloats(applyPerChannel(importer, n.result));
}

static LogicalResult importGroupNormalization(NodeImporter &importer) {
  NNBuilder &b = importer.getBuilder();
  importer.ignore({"stash_type"});
  if (importer.getOpset() < 21)
    return importer.emitError() << "the definition before opset 21 is not supported";
  Value x = importer.getFloatInput(0);
  float epsilon = importer.getFloat("epsilon", 1e-5f);
  int64_t groups = importer.getInt("num_groups", 0);
  if (!x || failed(checkChannels(importer, x)))
    return failure();
  ArrayRef<int64_t> shape = b.getShape(x);
  if (groups < 1 || shape[1] % groups != 0)
    return importer.emitError() << "expected num_groups to divide " << shape[1] << " channels";
  SmallVector<int64_t> whole, grouped;
  for (int64_t size : shape)
    whole.push_back(mlir::ShapedType::isDynamic(size) ? -1 : size);
  grouped = whole;
  grouped[1] = shape[1] / groups;
  grouped.insert(grouped.begin() + 1, groups);
  auto axes = llvm::to_vector(llvm::seq<int64_t>(2, grouped.size()));
  Normalized n = normalize(b, b.reshape(x, grouped), axes, epsilon);
  return importer.addFloats(applyPerChannel(importer, b.reshape(n.result, whole)));
}

/// x / (bias + alpha / size * sum of squares over nearby channels) ^ beta
static LogicalResult importLRN(NodeImporter &importer) {
  NNBuilder &b = importer.getBuilder();
  float alpha = importer.getFloat("alpha", 1e-4f), beta = importer.getFloat("beta", 0.75f);
  float bias = importer.getFloat("bias", 1.0f);
  int64_t size = importer.getInt("size", 0);
  Value x = importer.getFloatInput(0);
  if (!x || failed(checkChannels(importer, x)))
    return failure();
  constexpr int64_t mostChannels = 256;
  if (size < 1 || size > mostChannels)
    return importer.emitError() << "expected a size of 1 to " << mostChannels << " but got "
                                << size;
  int64_t channels = b.getShape(x)[1], spatial = b.getRank(x) - 2;
  SmallVector<int64_t> before(spatial + 1, 0), after(spatial + 1, 0);
  before[0] = (size - 1) / 2;
  after[0] = size / 2;
  Value padded = b.pad(b.mul(x, x), before, after, 0.0f), sum;
  for (int64_t i = 0; i < size; ++i) {
    Value part = b.slice(padded, 1, i, channels);
    sum = sum ? b.add(sum, part) : part;
  }
  Value scale = b.pow(b.add(b.mul(sum, alpha / float(size)), bias), beta);
  return importer.addFloats(b.div(x, scale));
}

static LogicalResult importLpNormalization(NodeImporter &importer) {
  NNBuilder &b = importer.getBuilder();
  int64_t p = importer.getInt("p", 2);
  Value x = importer.getFloatInput(0);
  if (!x)
    return failure();
  FailureOr<int64_t> axis = importer.normalizeAxis(importer.getInt("axis", -1), b.getRank(x));
  if (failed(axis))
    return failure();
  if (p != 1 && p != 2)
    return importer.emitError() << "expected p to be 1 or 2 but got " << p;
  Value norm = p == 1 ? b.reduce<nn::SumOp>(b.create<nn::AbsOp>(x), *axis, true)
                      : b.sqrt(b.reduce<nn::SumOp>(b.mul(x, x), *axis, true));
  // Where all elements are 0, so is the result.
  Value isZero = b.create<nn::LogicalNotOp>(norm);
  return importer.addFloats(b.div(x, b.add(norm, isZero)));
}

void onnx::addNormalizationOperators(OperatorTable &table) {
  table.add("BatchNormalization", 5, 5, importBatchNormalization);
  table.add("LayerNormalization", 2, 3, importLayerNormalization);
  table.add("RMSNormalization", 2, 2, importRMSNormalization);
  table.add("InstanceNormalization", 3, 3, importInstanceNormalization);
  table.add("GroupNormalization", 3, 3, importGroupNormalization);
  table.add("LRN", 1, 1, importLRN);
  table.add("LpNormalization", 1, 1, importLpNormalization);
}

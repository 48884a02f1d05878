//===- Layer.cpp - Inner products -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Weight.h"
#include "Window.h"

using namespace fpw;
using namespace fpw::onnx;

//===----------------------------------------------------------------------===//
// Convolutions
//===----------------------------------------------------------------------===//

/// Sets what all layers with a window share; pads that differ are added to the input before.
template <typename Properties>
static void setWindow(NNBuilder &b, const Window &window, Properties &properties) {
  properties.base_axis = b.getInteger(1);
  properties.pad = b.getSizes(window.padBefore);
  properties.stride = b.getSizes(window.stride);
  properties.dilation = b.getSizes(window.dilation);
}

/// The operands of a layer: input, weight, and bias if there is one.
static SmallVector<Value> getOperands(NodeImporter &importer, Value input, Value weight) {
  SmallVector<Value> operands = {input, weight};
  if (importer.hasInput(2))
    operands.push_back(importer.getFloatInput(2));
  return operands;
}

static Value buildConvolution(NodeImporter &importer, const Window &window, int64_t group,
                              Value input) {
  NNBuilder &b = importer.getBuilder();
  int64_t channels = b.getShape(input)[1];
  SmallVector<int64_t> shape = importer.getShape(1);
  bool isDepthwise = group > 1 && group == channels && shape[1] == 1 && shape[0] % group == 0;
  if (!isDepthwise) {
    Weight weight = getWeight(importer, 1, shape, /*channelAxis=*/0);
    return buildLayer<nn::ConvolutionOp, nn::FixedPointQuantizedConvolutionOp>(
        b, getOperands(importer, input, weight.value), weight.format, [&](auto &properties) {
          setWindow(b, window, properties);
          properties.group = b.getInteger(group);
        });
  }
  int64_t multiplier = shape[0] / group;
  shape.erase(shape.begin() + 1);
  Weight weight = getWeight(importer, 1, shape, /*channelAxis=*/0);
  return buildLayer<nn::DepthwiseConvolutionOp, nn::FixedPointQuantizedDepthwiseConvolutionOp>(
      b, getOperands(importer, input, weight.value), weight.format, [&](auto &properties) {
        setWindow(b, window, properties);
        properties.multiplier = b.getInteger(multiplier);
      });
}

/// The window of a layer over the image `x`, and the sizes of both the image and the weight.
static FailureOr<Window> readWindow(NodeImporter &importer, Value x, SmallVector<int64_t> &image,
                                    SmallVector<int64_t> &weight) {
  FailureOr<SmallVector<int64_t>> sizes = getImageSizes(importer, x);
  if (failed(sizes))
    return failure();
  image = *sizes;
  weight = importer.getShape(1);
  if (weight.size() != image.size() + 2)
    return importer.emitError() << "expected weights of " << image.size() + 2
                                << " dimensions but got " << printShape(weight);
  return Window::read(importer, image.size(), ArrayRef(weight).drop_front(2));
}

static LogicalResult importConv(NodeImporter &importer) {
  NNBuilder &b = importer.getBuilder();
  Value x = importer.getFloatInput(0);
  if (!x)
    return failure();
  SmallVector<int64_t> image, weight;
  FailureOr<Window> window = readWindow(importer, x, image, weight);
  if (failed(window) || failed(window->resolveAutoPad(importer, image)))
    return failure();
  if (!window->isSymmetric()) {
    x = b.pad(x, window->padBefore, window->padAfter, 0.0f);
    window->padBefore.assign(image.size(), 0);
  }
  int64_t group = importer.getInt("group", 1);
  return x ? importer.addFloats(buildConvolution(importer, *window, group, x)) : failure();
}

/// Sets the pads of a transposed convolution that `output_shape` or `auto_pad` ask for.
static LogicalResult resolveTransposedPads(NodeImporter &importer, Window &window,
                                           ArrayRef<int64_t> image,
                                           MutableArrayRef<int64_t> outputPadding) {
  auto outputShape = importer.getInts("output_shape");
  bool isSame = window.autoPad == "SAME_UPPER" || window.autoPad == "SAME_LOWER";
  if (!outputShape && !isSame)
    return success();
  if (outputShape && outputShape->size() < image.size())
    return importer.emitError() << "expected an output_shape of " << image.size() << " sizes";
  for (size_t i = 0; i < image.size(); ++i) {
    int64_t size = outputShape ? ArrayRef(*outputShape).take_back(image.size())[i]
                               : image[i] * window.stride[i];
    int64_t full = window.stride[i] * (image[i] - 1) + outputPadding[i] + window.getExtent(i);
    if (size > full && size - full < window.stride[i]) {
      outputPadding[i] += size - full;
      full = size;
    }
    if (size < 1 || size > full)
      return importer.emitError() << "expected an output size of 1 to " << full << " but got "
                                  << size;
    window.distribute(i, full - size, window.autoPad == "SAME_UPPER");
  }
  return success();
}

static LogicalResult importConvTranspose(NodeImporter &importer) {
  NNBuilder &b = importer.getBuilder();
  Value x = importer.getFloatInput(0);
  if (!x)
    return failure();
  SmallVector<int64_t> image, weight;
  FailureOr<Window> window = readWindow(importer, x, image, weight);
  if (failed(window))
    return failure();
  auto outputPadding = importer.getInts("output_padding").value_or(SmallVector<int64_t>());
  outputPadding.resize(image.size(), 0);
  if (failed(resolveTransposedPads(importer, *window, image, outputPadding)))
    return failure();
  SmallVector<int64_t> before = window->padBefore, after = window->padAfter;
  if (!window->isSymmetric())
    window->padBefore.assign(image.size(), 0);
  int64_t group = importer.getInt("group", 1);
  // With groups, an index of axis 1 is an output channel of each group.
  Weight kernel = getWeight(importer, 1, weight, /*channelAxis=*/group == 1 ? 1 : -1);
  Value y = buildLayer<nn::DeconvolutionOp, nn::FixedPointQuantizedDeconvolutionOp>(
      b, getOperands(importer, x, kernel.value), kernel.format, [&](auto &properties) {
        setWindow(b, *window, properties);
        properties.group = b.getInteger(group);
        properties.output_padding = b.getSizes(outputPadding);
      });
  if (y && before != after)
    for (size_t i = 0; i < image.size(); ++i)
      y = b.slice(y, i + 2, before[i], b.getShape(y)[i + 2] - before[i] - after[i]);
  return importer.addFloats(y);
}

//===----------------------------------------------------------------------===//
// Matrix products
//===----------------------------------------------------------------------===//

static Value buildAffine(NNBuilder &b, SmallVector<Value> operands, nn::FixedPointAttr format) {
  if (!operands[0])
    return {};
  int64_t baseAxis = b.getRank(operands[0]) - 1;
  return buildLayer<nn::AffineOp, nn::FixedPointQuantizedAffineOp>(
      b, std::move(operands), format,
      [&](auto &properties) { properties.base_axis = b.getInteger(baseAxis); });
}

static LogicalResult importGemm(NodeImporter &importer) {
  NNBuilder &b = importer.getBuilder();
  if (importer.getShape(0).size() != 2 || importer.getShape(1).size() != 2)
    return importer.emitError() << "expected two matrices";
  if (importer.getOpset() < 7)
    importer.ignore({"broadcast"}); // which shapes say as well
  float alpha = importer.getFloat("alpha", 1.0f), beta = importer.getFloat("beta", 1.0f);
  Value a = importer.getFloatInput(0);
  if (importer.getInt("transA", 0))
    a = b.swap(a, 0, 1);
  Weight weight = getMatrix(importer, 1, importer.getInt("transB", 0) != 0);
  SmallVector<Value> operands = {a, weight.value};
  if (!a || !weight.value)
    return failure();
  bool hasBias = false;
  if (importer.hasInput(2) && alpha == 1.0f && beta == 1.0f) {
    SmallVector<int64_t> shape = importer.getShape(2);
    int64_t outputs = b.getShape(operands[1])[1];
    hasBias = !shape.empty() && shape.back() == outputs && countElements(shape) == outputs;
    if (hasBias)
      operands.push_back(importer.getReshapedInput(2, outputs));
  }
  Value y = buildAffine(b, operands, weight.format);
  if (alpha != 1.0f)
    y = b.mul(y, alpha);
  if (importer.hasInput(2) && !hasBias) {
    Value c = importer.getFloatInput(2);
    y = b.add(y, beta == 1.0f ? c : b.mul(c, beta));
  }
  return importer.addFloats(y);
}

/// A product of batches of matrices. Vectors have become matrices.
static Value buildBatchMatmul(NNBuilder &b, Value x, Value y) {
  if (!x || !y)
    return {};
  int64_t rank = std::max(b.getRank(x), b.getRank(y));
  return b.create<nn::BatchMatmulOp>({b.extendRank(x, rank), b.extendRank(y, rank)});
}

/// A product where the right operand is a matrix for all samples alike.
static Value buildMatrixProduct(NodeImporter &importer, Value x) {
  Weight weight = getMatrix(importer, 1, /*isTransposed=*/false);
  return buildAffine(importer.getBuilder(), {x, weight.value}, weight.format);
}

/// A product of vectors, matrices or batches of them, as numpy's matmul.
static LogicalResult importMatMul(NodeImporter &importer) {
  NNBuilder &b = importer.getBuilder();
  Value x = importer.getFloatInput(0);
  SmallVector<int64_t> right = importer.getShape(1);
  if (!x)
    return failure();
  bool isRow = b.getRank(x) == 1, isColumn = right.size() == 1;
  if (b.getRank(x) == 0 || right.empty())
    return importer.emitError() << "expected vectors or matrices but got a scalar";
  if (isRow)
    x = b.extendRank(x, 2);
  bool hasOpenRows = x && mlir::ShapedType::isDynamic(b.getShape(x)[b.getRank(x) - 2]);
  bool isStatic = llvm::none_of(right, mlir::ShapedType::isDynamic);
  bool isAffine = right.size() == 2 && isStatic && (importer.getConstant(1) || hasOpenRows);
  Value product = isAffine   ? buildMatrixProduct(importer, x)
                  : isColumn ? buildBatchMatmul(b, x, importer.getReshapedInput(1, {right[0], 1}))
                             : buildBatchMatmul(b, x, importer.getFloatInput(1));
  if (!product)
    return failure();
  SmallVector<int64_t> shape;
  int64_t rank = b.getRank(product);
  for (auto [i, size] : llvm::enumerate(b.getShape(product)))
    if (!(isColumn && int64_t(i) == rank - 1) && !(isRow && int64_t(i) == rank - 2))
      shape.push_back(mlir::ShapedType::isDynamic(size) ? -1 : size);
  return importer.addFloats(isRow || isColumn ? b.reshape(product, shape) : product);
}

void onnx::addLayerOperators(OperatorTable &table) {
  table.add("Conv", 2, 3, importConv);
  table.add("ConvTranspose", 2, 3, importConvTranspose);
  table.add("Gemm", 2, 3, importGemm);
  table.add("MatMul", 2, 2, importMatMul);
}

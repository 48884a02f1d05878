//===- Shape.cpp - Functions that move elements -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FunctionImporter.h"

using namespace fpw;
using namespace fpw::nnp;

//===----------------------------------------------------------------------===//
// Reshape
//===----------------------------------------------------------------------===//

/// The product of the sizes that are not negative, which stand for the batch; nothing if it is too
/// large.
static std::optional<int64_t> multiplyStatic(ArrayRef<int64_t> sizes) {
  int64_t product = 1;
  for (int64_t size : sizes)
    if (size >= 0 && llvm::MulOverflow(product, size, product))
      return std::nullopt;
  return product;
}

/// nnabla's reading of a new shape: -1 is the batch. A shape without the batch, as Neural Network
/// Console writes it, gets the batch in front.
static LogicalResult completeShape(FunctionImporter &importer, SmallVector<int64_t> &shape) {
  mlir::ShapedType input = importer.getInputType(0);
  int64_t dynamicSizes = input.getNumDynamicDims();
  std::optional<int64_t> oldElements = multiplyStatic(input.getShape());
  std::optional<int64_t> newElements = multiplyStatic(shape);
  if (!oldElements || !newElements)
    return importer.emitError() << "the number of elements is too large";
  bool hasBatch = llvm::is_contained(shape, -1);
  if (hasBatch && dynamicSizes && *newElements != *oldElements)
    return importer.emitError() << "expected " << *oldElements
                                << " elements per sample but the new shape has " << *newElements;
  if (hasBatch)
    return success();
  int64_t batch = dynamicSizes ? -1 : importer.getBatchSize();
  bool lacksBatch = dynamicSizes
                        ? *newElements == *oldElements
                        : *newElements != *oldElements && batch > 0 && *oldElements % batch == 0 &&
                              *newElements == *oldElements / batch;
  if (lacksBatch)
    shape.insert(shape.begin(), batch);
  return success();
}

static LogicalResult importReshape(FunctionImporter &importer) {
  const auto &sizes = importer.getFunction().reshape_param().shape().dim();
  SmallVector<int64_t> shape(sizes.begin(), sizes.end());
  if (failed(completeShape(importer, shape)))
    return failure();
  nn::ReshapeOp::Properties properties;
  properties.shape = importer.getSizes(shape);
  return importer.create<nn::ReshapeOp>(properties);
}

//===----------------------------------------------------------------------===//
// Slice
//===----------------------------------------------------------------------===//

/// A slice of the whole batch has the file's batch size, or -1, or the largest number, as its end;
/// any end does then.
static LogicalResult importSlice(FunctionImporter &importer) {
  const auto &parameter = importer.getFunction().slice_param();
  SmallVector<int64_t> stop(parameter.stop().begin(), parameter.stop().end());
  mlir::ShapedType input = importer.getInputType(0);
  for (int64_t i = 0; i < std::min<int64_t>(input.getRank(), stop.size()); ++i) {
    bool isWhole = i < parameter.start_size() && parameter.start(i) == 0 &&
                   (stop[i] == -1 || stop[i] == std::numeric_limits<int32_t>::max() ||
                    (stop[i] > 0 && stop[i] == importer.getBatchSize()));
    if (input.isDynamicDim(i) && isWhole)
      stop[i] = std::numeric_limits<int64_t>::max();
  }
  nn::SliceOp::Properties properties;
  properties.start = importer.getList(parameter.start());
  properties.stop = importer.getSizes(stop);
  properties.step = importer.getList(parameter.step());
  return importer.create<nn::SliceOp>(properties);
}

//===----------------------------------------------------------------------===//
// The others
//===----------------------------------------------------------------------===//

static LogicalResult importTranspose(FunctionImporter &importer) {
  nn::TransposeOp::Properties properties;
  properties.axes = importer.getList(importer.getFunction().transpose_param().axes());
  return importer.create<nn::TransposeOp>(properties);
}

static LogicalResult importPad(FunctionImporter &importer) {
  const auto &parameter = importer.getFunction().pad_param();
  nn::PadOp::Properties properties;
  properties.pad_width = importer.getList(parameter.pad_width());
  properties.mode = importer.getString(parameter.mode());
  properties.constant_value = importer.getFloat(parameter.constant_value());
  return importer.create<nn::PadOp>(properties);
}

static LogicalResult importBroadcast(FunctionImporter &importer) {
  nn::BroadcastOp::Properties properties;
  properties.shape = importer.getShape(importer.getFunction().broadcast_param().shape());
  return importer.create<nn::BroadcastOp>(properties);
}

static LogicalResult importInterpolate(FunctionImporter &importer) {
  const auto &parameter = importer.getFunction().interpolate_param();
  nn::InterpolateOp::Properties properties;
  properties.output_size = importer.getList(parameter.output_size());
  properties.mode = importer.getString(parameter.mode());
  properties.align_corners = importer.getBool(parameter.align_corners());
  properties.half_pixel = importer.getUnit(parameter.half_pixel());
  properties.half_pixel_for_nn = importer.getUnit(parameter.half_pixel_for_nn());
  properties.channel_last = importer.getUnit(parameter.channel_last());
  return importer.create<nn::InterpolateOp>(properties);
}

static LogicalResult importConcatenate(FunctionImporter &importer) {
  nn::ConcatenateOp::Properties properties;
  properties.axis = importer.getInteger(importer.getFunction().concatenate_param().axis());
  return importer.create<nn::ConcatenateOp>(properties);
}

static LogicalResult importStack(FunctionImporter &importer) {
  nn::StackOp::Properties properties;
  properties.axis = importer.getInteger(importer.getFunction().stack_param().axis());
  return importer.create<nn::StackOp>(properties);
}

/// A split has as many outputs as its dimension is long, so their number is checked before they
/// exist.
static LogicalResult importSplit(FunctionImporter &importer) {
  int64_t axis = importer.getFunction().split_param().axis();
  mlir::ShapedType input = importer.getInputType(0);
  int64_t dimension = axis < 0 ? axis + input.getRank() : axis;
  if (dimension >= 0 && dimension < input.getRank() &&
      input.getDimSize(dimension) != importer.getFunction().output_size())
    return importer.emitError() << "expected one output per index of axis " << axis << " of "
                                << input << " but got " << importer.getFunction().output_size();
  nn::SplitOp::Properties properties;
  properties.axis = importer.getInteger(axis);
  return importer.create<nn::SplitOp>(properties);
}

static LogicalResult importBatchMatmul(FunctionImporter &importer) {
  const auto &parameter = importer.getFunction().batch_matmul_param();
  nn::BatchMatmulOp::Properties properties;
  properties.transpose_a = importer.getUnit(parameter.transpose_a());
  properties.transpose_b = importer.getUnit(parameter.transpose_b());
  return importer.create<nn::BatchMatmulOp>(properties);
}

void nnp::addShapeFunctions(FunctionTable &table) {
  table.add<nn::ReshapeOp>("Reshape", 1, 1, importReshape);
  table.add<nn::TransposeOp>("Transpose", 1, 1, importTranspose);
  table.add<nn::SliceOp>("Slice", 1, 1, importSlice);
  table.add<nn::PadOp>("Pad", 1, 1, importPad);
  table.add<nn::BroadcastOp>("Broadcast", 1, 1, importBroadcast);
  table.add<nn::InterpolateOp>("Interpolate", 1, 1, importInterpolate);
  table.add<nn::ConcatenateOp>("Concatenate", 1, FunctionTable::kAnyNumber, importConcatenate);
  table.add<nn::StackOp>("Stack", 1, FunctionTable::kAnyNumber, importStack);
  table.add<nn::SplitOp>("Split", 1, 1, importSplit);
  table.add<nn::BatchMatmulOp>("BatchMatmul", 2, 2, importBatchMatmul);
}

//===- PackTiles.cpp - Lays codes out as matrix tiles -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "AMXPlan.h"
#include "ByteContraction.h"
#include "TileLayout.h"
#include "fpw/Codegen/CPU/Passes.h"
#include "fpw/Dialect/NN/IR/NN.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Utils/Utils.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/IndexingUtils.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "llvm/Support/MathExtras.h"
#include <cstring>
#include <map>

namespace fpw::cpu {
#define GEN_PASS_DEF_FPWCPUPACKTILES
#include "fpw/Codegen/CPU/Passes.h.inc"

using namespace mlir;

namespace {

/// The dimensions of a weight by their role.
struct WeightDims {
  SmallVector<unsigned> groups; ///< from the outside in
  unsigned output;
  SmallVector<unsigned> outerReduction; ///< from the outside in
  unsigned channel;

  bool operator<(const WeightDims &other) const {
    return std::tie(groups, output, outerReduction, channel) <
           std::tie(other.groups, other.output, other.outerReduction, other.channel);
  }
};

/// Finds the loops over outputs, and the one over channels, which lie together in the other
/// operand.
std::optional<TileLoops> findLoops(linalg::GenericOp op) {
  AffineMap planes = op.getMatchingIndexingMap(op.getDpsInputOperand(0));
  AffineMap weight = op.getMatchingIndexingMap(op.getDpsInputOperand(1));
  if (!weight.isProjectedPermutation() || planes.getNumResults() == 0)
    return std::nullopt;
  std::optional<unsigned> channel = getChannelLoop(op);
  if (!channel || op.getStaticLoopRanges()[*channel] % kAMXBytes != 0)
    return std::nullopt;
  TileLoops loops{{}, 0, {}, *channel};
  auto iterators = op.getIteratorTypesArray();
  for (unsigned loop = 0; loop < op.getNumLoops(); ++loop) {
    if (!weight.isFunctionOfDim(loop))
      continue;
    if (linalg::isParallelIterator(iterators[loop])) {
      loops.groups.push_back(loop);
    } else if (loop != loops.channel) {
      loops.outerReduction.push_back(loop);
    }
  }
  bool hasChannel = weight.isFunctionOfDim(loops.channel) &&
                    linalg::isReductionIterator(iterators[loops.channel]);
  if (loops.groups.empty() || !hasChannel)
    return std::nullopt;
  loops.output = takeOutputLoop(loops.groups, op.getMatchingIndexingMap(op.getDpsInitOperand(0)));
  return loops;
}

WeightDims getDims(AffineMap map, const TileLoops &loops) {
  auto find = [&](unsigned loop) {
    return *map.getResultPosition(getAffineDimExpr(loop, map.getContext()));
  };
  return {llvm::map_to_vector(loops.groups, find), find(loops.output),
          llvm::map_to_vector(loops.outerReduction, find), find(loops.channel)};
}

RankedTensorType getPackedType(RankedTensorType type, const WeightDims &dims) {
  SmallVector<int64_t> shape;
  for (unsigned dim : dims.groups)
    shape.push_back(type.getDimSize(dim));
  shape.push_back(llvm::divideCeil(type.getDimSize(dims.output), kAMXOutputs));
  for (unsigned dim : dims.outerReduction)
    shape.push_back(type.getDimSize(dim));
  shape.push_back(type.getDimSize(dims.channel) / kAMXBytes);
  shape.append({kAMXOutputs / kAMXLanes, kAMXRows, kAMXBytes});
  return RankedTensorType::get(shape, type.getElementType());
}

/// The place of a code within the tiles of its block of outputs and channels.
int64_t getPlaceInBlock(int64_t output, int64_t channel) {
  int64_t half = output % kAMXOutputs / kAMXLanes;
  return (half * kAMXRows + channel % kAMXBytes / 4) * kAMXBytes + output % kAMXLanes * 4 +
         channel % 4;
}

/// Calls `visit` with the offset of each position of the dimensions, in order.
void forEachOffset(ArrayRef<int64_t> shape, ArrayRef<int64_t> strides, ArrayRef<unsigned> dims,
                   int64_t offset, function_ref<void(int64_t)> visit) {
  if (dims.empty())
    return visit(offset);
  for (int64_t i = 0; i < shape[dims.front()]; ++i)
    forEachOffset(shape, strides, dims.drop_front(), offset + i * strides[dims.front()], visit);
}

/// The offsets of all positions of some dimensions, in order.
SmallVector<int64_t> getOffsets(ArrayRef<int64_t> shape, ArrayRef<unsigned> dims) {
  SmallVector<int64_t> strides = computeStrides(shape), offsets;
  forEachOffset(shape, strides, dims, 0, [&](int64_t offset) { offsets.push_back(offset); });
  return offsets;
}

/// Copies the codes to their places; places without code stay zero.
void packCodes(ArrayRef<char> source, bool isSplat, ArrayRef<int64_t> shape, const WeightDims &dims,
               MutableArrayRef<char> target) {
  constexpr int64_t kBlockBytes = kAMXOutputs * kAMXBytes;
  SmallVector<int64_t> strides = computeStrides(shape);
  int64_t channelBlocks = shape[dims.channel] / kAMXBytes;
  int64_t outputBlocks = llvm::divideCeil(shape[dims.output], kAMXOutputs);
  SmallVector<int64_t> taps = getOffsets(shape, dims.outerReduction);
  for (auto [group, start] : llvm::enumerate(getOffsets(shape, dims.groups)))
    for (int64_t output = 0; output < shape[dims.output]; ++output)
      for (auto [number, tap] : llvm::enumerate(taps))
        for (int64_t channel = 0; channel < shape[dims.channel]; ++channel) {
          int64_t block = group * outputBlocks + output / kAMXOutputs;
          block = (block * taps.size() + number) * channelBlocks + channel / kAMXBytes;
          int64_t from =
              start + output * strides[dims.output] + tap + channel * strides[dims.channel];
          target[block * kBlockBytes + getPlaceInBlock(output, channel)] =
              source[isSplat ? 0 : from];
        }
}

/// The parameter's codes as tiles, as a new parameter before the old one.
nn::ParameterOp packParameter(nn::ParameterOp parameter, const WeightDims &dims) {
  auto type = cast<RankedTensorType>(parameter.getType());
  RankedTensorType packedType = getPackedType(type, dims);
  size_t bytes = packedType.getNumElements();
  AsmResourceBlob blob = HeapAsmResourceBlob::allocate(bytes, 64);
  std::memset(blob.getMutableData().data(), 0, bytes);
  packCodes(parameter.getRawData(), parameter.isSplat(), type.getShape(), dims,
            blob.getMutableData());
  auto value = DenseResourceElementsAttr::get(packedType, parameter.getName(), std::move(blob));
  OpBuilder builder(parameter);
  return nn::ParameterOp::create(builder, parameter.getLoc(), packedType, parameter.getNameAttr(),
                                 value, parameter.getConversionAttr());
}

struct PackTiles : impl::FPWCPUPackTilesBase<PackTiles> {
  void runOnOperation() override {
    getOperation().walk([&](linalg::GenericOp op) {
      if (readsTiles(op) && op.getNumDpsInputs() == 2)
        pack(op);
    });
    for (auto &[key, packed] : packedParameters)
      eraseIfUnused(key.first);
    packedParameters.clear();
  }

private:
  void pack(linalg::GenericOp op) {
    // An operand of signless bytes may be a view of the codes, which have a sign or none.
    Value weight = op.getDpsInputs()[1];
    auto view = weight.getDefiningOp<tensor::BitcastOp>();
    auto parameter = (view ? view.getSource() : weight).getDefiningOp<nn::ParameterOp>();
    if (!parameter || getElementTypeOrSelf(parameter.getType()).getIntOrFloatBitWidth() != 8)
      return;
    std::optional<TileLoops> loops = findLoops(op);
    if (!loops)
      return;
    WeightDims dims = getDims(op.getMatchingIndexingMap(op.getDpsInputOperand(1)), *loops);
    nn::ParameterOp &packed = packedParameters[{parameter, dims}];
    if (!packed)
      packed = packParameter(parameter, dims);
    Value tiles = packed;
    if (view) {
      OpBuilder builder(op);
      auto type = RankedTensorType::get(cast<RankedTensorType>(packed.getType()).getShape(),
                                        getElementTypeOrSelf(view.getType()));
      tiles = tensor::BitcastOp::create(builder, op.getLoc(), type, packed);
    }
    useTiles(op, tiles, *loops);
    if (view)
      eraseIfUnused(view);
  }

  /// Puts the tiles in the place of the weight. Where no map names the loop over channels by
  /// itself, an operand without data says how long it is, as in linalg's poolings.
  static void useTiles(linalg::GenericOp op, Value tiles, const TileLoops &loops) {
    OpBuilder builder(op);
    SmallVector<AffineMap> maps = op.getIndexingMapsArray();
    int64_t channels = op.getStaticLoopRanges()[loops.channel];
    maps[1] = getTileMap(op.getNumLoops(), loops, op.getContext());
    op.getDpsInputOperand(1)->set(tiles);
    AffineExpr channel = builder.getAffineDimExpr(loops.channel);
    if (!maps[0].getResultPosition(channel)) {
      Value length = tensor::EmptyOp::create(builder, op.getLoc(), {channels}, builder.getI8Type());
      maps.insert(maps.begin() + 2, AffineMap::get(op.getNumLoops(), 0, channel));
      op.getInputsMutable().append(length);
      op.getBody()->insertArgument(2, builder.getI8Type(), op.getLoc());
    }
    op.setIndexingMapsAttr(builder.getAffineMapArrayAttr(maps));
  }

  static void eraseIfUnused(Operation *op) {
    if (op->use_empty())
      op->erase();
  }

  std::map<std::pair<Operation *, WeightDims>, nn::ParameterOp> packedParameters;
};

} // namespace
} // namespace fpw::cpu

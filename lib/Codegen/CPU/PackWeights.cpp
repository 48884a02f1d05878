//===- PackWeights.cpp - Lays weights out in the order in which they are read -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "DotLoop.h"
#include "fpw/Codegen/CPU/Passes.h"
#include "fpw/Codegen/CPU/TilePlan.h"
#include "fpw/Dialect/NN/IR/NN.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Utils/IndexingUtils.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/Support/MathExtras.h"
#include <cstring>
#include <map>

namespace fpw::cpu {
#define GEN_PASS_DEF_FPWCPUPACKWEIGHTS
#include "fpw/Codegen/CPU/Passes.h.inc"

using namespace mlir;

namespace {

/// The order of a packed weight's elements.
struct Layout {
  SmallVector<int64_t> order; ///< the dimension of the weight for each dimension but the last
  int64_t vectorDim;          ///< the dimension of the weight that vectors run along
  int64_t block;              ///< elements of it that lie together; 0: all, unblocked
  int64_t lane = 1; ///< elements of the last dimension that share a lane, and stay together
};

/// The type without the dimension of a lane's elements.
RankedTensorType dropLane(RankedTensorType type, const Layout &layout) {
  if (layout.lane == 1)
    return type;
  return RankedTensorType::get(type.getShape().drop_back(), type.getElementType());
}

/// The layout that suits the op, or none if the weight is fine as it is or cannot be packed.
std::optional<Layout> chooseLayout(linalg::GenericOp op, OpOperand &operand, const TilePlan &plan) {
  AffineMap map = op.getMatchingIndexingMap(&operand);
  if (!plan.vectorLoop || !map.isProjectedPermutation() || !map.isFunctionOfDim(*plan.vectorLoop))
    return std::nullopt;
  Layout layout{{}, 0, plan.sizes[*plan.vectorLoop]};
  std::optional<DotLoop> dot = matchDotLoop(op);
  if (dot && hasLaneDimension(map, *dot)) {
    layout.lane = dot->size;
    map = map.dropResult(map.getNumResults() - 1);
  }
  RankedTensorType type = dropLane(cast<RankedTensorType>(operand.get().getType()), layout);
  if (isReduction(op, *plan.vectorLoop))
    layout.block = 0;
  SmallVector<int64_t> inner;
  for (unsigned loop = 0; loop < op.getNumLoops(); ++loop) {
    std::optional<unsigned> dim = map.getResultPosition(getAffineDimExpr(loop, op.getContext()));
    if (!dim)
      continue;
    if (loop == *plan.vectorLoop)
      layout.vectorDim = *dim;
    else if (isReduction(op, loop))
      inner.push_back(*dim);
    else
      layout.order.push_back(*dim);
  }
  int64_t vectorSize = type.getDimSize(layout.vectorDim);
  bool inOrder = llvm::equal(
      llvm::concat<int64_t>(layout.order, inner, SmallVector<int64_t>{layout.vectorDim}),
      llvm::seq<int64_t>(0, type.getRank()));
  if (inOrder && (layout.block == 0 || layout.block == vectorSize))
    return std::nullopt;
  if (layout.block != 0)
    layout.order.push_back(layout.vectorDim);
  llvm::append_range(layout.order, inner);
  return layout;
}

RankedTensorType getPackedType(RankedTensorType type, const Layout &layout) {
  SmallVector<int64_t> shape;
  for (int64_t dim : layout.order) {
    int64_t size = type.getDimSize(dim);
    shape.push_back(dim == layout.vectorDim ? llvm::divideCeil(size, layout.block) : size);
  }
  shape.push_back(layout.block != 0 ? layout.block : type.getDimSize(layout.vectorDim));
  if (layout.lane > 1)
    shape.push_back(layout.lane);
  return RankedTensorType::get(shape, type.getElementType());
}

/// Copies the elements to their places; places without element stay zero.
void packElements(ArrayRef<char> source, RankedTensorType type, RankedTensorType packedType,
                  const Layout &layout, MutableArrayRef<char> target) {
  size_t width = type.getElementTypeBitWidth() / 8 * layout.lane;
  type = dropLane(type, layout);
  SmallVector<int64_t> strides = computeStrides(type.getShape());
  ArrayRef<int64_t> shape = dropLane(packedType, layout).getShape();
  SmallVector<int64_t> position(shape.size(), 0);
  int64_t vectorSize = type.getDimSize(layout.vectorDim);
  for (size_t at = 0; at < target.size(); at += width) {
    int64_t offset = 0, along = position.back();
    for (auto [dim, index] : llvm::zip(layout.order, position)) {
      if (dim == layout.vectorDim)
        along += index * layout.block;
      else
        offset += index * strides[dim];
    }
    if (along < vectorSize)
      std::memcpy(&target[at], &source[(offset + along * strides[layout.vectorDim]) * width],
                  width);
    for (int64_t dim = shape.size() - 1; dim >= 0 && ++position[dim] == shape[dim]; --dim)
      position[dim] = 0;
  }
}

/// The parameter's data in the given layout.
ElementsAttr packValue(nn::ParameterOp parameter, RankedTensorType packedType,
                       const Layout &layout) {
  // Repetitions of one element take no memory; what pads them is never stored.
  if (parameter.isSplat())
    return cast<DenseElementsAttr>(parameter.getValue()).resizeSplat(packedType);
  auto type = cast<RankedTensorType>(parameter.getType());
  size_t bytes = packedType.getNumElements() * (type.getElementTypeBitWidth() / 8);
  AsmResourceBlob blob = HeapAsmResourceBlob::allocate(bytes, 64);
  std::memset(blob.getMutableData().data(), 0, bytes);
  packElements(parameter.getRawData(), type, packedType, layout, blob.getMutableData());
  return DenseResourceElementsAttr::get(packedType, parameter.getName(), std::move(blob));
}

/// The parameter in the given layout, before the old one.
nn::ParameterOp packParameter(nn::ParameterOp parameter, const Layout &layout) {
  RankedTensorType type = getPackedType(cast<RankedTensorType>(parameter.getType()), layout);
  OpBuilder builder(parameter);
  return nn::ParameterOp::create(builder, parameter.getLoc(), type, parameter.getNameAttr(),
                                 packValue(parameter, type, layout), parameter.getConversionAttr());
}

/// The indexing map of the packed weight.
AffineMap getPackedMap(AffineMap map, const Layout &layout) {
  AffineExpr vector = map.getResult(layout.vectorDim);
  SmallVector<AffineExpr> results;
  for (int64_t dim : layout.order)
    results.push_back(dim == layout.vectorDim ? vector.floorDiv(layout.block) : map.getResult(dim));
  results.push_back(layout.block != 0 ? vector % layout.block : vector);
  if (layout.lane > 1)
    results.push_back(map.getResults().back());
  return AffineMap::get(map.getNumDims(), 0, results, map.getContext());
}

struct PackWeights : impl::FPWCPUPackWeightsBase<PackWeights> {
  void runOnOperation() override {
    getOperation().walk([&](linalg::GenericOp op) {
      std::optional<TilePlan> plan = TilePlan::readFrom(op);
      if (!plan || op.getNumReductionLoops() == 0)
        return;
      for (OpOperand *operand : op.getDpsInputOperands())
        if (auto parameter = operand->get().getDefiningOp<nn::ParameterOp>())
          if (std::optional<Layout> layout = chooseLayout(op, *operand, *plan))
            pack(op, *operand, parameter, *layout);
    });
    llvm::SmallSetVector<Operation *, 8> replaced;
    for (auto &[key, packed] : packedParameters)
      replaced.insert(key.first);
    packedParameters.clear();
    for (Operation *parameter : replaced)
      if (parameter->use_empty())
        parameter->erase();
  }

private:
  void pack(linalg::GenericOp op, OpOperand &operand, nn::ParameterOp parameter,
            const Layout &layout) {
    std::vector<int64_t> key(layout.order.begin(), layout.order.end());
    key.push_back(layout.vectorDim);
    key.push_back(layout.block);
    nn::ParameterOp &packed = packedParameters[{parameter, key}];
    if (!packed)
      packed = packParameter(parameter, layout);
    AffineMap map = getPackedMap(op.getMatchingIndexingMap(&operand), layout);
    SmallVector<AffineMap> maps = op.getIndexingMapsArray();
    maps[operand.getOperandNumber()] = map;
    op.setIndexingMapsAttr(Builder(op.getContext()).getAffineMapArrayAttr(maps));
    operand.set(packed);
  }

  std::map<std::pair<Operation *, std::vector<int64_t>>, nn::ParameterOp> packedParameters;
};

} // namespace
} // namespace fpw::cpu

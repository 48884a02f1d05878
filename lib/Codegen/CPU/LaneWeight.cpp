//===- LaneWeight.cpp - Codes of weights as elements of lanes ---*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "LaneWeight.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Utils/IndexingUtils.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;

namespace fpw::cpu {

int64_t LaneLayout::countLanes(ArrayRef<int64_t> shape) const {
  int64_t codes = 1;
  for (unsigned dim : run)
    codes *= shape[dim];
  return llvm::divideCeil(codes, laneSize);
}

namespace {

/// The codes of a parameter, one after the other.
class Codes {
public:
  Codes(nn::ParameterOp weight, bool isUnsigned)
      : data(weight.getRawData()), isSplat(weight.isSplat()), isUnsigned(isUnsigned),
        type(cast<RankedTensorType>(weight.getType())) {}

  /// Calls `visit` with the position and the value of each code.
  void forEach(function_ref<void(ArrayRef<int64_t>, int64_t)> visit) const {
    SmallVector<int64_t> position(type.getRank(), 0);
    for (int64_t i = 0, count = type.getNumElements(); i < count; ++i) {
      visit(position, get(i));
      for (int64_t dim = type.getRank() - 1; dim >= 0 && ++position[dim] == type.getDimSize(dim);
           --dim)
        position[dim] = 0;
    }
  }

private:
  int64_t get(int64_t i) const {
    using namespace llvm::support::endian;
    int64_t at = isSplat ? 0 : i;
    if (type.getElementTypeBitWidth() == 8)
      return isUnsigned ? int64_t(uint8_t(data[at])) : int64_t(int8_t(data[at]));
    uint16_t word = read16le(data.data() + 2 * at);
    return isUnsigned ? int64_t(word) : int64_t(int16_t(word));
  }

  ArrayRef<char> data;
  bool isSplat, isUnsigned;
  RankedTensorType type;
};

/// The index of a position in some dimensions, row by row.
int64_t linearize(ArrayRef<int64_t> position, ArrayRef<int64_t> shape, ArrayRef<unsigned> dims) {
  int64_t index = 0;
  for (unsigned dim : dims)
    index = index * shape[dim] + position[dim];
  return index;
}

} // namespace

nn::ParameterOp packLanes(OpBuilder &builder, nn::ParameterOp weight, bool isUnsigned,
                          const LaneLayout &layout, unsigned bits) {
  ArrayRef<int64_t> shape = cast<RankedTensorType>(weight.getType()).getShape();
  SmallVector<int64_t> packed;
  for (unsigned dim : layout.others)
    packed.push_back(shape[dim]);
  int64_t lanes = layout.countLanes(shape);
  if (!layout.run.empty())
    packed.push_back(lanes);
  packed.push_back(layout.laneSize);
  std::vector<int64_t> values(computeProduct(packed), 0);
  Codes(weight, isUnsigned).forEach([&](ArrayRef<int64_t> position, int64_t code) {
    int64_t row = linearize(position, shape, layout.others);
    int64_t place = layout.first + linearize(position, shape, layout.run);
    values[row * lanes * layout.laneSize + place] = code;
  });
  size_t width = bits / 8;
  AsmResourceBlob blob = HeapAsmResourceBlob::allocate(values.size() * width, 64);
  MutableArrayRef<char> data = blob.getMutableData();
  for (auto [i, value] : llvm::enumerate(values))
    for (size_t byte = 0; byte < width; ++byte)
      data[i * width + byte] = char(uint64_t(value) >> (8 * byte));
  auto type = RankedTensorType::get(packed, builder.getIntegerType(bits));
  auto value = DenseResourceElementsAttr::get(type, weight.getName(), std::move(blob));
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPoint(weight);
  return nn::ParameterOp::create(builder, weight.getLoc(), type, weight.getNameAttr(), value,
                                 weight.getConversionAttr());
}

Value sumCodes(OpBuilder &builder, nn::ParameterOp weight, bool isUnsigned, ArrayRef<unsigned> kept,
               int64_t factor) {
  ArrayRef<int64_t> shape = cast<RankedTensorType>(weight.getType()).getShape();
  SmallVector<int64_t> sumShape;
  for (unsigned dim : kept)
    sumShape.push_back(shape[dim]);
  SmallVector<int32_t> sums(computeProduct(sumShape), 0);
  Codes(weight, isUnsigned).forEach([&](ArrayRef<int64_t> position, int64_t code) {
    int32_t &sum = sums[linearize(position, shape, kept)];
    sum = int32_t(uint32_t(sum) + uint32_t(factor * code));
  });
  auto type = RankedTensorType::get(sumShape, builder.getI32Type());
  return arith::ConstantOp::create(builder, weight.getLoc(),
                                   DenseElementsAttr::get(type, ArrayRef(sums)));
}

} // namespace fpw::cpu

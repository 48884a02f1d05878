//===- ByteProduct.cpp - Sums of products of bytes as products of matrices -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ByteProduct.h"
#include "mlir/Dialect/Affine/Analysis/AffineStructures.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;

namespace fpw::gpu {

/// Whether the value is the argument, widened; and how.
static bool isWidened(Value value, BlockArgument argument, bool &isUnsigned) {
  Operation *op = value.getDefiningOp();
  if (!isa_and_present<arith::ExtSIOp, arith::ExtUIOp>(op) || op->getOperand(0) != argument)
    return false;
  isUnsigned = isa<arith::ExtUIOp>(op);
  return argument.getType().isInteger(8);
}

static bool matchBody(ByteProduct &product) {
  Block *body = product.op.getBody();
  auto add = body->getTerminator()->getOperand(0).getDefiningOp<arith::AddIOp>();
  if (!add || !add.getType().isInteger(32))
    return false;
  Value sum = body->getArgument(2);
  Value other = add.getLhs() == sum ? add.getRhs() : add.getLhs();
  auto multiply = other.getDefiningOp<arith::MulIOp>();
  return multiply && (add.getLhs() == sum || add.getRhs() == sum) &&
         isWidened(multiply.getLhs(), body->getArgument(0), product.unsignedImage) &&
         isWidened(multiply.getRhs(), body->getArgument(1), product.unsignedWeight);
}

/// The image is indexed by sums of multiples of loops.
static bool matchImage(ByteProduct &product, AffineMap map) {
  for (AffineExpr result : map.getResults()) {
    SmallVector<int64_t> flat;
    if (failed(getFlattenedAffineExpr(result, map.getNumDims(), 0, &flat)) ||
        flat.size() != map.getNumDims() + 1)
      return false;
    product.offsets.push_back(flat.pop_back_val());
    product.coefficients.push_back(std::move(flat));
  }
  return true;
}

std::optional<ByteProduct> ByteProduct::match(linalg::GenericOp op) {
  ByteProduct product;
  product.op = op;
  if (op.getNumDpsInputs() != 2 || op.getNumDpsInits() != 1 || !matchBody(product))
    return std::nullopt;
  SmallVector<AffineMap> maps = op.getIndexingMapsArray();
  AffineMap image = maps[0], weight = maps[1], result = maps[2];
  if (!weight.isProjectedPermutation() || !result.isProjectedPermutation() ||
      image.getNumResults() == 0 || !matchImage(product, image))
    return std::nullopt;
  for (AffineExpr expr : result.getResults()) {
    unsigned loop = cast<AffineDimExpr>(expr).getPosition();
    bool inImage = image.isFunctionOfDim(loop), inWeight = weight.isFunctionOfDim(loop);
    if (!inImage && !inWeight)
      return std::nullopt;
    (inImage ? inWeight ? product.groups : product.rows : product.columns).push_back(loop);
  }
  for (unsigned loop = 0; loop < op.getNumLoops(); ++loop) {
    if (result.isFunctionOfDim(loop))
      continue;
    if (!weight.isFunctionOfDim(loop) || ShapedType::isDynamic(product.getSize(loop)))
      return std::nullopt;
    product.sums.push_back(loop);
  }
  if (product.sums.empty() || product.rows.empty() || product.columns.empty())
    return std::nullopt;
  // Neighbouring elements of the image last.
  auto *inner = llvm::find_if(
      product.sums, [&](unsigned loop) { return product.coefficients.back()[loop] == 1; });
  if (inner == product.sums.end())
    return std::nullopt;
  std::rotate(inner, inner + 1, product.sums.end());
  return product;
}

std::optional<int64_t> ByteProduct::countStatic(ArrayRef<unsigned> loops) const {
  int64_t count = 1;
  for (unsigned loop : loops) {
    if (ShapedType::isDynamic(getSize(loop)))
      return std::nullopt;
    count *= getSize(loop);
  }
  return count;
}

} // namespace fpw::gpu

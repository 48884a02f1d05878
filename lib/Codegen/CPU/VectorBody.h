//===- VectorBody.h - The body of an op on vectors of elements -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_LIB_CODEGEN_CPU_VECTORBODY_H
#define FPW_LIB_CODEGEN_CPU_VECTORBODY_H

#include "DotLoop.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/IR/BuiltinTypes.h"
#include <map>

namespace fpw::cpu {

/// One vector of elements of the iteration space.
struct Point {
  SmallVector<int64_t> offsets; ///< per loop, from the loop's variable
  int64_t lanes;                ///< elements of the vector
  int64_t active;               ///< how many of them exist
};

/// An op whose body is computed on vectors, seen from the loops of the op that it belongs to.
class VectorBody {
public:
  /// `toLoops` takes the position in the loops around to the op's own loops.
  VectorBody(mlir::linalg::GenericOp op, mlir::AffineMap toLoops,
             std::optional<unsigned> vectorLoop);

  /// Computes the op's innermost reduction within lanes. The loops around have to be the op's own.
  void setDotLoop(const DotLoop &loop) { dot = loop; }

  mlir::linalg::GenericOp getOp() const { return op; }
  /// The indexing map of an operand on the loops around.
  mlir::AffineMap getMap(unsigned operand) const { return maps[operand]; }

  /// Forgets the operands that were loaded. A tile covers `extents` elements of each loop.
  void startTile(ArrayRef<int64_t> extents) {
    loaded.clear();
    this->extents = extents;
  }

  /// The results of the body at a point. `values` gives operands that are known already.
  SmallVector<Value> compute(OpBuilder &builder, ArrayRef<mlir::OpFoldResult> loops,
                             const Point &point, const DenseMap<unsigned, Value> &values);

  /// The elements of an operand at a point.
  Value load(OpBuilder &builder, unsigned operand, ArrayRef<mlir::OpFoldResult> loops,
             const Point &point);

  /// Stores a vector into a result.
  void store(OpBuilder &builder, unsigned result, Value vector, ArrayRef<mlir::OpFoldResult> loops,
             const Point &point);

private:
  using Key = std::pair<unsigned, std::vector<int64_t>>;
  Key getKey(unsigned operand, ArrayRef<int64_t> offsets) const;
  Value loadAnew(OpBuilder &builder, unsigned operand, ArrayRef<mlir::OpFoldResult> loops,
                 const Point &point);
  Value loadContiguous(OpBuilder &builder, unsigned operand, ArrayRef<mlir::OpFoldResult> loops,
                       const Point &point);
  Value loadStrided(OpBuilder &builder, unsigned operand, ArrayRef<mlir::OpFoldResult> loops,
                    const Point &point);
  std::optional<unsigned> findContiguousLoop(unsigned operand, const Point &point) const;
  void loadTransposed(OpBuilder &builder, unsigned operand, ArrayRef<mlir::OpFoldResult> loops,
                      const Point &point, unsigned rowLoop);
  SmallVector<Value> getIndices(OpBuilder &builder, unsigned operand,
                                ArrayRef<mlir::OpFoldResult> loops, ArrayRef<int64_t> offsets);
  Access getAccess(unsigned operand, std::optional<unsigned> loop) const;
  int64_t getElementsPerLane(unsigned operand) const;
  mlir::AffineMap getLaneMap(unsigned operand) const;
  Value loadLane(OpBuilder &builder, unsigned operand, ArrayRef<mlir::OpFoldResult> loops,
                 ArrayRef<int64_t> offsets);
  SmallVector<Value> computeDots(OpBuilder &builder, ArrayRef<mlir::OpFoldResult> loops,
                                 const Point &point, const DenseMap<unsigned, Value> &values);
  Value computeOp(OpBuilder &builder, Operation &inner, ValueRange operands,
                  ArrayRef<mlir::OpFoldResult> loops, const Point &point);
  Value computeIndex(OpBuilder &builder, unsigned dim, ArrayRef<mlir::OpFoldResult> loops,
                     const Point &point);

  mlir::linalg::GenericOp op;
  mlir::AffineMap toLoops;
  std::optional<unsigned> vectorLoop;
  std::optional<DotLoop> dot;
  SmallVector<mlir::AffineMap> maps;
  /// What `load` has returned, by operand and by the offsets that matter to it.
  std::map<Key, Value> loaded;
  ArrayRef<int64_t> extents;
};

} // namespace fpw::cpu

#endif // FPW_LIB_CODEGEN_CPU_VECTORBODY_H

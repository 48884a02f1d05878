//===- GroupDigits.cpp - Puts digits that are added anyway into one lane -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
//   [digit][leading...][row]       the layout   [leading...][element][row]
//
// A row is a run of memory that windows read along: the channels, or a line of pixels with their
// channels. Kernels read elements of it in lanes, which may overlap, and give a result per element
// of a code instead of one with a plane per digit.
//
//===----------------------------------------------------------------------===//

#include "LaneFormat.h"
#include "LaneKernel.h"
#include "TileLayout.h"
#include "fpw/Codegen/CPU/Passes.h"
#include "fpw/Codegen/CPU/TilePlan.h"
#include "fpw/Conversion/NNToLinalg.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"

namespace fpw::cpu {
#define GEN_PASS_DEF_FPWCPUGROUPDIGITS
#include "fpw/Codegen/CPU/Passes.h.inc"

using namespace mlir;

namespace {

RankedTensorType getType(Value value) { return cast<RankedTensorType>(value.getType()); }

/// The kernel for lanes that was chosen for a contraction, if there is one.
StringRef getLaneKernel(linalg::GenericOp op) {
  auto kernel = op->getAttrOfType<StringAttr>(kKernelAttr);
  return kernel && LaneFormat::get(kernel, 1, false) ? kernel.getValue() : StringRef();
}

//===----------------------------------------------------------------------===//
// What can be rewritten
//===----------------------------------------------------------------------===//

/// Follows digits from where codes are split to where sums are combined.
class ChainChecker {
public:
  ChainChecker(linalg::GenericOp split) : split(split) {}

  /// Whether kernels of one kind, and nothing else, read the digits.
  bool check() {
    Value digits = split.getResult(0);
    for (int64_t merged : {2, 1}) {
      rowDims = merged;
      kernel = StringRef();
      if (mayMerge() && checkImage(digits, merged) && !kernel.empty())
        return true;
    }
    return false;
  }

  int64_t getRowDims() const { return rowDims; }
  StringRef getKernel() const { return kernel; }

private:
  /// Whether units do not vary along the dimensions that become a row.
  bool mayMerge() {
    int64_t rank = getType(split.getResult(0)).getRank();
    // The second input are the inverse steps; without it they are static.
    SmallVector<AffineMap> maps = split.getIndexingMapsArray();
    for (int64_t dim = rank - rowDims; dim < rank; ++dim)
      if (dim < 1 || ShapedType::isDynamic(getType(split.getResult(0)).getDimSize(dim)) ||
          (split.getNumDpsInputs() > 1 && maps[1].isFunctionOfDim(dim)))
        return false;
    return rank - rowDims > 1;
  }

  /// Slices become offsets; all channels are part of them.
  static bool checkSlice(tensor::ExtractSliceOp op, int64_t merged) {
    int64_t rank = op.getSourceType().getRank();
    for (int64_t dim = 0; dim < rank; ++dim) {
      bool mayMove = dim > 0 && dim <= rank - merged;
      if (ShapedType::isDynamic(op.getStaticOffsets()[dim]) || op.getStaticStrides()[dim] != 1 ||
          (!mayMove && op.getStaticOffsets()[dim] != 0))
        return false;
    }
    return op.getType().getRank() == rank &&
           op.getType().getShape().take_back(merged - 1) ==
               op.getSourceType().getShape().take_back(merged - 1) &&
           llvm::all_of(op->getUsers(), llvm::IsaPred<linalg::GenericOp>);
  }

  bool checkImage(Value image, int64_t merged) {
    return !image.use_empty() && llvm::all_of(image.getUsers(), [&](Operation *user) {
      if (auto pad = dyn_cast<tensor::PadOp>(user))
        return checkPad(pad, merged) && checkImage(pad.getResult(), merged);
      if (auto slice = dyn_cast<tensor::ExtractSliceOp>(user))
        return checkSlice(slice, merged) && checkImage(slice.getResult(), merged);
      if (auto expand = dyn_cast<tensor::ExpandShapeOp>(user))
        return splitsLastDim(expand) && checkImage(expand.getResult(), merged + 1);
      if (auto collapse = dyn_cast<tensor::CollapseShapeOp>(user))
        return mergesLeadingDims(collapse, merged) && checkImage(collapse.getResult(), merged);
      auto contraction = dyn_cast<linalg::GenericOp>(user);
      return contraction && checkContraction(contraction, image, merged);
    });
  }

  /// Only the first of the merged dimensions may have pads, and the elements not.
  static bool checkPad(tensor::PadOp pad, int64_t merged) {
    int64_t rank = pad.getResultType().getRank();
    for (int64_t dim = 0; dim < rank; ++dim) {
      int64_t low = pad.getStaticLow()[dim], high = pad.getStaticHigh()[dim];
      bool mayPad = dim > 0 && dim <= rank - merged;
      if (ShapedType::isDynamic(low) || ShapedType::isDynamic(high) ||
          (!mayPad && (low != 0 || high != 0)))
        return false;
    }
    return true;
  }

  static bool splitsLastDim(tensor::ExpandShapeOp op) {
    auto groups = op.getReassociationIndices();
    return !groups.empty() && groups.back().size() == 2 &&
           llvm::all_of(ArrayRef(groups).drop_back(),
                        [](ArrayRef<int64_t> group) { return group.size() == 1; });
  }

  static bool mergesLeadingDims(tensor::CollapseShapeOp op, int64_t merged) {
    auto groups = op.getReassociationIndices();
    return int64_t(groups.size()) > merged + 1 && groups.front().size() == 1 &&
           llvm::all_of(ArrayRef(groups).take_back(merged),
                        [](ArrayRef<int64_t> group) { return group.size() == 1; });
  }

  bool checkContraction(linalg::GenericOp op, Value image, int64_t merged) {
    StringRef own = getLaneKernel(op);
    if (own.empty() || (!kernel.empty() && kernel != own) || op->getOperand(0) != image)
      return false;
    kernel = own;
    std::optional<LaneKernel> lanes = LaneKernel::match(op, merged);
    // A row of several pixels is for windows that extend along it.
    return lanes && (rowDims == 1 || lanes->hasWindowInRow()) && checkSums(op.getResult(0));
  }

  bool checkSums(Value sums) {
    return !sums.use_empty() && llvm::all_of(sums.getUsers(), [&](Operation *user) {
      if (auto expand = dyn_cast<tensor::ExpandShapeOp>(user))
        return expand.getReassociationIndices().front().size() == 1 &&
               checkSums(expand.getResult());
      if (auto collapse = dyn_cast<tensor::CollapseShapeOp>(user))
        return collapse.getReassociationIndices().front().size() == 1 &&
               checkSums(collapse.getResult());
      auto combine = dyn_cast<linalg::GenericOp>(user);
      return hasRole(combine, "combine") && readsPlanes(combine, sums);
    });
  }

  /// Whether the first inputs of the op are the planes of these sums, and no others are.
  bool readsPlanes(linalg::GenericOp combine, Value sums) {
    int64_t digits = getType(split.getResult(0)).getDimSize(0);
    for (auto [i, input] : llvm::enumerate(combine.getDpsInputs())) {
      bool isPlane = int64_t(i) < digits;
      if ((input == sums) != isPlane)
        return false;
      AffineMap map = combine.getIndexingMapsArray()[i];
      if (isPlane && map.getResult(0) != getAffineConstantExpr(i, combine.getContext()))
        return false;
    }
    return combine.getNumDpsInputs() >= digits;
  }

  linalg::GenericOp split;
  int64_t rowDims = 1;
  StringRef kernel;
};

//===----------------------------------------------------------------------===//
// The rewrite
//===----------------------------------------------------------------------===//

/// The op that converts the scaled input to its code.
Operation *findCode(linalg::GenericOp split) {
  for (Operation &op : *split.getBody())
    if (isa<arith::FPToSIOp, arith::FPToUIOp>(op))
      return &op;
  return nullptr;
}

class Grouper {
public:
  Grouper(linalg::GenericOp split, const LaneFormat &format, int64_t rowDims)
      : rewriter(split.getContext()), split(split), format(format), rowDims(rowDims) {}

  void rewrite() {
    rewriteImageUsers(split.getResult(0), emitSplit(), rowDims);
    for (Operation *op : llvm::reverse(replaced))
      rewriter.eraseOp(op);
  }

private:
  /// The reassociation that makes rows of the last dimensions of a tensor of this rank.
  SmallVector<ReassociationIndices> getRows(int64_t rank) {
    SmallVector<ReassociationIndices> groups;
    for (int64_t dim = 0; dim < rank; ++dim)
      if (dim <= rank - rowDims)
        groups.push_back({dim});
      else
        groups.back().push_back(dim);
    return groups;
  }

  Value makeRows(Value input) {
    if (rowDims == 1)
      return input;
    return tensor::CollapseShapeOp::create(rewriter, split.getLoc(), input,
                                           getRows(getType(input).getRank()));
  }

  /// Loops: leading..., element, place in the row.
  Value emitSplit() {
    rewriter.setInsertionPoint(split);
    Location loc = split.getLoc();
    Value input = makeRows(split.getDpsInputs()[0]);
    SmallVector<Value> inputs(split.getDpsInputs());
    inputs[0] = input;
    int64_t leading = getType(input).getRank() - 1;
    MLIRContext *context = rewriter.getContext();
    SmallVector<OpFoldResult> sizes = tensor::getMixedSizes(rewriter, loc, input);
    sizes.insert(sizes.end() - 1, rewriter.getIndexAttr(format.countElements()));
    Value empty =
        tensor::EmptyOp::create(rewriter, loc, sizes, rewriter.getIntegerType(format.elementBits));

    AffineMap identity = AffineMap::getMultiDimIdentityMap(leading + 2, context);
    // The old loops are the digits and the dimensions of the input.
    SmallVector<AffineExpr> loops{rewriter.getAffineConstantExpr(0)};
    for (int64_t loop = 0; loop < int64_t(split.getNumLoops()) - 1; ++loop)
      loops.push_back(rewriter.getAffineDimExpr(std::min(loop, leading)));
    SmallVector<AffineMap> maps{identity.dropResult(leading)};
    for (AffineMap units : ArrayRef(split.getIndexingMapsArray()).drop_front().drop_back())
      maps.push_back(units.replaceDimsAndSymbols(loops, {}, leading + 2, 0));
    maps.push_back(identity);
    SmallVector<utils::IteratorType> iterators(leading + 2, utils::IteratorType::parallel);
    auto result = linalg::GenericOp::create(
        rewriter, loc, empty.getType(), inputs, empty, maps, iterators,
        [&](OpBuilder &b, Location inner, ValueRange arguments) {
          Value code = cloneCode(b, arguments);
          Value index = linalg::IndexOp::create(b, inner, leading);
          Value number = arith::IndexCastOp::create(b, inner, b.getI32Type(), index);
          linalg::YieldOp::create(b, inner, format.emitElement(b, inner, code, number));
        });
    result->setAttr(kRoleAttr, split->getAttr(kRoleAttr));
    // All elements at once: each code is computed once.
    constexpr int64_t kRowTile = 64;
    TilePlan plan{leading + 1, SmallVector<int64_t>(leading + 2, 1)};
    plan.sizes[leading] = format.countElements();
    plan.sizes[leading + 1] = std::min(kRowTile, getType(input).getShape().back());
    plan.writeTo(result);
    replaced.push_back(split);
    return result.getResult(0);
  }

  Value cloneCode(OpBuilder &b, ValueRange arguments) {
    IRMapping mapping;
    mapping.map(split.getBody()->getArguments(), arguments);
    Operation *last = findCode(split);
    for (Operation &op : *split.getBody()) {
      if (!isa<linalg::IndexOp>(op))
        b.clone(op, mapping);
      if (&op == last)
        break;
    }
    return mapping.lookup(last->getResult(0));
  }

  /// Windows begin at `offsets` in the dimensions of the old image, if there are any.
  void rewriteImageUsers(Value old, Value image, int64_t merged, ArrayRef<int64_t> offsets = {}) {
    for (Operation *user : llvm::make_early_inc_range(old.getUsers())) {
      if (llvm::is_contained(replaced, user))
        continue; // read twice
      rewriter.setInsertionPoint(user);
      replaced.push_back(user);
      if (auto pad = dyn_cast<tensor::PadOp>(user)) {
        rewriteImageUsers(pad.getResult(), emitPad(pad, image, merged), merged);
      } else if (auto slice = dyn_cast<tensor::ExtractSliceOp>(user)) {
        rewriteImageUsers(slice.getResult(), image, merged, slice.getStaticOffsets());
      } else if (auto expand = dyn_cast<tensor::ExpandShapeOp>(user)) {
        rewriteImageUsers(expand.getResult(), image, merged + 1); // rows keep their order
      } else if (auto collapse = dyn_cast<tensor::CollapseShapeOp>(user)) {
        rewriteImageUsers(collapse.getResult(), emitCollapse(collapse, image, merged), merged);
      } else {
        LaneKernel kernel = *LaneKernel::match(cast<linalg::GenericOp>(user), merged);
        kernel.offsets.assign(offsets.begin(), offsets.end());
        rewriteSumUsers(user->getResult(0), kernel.emit(rewriter, image, format));
      }
    }
  }

  Value emitPad(tensor::PadOp pad, Value image, int64_t merged) {
    ArrayRef<int64_t> shape = pad.getSourceType().getShape();
    int64_t unit = 1; // elements of the row per step of the dimension that is padded
    for (int64_t size : shape.take_back(merged - 1))
      unit *= size;
    auto convert = [&](ArrayRef<int64_t> old) {
      SmallVector<OpFoldResult> amounts;
      for (int64_t amount : old.drop_front().drop_back(merged))
        amounts.push_back(rewriter.getIndexAttr(amount));
      amounts.push_back(rewriter.getIndexAttr(0));
      amounts.push_back(rewriter.getIndexAttr(old[old.size() - merged] * unit));
      return amounts;
    };
    return padRows(rewriter, pad.getLoc(), image, convert(pad.getStaticLow()),
                   convert(pad.getStaticHigh()), format);
  }

  Value emitCollapse(tensor::CollapseShapeOp op, Value image, int64_t merged) {
    SmallVector<ReassociationIndices> groups;
    auto old = op.getReassociationIndices();
    for (ArrayRef<int64_t> group : ArrayRef(old).drop_front().drop_back(merged))
      groups.push_back(llvm::map_to_vector<2>(group, [](int64_t dim) { return dim - 1; }));
    int64_t rank = getType(image).getRank();
    groups.append({{rank - 2}, {rank - 1}});
    return tensor::CollapseShapeOp::create(rewriter, op.getLoc(), image, groups);
  }

  /// Reshapes each element's sums like the planes that they replace, and combines them.
  void rewriteSumUsers(Value old, ArrayRef<Value> sums) {
    for (Operation *user : llvm::make_early_inc_range(old.getUsers())) {
      if (llvm::is_contained(replaced, user))
        continue;
      rewriter.setInsertionPoint(user);
      replaced.push_back(user);
      if (auto combine = dyn_cast<linalg::GenericOp>(user)) {
        rewriter.replaceAllUsesWith(combine.getResult(0), emitCombine(combine, old, sums));
        continue;
      }
      rewriteSumUsers(user->getResult(0), llvm::map_to_vector(sums, [&](Value sum) {
                        return reshapePlane(user, sum);
                      }));
    }
  }

  Value reshapePlane(Operation *op, Value sum) {
    auto dropPlane = [](ArrayRef<ReassociationIndices> old) {
      SmallVector<ReassociationIndices> groups;
      for (ArrayRef<int64_t> group : old.drop_front())
        groups.push_back(llvm::map_to_vector<2>(group, [](int64_t dim) { return dim - 1; }));
      return groups;
    };
    if (auto collapse = dyn_cast<tensor::CollapseShapeOp>(op))
      return tensor::CollapseShapeOp::create(rewriter, op->getLoc(), sum,
                                             dropPlane(collapse.getReassociationIndices()));
    auto expand = cast<tensor::ExpandShapeOp>(op);
    auto type = RankedTensorType::get(expand.getResultType().getShape().drop_front(),
                                      expand.getResultType().getElementType());
    return tensor::ExpandShapeOp::create(rewriter, op->getLoc(), type, sum,
                                         dropPlane(expand.getReassociationIndices()),
                                         ArrayRef(expand.getMixedOutputShape()).drop_front());
  }

  /// The op with sums of elements instead of planes of digits.
  Value emitCombine(linalg::GenericOp combine, Value planes, ArrayRef<Value> sums) {
    SmallVector<AffineMap> maps = combine.getIndexingMapsArray();
    AffineMap sumMap = maps.front().dropResult(0);
    SmallVector<Value> inputs(sums);
    SmallVector<AffineMap> newMaps(sums.size(), sumMap);
    llvm::append_range(inputs, ValueRange(combine.getDpsInputs()).drop_front(format.digits));
    llvm::append_range(newMaps, ArrayRef(maps).drop_front(format.digits));
    auto result =
        linalg::GenericOp::create(rewriter, combine.getLoc(), combine.getResultTypes(), inputs,
                                  combine.getDpsInits(), newMaps, combine.getIteratorTypesArray(),
                                  [&](OpBuilder &b, Location, ValueRange arguments) {
                                    cloneCombine(b, combine, arguments, sums.size());
                                  });
    result->setAttr(kRoleAttr, combine->getAttr(kRoleAttr));
    return result.getResult(0);
  }

  void cloneCombine(OpBuilder &b, linalg::GenericOp combine, ValueRange arguments, size_t count) {
    IRMapping mapping;
    SmallPtrSet<Operation *, 4> done;
    Block *body = combine.getBody();
    mapping.map(body->getArguments().drop_front(format.digits), arguments.drop_front(count));
    for (size_t element = 0; element < count; ++element) {
      int64_t digit = element * format.digitsPerSum;
      Value old = body->getArgument(digit);
      if (format.digitsPerSum == 2 && digit + 1 < format.digits) {
        PairOfSums pair = *PairOfSums::match(combine, digit);
        done.insert_range(ArrayRef<Operation *>{pair.scaled, pair.sum});
        old = pair.sum->getResult(0);
      }
      mapping.map(old, arguments[element]);
    }
    for (Operation &op : *body)
      if (!done.contains(&op))
        b.clone(op, mapping);
  }

  IRRewriter rewriter;
  linalg::GenericOp split;
  LaneFormat format;
  int64_t rowDims;
  SmallVector<Operation *> replaced; ///< users behind what they use
};

struct GroupDigits : impl::FPWCPUGroupDigitsBase<GroupDigits> {
  void runOnOperation() override {
    SmallVector<linalg::GenericOp> splits;
    getOperation().walk([&](linalg::GenericOp op) {
      if (hasRole(op, "split") && findCode(op))
        splits.push_back(op);
    });
    for (linalg::GenericOp split : splits) {
      ChainChecker chain(split);
      if (!chain.check())
        continue;
      int64_t digits = getType(split.getResult(0)).getDimSize(0);
      bool isUnsigned = isa<arith::FPToUIOp>(findCode(split));
      Grouper(split, *LaneFormat::get(chain.getKernel(), digits, isUnsigned), chain.getRowDims())
          .rewrite();
    }
    // What kept its layout is vector code like any other.
    getOperation().walk([&](linalg::GenericOp op) {
      if (!getLaneKernel(op).empty() && op.getNumDpsInputs() == 2)
        op->removeAttr(kKernelAttr);
    });
  }
};

} // namespace
} // namespace fpw::cpu

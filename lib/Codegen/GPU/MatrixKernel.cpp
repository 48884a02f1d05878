//===- MatrixKernel.cpp - Kernels that multiply matrices of bytes in the matrix units -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A block computes a tile of the result for all digit planes. Its threads bring the bytes of the
// image and the weight that the next stages need to shared memory, and its warps multiply what has
// come:
//
//     copy stage 0 .. S-2
//     for k = 0, depth, ...:
//       wait for stage k; barrier            now all see it, and no one reads stage k-1 any more
//       copy stage k+S-1 in its place, and multiply stage k
//     each thread: combine the planes of its sums, consume them, store
//
//===----------------------------------------------------------------------===//

#include "MatrixKernel.h"
#include "ElementBody.h"
#include "MatrixCopies.h"
#include "MatrixUnit.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "llvm/Support/MathExtras.h"
#include <numeric>

using namespace mlir;

namespace fpw::gpu {

//===----------------------------------------------------------------------===//
// Addresses
//===----------------------------------------------------------------------===//

static MemRefType getBufferType(const ByteProduct &product, unsigned operand) {
  return cast<MemRefType>(product.op->getOperand(operand).getType());
}

/// The widest copy of neighbouring elements whose address is always a multiple of its size.
static int64_t getCopyWidth(int64_t bytes) {
  return bytes % 16 == 0 ? 16 : bytes % 8 == 0 ? 8 : bytes % 4 == 0 ? 4 : 0;
}

static int64_t getImageWidth(const ByteProduct &product) {
  MemRefType type = getBufferType(product, 0);
  int64_t common = product.getChannels();
  if (type.getLayout().isIdentity()) {
    // Every stride, a dynamic one too, is a multiple of the innermost size.
    if (type.isDynamicDim(type.getRank() - 1))
      return 0;
    common = std::gcd(common, type.getShape().back());
  } else {
    auto [strides, offset] = type.getStridesAndOffset();
    if (strides.back() != 1 || ShapedType::isDynamic(offset) || ShapedType::isDynamicShape(strides))
      return 0;
    common = std::gcd(common, offset);
    for (int64_t stride : ArrayRef(strides).drop_back())
      common = std::gcd(common, stride);
  }
  // Any offset or step along the innermost dimension but that of the channels.
  common = std::gcd(common, product.offsets.back());
  for (unsigned loop = 0; loop < product.getMap(0).getNumDims(); ++loop)
    if (loop != product.sums.back())
      common = std::gcd(common, product.coefficients.back()[loop]);
  return getCopyWidth(common);
}

/// The weight is packed if its dimensions are the groups, the columns and the sums, in this order.
static bool isPacked(const ByteProduct &product) {
  MemRefType type = getBufferType(product, 1);
  AffineMap map = product.getMap(1);
  SmallVector<unsigned> loops;
  for (AffineExpr result : map.getResults())
    loops.push_back(cast<AffineDimExpr>(result).getPosition());
  return type.getLayout().isIdentity() && type.hasStaticShape() &&
         llvm::equal(loops,
                     llvm::concat<const unsigned>(product.groups, product.columns, product.sums));
}

bool canCopyOperands(const ByteProduct &product) {
  constexpr int64_t kMostGroups = 65535; // the third dimension of a grid
  return isPacked(product) && getImageWidth(product) != 0 &&
         getCopyWidth(*product.countStatic(product.sums)) != 0 &&
         *product.countStatic(product.groups) <= kMostGroups;
}

//===----------------------------------------------------------------------===//
// The kernel
//===----------------------------------------------------------------------===//

namespace {

constexpr int64_t kBlockAlignment = 1024; // of eight rows of 128 bytes

/// Loops that one number counts along.
struct LoopNest {
  SmallVector<OpFoldResult> sizes, strides; ///< strides in bytes of the image
};

class MatrixKernelEmitter {
public:
  MatrixKernelEmitter(RewriterBase &rewriter, MatrixJob newJob)
      : rewriter(rewriter), job(std::move(newJob)), product(job.product), tile(job.tile),
        loc(product.op.getLoc()) {}

  void emit();

private:
  // On the host.
  void describeImage();
  LoopNest describeLoops(ArrayRef<unsigned> loops, bool merges = false);
  OpFoldResult apply(AffineExpr expr, ArrayRef<OpFoldResult> operands);
  OpFoldResult getStride(unsigned loop);

  // In the kernel.
  Value findSharedMemory(KernelMath &math);
  void findTile(KernelMath &math, mlir::gpu::LaunchOp launch);
  FactorCopies::Row locateImageRow(KernelMath &math, Value row);
  FactorCopies::Row locateWeightRow(KernelMath &math, Value row);
  Value getAddress(KernelMath &math, unsigned operand);
  Value addUp(KernelMath &math, ArrayRef<Value> indices, ArrayRef<OpFoldResult> strides);
  void emitCopies(KernelMath &math, Value step, Value stage);
  void emitCopiesIf(KernelMath &math, Value step, int64_t steps, Value stage);
  SmallVector<Value> emitLoop(KernelMath &math);
  void emitEpilogue(KernelMath &math, ArrayRef<Value> sums);
  void emitRow(KernelMath &math, Value row, int64_t rowTile, int64_t half, ArrayRef<Value> sums);
  void emitElement(KernelMath &math, ArrayRef<Value> planeSums);
  void storeSums(KernelMath &math, Value sum);

  int64_t countColumns() { return *product.countStatic(product.columns); }
  int64_t countDepth() { return *product.countStatic(product.sums); }

  RewriterBase &rewriter;
  MatrixJob job;
  ByteProduct &product;
  MatrixTile tile;
  Location loc;

  SmallVector<OpFoldResult> loopSizes;
  SmallVector<OpFoldResult> imageStrides; ///< per dimension
  OpFoldResult imageOffset;
  LoopNest groups, rows, sums;
  SmallVector<OpFoldResult> columns; ///< sizes
  OpFoldResult numRows, planeStride;

  Value shared, thread, firstRow, firstColumn, rowLimit;
  SmallVector<Value> groupIndices;
  Value imageStart, weightStart; ///< addresses of the block's group
  std::optional<FactorCopies> imageCopies, weightCopies;
  std::unique_ptr<MatrixUnit> unit;
  SmallVector<OpFoldResult> position; ///< per loop of the product, of the element to store
};

} // namespace

//===----------------------------------------------------------------------===//
// On the host
//===----------------------------------------------------------------------===//

OpFoldResult MatrixKernelEmitter::apply(AffineExpr expr, ArrayRef<OpFoldResult> operands) {
  return affine::makeComposedFoldedAffineApply(rewriter, loc,
                                               AffineMap::get(0, operands.size(), expr), operands);
}

/// Finds where the image begins and how far its dimensions reach.
void MatrixKernelEmitter::describeImage() {
  Value image = product.op->getOperand(0);
  auto type = cast<MemRefType>(image.getType());
  auto metadata = memref::ExtractStridedMetadataOp::create(rewriter, loc, image);
  imageStrides = metadata.getConstifiedMixedStrides();
  AffineExpr begin = rewriter.getAffineSymbolExpr(0);
  SmallVector<OpFoldResult> operands{metadata.getConstifiedMixedOffset()};
  for (int64_t dim = 0; dim < type.getRank(); ++dim) {
    begin = begin + rewriter.getAffineSymbolExpr(operands.size()) * product.offsets[dim];
    operands.push_back(imageStrides[dim]);
  }
  imageOffset = apply(begin, operands);
}

/// How far a step of the loop moves in the image.
OpFoldResult MatrixKernelEmitter::getStride(unsigned loop) {
  AffineExpr stride = rewriter.getAffineConstantExpr(0);
  for (auto [dim, coefficients] : llvm::enumerate(product.coefficients))
    stride = stride + rewriter.getAffineSymbolExpr(dim) * coefficients[loop];
  return apply(stride, imageStrides);
}

/// Two loops become one where the inner one ends at the next step of the outer one, so that fewer
/// divisions find an address.
LoopNest MatrixKernelEmitter::describeLoops(ArrayRef<unsigned> loops, bool merges) {
  LoopNest nest;
  for (unsigned loop : loops) {
    nest.sizes.push_back(loopSizes[loop]);
    nest.strides.push_back(getStride(loop));
  }
  for (size_t i = nest.sizes.size(); merges && i-- > 1;) {
    std::optional<int64_t> outer = getConstantIntValue(nest.sizes[i - 1]),
                           outerStride = getConstantIntValue(nest.strides[i - 1]),
                           inner = getConstantIntValue(nest.sizes[i]),
                           stride = getConstantIntValue(nest.strides[i]);
    if (!outer || !outerStride || !inner || !stride || *outerStride != *inner * *stride)
      continue;
    nest.sizes[i - 1] = rewriter.getIndexAttr(*outer * *inner);
    nest.strides[i - 1] = nest.strides[i];
    nest.sizes.erase(nest.sizes.begin() + i);
    nest.strides.erase(nest.strides.begin() + i);
  }
  return nest;
}

void MatrixKernelEmitter::emit() {
  for (Range range :
       cast<linalg::LinalgOp>(product.op.getOperation()).createLoopRanges(rewriter, loc))
    loopSizes.push_back(range.size);
  describeImage();
  if (job.planeLoop) {
    llvm::erase(product.rows, *job.planeLoop);
    planeStride = getStride(*job.planeLoop);
  }
  groups = describeLoops(product.groups);
  rows = describeLoops(product.rows);
  sums = describeLoops(product.sums, /*merges=*/true);
  for (unsigned loop : product.columns)
    columns.push_back(loopSizes[loop]);
  AffineExpr count = rewriter.getAffineConstantExpr(1);
  for (size_t i = 0; i < rows.sizes.size(); ++i)
    count = count * rewriter.getAffineSymbolExpr(i);
  numRows = apply(count, rows.sizes);
  int64_t columnTiles = llvm::divideCeil(countColumns(), tile.columns);
  OpFoldResult blocks =
      apply(rewriter.getAffineSymbolExpr(0).ceilDiv(tile.rows) * columnTiles, numRows);

  auto index = [&](OpFoldResult size) {
    return getValueOrCreateConstantIndexOp(rewriter, loc, size);
  };
  Value one = index(rewriter.getIndexAttr(1));
  Value numGroups = index(rewriter.getIndexAttr(*product.countStatic(product.groups)));
  Value threads = index(rewriter.getIndexAttr(tile.getThreads()));
  int64_t slack = job.usesWarpgroups ? kBlockAlignment : 0;
  Value bytes =
      arith::ConstantIntOp::create(rewriter, loc, tile.getSharedBytes(job.planes) + slack, 32);
  auto launch = mlir::gpu::LaunchOp::create(rewriter, loc, index(blocks), one, numGroups, threads,
                                            one, one, bytes);
  OpBuilder builder = OpBuilder::atBlockBegin(&launch.getBody().front());
  KernelMath math(builder, loc);
  findTile(math, launch);
  emitEpilogue(math, emitLoop(math));
  mlir::gpu::TerminatorOp::create(builder, loc);
}

//===----------------------------------------------------------------------===//
// Rows in memory
//===----------------------------------------------------------------------===//

/// The block's shared memory. Swizzled blocks of rows begin at multiples of 1024 bytes.
Value MatrixKernelEmitter::findSharedMemory(KernelMath &math) {
  OpBuilder &builder = math.builder;
  MLIRContext *context = builder.getContext();
  auto space = mlir::gpu::AddressSpaceAttr::get(context, mlir::gpu::AddressSpace::Workgroup);
  auto type = MemRefType::get({ShapedType::kDynamic}, builder.getI8Type(), AffineMap(), space);
  Value memory = mlir::gpu::DynamicSharedMemoryOp::create(builder, loc, type);
  Value pointer = memref::ExtractAlignedPointerAsIndexOp::create(builder, loc, memory);
  Value address = math.fromIndex(pointer, 64);
  if (job.usesWarpgroups)
    address =
        arith::AndIOp::create(builder, loc, math.add(address, math.constant64(kBlockAlignment - 1)),
                              math.constant64(-kBlockAlignment));
  return LLVM::IntToPtrOp::create(builder, loc, LLVM::LLVMPointerType::get(context, 3), address);
}

/// Blocks along the columns are neighbours, so that those which run together share rows of the
/// image in the second-level cache.
void MatrixKernelEmitter::findTile(KernelMath &math, mlir::gpu::LaunchOp launch) {
  shared = findSharedMemory(math);
  thread = math.fromIndex(Value(launch.getThreadIds().x));
  Value block = math.fromIndex(Value(launch.getBlockIds().x));
  int64_t columnTiles = llvm::divideCeil(countColumns(), tile.columns);
  firstRow = math.multiply(math.divide(block, columnTiles), tile.rows);
  firstColumn = math.multiply(math.remainder(block, columnTiles), tile.columns);
  rowLimit = math.fromIndex(numRows);

  Value group = math.fromIndex(Value(launch.getBlockIds().z));
  groupIndices = math.delinearize(group, groups.sizes);
  imageStart = math.add(math.add(getAddress(math, 0), math.fromIndex(imageOffset, 64)),
                        addUp(math, groupIndices, groups.strides));
  weightStart = getAddress(math, 1);
  if (!product.groups.empty())
    weightStart =
        math.add(weightStart,
                 math.multiply(math.extend(group), math.constant64(countColumns() * countDepth())));

  MatrixFactor image{job.planes * tile.rows, getImageWidth(product), 0};
  MatrixFactor weight{tile.columns, getCopyWidth(countDepth()), image.rows * tile.depth};
  imageCopies.emplace(math, tile, image, thread,
                      [&](Value row) { return locateImageRow(math, row); });
  weightCopies.emplace(math, tile, weight, thread,
                       [&](Value row) { return locateWeightRow(math, row); });
  MatrixFactors factors{tile, job.planes, product.unsignedImage, product.unsignedWeight};
  unit = job.usesWarpgroups ? MatrixUnit::createForWarpgroups(math, factors, thread)
                            : MatrixUnit::createForWarps(math, factors, thread);
}

/// Where a factor's memory begins.
Value MatrixKernelEmitter::getAddress(KernelMath &math, unsigned operand) {
  Value address = memref::ExtractAlignedPointerAsIndexOp::create(math.builder, loc,
                                                                 product.op->getOperand(operand));
  return math.fromIndex(address, 64);
}

/// The sum of indices times strides, in i64.
Value MatrixKernelEmitter::addUp(KernelMath &math, ArrayRef<Value> indices,
                                 ArrayRef<OpFoldResult> strides) {
  Value sum = math.constant64(0);
  for (auto [index, stride] : llvm::zip(indices, strides))
    sum = math.add(sum, math.multiply(math.extend(index), math.fromIndex(stride, 64)));
  return sum;
}

/// Rows beyond the last are zeros; so that their addresses are of the image all the same, they are
/// those of the last row.
FactorCopies::Row MatrixKernelEmitter::locateImageRow(KernelMath &math, Value row) {
  Value inPlane = math.remainder(row, tile.rows);
  Value number = math.add(firstRow, inPlane);
  Value exists = math.isBelow(number, rowLimit);
  Value last = math.add(rowLimit, -1);
  SmallVector<Value> indices = math.delinearize(math.select(exists, number, last), rows.sizes);
  Value address = math.add(imageStart, addUp(math, indices, rows.strides));
  if (job.planeLoop)
    address = math.add(address, math.multiply(math.extend(math.divide(row, tile.rows)),
                                              math.fromIndex(planeStride, 64)));
  return {address, exists};
}

FactorCopies::Row MatrixKernelEmitter::locateWeightRow(KernelMath &math, Value row) {
  Value number = math.add(firstColumn, row), exists;
  if (countColumns() % tile.columns != 0) {
    exists = math.isBelow(number, math.constant(countColumns()));
    number = math.select(exists, number, math.constant(0));
  }
  return {math.add(weightStart, math.multiply(math.extend(number), math.constant64(countDepth()))),
          exists};
}

//===----------------------------------------------------------------------===//
// The loop over k
//===----------------------------------------------------------------------===//

/// Copies the bytes from k = step * depth to the stage at this offset.
void MatrixKernelEmitter::emitCopies(KernelMath &math, Value step, Value stage) {
  Value begin = math.multiply(step, tile.depth);
  bool isRagged = countDepth() % tile.depth != 0;
  auto place = [&](const FactorCopies &copies) -> std::pair<Value, Value> {
    Value k = math.add(begin, copies.getFirstByte());
    if (!isRagged)
      return {k, Value()};
    Value inside = math.isBelow(k, math.constant(countDepth()));
    return {math.select(inside, k, math.constant(0)), inside};
  };
  auto [imageK, imageInside] = place(*imageCopies);
  imageCopies->emit(math, shared, stage,
                    addUp(math, math.delinearize(imageK, sums.sizes), sums.strides), imageInside);
  auto [weightK, weightInside] = place(*weightCopies);
  weightCopies->emit(math, shared, stage, math.extend(weightK), weightInside);
}

/// The same where there is such a step.
void MatrixKernelEmitter::emitCopiesIf(KernelMath &math, Value step, int64_t steps, Value stage) {
  auto isNeeded = scf::IfOp::create(math.builder, loc, math.isBelow(step, math.constant(steps)),
                                    /*withElseRegion=*/false);
  OpBuilder::InsertionGuard guard(math.builder);
  math.builder.setInsertionPointToStart(&isNeeded.getThenRegion().front());
  emitCopies(math, step, stage);
}

SmallVector<Value> MatrixKernelEmitter::emitLoop(KernelMath &math) {
  OpBuilder &builder = math.builder;
  int64_t steps = llvm::divideCeil(countDepth(), tile.depth);
  int64_t stageBytes = tile.getStageBytes(job.planes);
  int64_t ahead = tile.stages - 1;
  for (int64_t step = 0; step < ahead; ++step) {
    if (step < steps)
      emitCopies(math, math.constant(step), math.constant(step * stageBytes));
    NVVM::CpAsyncCommitGroupOp::create(builder, loc);
  }

  SmallVector<Value> carried(unit->countAccumulators(), math.constant(0));
  carried.push_back(math.constant(0));                  // the stage to multiply
  carried.push_back(math.constant(ahead * stageBytes)); // the stage to copy to
  auto loop = scf::ForOp::create(builder, loc, math.constant(0), math.constant(steps),
                                 math.constant(1), carried);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(loop.getBody());
  SmallVector<Value> state(loop.getRegionIterArgs());
  Value writes = state.pop_back_val(), reads = state.pop_back_val();
  NVVM::CpAsyncWaitGroupOp::create(builder, loc, tile.stages - 2);
  unit->emitFence(math);
  mlir::gpu::BarrierOp::create(builder, loc);
  auto emitNextCopies = [&] {
    if (steps > ahead)
      emitCopiesIf(math, math.add(loop.getInductionVar(), ahead), steps, writes);
    NVVM::CpAsyncCommitGroupOp::create(builder, loc);
  };
  state = unit->emitStage(math, shared, reads, state, emitNextCopies);
  for (Value stage : {reads, writes}) {
    Value following = math.add(stage, stageBytes), end = math.constant(tile.stages * stageBytes);
    state.push_back(math.select(math.isBelow(following, end), following, math.constant(0)));
  }
  scf::YieldOp::create(builder, loc, state);
  return SmallVector<Value>(loop.getResults().drop_back(2));
}

//===----------------------------------------------------------------------===//
// The epilogue
//===----------------------------------------------------------------------===//

void MatrixKernelEmitter::emitEpilogue(KernelMath &math, ArrayRef<Value> accumulators) {
  OpBuilder &builder = math.builder;
  position.assign(product.op.getNumLoops(), builder.getIndexAttr(0));
  for (auto [loop, index] : llvm::zip(product.groups, groupIndices))
    position[loop] = math.toIndex(index);
  for (int64_t rowTile = 0; rowTile < tile.getRowTiles(); ++rowTile)
    for (int64_t half = 0; half < 2; ++half) {
      Value row = math.add(firstRow, unit->getRow(math, rowTile, half));
      auto exists =
          scf::IfOp::create(builder, loc, math.isBelow(row, rowLimit), /*withElseRegion=*/false);
      OpBuilder::InsertionGuard guard(builder);
      builder.setInsertionPointToStart(&exists.getThenRegion().front());
      emitRow(math, row, rowTile, half, accumulators);
    }
}

void MatrixKernelEmitter::emitRow(KernelMath &math, Value row, int64_t rowTile, int64_t half,
                                  ArrayRef<Value> accumulators) {
  OpBuilder &builder = math.builder;
  for (auto [loop, index] : llvm::zip(product.rows, math.delinearize(row, rows.sizes)))
    position[loop] = math.toIndex(index);
  for (int64_t columnTile = 0; columnTile < tile.getColumnTiles(); ++columnTile)
    for (int64_t odd = 0; odd < 2; ++odd) {
      Value column = math.add(firstColumn, unit->getColumn(math, columnTile, odd));
      OpBuilder::InsertionGuard guard(builder);
      if (countColumns() % tile.columns != 0) {
        Value inside = math.isBelow(column, math.constant(countColumns()));
        auto exists = scf::IfOp::create(builder, loc, inside, /*withElseRegion=*/false);
        builder.setInsertionPointToStart(&exists.getThenRegion().front());
      }
      for (auto [loop, index] : llvm::zip(product.columns, math.delinearize(column, columns)))
        position[loop] = math.toIndex(index);
      SmallVector<Value> planeSums;
      for (int64_t plane = 0; plane < job.planes; ++plane)
        planeSums.push_back(accumulators[unit->getNumber(plane, rowTile, columnTile, half, odd)]);
      emitElement(math, planeSums);
    }
}

void MatrixKernelEmitter::emitElement(KernelMath &math, ArrayRef<Value> planeSums) {
  if (!job.epilogue)
    return storeSums(math, planeSums[0]);
  DenseMap<unsigned, Value> known;
  for (auto [operand, plane] : llvm::enumerate(job.operandPlanes))
    if (plane >= 0)
      known[operand] = planeSums[plane];
  SmallVector<OpFoldResult> place;
  for (unsigned loop : job.epilogueLoops)
    place.push_back(position[loop]);
  ElementBody body(job.epilogue, AffineMap::getMultiDimIdentityMap(job.epilogue.getNumLoops(),
                                                                   rewriter.getContext()));
  SmallVector<Value> results = body.compute(math.builder, place, known);
  for (auto [i, result] : llvm::enumerate(results))
    body.store(math.builder, i, result, place);
}

void MatrixKernelEmitter::storeSums(KernelMath &math, Value sum) {
  ElementBody body(product.op, AffineMap::getMultiDimIdentityMap(product.op.getNumLoops(),
                                                                 rewriter.getContext()));
  Value before = body.load(math.builder, 2, position);
  body.store(math.builder, 0, math.add(before, sum), position);
}

void emitMatrixKernel(RewriterBase &rewriter, MatrixJob job) {
  MatrixKernelEmitter(rewriter, std::move(job)).emit();
}

} // namespace fpw::gpu

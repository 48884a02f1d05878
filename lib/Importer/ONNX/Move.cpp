//===- Move.cpp - Operators that move or repeat elements -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Fold.h"
#include "mlir/Dialect/Utils/IndexingUtils.h"
#include "llvm/ADT/Sequence.h"

using namespace fpw;
using namespace fpw::onnx;
using mlir::ShapedType;

//===----------------------------------------------------------------------===//
// Transpose, Expand, Tile
//===----------------------------------------------------------------------===//

static LogicalResult importTranspose(NodeImporter &importer) {
  SmallVector<int64_t> shape = importer.getShape(0);
  int64_t rank = shape.size();
  auto axes = importer.getInts("perm").value_or(
      llvm::to_vector(llvm::reverse(llvm::to_vector(llvm::seq<int64_t>(0, rank)))));
  const Constant *constant = importer.getConstant(0);
  if (!constant)
    return importer.addLike(importer.getInput(0),
                            importer.getBuilder().transpose(importer.getAnyInput(0), axes));
  if (!mlir::isPermutationVector(axes) || int64_t(axes.size()) != rank)
    return importer.emitError() << "expected a permutation of " << rank << " dimensions";
  if (!importer.mayCompute(constant->size()))
    return failure();
  SmallVector<int64_t> strides(rank, 1), permuted, indices = {0};
  for (int64_t dim = rank - 1; dim > 0; --dim)
    strides[dim - 1] = strides[dim] * shape[dim];
  for (int64_t axis : axes) {
    permuted.push_back(shape[axis]);
    SmallVector<int64_t> next;
    next.reserve(indices.size() * shape[axis]);
    for (int64_t index : indices)
      for (int64_t i = 0; i < shape[axis]; ++i)
        next.push_back(index + i * strides[axis]);
    indices = std::move(next);
  }
  return importer.addConstant(constant->pick(permuted, indices));
}

static LogicalResult importExpand(NodeImporter &importer) {
  NNBuilder &b = importer.getBuilder();
  const Constant *target = importer.getConstant(1);
  if (!target || isFloat(target->type))
    return importer.emitError() << "expected the shape to be known at import";
  const Constant *constant = importer.getConstant(0);
  SmallVector<int64_t> shape = importer.getShape(0);
  auto fixed = target->getFixedIntegers();
  if (constant && fixed) {
    auto result = broadcastShapes({shape, *fixed});
    std::optional<int64_t> elements = result ? countElements(*result) : std::nullopt;
    if (!elements)
      return importer.emitError() << "expected shapes that broadcast but got " << printShape(shape)
                                  << " and " << printShape(*fixed);
    if (!importer.mayCompute(*elements))
      return failure();
    return importer.addConstant(constant->pick(*result, getBroadcastIndices(shape, *result)));
  }
  int64_t rank = std::max(shape.size(), target->integers.size());
  Value x = b.extendRank(importer.getAnyInput(0), rank);
  if (!x)
    return failure();
  SmallVector<int64_t> sizes(rank, -1);
  std::optional<int64_t> batchDim;
  for (auto [i, size] : llvm::enumerate(target->integers)) {
    int64_t dim = rank - target->integers.size() + i;
    if (size.isFixed() && size.fixed != 1)
      sizes[dim] = size.fixed;
    else if (!size.isFixed() && !ShapedType::isDynamic(b.getShape(x)[dim]))
      batchDim = size == Number{0, 1} ? dim : -1;
  }
  x = b.repeat(x, sizes);
  if (batchDim)
    x = b.expandToBatch(x, *batchDim);
  if (!x)
    return importer.emitError() << "expected to repeat a dimension of size 1 as often as there are "
                                   "samples, or none";
  return importer.addLike(importer.getInput(0), x);
}

static LogicalResult importTile(NodeImporter &importer) {
  NNBuilder &b = importer.getBuilder();
  FailureOr<SmallVector<int64_t>> repeats = importer.getIntegers(1, "the repeats");
  if (failed(repeats))
    return failure();
  SmallVector<int64_t> shape = importer.getShape(0), paired, repeated, result;
  if (repeats->size() != shape.size())
    return importer.emitError() << "expected " << shape.size() << " repeats but got "
                                << repeats->size();
  constexpr int64_t most = int64_t(1) << 24;
  for (auto [size, count] : llvm::zip_equal(NNBuilder::getOpenShape(shape), *repeats)) {
    if (count < 1 || count > most || (size < 0 && count != 1))
      return importer.emitError() << "expected repeats of 1 to " << most << ", and of the batch 1";
    paired.append({1, size});
    repeated.append({count, -1});
    result.push_back(size < 0 ? -1 : size * count);
  }
  Value x = b.repeat(b.reshape(importer.getAnyInput(0), paired), repeated);
  return importer.addLike(importer.getInput(0), b.reshape(x, result));
}

//===----------------------------------------------------------------------===//
// Pad
//===----------------------------------------------------------------------===//

static LogicalResult importPad(NodeImporter &importer) {
  NNBuilder &b = importer.getBuilder();
  StringRef mode = importer.getString("mode", "constant");
  auto pads = importer.getIntsOrInput("pads", 1, 11);
  auto axes = importer.getIntsOrInput("axes", 3, 11);
  float value = importer.getOpset() < 11 ? importer.getFloat("value", 0.0f) : 0.0f;
  if (failed(pads) || failed(axes))
    return failure();
  if (importer.getOpset() >= 11 && importer.hasInput(2)) {
    auto values = importer.getKnownFloats(2, "the value");
    if (failed(values))
      return failure();
    if (values->size() != 1)
      return importer.emitError() << "expected one value";
    value = values->front();
  }
  if (mode != "constant" && mode != "reflect" && mode != "edge")
    return importer.emitError() << "mode '" << mode << "' is not supported";
  Value x = importer.getAnyInput(0);
  if (!x)
    return failure();
  int64_t rank = b.getRank(x);
  SmallVector<int64_t> named = axes->value_or(llvm::to_vector(llvm::seq<int64_t>(0, rank)));
  FailureOr<SmallVector<int64_t>> dims = importer.normalizeAxes(named, rank);
  if (failed(dims))
    return failure();
  if (!*pads || (*pads)->size() != 2 * dims->size())
    return importer.emitError() << "expected two pads per axis";
  SmallVector<int64_t> before(rank, 0), after(rank, 0);
  constexpr int64_t most = int64_t(1) << 24;
  for (auto [i, dim] : llvm::enumerate(*dims)) {
    before[dim] = (**pads)[i];
    after[dim] = (**pads)[i + dims->size()];
    auto isLarge = [](int64_t width) { return width < -most || width > most; };
    if (isLarge(before[dim]) || isLarge(after[dim]))
      return importer.emitError() << "expected pads of at most " << most;
    // Negative pads cut elements off.
    int64_t cutBefore = std::max<int64_t>(-before[dim], 0);
    int64_t cutAfter = std::max<int64_t>(-after[dim], 0);
    before[dim] += cutBefore;
    after[dim] += cutAfter;
    if (cutBefore + cutAfter > 0) {
      int64_t left = b.getShape(x)[dim] - cutBefore - cutAfter;
      if (left < 1)
        return importer.emitError() << "expected pads that leave elements";
      x = b.slice(x, dim, cutBefore, left);
      if (!x)
        return failure();
    }
  }
  return importer.addLike(importer.getInput(0),
                          b.pad(x, before, after, value, mode == "edge" ? "repeat" : mode));
}

//===----------------------------------------------------------------------===//
// Blocks of an image
//===----------------------------------------------------------------------===//

static FailureOr<int64_t> readBlockSize(NodeImporter &importer, ArrayRef<int64_t> shape) {
  int64_t block = importer.getInt("blocksize", 0);
  bool isImage = shape.size() == 4 && llvm::none_of(shape.drop_front(), ShapedType::isDynamic);
  if (!isImage || block < 1 || block > (1 << 12))
    return importer.emitError() << "expected an image with batch and channels, and a blocksize of "
                                   "1 to 4096";
  return block;
}

static LogicalResult importDepthToSpace(NodeImporter &importer) {
  NNBuilder &b = importer.getBuilder();
  SmallVector<int64_t> shape = importer.getShape(0);
  FailureOr<int64_t> block = readBlockSize(importer, shape);
  StringRef mode = importer.getString("mode", "DCR");
  if (failed(block))
    return failure();
  int64_t n = NNBuilder::getOpenShape(shape)[0], s = *block, c = shape[1] / (s * s);
  if (c < 1 || shape[1] % (s * s) != 0 || (mode != "DCR" && mode != "CRD"))
    return importer.emitError() << "expected channels in blocks, in mode DCR or CRD";
  Value x = importer.getFloatInput(0);
  x = mode == "DCR"
          ? b.transpose(b.reshape(x, {n, s, s, c, shape[2], shape[3]}), {0, 3, 4, 1, 5, 2})
          : b.transpose(b.reshape(x, {n, c, s, s, shape[2], shape[3]}), {0, 1, 4, 2, 5, 3});
  return importer.addFloats(b.reshape(x, {n, c, shape[2] * s, shape[3] * s}));
}

static LogicalResult importSpaceToDepth(NodeImporter &importer) {
  NNBuilder &b = importer.getBuilder();
  SmallVector<int64_t> shape = importer.getShape(0);
  FailureOr<int64_t> block = readBlockSize(importer, shape);
  if (failed(block))
    return failure();
  int64_t n = NNBuilder::getOpenShape(shape)[0], s = *block, height = shape[2] / s,
          width = shape[3] / s;
  if (height * s != shape[2] || width * s != shape[3])
    return importer.emitError() << "expected an image of whole blocks";
  StringRef mode = importer.getString("mode", "DCR");
  if (mode != "DCR" && mode != "CRD")
    return importer.emitError() << "mode '" << mode << "' is not supported";
  Value x = b.reshape(importer.getFloatInput(0), {n, shape[1], height, s, width, s});
  x = mode == "DCR" ? b.transpose(x, {0, 3, 5, 1, 2, 4}) : b.transpose(x, {0, 1, 3, 5, 2, 4});
  return importer.addFloats(b.reshape(x, {n, s * s * shape[1], height, width}));
}

//===----------------------------------------------------------------------===//
// Triangles
//===----------------------------------------------------------------------===//

namespace {
/// Which elements of matrices a Trilu keeps.
struct Triangle {
  int64_t rows, columns, diagonal;
  bool isUpper;

  bool keeps(int64_t index) const {
    int64_t row = index / columns % rows, column = index % columns;
    return isUpper ? column - row >= diagonal : column - row <= diagonal;
  }
};
} // namespace

static FailureOr<Triangle> readTriangle(NodeImporter &importer) {
  SmallVector<int64_t> shape = importer.getShape(0), diagonal = {0};
  if (importer.hasInput(1)) {
    FailureOr<SmallVector<int64_t>> given = importer.getIntegers(1, "the diagonal");
    if (failed(given))
      return failure();
    diagonal = *given;
  }
  constexpr int64_t most = int64_t(1) << 40;
  if (shape.size() < 2 || diagonal.size() != 1 || diagonal[0] < -most || diagonal[0] > most)
    return importer.emitError() << "expected matrices, and one diagonal";
  Triangle triangle{shape[shape.size() - 2], shape.back(), diagonal[0],
                    importer.getInt("upper", 1) != 0};
  if (ShapedType::isDynamic(triangle.rows) || ShapedType::isDynamic(triangle.columns) ||
      triangle.rows == 0 || triangle.columns == 0)
    return importer.emitError() << "expected matrices of a static size";
  return triangle;
}

static LogicalResult importTrilu(NodeImporter &importer) {
  NNBuilder &b = importer.getBuilder();
  FailureOr<Triangle> triangle = readTriangle(importer);
  Value x = importer.getAnyInput(0);
  if (failed(triangle) || !x)
    return failure();
  std::optional<int64_t> count = countElements({triangle->rows, triangle->columns});
  if (!count || !importer.mayCompute(*count))
    return failure();
  std::vector<float> mask;
  for (int64_t i = 0; i < *count; ++i)
    mask.push_back(triangle->keeps(i));
  GraphTensor bounds = importer.getInput(0);
  bounds.least = std::min(bounds.least, 0.0);
  bounds.most = std::max(bounds.most, 0.0);
  return importer.addLike(bounds,
                          b.where(b.makeParameter({triangle->rows, triangle->columns}, mask), x,
                                  b.makeSplat({}, 0.0f)));
}

static bool foldTrilu(NodeImporter &importer) {
  FailureOr<Triangle> triangle = readTriangle(importer);
  const Constant *x = importer.getConstant(0);
  if (failed(triangle) || !importer.mayCompute(x->size()))
    return false;
  Constant result = *x;
  for (size_t i = 0; i < result.floats.size(); ++i)
    result.floats[i] = triangle->keeps(i) ? result.floats[i] : 0.0f;
  for (size_t i = 0; i < result.integers.size(); ++i)
    result.integers[i] = triangle->keeps(i) ? result.integers[i] : Number();
  return succeeded(importer.addConstant(std::move(result)));
}

void onnx::addMoveOperators(OperatorTable &table) {
  table.add("Transpose", 1, 1, importTranspose);
  table.add("Expand", 2, 2, importExpand);
  table.add("Tile", 2, 2, importTile);
  table.add("Trilu", 1, 2, importTrilu, foldTrilu);
  table.add("Pad", 1, 4, importPad);
  table.add("DepthToSpace", 1, 1, importDepthToSpace);
  table.add("SpaceToDepth", 1, 1, importSpaceToDepth);
}

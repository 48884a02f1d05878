//===- Selection.cpp - Operators that take parts of tensors, or join them -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "NodeImporter.h"
#include "llvm/ADT/Sequence.h"
#include "llvm/Support/MathExtras.h"

using namespace fpw;
using namespace fpw::onnx;
using mlir::ShapedType;

//===----------------------------------------------------------------------===//
// Elements of one dimension
//===----------------------------------------------------------------------===//

namespace {
/// A regular part of a dimension.
struct Part {
  int64_t axis, begin, count, step;
};
} // namespace

/// A part of a constant along one axis, given by indices.
static Constant pickAlong(const Constant &constant, int64_t axis, ArrayRef<int64_t> chosen) {
  SmallVector<int64_t> shape = constant.shape;
  int64_t size = shape[axis], inner = 1, outer = 1;
  for (auto [dim, length] : llvm::enumerate(shape))
    (int64_t(dim) < axis   ? outer
     : int64_t(dim) > axis ? inner
                           : size) *= int64_t(dim) == axis ? 1 : length;
  shape[axis] = chosen.size();
  SmallVector<int64_t> indices;
  indices.reserve(outer * chosen.size() * inner);
  for (int64_t i = 0; i < outer; ++i)
    for (int64_t index : chosen)
      for (int64_t j = 0; j < inner; ++j)
        indices.push_back((i * size + index) * inner + j);
  return constant.pick(shape, indices);
}

static SmallVector<int64_t> getIndices(const Part &part) {
  SmallVector<int64_t> indices;
  for (int64_t i = 0; i < part.count; ++i)
    indices.push_back(part.begin + i * part.step);
  return indices;
}

/// Adds parts of the first input along several axes.
static LogicalResult addParts(NodeImporter &importer, ArrayRef<Part> parts) {
  if (const Constant *constant = importer.getConstant(0)) {
    Constant result = *constant;
    for (const Part &part : parts) {
      if (!importer.mayCompute(result.size()))
        return failure();
      result = pickAlong(result, part.axis, getIndices(part));
    }
    return importer.addConstant(std::move(result));
  }
  Value x = importer.getAnyInput(0);
  for (const Part &part : parts)
    x = importer.getBuilder().slice(x, part.axis, part.begin, part.count, part.step);
  return importer.addLike(importer.getInput(0), x);
}

/// Python's x[start:stop:step] of a dimension.
static Part makePart(int64_t axis, int64_t size, int64_t start, int64_t stop, int64_t step) {
  auto fromEnd = [&](int64_t place) {
    return place >= 0 ? place : place < -size ? int64_t(-1) - (step > 0 ? -1 : 0) : place + size;
  };
  int64_t least = step > 0 ? 0 : -1, most = step > 0 ? size : size - 1;
  start = std::clamp(fromEnd(start), least, most);
  stop = std::clamp(fromEnd(stop), least, most);
  int64_t span = step > 0 ? stop - start : start - stop;
  // The smallest step has no opposite.
  uint64_t stride = step > 0 ? uint64_t(step) : uint64_t(0) - uint64_t(step);
  int64_t count = span > 0 ? int64_t((uint64_t(span) - 1) / stride) + 1 : 0;
  return {axis, count ? start : 0, count, count > 1 ? step : 1};
}

static LogicalResult importSlice(NodeImporter &importer) {
  SmallVector<int64_t> shape = importer.getShape(0);
  bool hasInputs = importer.getOpset() >= 10;
  if (hasInputs && importer.getNumInputs() < 3)
    return importer.emitError() << "expected 3 to 5 inputs";
  auto starts = importer.getIntsOrInput("starts", 1, 10);
  auto ends = importer.getIntsOrInput("ends", 2, 10);
  auto axes = importer.getIntsOrInput("axes", 3, 10);
  auto steps = hasInputs ? importer.getIntsOrInput("steps", 4, 10)
                         : FailureOr<std::optional<SmallVector<int64_t>>>(std::nullopt);
  if (failed(starts) || failed(ends) || failed(axes) || failed(steps))
    return failure();
  if (!*starts || !*ends)
    return importer.emitError() << "expected starts and ends";
  size_t count = (*starts)->size();
  SmallVector<int64_t> named = axes->value_or(llvm::to_vector(llvm::seq<int64_t>(0, count)));
  SmallVector<int64_t> step = steps->value_or(SmallVector<int64_t>(count, 1));
  if ((*ends)->size() != count || named.size() != count || step.size() != count)
    return importer.emitError() << "expected as many starts as ends, axes and steps";
  FailureOr<SmallVector<int64_t>> dims = importer.normalizeAxes(named, shape.size());
  if (failed(dims))
    return failure();
  SmallVector<Part> parts;
  for (size_t i = 0; i < count; ++i) {
    int64_t start = (**starts)[i], end = (**ends)[i], size = shape[(*dims)[i]];
    if (step[i] == 0)
      return importer.emitError() << "expected a step other than 0";
    constexpr int64_t large = std::numeric_limits<int32_t>::max();
    if (ShapedType::isDynamic(size)) {
      if (start == 0 && step[i] == 1 && end >= large)
        continue;
      return importer.emitError() << "expected the whole batch but got a part of it";
    }
    parts.push_back(makePart((*dims)[i], size, start, end, step[i]));
  }
  return addParts(importer, parts);
}

static LogicalResult importSplit(NodeImporter &importer) {
  SmallVector<int64_t> shape = importer.getShape(0);
  FailureOr<int64_t> axis = importer.normalizeAxis(importer.getInt("axis", 0), shape.size());
  if (failed(axis))
    return failure();
  int64_t size = shape[*axis];
  auto given = importer.getIntsOrInput("split", 1, 13);
  int64_t outputs = importer.getInt("num_outputs", importer.getNumOutputs());
  if (failed(given))
    return failure();
  if (outputs != int64_t(importer.getNumOutputs()) || outputs < 1 || ShapedType::isDynamic(size))
    return importer.emitError() << "expected a static dimension and one part per output";
  SmallVector<int64_t> counts;
  int64_t chunk = llvm::divideCeil(size, outputs), begin = 0;
  for (int64_t i = 0; i < outputs; ++i)
    counts.push_back(std::min(chunk, std::max<int64_t>(size - i * chunk, 0)));
  if (*given)
    counts = **given;
  if (int64_t(counts.size()) != outputs)
    return importer.emitError() << "expected " << outputs << " parts but got " << counts.size();
  for (int64_t count : counts) {
    if (count < 0 || count > size - begin)
      return importer.emitError() << "expected parts that make up size " << size;
    if (failed(addParts(importer, Part{*axis, begin, count, 1})))
      return failure();
    begin += count;
  }
  if (begin != size)
    return importer.emitError() << "expected parts that make up size " << size << " but got "
                                << begin;
  return success();
}

static LogicalResult importConcat(NodeImporter &importer) {
  NNBuilder &b = importer.getBuilder();
  if (!importer.hasAttribute("axis"))
    return importer.emitError() << "expected attribute 'axis'";
  int64_t axis = importer.getInt("axis", 0);
  FailureOr<int64_t> dim = importer.normalizeAxis(axis, importer.getShape(0).size());
  if (failed(dim))
    return failure();
  SmallVector<Value> parts;
  GraphTensor bounds;
  bounds.type = importer.getInput(0).type;
  bounds.least = importer.getInput(0).least;
  bounds.most = importer.getInput(0).most;
  for (size_t i = 0; i < importer.getNumInputs(); ++i) {
    const GraphTensor &input = importer.getInput(i);
    if (input.type != bounds.type)
      return importer.emitError() << "expected inputs of one type";
    if (importer.getShape(i).size() <= size_t(*dim))
      return importer.emitError() << "expected inputs of one rank";
    bounds.least = std::min(bounds.least, input.least);
    bounds.most = std::max(bounds.most, input.most);
    // An input without elements adds nothing.
    if (importer.getShape(i)[*dim] != 0 || importer.getNumInputs() == 1)
      parts.push_back(importer.getAnyInput(i));
  }
  if (parts.empty())
    return importer.emitError() << "expected inputs with elements";
  if (!llvm::all_of(parts, [](Value part) { return bool(part); }))
    return failure();
  return importer.addLike(bounds, b.concatenate(parts, *dim));
}

/// Constants one after the other.
static bool foldConcat(NodeImporter &importer) {
  const Constant *first = importer.getConstant(0);
  int64_t rank = first->shape.size(), axis = importer.getInt("axis", 0), elements = 0;
  axis = axis < 0 ? axis + rank : axis;
  if (axis < 0 || axis >= rank)
    return false;
  Constant result{first->type, first->shape, {}, {}};
  result.shape[axis] = 0;
  int64_t outer = 1;
  for (int64_t dim = 0; dim < axis; ++dim)
    outer *= first->shape[dim];
  for (size_t i = 0; i < importer.getNumInputs(); ++i) {
    const Constant *part = importer.getConstant(i);
    SmallVector<int64_t> expected = first->shape;
    if (part->type != first->type || int64_t(part->shape.size()) != rank)
      return false;
    expected[axis] = part->shape[axis];
    if (part->shape != expected)
      return false;
    result.shape[axis] += part->shape[axis];
    elements += part->size();
  }
  if (!importer.mayCompute(elements))
    return false;
  for (int64_t row = 0; row < outer; ++row)
    for (size_t i = 0; i < importer.getNumInputs(); ++i) {
      const Constant *part = importer.getConstant(i);
      size_t length = part->size() / outer;
      if (isFloat(part->type))
        llvm::append_range(result.floats, ArrayRef(part->floats).slice(row * length, length));
      else
        llvm::append_range(result.integers, ArrayRef(part->integers).slice(row * length, length));
    }
  return succeeded(importer.addConstant(std::move(result)));
}

//===----------------------------------------------------------------------===//
// Gather
//===----------------------------------------------------------------------===//

/// Puts the dimension `from` at place `to`, the others kept in order.
static SmallVector<int64_t> moveDim(int64_t rank, int64_t from, int64_t to) {
  auto axes = llvm::to_vector(llvm::seq<int64_t>(0, rank));
  axes.erase(axes.begin() + from);
  axes.insert(axes.begin() + to, from);
  return axes;
}

/// Rows of a table that the network chooses.
static LogicalResult gatherRows(NodeImporter &importer, int64_t axis) {
  NNBuilder &b = importer.getBuilder();
  Value table = importer.getAnyInput(0), indices = importer.getAnyInput(1);
  if (!table || !indices)
    return failure();
  if (!b.getType(table).hasStaticShape())
    return importer.emitError()
           << "expected indices that are known at import, or a table that does not depend on the "
              "batch";
  int64_t tableRank = b.getRank(table), indexRank = b.getRank(indices);
  Value rows = b.create<nn::EmbedOp>({indices, b.transpose(table, moveDim(tableRank, axis, 0))});
  // The dimensions before the axis go before those of the indices.
  SmallVector<int64_t> axes;
  for (int64_t dim = 0; dim < axis; ++dim)
    axes.push_back(indexRank + dim);
  llvm::append_range(axes, llvm::seq<int64_t>(0, indexRank));
  llvm::append_range(axes, llvm::seq<int64_t>(indexRank + axis, indexRank + tableRank - 1));
  return importer.addLike(importer.getInput(0), b.transpose(rows, axes));
}

static LogicalResult importGather(NodeImporter &importer) {
  NNBuilder &b = importer.getBuilder();
  SmallVector<int64_t> shape = importer.getShape(0);
  FailureOr<int64_t> axis = importer.normalizeAxis(importer.getInt("axis", 0), shape.size());
  if (failed(axis))
    return failure();
  const Constant *indices = importer.getConstant(1);
  if (isFloat(importer.getInput(1).type))
    return importer.emitError() << "expected indices that are integers";
  if (!indices)
    return gatherRows(importer, *axis);
  FailureOr<SmallVector<int64_t>> chosen = importer.getIntegers(1, "the indices");
  if (failed(chosen))
    return failure();
  if (ShapedType::isDynamic(shape[*axis]))
    return importer.emitError() << "expected indices of another dimension than the batch";
  for (int64_t &index : *chosen) {
    if (index < -shape[*axis] || index >= shape[*axis])
      return importer.emitError() << "expected indices of " << shape[*axis] << " elements but got "
                                  << index;
    index += index < 0 ? shape[*axis] : 0;
  }
  SmallVector<int64_t> result(NNBuilder::getOpenShape(shape));
  result.erase(result.begin() + *axis);
  result.insert(result.begin() + *axis, indices->shape.begin(), indices->shape.end());
  if (const Constant *constant = importer.getConstant(0)) {
    std::optional<int64_t> elements = countElements(result);
    if (!elements || !importer.mayCompute(*elements))
      return importer.emitError() << "the result is too large";
    Constant picked = pickAlong(*constant, *axis, *chosen);
    picked.shape = result;
    return importer.addConstant(std::move(picked));
  }
  return importer.addLike(importer.getInput(0),
                          b.reshape(b.take(importer.getAnyInput(0), *axis, *chosen), result));
}

void onnx::addSelectionOperators(OperatorTable &table) {
  table.add("Slice", 1, 5, importSlice);
  table.add("Split", 1, 2, importSplit);
  table.add("Concat", 1, OperatorTable::kAnyNumber, importConcat, foldConcat);
  table.add("Gather", 2, 2, importGather);
}

//===- FoldParameters.cpp - Computes weights at compile time ----*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FoldParameters.h"
#include "ParameterLayout.h"

#include "fpw/Dialect/NN/IR/Encoding.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Utils/IndexingUtils.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/TypeSwitch.h"
#include <array>
#include <cmath>
#include <functional>

using namespace mlir;
using namespace fpw;
using namespace fpw::nn;

//===----------------------------------------------------------------------===//
// Formulas
//===----------------------------------------------------------------------===//

namespace {
/// Evaluates the formula of an element-wise op, if every operation in it has one IEEE result, for
/// many elements at a time.
class Formula {
public:
  static constexpr int64_t kChunk = 512;
  using Chunk = std::array<float, kChunk>;

  explicit Formula(ElementwiseOpInterface op) {
    OpBuilder builder(op.getContext());
    for (Value operand : op->getOperands())
      body.addArgument(builder.getF32Type(), operand.getLoc());
    builder.setInsertionPointToEnd(&body);
    result = op.buildScalar(builder, op.getLoc(), body.getArguments());
    for (Value argument : body.getArguments())
      registers.try_emplace(argument, registers.size());
    for (Operation &step : body)
      registers.try_emplace(step.getResult(0), registers.size());
    chunks.resize(registers.size());
  }

  bool isExact() {
    return llvm::all_of(body, [](Operation &op) {
      return isa<arith::ConstantOp, arith::AddFOp, arith::SubFOp, arith::MulFOp, arith::DivFOp,
                 arith::NegFOp, math::AbsFOp, math::SqrtOp>(op);
    });
  }

  /// Where the elements of an operand go before an evaluation.
  Chunk &getArgument(unsigned i) { return chunks[i]; }

  const Chunk &evaluate() {
    for (Operation &op : body)
      evaluateOp(op, getChunk(op.getResult(0)));
    return getChunk(result);
  }

private:
  Chunk &getChunk(Value value) { return chunks[registers.lookup(value)]; }

  void evaluateOp(Operation &op, Chunk &out) {
    if (auto constant = dyn_cast<arith::ConstantOp>(op))
      return out.fill(cast<FloatAttr>(constant.getValue()).getValue().convertToFloat());
    const Chunk &a = getChunk(op.getOperand(0));
    const Chunk &b = getChunk(op.getOperands().back());
    auto apply = [&](auto function) {
      for (int64_t i = 0; i < kChunk; ++i)
        out[i] = function(a[i], b[i]);
    };
    llvm::TypeSwitch<Operation *>(&op)
        .Case([&](arith::AddFOp) { apply(std::plus<float>()); })
        .Case([&](arith::SubFOp) { apply(std::minus<float>()); })
        .Case([&](arith::MulFOp) { apply(std::multiplies<float>()); })
        .Case([&](arith::DivFOp) { apply(std::divides<float>()); })
        .Case([&](arith::NegFOp) { apply([](float x, float) { return -x; }); })
        .Case([&](math::AbsFOp) { apply([](float x, float) { return std::fabs(x); }); })
        .Case([&](math::SqrtOp) { apply([](float x, float) { return std::sqrt(x); }); });
  }

  Block body;
  Value result;
  DenseMap<Value, unsigned> registers;
  std::vector<Chunk> chunks;
};

/// Reads a tensor by the index of the larger one that it broadcasts to.
class BroadcastReader {
public:
  BroadcastReader(ParameterOp parameter, ArrayRef<int64_t> shape)
      : values(getFloatValues(parameter)), shape(shape) {
    ArrayRef<int64_t> own = cast<RankedTensorType>(parameter.getType()).getShape();
    same = own == shape || values.size() == 1;
    strides = computeSuffixProduct(own);
    for (auto [size, stride] : llvm::zip_equal(own, strides))
      if (size == 1)
        stride = 0;
  }

  float operator[](int64_t index) const {
    if (same)
      return values[values.size() == 1 ? 0 : index];
    int64_t offset = 0;
    for (int64_t dim = int64_t(shape.size()) - 1; dim >= 0; index /= shape[dim--])
      offset += index % shape[dim] * strides[dim];
    return values[offset];
  }

  size_t size() const { return values.size(); }

private:
  ArrayRef<float> values;
  ArrayRef<int64_t> shape;
  SmallVector<int64_t> strides;
  bool same;
};
} // namespace

//===----------------------------------------------------------------------===//
// Ops
//===----------------------------------------------------------------------===//

static RankedTensorType getResultType(Operation *op) {
  return cast<RankedTensorType>(op->getResult(0).getType());
}

/// An element-wise op on parameters. One of them has the size of the result, so that a small file
/// cannot ask for a large tensor.
static ElementsAttr foldElementwise(ElementwiseOpInterface op, ArrayRef<ParameterOp> operands) {
  Formula formula(op);
  RankedTensorType type = getResultType(op);
  if (!formula.isExact() || !type.hasStaticShape())
    return {};
  SmallVector<BroadcastReader> readers;
  for (ParameterOp operand : operands)
    readers.emplace_back(operand, type.getShape());
  // The elements from one index on; behind the last one, whatever was there before.
  auto evaluate = [&](int64_t begin, int64_t count) -> const Formula::Chunk & {
    for (auto [i, reader] : llvm::enumerate(readers))
      for (int64_t element = 0; element < count; ++element)
        formula.getArgument(i)[element] = reader[begin + element];
    return formula.evaluate();
  };
  if (llvm::all_of(operands, [](ParameterOp operand) { return operand.isSplat(); }))
    return DenseElementsAttr::get(type, evaluate(0, 1).front());
  int64_t total = type.getNumElements();
  if (llvm::none_of(readers, [&](auto &reader) { return int64_t(reader.size()) == total; }))
    return {};
  AsmResourceBlob blob =
      HeapAsmResourceBlob::allocate(total * sizeof(float), /*align=*/64, /*dataIsMutable=*/true);
  float *data = reinterpret_cast<float *>(blob.getMutableData().data());
  for (int64_t begin = 0; begin < total; begin += Formula::kChunk) {
    int64_t count = std::min(total - begin, Formula::kChunk);
    std::copy_n(evaluate(begin, count).begin(), count, data + begin);
  }
  return DenseResourceElementsAttr::get(type, op->getName().getStringRef(), std::move(blob));
}

static ElementsAttr foldReshape(ReshapeOp op, ParameterOp operand) {
  RankedTensorType type = getResultType(op);
  if (!type.hasStaticShape())
    return {};
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(operand.getValue()))
    return DenseResourceElementsAttr::get(type, resource.getRawHandle());
  auto dense = cast<DenseElementsAttr>(operand.getValue());
  return dense.isSplat() ? dense.resizeSplat(type) : dense.reshape(type);
}

static ElementsAttr foldTranspose(RewriterBase &rewriter, TransposeOp op, ParameterOp operand) {
  ParameterLayouts layouts;
  ParameterOp permuted = layouts.permute(rewriter, operand, op.getAxes());
  ElementsAttr value = permuted.getValue();
  rewriter.eraseOp(permuted);
  return value;
}

/// The value of an op on parameters, or null where it is unknown or not exact.
static ElementsAttr foldOp(RewriterBase &rewriter, Operation *op, ArrayRef<ParameterOp> operands) {
  return llvm::TypeSwitch<Operation *, ElementsAttr>(op)
      .Case([&](ReshapeOp reshape) { return foldReshape(reshape, operands.front()); })
      .Case([&](TransposeOp transpose) {
        return foldTranspose(rewriter, transpose, operands.front());
      })
      .Case([&](ElementwiseOpInterface elementwise) {
        return foldElementwise(elementwise, operands);
      })
      .Default(ElementsAttr());
}

/// Replaces an op by a parameter if all its operands are float parameters.
static void foldToParameter(RewriterBase &rewriter, Operation *op) {
  SmallVector<ParameterOp> operands;
  for (Value operand : op->getOperands()) {
    auto parameter = operand.getDefiningOp<ParameterOp>();
    if (!parameter || !parameter.getType().getElementType().isF32())
      return;
    operands.push_back(parameter);
  }
  if (operands.empty() || op->getNumResults() != 1)
    return;
  rewriter.setInsertionPoint(op);
  ElementsAttr value = foldOp(rewriter, op, operands);
  if (!value || value.getType() != getResultType(op))
    return;
  std::string name = (operands.front().getName() + "/" + op->getName().stripDialect()).str();
  rewriter.replaceOpWithNewOp<ParameterOp>(op, getResultType(op), name, value, ConversionAttr());
  for (ParameterOp operand : llvm::SmallSetVector<ParameterOp, 2>(operands.begin(), operands.end()))
    if (operand->use_empty())
      rewriter.eraseOp(operand);
}

void fpw::nn::foldParameters(RewriterBase &rewriter, ModuleOp module, ArrayRef<Value> wanted) {
  // Everything upstream of what is wanted, then folded in the order of the program.
  llvm::SetVector<Operation *> upstream;
  auto visit = [&](Value value) {
    Operation *op = value.getDefiningOp();
    if (op && isa_and_nonnull<NNDialect>(op->getDialect()) && !isa<ParameterOp>(op))
      upstream.insert(op);
  };
  llvm::for_each(wanted, visit);
  for (size_t i = 0; i < upstream.size(); ++i)
    llvm::for_each(upstream[i]->getOperands(), visit);
  if (upstream.empty())
    return;
  module.walk([&](Operation *op) {
    if (upstream.contains(op))
      foldToParameter(rewriter, op);
  });
}

//===- MarkNonNegative.cpp - Proves that inputs of layers are not negative -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The rules are those of docs/Numerics.md, N3. A NaN counts as not negative, and so does -0.0: both
// have the same code with and without a sign.

#include "fpw/Dialect/NN/Transforms/Passes.h"

#include "llvm/ADT/TypeSwitch.h"

namespace fpw::nn {
#define GEN_PASS_DEF_MARKNONNEGATIVEPASS
#include "fpw/Dialect/NN/Transforms/Passes.h.inc"
} // namespace fpw::nn

using namespace mlir;
using namespace fpw::nn;

namespace {

/// Answers for each value once.
class NonNegativeAnalysis {
public:
  bool isNonNegative(Value value) {
    auto [known, isNew] = answers.try_emplace(value, false);
    if (!isNew)
      return known->second;
    Operation *op = value.getDefiningOp();
    bool answer = op && (isByItself(op) || isByOperands(op));
    return answers[value] = answer;
  }

private:
  /// Results that are not negative whatever the operands are.
  static bool isByItself(Operation *op) {
    return TypeSwitch<Operation *, bool>(op)
        .Case<ReLUOp, ReLU6Op, CReLUOp, SigmoidOp, HardSigmoidOp, ExpOp, CoshOp, AbsOp, SoftmaxOp>(
            [](auto) { return true; })
        .Case([](SoftPlusOp op) { return op.getBeta().convertToFloat() > 0; })
        .Case([](PowScalarOp op) { return op.getVal().isExactlyValue(2.0); })
        .Case([](MaximumScalarOp op) { return !op.getVal().isNegative(); })
        .Case([](FixedPointQuantizeOp op) { return !op.getFormat().getIsSigned(); })
        .Default(false);
  }

  bool areNonNegative(ValueRange values) {
    return llvm::all_of(values, [&](Value value) { return isNonNegative(value); });
  }

  /// Results that are not negative if operands are not.
  bool isByOperands(Operation *op) {
    return TypeSwitch<Operation *, bool>(op)
        .Case<IdentityOp, DropoutOp, MaxPoolingOp, AveragePoolingOp, SumPoolingOp,
              GlobalAveragePoolingOp, UnpoolingOp, InterpolateOp, ReshapeOp, TransposeOp, SliceOp,
              BroadcastOp, SplitOp, ConcatenateOp, StackOp, SumOp, MeanOp, MaxOp, MinOp, ProdOp,
              FloorOp, CeilOp, RoundOp, Add2Op, Mul2Op, Div2Op, Minimum2Op, TanhOp, LeakyReLUOp,
              ELUOp>([&](Operation *op) { return areNonNegative(op->getOperands()); })
        .Case([&](PadOp op) {
          return isNonNegative(op.getInput()) &&
                 (op.getMode() != "constant" || !op.getConstantValue().isNegative());
        })
        .Case([&](Maximum2Op op) { return isNonNegative(op.getA()) || isNonNegative(op.getB()); })
        .Case<AddScalarOp, MulScalarOp, MinimumScalarOp>(
            [&](auto op) { return isNonNegative(op.getX()) && !op.getVal().isNegative(); })
        .Default(false);
  }

  DenseMap<Value, bool> answers;
};

struct MarkNonNegativePass : fpw::nn::impl::MarkNonNegativePassBase<MarkNonNegativePass> {
  void runOnOperation() override {
    NonNegativeAnalysis analysis;
    getOperation()->walk([&](LayerOpInterface layer) {
      TypeSwitch<Operation *>(layer)
          .Case<FixedPointQuantizedAffineOp, FixedPointQuantizedConvolutionOp,
                FixedPointQuantizedDeconvolutionOp, FixedPointQuantizedDepthwiseConvolutionOp,
                FixedPointQuantizedDepthwiseDeconvolutionOp>(
              [&](auto op) { op.setNonNegative(analysis.isNonNegative(op.getInput())); });
    });
  }
};

} // namespace

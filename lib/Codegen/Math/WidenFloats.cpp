//===- WidenFloats.cpp - Computes in f64 what was written in f32 -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "fpw/Codegen/Math/Passes.h"

#include "fpw/Dialect/NN/IR/NN.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/ADT/TypeSwitch.h"

namespace fpw {
#define GEN_PASS_DEF_FPWWIDENFLOATS
#include "fpw/Codegen/Math/Passes.h.inc"
} // namespace fpw

using namespace mlir;
using namespace fpw;

static bool isFloat(Type type) { return getElementTypeOrSelf(type).isF32(); }

/// The type with f64 for f32.
static Type widen(Type type) {
  Type f64 = Float64Type::get(type.getContext());
  if (auto shaped = dyn_cast<ShapedType>(type))
    return shaped.clone(f64);
  return f64;
}

namespace {

/// Walks a function in order. Types change in place: what uses a value sees what became of it.
class Widener {
public:
  explicit Widener(func::FuncOp function)
      : function(function), builder(function.getContext()), f64(builder.getF64Type()) {}

  LogicalResult run() {
    Block &body = function.front();
    // What is inserted on the way needs no visit.
    SmallVector<Operation *> ops = llvm::map_to_vector(body, [](Operation &op) { return &op; });
    widenArguments();
    for (Operation *op : ops)
      if (failed(visit(*op)))
        return failure();
    SmallVector<Type> results(body.getTerminator()->getOperandTypes());
    function.setFunctionType(builder.getFunctionType(function.getArgumentTypes(), results));
    return success();
  }

private:
  // Tensors, element by element.

  Value map(Value input, Type element,
            function_ref<Value(OpBuilder &, Location, Value)> computeElement) {
    Location loc = input.getLoc();
    int64_t rank = cast<RankedTensorType>(input.getType()).getRank();
    SmallVector<OpFoldResult> sizes = tensor::getMixedSizes(builder, loc, input);
    Value empty = tensor::EmptyOp::create(builder, loc, sizes, element);
    SmallVector<AffineMap> maps(2, builder.getMultiDimIdentityMap(rank));
    SmallVector<utils::IteratorType> iterators(rank, utils::IteratorType::parallel);
    return linalg::GenericOp::create(builder, loc, empty.getType(), input, empty, maps, iterators,
                                     [&](OpBuilder &b, Location loc, ValueRange elements) {
                                       linalg::YieldOp::create(
                                           b, loc, computeElement(b, loc, elements.front()));
                                     })
        .getResult(0);
  }

  /// A tensor of f32 that has to be one of f64.
  Value widenTensor(Value tensor) {
    return map(tensor, f64, [&](OpBuilder &b, Location loc, Value element) -> Value {
      return arith::ExtFOp::create(b, loc, f64, element);
    });
  }

  /// The nearest f32, and what is left if that is finite.
  SmallVector<Value> splitTensor(Value tensor) {
    Type f32 = builder.getF32Type();
    Value nearest = map(tensor, f32, [&](OpBuilder &b, Location loc, Value element) -> Value {
      return arith::TruncFOp::create(b, loc, f32, element);
    });
    Value rest = map(tensor, f32, [&](OpBuilder &b, Location loc, Value element) -> Value {
      Value rounded = arith::TruncFOp::create(b, loc, f32, element);
      Value difference =
          arith::SubFOp::create(b, loc, element, arith::ExtFOp::create(b, loc, f64, rounded));
      return arith::TruncFOp::create(b, loc, f32, difference);
    });
    return {nearest, rest};
  }

  // The interface.

  void widenArguments() {
    builder.setInsertionPointToStart(&function.front());
    for (BlockArgument argument : function.getArguments()) {
      if (!isFloat(argument.getType()))
        continue;
      SmallVector<OpOperand *> uses =
          llvm::map_to_vector(argument.getUses(), [](OpOperand &use) { return &use; });
      Value wide = widenTensor(argument);
      for (OpOperand *use : uses)
        use->set(wide);
    }
  }

  LogicalResult visitReturn(func::ReturnOp op) {
    SmallVector<Value> results;
    SmallVector<Attribute> attributes;
    for (auto [i, result] : llvm::enumerate(op.getOperands())) {
      attributes.push_back(DictionaryAttr::get(op.getContext(), function.getResultAttrs(i)));
      if (!isFloat(result.getType()) && !getElementTypeOrSelf(result).isF64())
        return op.emitOpError("expected to return floats but got ") << result.getType();
      Value wide = isFloat(result.getType()) ? widenTensor(result) : result;
      llvm::append_range(results, splitTensor(wide));
      attributes.push_back(builder.getDictionaryAttr({}));
    }
    op->setOperands(results);
    function.setResAttrsAttr(builder.getArrayAttr(attributes));
    return success();
  }

  // Ops.

  LogicalResult visit(Operation &op) {
    builder.setInsertionPoint(&op);
    return TypeSwitch<Operation *, LogicalResult>(&op)
        .Case([](nn::ParameterOp) { return success(); })
        .Case([&](func::ReturnOp op) { return visitReturn(op); })
        .Case([&](linalg::GenericOp op) { return visitGeneric(op); })
        .Case([&](arith::ConstantOp op) { return visitConstant(op); })
        .Case<tensor::ExpandShapeOp, tensor::CollapseShapeOp, tensor::ExtractSliceOp,
              tensor::CastOp>([&](Operation *view) { return visitView(*view); })
        .Case<tensor::InsertSliceOp, tensor::PadOp, tensor::ConcatOp>(
            [&](Operation *copy) { return visitCopy(*copy); })
        .Default([&](Operation *other) { return visitOther(*other); });
  }

  /// Shows elements of a tensor, which may be a parameter.
  LogicalResult visitView(Operation &op) {
    auto source = cast<RankedTensorType>(op.getOperand(0).getType());
    auto type = cast<RankedTensorType>(op.getResult(0).getType());
    op.getResult(0).setType(type.clone(source.getElementType()));
    return success();
  }

  /// Makes a tensor of elements that have to be of one type.
  LogicalResult visitCopy(Operation &op) {
    for (OpOperand &operand : op.getOpOperands())
      if (isa<RankedTensorType>(operand.get().getType()) && isFloat(operand.get().getType()))
        operand.set(widenTensor(operand.get()));
    return visitRegionsAndResults(op);
  }

  LogicalResult visitGeneric(linalg::GenericOp op) {
    for (OpOperand &init : op.getDpsInitsMutable())
      if (isFloat(init.get().getType()))
        init.set(widenTensor(init.get()));
    for (auto [argument, operand] :
         llvm::zip_equal(op.getBody()->getArguments(), op->getOperands()))
      argument.setType(getElementTypeOrSelf(operand));
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(op.getBody());
    for (BlockArgument argument : op.getBody()->getArguments())
      if (isFloat(argument.getType()))
        extend(argument);
    return visitRegionsAndResults(*op);
  }

  /// Replaces an element by the same number in f64.
  void extend(Value element) {
    auto wide = arith::ExtFOp::create(builder, element.getLoc(), f64, element);
    element.replaceAllUsesExcept(wide, wide);
  }

  LogicalResult visitConstant(arith::ConstantOp op) {
    auto convert = [](APFloat value) {
      bool losesInfo;
      value.convert(APFloat::IEEEdouble(), APFloat::rmNearestTiesToEven, &losesInfo);
      return value;
    };
    if (!isFloat(op.getType()))
      return success();
    TypedAttr value;
    if (auto number = dyn_cast<FloatAttr>(op.getValue()))
      value = builder.getFloatAttr(f64, convert(number.getValue()));
    else if (auto numbers = dyn_cast<DenseFPElementsAttr>(op.getValue()))
      value = cast<TypedAttr>(numbers.mapValues(
          f64, [&](const APFloat &number) { return convert(number).bitcastToAPInt(); }));
    else
      return op.emitOpError("expected a number or numbers that can be widened");
    op.setValueAttr(value);
    op.getResult().setType(cast<TypedAttr>(value).getType());
    return success();
  }

  /// Arithmetic and whatever has no floats at all.
  LogicalResult visitOther(Operation &op) {
    if (isa<tensor::ExtractOp>(op) && isFloat(op.getOperand(0).getType())) {
      OpBuilder::InsertionGuard guard(builder);
      builder.setInsertionPointAfter(&op); // an element of a parameter
      extend(op.getResult(0));
      return success();
    }
    if (isa<linalg::LinalgOp>(op) || isa<arith::BitcastOp>(op))
      return op.emitOpError("expected an op that can be widened");
    bool isKnown = isa<tensor::EmptyOp, tensor::ExtractOp, linalg::YieldOp, tensor::YieldOp>(op) ||
                   isa_and_nonnull<arith::ArithDialect, math::MathDialect>(op.getDialect());
    bool hasFloats =
        llvm::any_of(op.getOperandTypes(), isFloat) || llvm::any_of(op.getResultTypes(), isFloat);
    if (hasFloats && !isKnown && !isa<tensor::DimOp>(op))
      return op.emitOpError("expected an op that can be widened");
    return visitRegionsAndResults(op);
  }

  LogicalResult visitRegionsAndResults(Operation &op) {
    for (Region &region : op.getRegions())
      for (Block &block : region) {
        SmallVector<Operation *> ops =
            llvm::map_to_vector(block, [](Operation &inner) { return &inner; });
        for (Operation *inner : ops)
          if (!isa<arith::ExtFOp>(inner) && failed(visit(*inner)))
            return failure();
      }
    for (Value result : op.getResults())
      if (isFloat(result.getType()))
        result.setType(widen(result.getType()));
    return success();
  }

  func::FuncOp function;
  OpBuilder builder;
  Type f64;
};

struct WidenFloats : fpw::impl::FPWWidenFloatsBase<WidenFloats> {
  void runOnOperation() override {
    if (!getOperation().isExternal() && failed(Widener(getOperation()).run()))
      signalPassFailure();
  }
};

} // namespace

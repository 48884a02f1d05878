//===- Elementwise.cpp - Element-wise ops, by name or by formula -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "OpExporter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace fpw;
using namespace fpw::onnx;

//===----------------------------------------------------------------------===//
// Ops that ONNX has, too
//===----------------------------------------------------------------------===//

/// The op of ONNX with the same operands and no attributes; empty if there is none.
static StringRef getSameOp(Operation *op) {
  return llvm::TypeSwitch<Operation *, StringRef>(op)
      .Case<nn::ATanOp, math::AtanOp>([](auto) { return "Atan"; })
      .Case<nn::AbsOp, math::AbsFOp>([](auto) { return "Abs"; })
      .Case<nn::Add2Op, arith::AddFOp>([](auto) { return "Add"; })
      .Case<nn::CeilOp, math::CeilOp>([](auto) { return "Ceil"; })
      .Case<nn::CosOp, math::CosOp>([](auto) { return "Cos"; })
      .Case<nn::CoshOp>([](auto) { return "Cosh"; })
      .Case<nn::Div2Op, arith::DivFOp>([](auto) { return "Div"; })
      .Case<nn::ErfOp, math::ErfOp>([](auto) { return "Erf"; })
      .Case<nn::ExpOp, math::ExpOp>([](auto) { return "Exp"; })
      .Case<nn::FloorOp, math::FloorOp>([](auto) { return "Floor"; })
      .Case<nn::IdentityOp, nn::DropoutOp>([](auto) { return "Identity"; })
      .Case<nn::LogOp, math::LogOp>([](auto) { return "Log"; })
      .Case<nn::Maximum2Op, arith::MaximumFOp>([](auto) { return "Max"; })
      .Case<nn::Minimum2Op, arith::MinimumFOp>([](auto) { return "Min"; })
      .Case<nn::MishOp>([](auto) { return "Mish"; })
      .Case<nn::Mul2Op, arith::MulFOp>([](auto) { return "Mul"; })
      .Case<nn::Pow2Op, math::PowFOp>([](auto) { return "Pow"; })
      .Case<nn::ReLUOp>([](auto) { return "Relu"; })
      .Case<nn::RoundEvenOp, math::RoundEvenOp>([](auto) { return "Round"; })
      .Case<nn::SigmoidOp>([](auto) { return "Sigmoid"; })
      .Case<nn::SinOp, math::SinOp>([](auto) { return "Sin"; })
      .Case<nn::SinhOp>([](auto) { return "Sinh"; })
      .Case<nn::SoftSignOp>([](auto) { return "Softsign"; })
      .Case<nn::Sub2Op, arith::SubFOp>([](auto) { return "Sub"; })
      .Case<nn::TanhOp, math::TanhOp>([](auto) { return "Tanh"; })
      .Case<arith::NegFOp>([](auto) { return "Neg"; })
      .Case<arith::SelectOp>([](auto) { return "Where"; })
      .Case<math::SqrtOp>([](auto) { return "Sqrt"; })
      .Default(StringRef());
}

/// The op of ONNX that does the same with attributes, or in two or three steps; empty if there is
/// none.
static std::string emitKnown(GraphBuilder &graph, Operation *op, const std::string &x) {
  return llvm::TypeSwitch<Operation *, std::string>(op)
      .Case([&](nn::LeakyReLUOp op) -> std::string {
        return graph.node("LeakyRelu", x).number("alpha", op.getAlpha().convertToFloat());
      })
      .Case([&](nn::ELUOp op) -> std::string {
        return graph.node("Elu", x).number("alpha", op.getAlpha().convertToFloat());
      })
      .Case([&](nn::SELUOp op) -> std::string {
        return graph.node("Selu", x)
            .number("alpha", op.getAlpha().convertToFloat())
            .number("gamma", op.getScale().convertToFloat());
      })
      .Case([&](nn::GELUOp) -> std::string {
        return graph.node("Gelu", x).text("approximate", "tanh");
      })
      .Case([&](nn::HardSigmoidOp) -> std::string {
        return graph.node("HardSigmoid", x).number("alpha", 0.2f).number("beta", 0.5f);
      })
      .Case([&](nn::HardTanhOp) -> std::string {
        return graph.node("Clip", {x, graph.number(-1), graph.number(1)});
      })
      .Case([&](nn::ReLU6Op) -> std::string {
        return graph.node("Clip", {x, graph.number(0), graph.number(6)});
      })
      .Case([&](nn::SwishOp) -> std::string {
        return graph.node("Mul", {x, graph.node("Sigmoid", x)});
      })
      .Case([&](nn::LogSigmoidOp) -> std::string {
        std::string negative = graph.node("Neg", x);
        return graph.node("Neg", std::string(graph.node("Softplus", negative)));
      })
      .Case([&](nn::SoftPlusOp op) -> std::string {
        return op.getBeta().convertToFloat() == 1.0f ? graph.node("Softplus", x).output() : "";
      })
      .Default(std::string());
}

//===----------------------------------------------------------------------===//
// Formulas
//===----------------------------------------------------------------------===//

std::string onnx::roundAway(GraphBuilder &graph, const std::string &x) {
  // Not floor(|x| + 0.5): that sum may round up.
  std::string magnitude = graph.node("Abs", x);
  std::string below = graph.node("Floor", magnitude);
  std::string fraction = graph.node("Sub", {magnitude, below});
  std::string up = graph.toFloat(graph.node("GreaterOrEqual", {fraction, graph.number(0.5f)}));
  return graph.node("Mul", {graph.node("Sign", x), graph.node("Add", {below, up})});
}

static StringRef getComparison(arith::CmpFPredicate predicate) {
  switch (predicate) {
  case arith::CmpFPredicate::OEQ:
    return "Equal";
  case arith::CmpFPredicate::OGE:
    return "GreaterOrEqual";
  case arith::CmpFPredicate::OGT:
    return "Greater";
  case arith::CmpFPredicate::OLT:
    return "Less";
  case arith::CmpFPredicate::OLE:
    return "LessOrEqual";
  default:
    return {};
  }
}

/// Nodes for one op of a formula; empty if ONNX lacks it.
static std::string emitStep(GraphBuilder &graph, Operation *op, ArrayRef<std::string> operands) {
  return llvm::TypeSwitch<Operation *, std::string>(op)
      .Case([&](arith::ConstantOp op) {
        return graph.number(cast<FloatAttr>(op.getValue()).getValue().convertToFloat());
      })
      .Case([&](arith::CmpFOp op) -> std::string {
        if (op.getPredicate() == arith::CmpFPredicate::UNE)
          return graph.node("Not", graph.node("Equal", operands).output());
        StringRef comparison = getComparison(op.getPredicate());
        return comparison.empty() ? "" : graph.node(comparison, operands).output();
      })
      .Case([&](math::ExpM1Op) -> std::string {
        std::string exponential = graph.node("Exp", operands);
        return graph.node("Sub", {exponential, graph.number(1)});
      })
      .Case([&](math::Log1pOp) -> std::string {
        std::string sum = graph.node("Add", {operands.front(), graph.number(1)});
        return graph.node("Log", sum);
      })
      .Case([&](math::RoundOp) { return roundAway(graph, operands.front()); })
      .Default([&](Operation *) -> std::string {
        StringRef type = getSameOp(op);
        return type.empty() ? "" : graph.node(type, operands).output();
      });
}

LogicalResult onnx::exportFormula(OpExporter &exporter, nn::ElementwiseOpInterface op) {
  GraphBuilder &graph = exporter.graph;
  SmallVector<std::string> operands = exporter.get(op->getOperands());
  Value result = op->getResult(0);
  std::string name;
  if (StringRef type = getSameOp(op); !type.empty())
    name = graph.node(type, operands);
  else
    name = emitKnown(graph, op, operands.front());
  if (!name.empty()) {
    exporter.set(result, name);
    return success();
  }

  // The formula of one element is that of tensors.
  Block formula;
  OpBuilder builder(op.getContext());
  builder.setInsertionPointToEnd(&formula);
  SmallVector<Type> types(operands.size(), builder.getF32Type());
  formula.addArguments(types, SmallVector<Location>(operands.size(), op.getLoc()));
  Value element = op.buildScalar(builder, op.getLoc(), formula.getArguments());
  DenseMap<Value, std::string> names;
  for (auto [argument, operand] : llvm::zip_equal(formula.getArguments(), operands))
    names[argument] = operand;
  for (Operation &step : formula) {
    auto inputs = llvm::map_to_vector(step.getOperands(), [&](Value v) { return names[v]; });
    std::string output = emitStep(graph, &step, inputs);
    if (output.empty())
      return refuse(op) << "its formula has " << step.getName();
    names[step.getResult(0)] = output;
  }
  exporter.set(result, names[element]);
  return success();
}

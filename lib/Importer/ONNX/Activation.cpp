//===- Activation.cpp - Activations -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "NodeImporter.h"

using namespace fpw;
using namespace fpw::onnx;

template <typename OpT> static LogicalResult importUnary(NodeImporter &importer) {
  return importer.addFloats(importer.getBuilder().create<OpT>(importer.getFloatInput(0)));
}

/// An activation whose one number has the same name in the dialect.
template <typename OpT>
static Value buildWithAlpha(NodeImporter &importer, Value x, float defaultValue) {
  NNBuilder &b = importer.getBuilder();
  typename OpT::Properties properties;
  properties.alpha = b.getFloat(importer.getFloat("alpha", defaultValue));
  return b.create<OpT>(properties, x);
}

static LogicalResult importLeakyRelu(NodeImporter &importer) {
  return importer.addFloats(
      buildWithAlpha<nn::LeakyReLUOp>(importer, importer.getFloatInput(0), 0.01f));
}

static LogicalResult importElu(NodeImporter &importer) {
  return importer.addFloats(buildWithAlpha<nn::ELUOp>(importer, importer.getFloatInput(0), 1.0f));
}

static LogicalResult importSelu(NodeImporter &importer) {
  NNBuilder &b = importer.getBuilder();
  nn::SELUOp::Properties properties;
  properties.alpha = b.getFloat(importer.getFloat("alpha", 1.67326319217681884765625f));
  properties.scale = b.getFloat(importer.getFloat("gamma", 1.05070102214813232421875f));
  return importer.addFloats(b.create<nn::SELUOp>(properties, importer.getFloatInput(0)));
}

/// max(x, 0) + min(alpha * (exp(x / alpha) - 1), 0)
static LogicalResult importCelu(NodeImporter &importer) {
  NNBuilder &b = importer.getBuilder();
  float alpha = importer.getFloat("alpha", 1.0f);
  if (!(alpha > 0))
    return importer.emitError() << "expected a positive alpha";
  Value x = importer.getFloatInput(0);
  Value negative = b.createScalar<nn::MinimumScalarOp>(x, 0.0f);
  Value scaled = negative
                     ? b.div(negative, b.makeSplat(SmallVector<int64_t>(b.getRank(x), 1), alpha))
                     : Value();
  Value curve = b.mul(b.create<nn::ELUOp>(scaled), alpha);
  return importer.addFloats(b.add(b.create<nn::ReLUOp>(x), curve));
}

static LogicalResult importHardSigmoid(NodeImporter &importer) {
  NNBuilder &b = importer.getBuilder();
  float alpha = importer.getFloat("alpha", 0.2f), beta = importer.getFloat("beta", 0.5f);
  Value line = b.add(b.mul(importer.getFloatInput(0), alpha), beta);
  return importer.addFloats(b.clamp(line, 0.0f, 1.0f));
}

static LogicalResult importHardSwish(NodeImporter &importer) {
  NNBuilder &b = importer.getBuilder();
  Value x = importer.getFloatInput(0);
  Value gate = b.clamp(b.add(b.mul(x, 1.0f / 6.0f), 0.5f), 0.0f, 1.0f);
  return importer.addFloats(b.mul(x, gate));
}

static LogicalResult importSwish(NodeImporter &importer) {
  NNBuilder &b = importer.getBuilder();
  float alpha = importer.getFloat("alpha", 1.0f);
  Value x = importer.getFloatInput(0);
  if (alpha == 1.0f)
    return importer.addFloats(b.create<nn::SwishOp>(x));
  return importer.addFloats(b.mul(x, b.create<nn::SigmoidOp>(b.mul(x, alpha))));
}

static LogicalResult importGelu(NodeImporter &importer) {
  NNBuilder &b = importer.getBuilder();
  StringRef approximation = importer.getString("approximate", "none");
  Value x = importer.getFloatInput(0);
  if (approximation == "tanh")
    return importer.addFloats(b.create<nn::GELUOp>(x));
  if (approximation != "none")
    return importer.emitError() << "approximate '" << approximation << "' is not supported";
  Value erf = b.create<nn::ErfOp>(b.mul(x, 0.707106781f));
  return importer.addFloats(b.mul(b.mul(x, 0.5f), b.add(erf, 1.0f)));
}

static LogicalResult importSoftplus(NodeImporter &importer) {
  NNBuilder &b = importer.getBuilder();
  nn::SoftPlusOp::Properties properties;
  properties.beta = b.getFloat(1.0f);
  return importer.addFloats(b.create<nn::SoftPlusOp>(properties, importer.getFloatInput(0)));
}

/// Comparisons with a number.
template <typename OpT> static Value compare(NNBuilder &b, Value x, float number) {
  return x ? b.broadcast<OpT>({x, b.makeSplat({}, number)}) : Value();
}

static LogicalResult importThresholdedRelu(NodeImporter &importer) {
  NNBuilder &b = importer.getBuilder();
  float alpha = importer.getFloat("alpha", 1.0f);
  Value x = importer.getFloatInput(0);
  return importer.addFloats(b.where(compare<nn::GreaterOp>(b, x, alpha), x, b.makeSplat({}, 0.0f)));
}

static LogicalResult importShrink(NodeImporter &importer) {
  NNBuilder &b = importer.getBuilder();
  float bias = importer.getFloat("bias", 0.0f), limit = importer.getFloat("lambd", 0.5f);
  Value x = importer.getFloatInput(0);
  Value above =
      b.where(compare<nn::GreaterOp>(b, x, limit), b.add(x, -bias), b.makeSplat({}, 0.0f));
  return importer.addFloats(b.where(compare<nn::LessOp>(b, x, -limit), b.add(x, bias), above));
}

/// x where it is not negative, else slope * x.
static LogicalResult importPRelu(NodeImporter &importer) {
  NNBuilder &b = importer.getBuilder();
  Value x = importer.getFloatInput(0);
  SmallVector<int64_t> slope = importer.getShape(1);
  if (!x || int64_t(slope.size()) > b.getRank(x))
    return importer.emitError() << "expected a slope that broadcasts to the input";
  // One slope per channel: its only dimension that is not 1 is the second one of the input.
  bool isPerChannel = slope.size() + 1 == b.getShape(x).size() && !slope.empty() &&
                      slope[0] == b.getShape(x)[1] && countElements(slope) == slope[0];
  if (isPerChannel || countElements(slope) == 1) {
    nn::PReLUOp::Properties properties;
    properties.base_axis = b.getInteger(isPerChannel ? 1 : 0);
    Value flat = importer.getReshapedInput(1, *countElements(slope));
    if (b.getRank(x) > 0)
      return importer.addFloats(b.create<nn::PReLUOp>(properties, {x, flat}));
  }
  Value isNegative = compare<nn::LessOp>(b, x, 0.0f);
  return importer.addFloats(b.where(isNegative, b.mul(x, importer.getFloatInput(1)), x));
}

//===----------------------------------------------------------------------===//
// Clip
//===----------------------------------------------------------------------===//

/// One bound of a Clip, an attribute before opset 11.
template <typename ScalarOp, typename TensorOp>
static Value applyBound(NodeImporter &importer, Value x, StringRef name, size_t i) {
  NNBuilder &b = importer.getBuilder();
  if (importer.getOpset() < 11)
    return importer.hasAttribute(name) ? b.createScalar<ScalarOp>(x, importer.getFloat(name, 0.0f))
                                       : x;
  if (!importer.hasInput(i))
    return x;
  const Constant *bound = importer.getConstant(i);
  if (bound && isFloat(bound->type) && bound->size() == 1)
    return b.createScalar<ScalarOp>(x, bound->floats.front());
  return b.broadcast<TensorOp>({x, importer.getFloatInput(i)});
}

static LogicalResult importClip(NodeImporter &importer) {
  Value x = importer.getFloatInput(0);
  x = applyBound<nn::MaximumScalarOp, nn::Maximum2Op>(importer, x, "min", 1);
  return importer.addFloats(applyBound<nn::MinimumScalarOp, nn::Minimum2Op>(importer, x, "max", 2));
}

//===----------------------------------------------------------------------===//
// Softmax
//===----------------------------------------------------------------------===//

/// Before opset 13 all dimensions from the axis on share one sum.
template <typename OpT> static LogicalResult importSoftmax(NodeImporter &importer) {
  NNBuilder &b = importer.getBuilder();
  Value x = importer.getFloatInput(0);
  if (!x)
    return failure();
  bool isJoint = importer.getOpset() < 13;
  int64_t rank = b.getRank(x);
  FailureOr<int64_t> axis = importer.normalizeAxis(importer.getInt("axis", isJoint ? 1 : -1), rank);
  if (failed(axis))
    return failure();
  typename OpT::Properties properties;
  properties.axis = b.getInteger(*axis);
  if (!isJoint || *axis == rank - 1)
    return importer.addFloats(b.create<OpT>(properties, x));
  SmallVector<int64_t> shape, joint;
  int64_t count = 1;
  for (auto [dim, size] : llvm::enumerate(b.getShape(x))) {
    bool isOpen = mlir::ShapedType::isDynamic(size);
    shape.push_back(isOpen ? -1 : size);
    if (int64_t(dim) < *axis)
      joint.push_back(shape.back());
    else if (isOpen)
      return importer.emitError() << "expected the batch before the axis";
    else
      count *= size;
  }
  joint.push_back(count);
  return importer.addFloats(b.reshape(b.create<OpT>(properties, b.reshape(x, joint)), shape));
}

void onnx::addActivationOperators(OperatorTable &table) {
  table.add("Relu", 1, 1, importUnary<nn::ReLUOp>);
  table.add("Sigmoid", 1, 1, importUnary<nn::SigmoidOp>);
  table.add("Tanh", 1, 1, importUnary<nn::TanhOp>);
  table.add("Softsign", 1, 1, importUnary<nn::SoftSignOp>);
  table.add("Mish", 1, 1, importUnary<nn::MishOp>);
  table.add("Softplus", 1, 1, importSoftplus);
  table.add("LeakyRelu", 1, 1, importLeakyRelu);
  table.add("PRelu", 2, 2, importPRelu);
  table.add("Elu", 1, 1, importElu);
  table.add("Selu", 1, 1, importSelu);
  table.add("Celu", 1, 1, importCelu);
  table.add("Gelu", 1, 1, importGelu);
  table.add("HardSigmoid", 1, 1, importHardSigmoid);
  table.add("HardSwish", 1, 1, importHardSwish);
  table.add("Swish", 1, 1, importSwish);
  table.add("ThresholdedRelu", 1, 1, importThresholdedRelu);
  table.add("Shrink", 1, 1, importShrink);
  table.add("Clip", 1, 3, importClip);
  table.add("Softmax", 1, 1, importSoftmax<nn::SoftmaxOp>);
  table.add("LogSoftmax", 1, 1, importSoftmax<nn::LogSoftmaxOp>);
}

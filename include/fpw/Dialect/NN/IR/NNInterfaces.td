//===- NNInterfaces.td - Interfaces of nn ops -----------------*- tablegen -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_DIALECT_NN_IR_NNINTERFACES
#define FPW_DIALECT_NN_IR_NNINTERFACES

include "mlir/IR/OpBase.td"

def NN_LayerOpInterface : OpInterface<"LayerOpInterface"> {
  let cppNamespace = "::fpw::nn";
  let description = [{
    An inner product of an input with a weight, plus an optional bias. Float
    layers and their fixed-point twins both implement it.
  }];
  let methods = [
    StaticInterfaceMethod<"The name of the nnabla function, such as `Convolution`.",
      "::llvm::StringRef", "getFunctionName">,
    InterfaceMethod<"The input.",
      "::mlir::TypedValue<::mlir::RankedTensorType>", "getInput">,
    InterfaceMethod<"The weight.",
      "::mlir::TypedValue<::mlir::RankedTensorType>", "getWeight">,
    InterfaceMethod<"The bias, or null.",
      "::mlir::TypedValue<::mlir::RankedTensorType>", "getBias">,
    InterfaceMethod<"Which output channel each weight belongs to.",
      "::fpw::nn::ChannelMap", "getChannelMap">,
    InterfaceMethod<"The format of the weight's codes, or null for a float layer.",
      "::fpw::nn::FixedPointAttr", "getWeightFormatOrNull", (ins),
      /*methodBody=*/"", /*defaultImplementation=*/"return {};">,
    InterfaceMethod<"The format of the bias's codes, or null for a float bias.",
      "::fpw::nn::FixedPointAttr", "getBiasFormatOrNull", (ins),
      /*methodBody=*/"", /*defaultImplementation=*/"return {};">
  ];
}

def NN_ElementwiseOpInterface : OpInterface<"ElementwiseOpInterface"> {
  let cppNamespace = "::fpw::nn";
  let description = [{
    An op that computes each element of its result from the elements at the same
    place of its operands, which broadcast as in nnabla: equal ranks, a size of 1
    repeats.
  }];
  let methods = [
    StaticInterfaceMethod<"The name of the nnabla function, such as `ReLU`.",
      "::llvm::StringRef", "getFunctionName">,
    InterfaceMethod<"Builds the result element from one f32 per operand.",
      "::mlir::Value", "buildScalar",
      (ins "::mlir::OpBuilder &":$builder, "::mlir::Location":$loc,
           "::mlir::ValueRange":$elements)>
  ];
}

#endif // FPW_DIALECT_NN_IR_NNINTERFACES

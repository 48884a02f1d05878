//===- NNDialect.td - The nn dialect --------------------------*- tablegen -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_DIALECT_NN_IR_NNDIALECT
#define FPW_DIALECT_NN_IR_NNDIALECT

include "mlir/IR/OpBase.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def NN_Dialect : Dialect {
  let name = "nn";
  let cppNamespace = "::fpw::nn";
  let summary = "Layers of a neural network, as their users know them";
  let description = [{
    The `nn` dialect holds a trained network before anything is decided about
    its execution. Names, operand order, attributes and defaults are those of
    nnabla. Tensors are `f32`. Only the inputs and outputs of a network may be
    integers, and the weights and biases of
    `nn.fixed_point_quantized_*` are integer codes, described by a
    `#nn.fixed_point` attribute: the weight that a code `k` stands for is
    `k * delta`.

    A dimension may be dynamic (`?`): it stands for the batch. A tensor has at
    most 2^40 elements, an image at most 2^24 along a spatial or channel
    dimension. Constraints of an op are numbered (C1, C2, ...) and its
    diagnostics cite these numbers.

    A network is a `func.func`. Its arguments and results carry the names of
    the source file in the discardable attribute `nn.name`.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::math::MathDialect"];
  let useDefaultAttributePrinterParser = 1;
  let hasCanonicalizer = 1;
  let hasConstantMaterializer = 1;
  let hasOperationAttrVerify = 1;
  let hasRegionArgAttrVerify = 1;
  let hasRegionResultAttrVerify = 1;
  let extraClassDeclaration = [{
    void registerAttributes();
    void registerBytecode();
  }];
}

/// An op of the dialect.
class NN_Op<string mnemonic, list<Trait> traits = []>
    : Op<NN_Dialect, mnemonic, traits>;

/// An op without side effects that computes its result type. `definitions` are more of its C++ methods.
class NN_PureOp<string mnemonic, list<Trait> traits = [], code definitions = "">
    : NN_Op<mnemonic, traits # [Pure, InferTypeOpAdaptor]> {
  let extraClassDefinition = definitions;
}

/// A tensor whose sizes multiply without overflow.
class NN_TensorOf<list<Type> elements>
    : RankedTensorOf<elements, [CPred<"::fpw::nn::fitsMemory(::llvm::cast<::mlir::ShapedType>($_self).getShape())">],
                     "ranked tensor of at most 2^40 elements">;

def NN_Tensor : NN_TensorOf<[F32]>;

/// Integer codes of a fixed-point tensor.
def NN_CodeTensor : NN_TensorOf<[SI8, UI8, SI16, UI16]>;
def NN_CodeOrFloatTensor : NN_TensorOf<[F32, SI8, UI8, SI16, UI16]>;

/// An attribute whose documentation names its default.
class NN_Default<Attr kind, string value, string text> : DefaultValuedAttr<kind, value> {
  let summary = kind.summary # ", " # text # " by default";
}

/// A list of sizes; empty stands for the default that the op's text names.
def NN_Sizes : NN_Default<DenseI64ArrayAttr, "{}", "empty">;

class NN_IntDefault<string value> : NN_Default<I64Attr, value, value>;
class NN_BoolDefault<string value> : NN_Default<BoolAttr, value, value>;
class NN_FloatDefault<string value> : NN_Default<F32Attr, value, !subst("f", "", value)>;
class NN_StringDefault<string value> : NN_Default<StrAttr, "\"" # value # "\"", value>;

#endif // FPW_DIALECT_NN_IR_NNDIALECT

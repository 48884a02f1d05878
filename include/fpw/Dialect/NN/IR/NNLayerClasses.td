//===- NNLayerClasses.td - What layers and their fixed-point twins share -*- tablegen -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_DIALECT_NN_IR_NNLAYERCLASSES
#define FPW_DIALECT_NN_IR_NNLAYERCLASSES

include "fpw/Dialect/NN/IR/NNAttributes.td"
include "fpw/Dialect/NN/IR/NNInterfaces.td"

/// What all layers share. `parameters` are the attributes between operands and type, `syntax` is
/// their text. A fixed-point twin passes code tensors and its two formats.
class NN_LayerOp<string mnemonic, string function, dag attributes, string syntax,
                 Type weightType, Type biasType, dag formats, string formatSyntax, code formatMethods>
    : NN_PureOp<mnemonic, [DeclareOpInterfaceMethods<NN_LayerOpInterface>], [{
    ::llvm::StringRef $cppClass::getFunctionName() { return "}] # function # [{"; }
  }]> {
  let arguments = !con((ins NN_Tensor:$input, weightType:$weight, Optional<biasType>:$bias),
                       attributes, formats);
  let results = (outs NN_Tensor:$result);
  let assemblyFormat = "$input `,` $weight (`,` $bias^)?" # syntax # formatSyntax #
                       " attr-dict `:` functional-type(operands, results)";
  // After the inference of the type, which checks what the formats build upon.
  let hasRegionVerifier = !not(!empty(formatMethods));
  let extraClassDeclaration = formatMethods;
}

/// A layer with float weights.
class NN_FloatLayerOp<string mnemonic, string function, dag attributes, string syntax>
    : NN_LayerOp<mnemonic, function, attributes, syntax, NN_Tensor, NN_Tensor, (ins), "", "">;

/// A layer with fixed-point weights.
class NN_FixedPointLayerOp<string mnemonic, string function, dag attributes, string syntax>
    : NN_LayerOp<"fixed_point_quantized_" # mnemonic, function, attributes, syntax,
                 NN_CodeTensor, NN_CodeOrFloatTensor,
                 (ins NN_FixedPointAttr:$weight_format, OptionalAttr<NN_FixedPointAttr>:$bias_format,
                      UnitAttr:$non_negative, OptionalAttr<F32Attr>:$activation_maximum),
                 " `weight_format` $weight_format (`bias_format` $bias_format^)?"
                 " (`non_negative` $non_negative^)?"
                 " (`activation_maximum` $activation_maximum^)?", [{
    ::fpw::nn::FixedPointAttr getWeightFormatOrNull() { return getWeightFormat(); }
    ::fpw::nn::FixedPointAttr getBiasFormatOrNull() { return getBiasFormatAttr(); }
  }]>;

// The attributes of each layer and their text, shared by the float layer and its fixed-point twin.

class NN_AffineAttributes {
  dag attributes = (ins NN_IntDefault<"1">:$base_axis);
  string syntax = " (`base_axis` $base_axis^)?";
}

class NN_WindowAttributes {
  dag window = (ins NN_IntDefault<"1">:$base_axis, NN_Sizes:$pad, NN_Sizes:$stride, NN_Sizes:$dilation);
  string windowSyntax = " (`base_axis` $base_axis^)? (`pad` $pad^)? (`stride` $stride^)?"
                        " (`dilation` $dilation^)?";
}

class NN_ConvolutionAttributes : NN_WindowAttributes {
  dag attributes = !con(window, (ins NN_IntDefault<"1">:$group, UnitAttr:$channel_last));
  string syntax = windowSyntax # " (`group` $group^)? (`channel_last` $channel_last^)?";
}

class NN_DeconvolutionAttributes : NN_WindowAttributes {
  dag attributes = !con(window, (ins NN_IntDefault<"1">:$group, UnitAttr:$channel_last, NN_Sizes:$output_padding));
  string syntax = windowSyntax # " (`group` $group^)? (`channel_last` $channel_last^)?"
                  " (`output_padding` $output_padding^)?";
}

class NN_DepthwiseConvolutionAttributes : NN_WindowAttributes {
  dag attributes = !con(window, (ins NN_IntDefault<"1">:$multiplier, UnitAttr:$channel_last));
  string syntax = windowSyntax # " (`multiplier` $multiplier^)? (`channel_last` $channel_last^)?";
}

class NN_DepthwiseDeconvolutionAttributes : NN_WindowAttributes {
  dag attributes = !con(window, (ins NN_IntDefault<"1">:$divisor, UnitAttr:$channel_last));
  string syntax = windowSyntax # " (`divisor` $divisor^)? (`channel_last` $channel_last^)?";
}

def NN_Affine : NN_AffineAttributes;
def NN_Convolution : NN_ConvolutionAttributes;
def NN_Deconvolution : NN_DeconvolutionAttributes;
def NN_DepthwiseConvolution : NN_DepthwiseConvolutionAttributes;
def NN_DepthwiseDeconvolution : NN_DepthwiseDeconvolutionAttributes;

#endif // FPW_DIALECT_NN_IR_NNLAYERCLASSES

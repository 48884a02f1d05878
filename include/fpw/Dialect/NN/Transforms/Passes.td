//===- Passes.td - Passes on the nn dialect -*- tablegen -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_DIALECT_NN_TRANSFORMS_PASSES
#define FPW_DIALECT_NN_TRANSFORMS_PASSES

include "mlir/Pass/PassBase.td"

def ChannelLastPass : Pass<"nn-channel-last"> {
  let summary = "moves channels to the last dimension";
  let description = [{
    Turns convolutions and deconvolutions into their `channel_last` form, which
    vectorises over the channels. Transposes to and from that form sink through
    pooling, normalisation, element-wise and other ops that commute with them,
    until they cancel, reach an affine layer, whose weight is permuted instead,
    or reach the result. Weights are permuted at compile time.

    Example: test/Dialect/NN/Transforms/channel-last.mlir
  }];
  let dependentDialects = ["::fpw::nn::NNDialect"];
}

def FactorStepsPass : Pass<"nn-factor-steps"> {
  let summary = "multiplies by codes first and by steps afterwards";
  let description = [{
    Turns a fixed-point layer into the float layer whose weights are the codes
    themselves, followed by a multiplication with the steps and the addition of
    the bias. A product `k * delta` may need more bits than an f32 has; codes and
    steps do not. So every parameter of the result is exact, and computing in f64
    gives a reference for the network (`fpw-widen-floats`).

    Codes have to be parameters.

    Example: test/Dialect/NN/Transforms/factor-steps.mlir
  }];
  let dependentDialects = ["::fpw::nn::NNDialect"];
}

def FixedPointWeightPass : Pass<"nn-fixed-point-weight", "::mlir::ModuleOp"> {
  let summary = "replaces weights by fixed-point numbers";
  let description = [{
    Quantises the weights and biases of layers as nnabla does, and stores them
    as integer codes. Without a step from the user, each tensor gets the
    power of two that just covers its largest magnitude. The rules are numbered
    in docs/FixedPointWeight.md.

    What stays float although its function is listed gets a remark; a tensor
    with many clipped elements, or a module in which nothing was converted, a
    warning; a weight that is not finite, an error.

    ```mlir
    %w = nn.parameter "fc/affine/W" = dense<[[0.5, -1.0]]> : tensor<1x2xf32>
    %y = nn.affine %x, %w : (tensor<?x1xf32>, tensor<1x2xf32>) -> tensor<?x2xf32>
    // ==> n-w=4
    %w = nn.parameter "fixed-point-weight/fc/affine/W_q" = dense<[[2, -4]]> : tensor<1x2xsi8> {conversion = ...}
    %y = nn.fixed_point_quantized_affine %x, %w weight_format <bits = 4, signed, delta = 2.500000e-01>
        : (tensor<?x1xf32>, tensor<1x2xsi8>) -> tensor<?x2xf32>
    ```

    Example: test/Dialect/NN/Transforms/fixed-point-weight.mlir
  }];
  let options = [
    ListOption<"functions", "functions", "std::string",
               "nnabla functions to convert (default: Affine, Convolution, Deconvolution and the depthwise pair)">,
    ListOption<"exclude", "exclude", "std::string",
               "globs on the names of parameters that stay float; a weight keeps its layer float">,
    Option<"signW", "sign-w", "bool", "true", "signed weights">,
    Option<"bitsW", "n-w", "unsigned", "8", "bits of a weight">,
    Option<"deltaW", "delta-w", "double", "0.0", "step of all weights (default: chosen for each weight)">,
    Option<"quantizeW", "quantize-w", "bool", "true", "convert the weights">,
    Option<"signB", "sign-b", "bool", "true", "signed biases">,
    Option<"bitsB", "n-b", "unsigned", "8", "bits of a bias">,
    Option<"deltaB", "delta-b", "double", "0.0", "step of all biases (default: chosen for each bias)">,
    Option<"quantizeB", "quantize-b", "bool", "true", "convert the biases">,
    Option<"floor", "floor", "bool", "false",
           "round chosen steps down: finer numbers, the largest ones may be clipped">,
    Option<"perChannel", "per-channel", "bool", "false", "choose one step per output channel of a weight">,
    Option<"scope", "name", "std::string", [{"fixed-point-weight"}], "scope of the new parameters">,
    Option<"materialize", "materialize", "bool", "true",
           "store codes; if false, leave nn.fixed_point_quantize on the float parameters">,
    Option<"seedDefaults", "seed-defaults", "bool", "false",
           "the defaults of nnabla's converter: Affine, Convolution and Deconvolution, step 2e-4">,
    Option<"clipLimit", "clip-limit", "double", "0.01",
           "warn where a larger fraction of a tensor is clipped">,
    Option<"dropFloat", "drop-float", "bool", "false",
           "free the data of float parameters that the module no longer uses; not for a module with clones">
  ];
  let dependentDialects = ["::fpw::nn::NNDialect"];
}

def MarkNonNegativePass : Pass<"nn-mark-non-negative"> {
  let summary = "proves that inputs of fixed-point layers are not negative";
  let description = [{
    Sets `non_negative` on fixed-point layers whose input can have no negative
    element, whatever the network's inputs are: it comes from a ReLU, say, perhaps
    through pooling or sums of such. The codes of such an input need no sign and
    are one bit finer (docs/Numerics.md, N3, lists the rules).

    Example: test/Dialect/NN/Transforms/mark-non-negative.mlir
  }];
  let dependentDialects = ["::fpw::nn::NNDialect"];
}

#endif // FPW_DIALECT_NN_TRANSFORMS_PASSES

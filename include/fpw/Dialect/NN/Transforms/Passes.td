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

#endif // FPW_DIALECT_NN_TRANSFORMS_PASSES

//===- NNLayerOps.cpp - Inner products of inputs and weights -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "LayerOps.h"

#define GET_OP_CLASSES
#include "fpw/Dialect/NN/IR/NNLayerOps.cpp.inc"

FPW_DEFINE_LAYER(AffineOp, affineShape)
FPW_DEFINE_LAYER(ConvolutionOp, convolutionShape)
FPW_DEFINE_LAYER(DeconvolutionOp, deconvolutionShape)
FPW_DEFINE_LAYER(DepthwiseConvolutionOp, depthwiseConvolutionShape)
FPW_DEFINE_LAYER(DepthwiseDeconvolutionOp, depthwiseDeconvolutionShape)

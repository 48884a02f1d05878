//===- Layer.cpp - Inner products -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FunctionImporter.h"

using namespace fpw;
using namespace fpw::nnp;

static LogicalResult importAffine(FunctionImporter &importer) {
  nn::AffineOp::Properties properties;
  properties.base_axis = importer.getInteger(importer.getFunction().affine_param().base_axis());
  return importer.create<nn::AffineOp>(properties);
}

/// Sets what all layers with a window share.
template <typename Properties, typename Parameter>
static void setWindow(FunctionImporter &importer, const Parameter &parameter,
                      Properties &properties) {
  properties.base_axis = importer.getInteger(parameter.base_axis());
  properties.pad = importer.getShape(parameter.pad());
  properties.stride = importer.getShape(parameter.stride());
  properties.dilation = importer.getShape(parameter.dilation());
}

static LogicalResult importConvolution(FunctionImporter &importer) {
  const auto &parameter = importer.getFunction().convolution_param();
  nn::ConvolutionOp::Properties properties;
  setWindow(importer, parameter, properties);
  properties.group = importer.getInteger(parameter.group());
  properties.channel_last = importer.getUnit(parameter.channel_last());
  return importer.create<nn::ConvolutionOp>(properties);
}

static LogicalResult importDeconvolution(FunctionImporter &importer) {
  const auto &parameter = importer.getFunction().deconvolution_param();
  nn::DeconvolutionOp::Properties properties;
  setWindow(importer, parameter, properties);
  properties.group = importer.getInteger(parameter.group());
  properties.channel_last = importer.getUnit(parameter.channel_last());
  properties.output_padding = importer.getShape(parameter.output_padding());
  return importer.create<nn::DeconvolutionOp>(properties);
}

static LogicalResult importDepthwiseConvolution(FunctionImporter &importer) {
  const auto &parameter = importer.getFunction().depthwise_convolution_param();
  nn::DepthwiseConvolutionOp::Properties properties;
  setWindow(importer, parameter, properties);
  properties.multiplier = importer.getInteger(parameter.multiplier());
  return importer.create<nn::DepthwiseConvolutionOp>(properties);
}

static LogicalResult importDepthwiseDeconvolution(FunctionImporter &importer) {
  const auto &parameter = importer.getFunction().depthwise_deconvolution_param();
  nn::DepthwiseDeconvolutionOp::Properties properties;
  setWindow(importer, parameter, properties);
  properties.divisor = importer.getInteger(parameter.divisor());
  return importer.create<nn::DepthwiseDeconvolutionOp>(properties);
}

void nnp::addLayerFunctions(FunctionTable &table) {
  table.add<nn::AffineOp>("Affine", 2, 3, importAffine);
  table.add<nn::ConvolutionOp>("Convolution", 2, 3, importConvolution);
  table.add<nn::DeconvolutionOp>("Deconvolution", 2, 3, importDeconvolution);
  table.add<nn::DepthwiseConvolutionOp>("DepthwiseConvolution", 2, 3, importDepthwiseConvolution);
  table.add<nn::DepthwiseDeconvolutionOp>("DepthwiseDeconvolution", 2, 3,
                                          importDepthwiseDeconvolution);
}

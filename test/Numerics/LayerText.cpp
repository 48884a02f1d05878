//===- LayerText.cpp - Layers as text of the nn dialect -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "LayerText.h"
#include "Network.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"

namespace fpw::test {

std::string getMnemonic(const DigitsLayer &layer) {
  static const char *names[] = {"affine", "convolution", "deconvolution", "depthwise_convolution",
                                "depthwise_deconvolution"};
  return names[layer.kind];
}

std::string getAttributes(const DigitsLayer &layer) {
  std::string text = " base_axis " + llvm::itostr(layer.baseAxis);
  if (layer.kind == DigitsLayer::Affine)
    return text;
  static const char *groupNames[] = {"", "group", "group", "multiplier", "divisor"};
  text += llvm::formatv(" pad {0} stride {1} dilation {2} {3} {4}", listOf(layer.pad),
                        listOf(layer.stride), listOf(layer.dilation), groupNames[layer.kind],
                        layer.group)
              .str();
  text += layer.channelLast ? " channel_last" : "";
  if (layer.kind == DigitsLayer::Deconvolution)
    text += " output_padding " + listOf(layer.outputPadding);
  return text;
}

std::string getFormat(const DigitsLayer &layer, unsigned bits, bool isSigned) {
  // Ten digits name every float.
  auto print = [](float delta) { return llvm::formatv("{0:E9}", delta).str(); };
  std::string deltas = llvm::join(llvm::map_range(layer.deltas, print), ", ");
  if (layer.deltas.size() > 1)
    deltas = "[" + deltas + "]";
  std::string maximum;
  if (layer.activationMaximum > 0)
    maximum = " activation_maximum " + print(layer.activationMaximum);
  return llvm::formatv(" weight_format <bits = {0}, {1}, delta = {2}>{3}", bits,
                       isSigned ? "signed" : "unsigned", deltas, maximum)
      .str();
}

} // namespace fpw::test

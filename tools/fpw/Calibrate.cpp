//===- Calibrate.cpp - fpw calibrate -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "DataFiles.h"

#include "fpw/Dialect/NN/IR/NN.h"
#include "fpw/Execution/LayerRanges.h"
#include "fpw/Support/TextTable.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"
#include <cmath>
#include <limits>

using namespace mlir;
using namespace fpw;
using namespace fpw::tool;
namespace cl = llvm::cl;

static LogicalResult calibrate();

static Command command("calibrate", "Fixes the steps of activations beforehand, by data",
                       calibrate);
static ModelOptions model(command);

static cl::list<std::string> inputPaths("input", cl::sub(command.options()),
                                        cl::value_desc("[NAME=]FILE.npy"),
                                        cl::desc("typical data of an input, as for fpw run"));
static cl::opt<std::string>
    output("o", cl::Required, cl::sub(command.options()), cl::value_desc("FILE"),
           cl::desc("the model with static steps: .mlirbc, or text as .mlir"));
static cl::opt<unsigned>
    margin("margin", cl::sub(command.options()), cl::init(1), cl::value_desc("BITS"),
           cl::desc("room above the largest element seen, in bits (default 1); beyond it, elements "
                    "are cut"));
static cl::opt<unsigned> threads("threads", cl::sub(command.options()), cl::init(1),
                                 cl::value_desc("N"),
                                 cl::desc("threads (default 1; 0: one per processor)"));

/// The largest magnitude that a layer is to expect; none if its data says nothing.
static std::optional<float> chooseMaximum(const LayerRange &range) {
  float maximum = std::ldexp(range.maximum, margin);
  bool isUsable = range.maximum > 0 && std::isfinite(range.maximum);
  // Beyond the largest f32 there is nothing to make room for.
  return isUsable ? std::optional(std::min(maximum, std::numeric_limits<float>::max()))
                  : std::nullopt;
}

static std::string print(float number) {
  std::string text;
  llvm::raw_string_ostream(text) << llvm::format("%g", number);
  return text;
}

static void setMaximum(nn::LayerOpInterface layer, std::optional<float> maximum) {
  FloatAttr value = maximum ? Builder(layer.getContext()).getF32FloatAttr(*maximum) : FloatAttr();
  llvm::TypeSwitch<Operation *>(layer)
      .Case<nn::FixedPointQuantizedAffineOp, nn::FixedPointQuantizedConvolutionOp,
            nn::FixedPointQuantizedDeconvolutionOp, nn::FixedPointQuantizedDepthwiseConvolutionOp,
            nn::FixedPointQuantizedDepthwiseDeconvolutionOp>(
          [&](auto op) { op.setActivationMaximumAttr(value); });
}

/// Gives each layer its maximum, or takes an older one away, and prints it.
static void setMaxima(ArrayRef<nn::LayerOpInterface> layers, ArrayRef<LayerRange> ranges,
                      raw_ostream &os) {
  TextTable table("lrr");
  table.addRow({"layer", "max|x|", "activation_maximum"});
  table.addRule();
  for (auto [layer, range] : llvm::zip_equal(layers, ranges)) {
    std::optional<float> maximum = chooseMaximum(range);
    table.addRow({range.name, print(range.maximum), maximum ? print(*maximum) : "dynamic"});
    setMaximum(layer, maximum);
  }
  table.print(os);
}

static LogicalResult calibrate() {
  constexpr unsigned kMostBits = 24; // then the codes of 32 bits have 8 left
  if (margin > kMostBits)
    return fail("expected a --margin of at most " + Twine(kMostBits) + " bits but got " +
                Twine(margin));
  ModelContext context;
  Progress progress;
  OwningOpRef<ModuleOp> module = model.readNetwork(&context, progress);
  if (!module)
    return failure();
  std::vector<nn::LayerOpInterface> layers = getFixedPointLayers(*module);
  if (layers.empty())
    return failNotConverted(model.path);
  progress.stage("compiling");
  Expected<std::unique_ptr<LayerRangeProbe>> probe = LayerRangeProbe::compile(*module);
  if (!probe)
    return fail(probe.takeError());
  FailureOr<std::vector<TypedTensor>> inputs = readInputs(inputPaths, (*probe)->getInputs());
  if (failed(inputs))
    return failure();
  progress.stage("running in f32");
  Expected<std::vector<LayerRange>> ranges = (*probe)->measure(getViews(*inputs), threads);
  if (!ranges)
    return fail(ranges.takeError());
  progress.clear();
  setMaxima(layers, *ranges, llvm::outs());
  return writeModel(*module, output);
}

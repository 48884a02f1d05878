//===- LayerRanges.cpp - How large the inputs of layers become --*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "fpw/Execution/LayerRanges.h"

#include "fpw/Dialect/NN/IR/LayerDims.h"
#include "fpw/Execution/LayerCosts.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include <cmath>

using namespace mlir;

namespace fpw {

std::vector<nn::LayerOpInterface> getFixedPointLayers(ModuleOp module) {
  std::vector<nn::LayerOpInterface> layers;
  for (auto function : module.getOps<func::FuncOp>()) {
    if (!function.isPublic() || function.isExternal())
      continue;
    for (auto layer : function.front().getOps<nn::LayerOpInterface>())
      if (layer.getWeightFormatOrNull())
        layers.push_back(layer);
    break; // the network; whoever compiles it complains about more than one
  }
  return layers;
}

/// The largest and the mean magnitude of each unit of a layer's input.
static SmallVector<Value> addStatistics(OpBuilder &builder, nn::LayerOpInterface layer) {
  Location loc = layer.getLoc();
  Value input = layer.getInput();
  SmallVector<int64_t> units = nn::getUnits(layer).dims, axes;
  for (int64_t dim = 0; dim < cast<RankedTensorType>(input.getType()).getRank(); ++dim)
    if (!llvm::is_contained(units, dim))
      axes.push_back(dim);
  Value magnitude = nn::AbsOp::create(builder, loc, input);
  if (axes.empty()) // which would mean all
    return {magnitude, magnitude};
  return {nn::MaxOp::create(builder, loc, magnitude, axes),
          nn::MeanOp::create(builder, loc, magnitude, axes)};
}

/// Lets the function of the layers return what is known about their inputs, and nothing else.
static void replaceResults(ArrayRef<nn::LayerOpInterface> layers) {
  auto function = layers.front()->getParentOfType<func::FuncOp>();
  auto returnOp = cast<func::ReturnOp>(function.front().getTerminator());
  OpBuilder builder(returnOp);
  SmallVector<Value> results;
  for (nn::LayerOpInterface layer : layers)
    llvm::append_range(results, addStatistics(builder, layer));
  returnOp->setOperands(results);
  function.setResAttrsAttr(nullptr);
  function.setFunctionType(
      builder.getFunctionType(function.getArgumentTypes(), ValueRange(results).getTypes()));
}

static LayerRange summarize(std::string name, ArrayRef<float> maxima, ArrayRef<float> means) {
  LayerRange range{std::move(name)};
  for (auto [maximum, mean] : llvm::zip_equal(maxima, means)) {
    if (!std::isnan(range.maximum) && !(maximum <= range.maximum))
      range.maximum = maximum;
    if (std::isfinite(maximum) && mean > 0)
      range.spread = std::max(range.spread, double(maximum) / mean);
  }
  return range;
}

Expected<std::unique_ptr<LayerRangeProbe>> LayerRangeProbe::compile(ModuleOp module) {
  OwningOpRef<ModuleOp> copy = module.clone();
  auto probe = std::make_unique<LayerRangeProbe>();
  std::vector<nn::LayerOpInterface> layers = getFixedPointLayers(*copy);
  for (nn::LayerOpInterface layer : layers)
    probe->names.push_back(getLayerName(layer));
  if (!layers.empty())
    replaceResults(layers);
  auto model = CompiledModel::compile(*copy);
  if (!model)
    return model.takeError();
  probe->model = std::move(*model);
  return std::move(probe);
}

Expected<std::vector<LayerRange>> LayerRangeProbe::measure(ArrayRef<TensorView> inputs,
                                                           unsigned threads) const {
  Expected<std::vector<TensorBuffer>> outputs = model->run(inputs, threads);
  if (!outputs)
    return outputs.takeError();
  std::vector<LayerRange> ranges;
  for (auto [i, name] : llvm::enumerate(names))
    ranges.push_back(summarize(name, (*outputs)[2 * i].data, (*outputs)[2 * i + 1].data));
  return ranges;
}

} // namespace fpw

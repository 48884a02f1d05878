//===- LayerCosts.cpp - What each op of a network has to do -----*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "fpw/Execution/LayerCosts.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

namespace fpw {

std::string getLayerName(nn::LayerOpInterface layer) {
  auto weight = layer.getWeight().getDefiningOp<nn::ParameterOp>();
  if (!weight)
    return layer->getName().stripDialect().str();
  StringRef name = weight.getName();
  if (nn::ConversionAttr conversion = weight.getConversionAttr())
    name = conversion.getSource();
  name.consume_back("/W");
  return name.str();
}

namespace {

/// Computes with dynamic sizes taken for the size of the batch.
class CostModel {
public:
  explicit CostModel(int64_t batch) : batch(batch) {}

  LayerCost getCost(Operation &op) const {
    LayerCost cost;
    cost.op = op.getName().stripDialect().str();
    cost.name = cost.op;
    cost.multiplyAdds = countMultiplyAdds(op);
    for (Type type : op.getOperandTypes())
      cost.bytes += countBytes(type);
    for (Type type : op.getResultTypes())
      cost.bytes += countBytes(type);
    if (auto layer = dyn_cast<nn::LayerOpInterface>(op)) {
      cost.name = getLayerName(layer);
      if (nn::FixedPointAttr format = layer.getWeightFormatOrNull())
        cost.weightBits = format.getBits();
    }
    return cost;
  }

private:
  double countElements(Type type) const {
    auto tensor = dyn_cast<RankedTensorType>(type);
    double count = tensor ? 1 : 0;
    for (int64_t size : tensor ? tensor.getShape() : ArrayRef<int64_t>())
      count *= ShapedType::isDynamic(size) ? batch : size;
    return count;
  }

  double countBytes(Type type) const {
    return countElements(type) * (getElementTypeOrSelf(type).getIntOrFloatBitWidth() / 8);
  }

  /// An output of a layer has as many products as a filter of its weight; an input of a transposed
  /// layer likewise.
  double countMultiplyAdds(Operation &op) const {
    auto perFilter = [&](auto layer) {
      ArrayRef<int64_t> shape = layer.getWeight().getType().getShape();
      return shape.front() == 0 ? 0 : countElements(layer.getWeight().getType()) / shape.front();
    };
    return llvm::TypeSwitch<Operation *, double>(&op)
        .Case<nn::AffineOp, nn::FixedPointQuantizedAffineOp>([&](auto layer) {
          return countElements(layer.getType()) * layer.getWeight().getType().getDimSize(0);
        })
        .Case<nn::ConvolutionOp, nn::FixedPointQuantizedConvolutionOp, nn::DepthwiseConvolutionOp,
              nn::FixedPointQuantizedDepthwiseConvolutionOp>(
            [&](auto layer) { return countElements(layer.getType()) * perFilter(layer); })
        .Case<nn::DeconvolutionOp, nn::FixedPointQuantizedDeconvolutionOp,
              nn::DepthwiseDeconvolutionOp, nn::FixedPointQuantizedDepthwiseDeconvolutionOp>(
            [&](auto layer) {
              return countElements(layer.getInput().getType()) * perFilter(layer);
            })
        .Default([](Operation *) { return 0.0; });
  }

  int64_t batch;
};

} // namespace

std::vector<LayerCost> labelLayers(ModuleOp module, int64_t batch) {
  Builder builder(module.getContext());
  module.walk([&](Operation *op) { op->setLoc(builder.getUnknownLoc()); });
  CostModel model(batch);
  std::vector<LayerCost> costs;
  for (auto function : module.getOps<func::FuncOp>())
    function.walk([&](Operation *op) {
      if (isa<func::FuncOp, func::ReturnOp, nn::ParameterOp>(op))
        return;
      op->setLoc(NameLoc::get(builder.getStringAttr(std::to_string(costs.size()))));
      costs.push_back(model.getCost(*op));
    });
  return costs;
}

} // namespace fpw

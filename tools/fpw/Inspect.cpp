//===- Inspect.cpp - fpw inspect -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Command.h"

#include "fpw/Dialect/NN/IR/NN.h"
#include "fpw/Support/TextTable.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace fpw;
using namespace fpw::tool;

static LogicalResult inspect();

static Command command("inspect", "Shows the inputs, outputs, functions and parameters of a model",
                       inspect);
static ModelOptions model(command);

/// A type as "?x16x12x12", with its element type unless that is f32.
static std::string describe(Type type) {
  auto tensor = cast<RankedTensorType>(type);
  std::string text;
  llvm::raw_string_ostream os(text);
  llvm::interleave(
      tensor.getShape(), os,
      [&](int64_t size) {
        if (ShapedType::isDynamic(size))
          os << '?';
        else
          os << size;
      },
      "x");
  if (tensor.getRank() == 0)
    os << "scalar";
  if (!tensor.getElementType().isF32())
    os << ' ' << tensor.getElementType();
  return text;
}

static std::string nameOf(DictionaryAttr attributes, StringRef otherwise) {
  auto name = attributes ? attributes.getAs<StringAttr>(nn::kNameAttr) : StringAttr();
  return (name ? name.getValue() : otherwise).str();
}

static void printSignature(func::FuncOp network) {
  TextTable table("lll");
  for (auto [i, type] : llvm::enumerate(network.getArgumentTypes()))
    table.addRow({"  input", nameOf(network.getArgAttrDict(i), "x"), describe(type)});
  for (auto [i, type] : llvm::enumerate(network.getResultTypes()))
    table.addRow({"  output", nameOf(network.getResultAttrDict(i), "y"), describe(type)});
  llvm::outs() << "network " << network.getName();
  if (auto size = network->getAttrOfType<IntegerAttr>(nn::kBatchSizeAttr))
    llvm::outs() << " (saved with a batch of " << size.getInt() << ")";
  llvm::outs() << '\n';
  table.print(llvm::outs());
}

/// The product of the static sizes: what one sample has.
static int64_t elementsPerSample(Type type) {
  int64_t elements = 1;
  for (int64_t size : cast<RankedTensorType>(type).getShape())
    if (!ShapedType::isDynamic(size))
      elements *= size;
  return elements;
}

/// Each weight takes part once per position: of the result, or of a transposed layer's input.
static int64_t multiplyAdds(nn::LayerOpInterface layer) {
  RankedTensorType weight = layer.getWeight().getType();
  int64_t positions;
  if (layer.getFunctionName().ends_with("Deconvolution"))
    positions =
        elementsPerSample(layer.getInput().getType()) / std::max<int64_t>(weight.getDimSize(0), 1);
  else
    positions = elementsPerSample(layer->getResult(0).getType()) /
                std::max<int64_t>(layer.getChannelMap().numChannels, 1);
  return positions * weight.getNumElements();
}

/// The bits of a layer's weights, and of its bias where they differ.
static std::string describeFormat(nn::LayerOpInterface layer) {
  nn::FixedPointAttr weight = layer.getWeightFormatOrNull(), bias = layer.getBiasFormatOrNull();
  if (!weight)
    return "float";
  std::string text = std::to_string(weight.getBits()) + " bits";
  if (bias && bias.getBits() != weight.getBits())
    text += ", bias " + std::to_string(bias.getBits());
  return text;
}

static void printFunctions(func::FuncOp network) {
  TextTable table("lllr");
  table.addRow({"  function", "result", "weights", "multiply-adds"});
  int64_t total = 0;
  network.walk([&](Operation *op) {
    if (op->getNumResults() == 0 || isa<nn::ParameterOp>(op) || op == network)
      return;
    SmallVector<std::string> cells{"  " + op->getName().stripDialect().str(),
                                   describe(op->getResult(0).getType()), "", ""};
    if (auto layer = dyn_cast<nn::LayerOpInterface>(op)) {
      cells[2] = describeFormat(layer);
      cells[3] = withThousands(multiplyAdds(layer));
      total += multiplyAdds(layer);
    }
    table.addRow(std::move(cells));
  });
  table.addRow({"  total per sample", "", "", withThousands(total)});
  llvm::outs() << "\nfunctions\n";
  table.print(llvm::outs());
}

static void printParameters(func::FuncOp network) {
  TextTable table("lllr");
  table.addRow({"  parameter", "shape", "type", "bytes"});
  uint64_t total = 0;
  network.walk([&](nn::ParameterOp parameter) {
    auto type = cast<RankedTensorType>(parameter.getType());
    uint64_t bytes = type.getNumElements() * type.getElementTypeBitWidth() / 8;
    std::string element;
    llvm::raw_string_ostream(element) << type.getElementType();
    std::string shape = describe(type.clone(Float32Type::get(type.getContext())));
    table.addRow({"  " + parameter.getName().str(), shape, element, withThousands(bytes)});
    total += bytes;
  });
  table.addRow({"  total", "", "", withThousands(total)});
  llvm::outs() << "\nparameters\n";
  table.print(llvm::outs());
}

static LogicalResult inspect() {
  ModelContext context;
  OwningOpRef<ModuleOp> module = model.read(&context);
  if (!module)
    return failure();
  FailureOr<func::FuncOp> network = getNetwork(*module);
  if (failed(network))
    return failure();
  printSignature(*network);
  printFunctions(*network);
  printParameters(*network);
  return success();
}

//===- MatrixLayer.cpp - Layers whose kernels use matrix units --*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "MatrixLayer.h"
#include "fpw/Execution/CompiledModel.h"
#include "llvm/IR/InlineAsm.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/FormatVariadic.h"
#include <random>

namespace fpw::test {

static constexpr int64_t kBatch = 5;

static SmallVector<int64_t> withBatch(ArrayRef<int64_t> shape) {
  SmallVector<int64_t> result(shape);
  if (result.front() < 0)
    result.front() = kBatch;
  return result;
}

static std::string getType(ArrayRef<int64_t> shape) {
  return shape.front() < 0 ? batchTypeOf(withBatch(shape)) : typeOf(shape);
}

static FloatTensor makeInput(ArrayRef<int64_t> shape, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal;
  FloatTensor x{withBatch(shape), {}};
  x.data.resize(mlir::ShapedType::getNumElements(x.shape));
  for (float &element : x.data)
    element = normal(random);
  return x;
}

static std::vector<int32_t> makeCodes(const Layer &layer) {
  std::mt19937 random(7);
  StringRef element = layer.element;
  int32_t largest = element == "si8" ? 127 : element == "ui8" ? 255 : 2047;
  std::uniform_int_distribution<int32_t> codes(element.starts_with("u") ? 0 : -largest, largest);
  std::vector<int32_t> weight(mlir::ShapedType::getNumElements(layer.weight));
  for (int32_t &k : weight)
    k = codes(random);
  return weight;
}

LayerNetwork::LayerNetwork(const Layer &layer) {
  Network network;
  std::string input = getType(layer.input), output = getType(layer.output);
  network.addInput("x", input);
  inputs.push_back(makeInput(layer.input, 1));
  if (layer.behindReLU)
    network.addOp("r", llvm::formatv("nn.relu %x : ({0}) -> {0}", input).str());
  network.addCodes("w", layer.element, layer.weight, makeCodes(layer));
  unsigned bits = StringRef(layer.element).ends_with("16") ? 12 : 8;
  network.addOp(
      "y", llvm::formatv("nn.fixed_point_quantized_{0} {1}, %w {2}weight_format <bits = {3}, {4}, "
                         "delta = 2.000000e-04> : ({5}, {6}) -> {7}",
                         layer.op, layer.behindReLU ? "%r" : "%x", layer.attributes, bits,
                         layer.element[0] == 's' ? "signed" : "unsigned", input,
                         typeOf(layer.weight, layer.element), output)
               .str());
  if (layer.hasResidual) {
    network.addInput("b", output);
    inputs.push_back(makeInput(layer.output, 2));
    network.addOp("s", llvm::formatv("nn.add2 %y, %b : ({0}, {0}) -> {0}", output).str());
    network.addOp("z", llvm::formatv("nn.relu %s : ({0}) -> {0}", output).str());
  }
  network.addOutput(layer.hasResidual ? "z" : "y");
  module = network.build(context.get());
}

FloatTensor LayerNetwork::runOnCPU(unsigned bits) {
  CompileOptions options;
  options.arithmetic = Arithmetic::Digits;
  options.activationBits = bits;
  return fpw::test::run(*llvm::cantFail(CompiledModel::compile(*module, options)), inputs).front();
}

StringRef getText(const llvm::CallInst &call) {
  if (auto *assembly = dyn_cast<llvm::InlineAsm>(call.getCalledOperand()))
    return assembly->getAsmString();
  return call.getCalledFunction()->getName();
}

bool isMultiplication(const llvm::CallInst &call) {
  return getText(call).starts_with("llvm.nvvm.mma.") || getText(call).contains("wgmma.mma_async");
}

std::vector<llvm::CallInst *> findMatrixCalls(llvm::Module &module) {
  std::vector<llvm::CallInst *> calls;
  for (llvm::Function &function : module) {
    std::vector<llvm::CallInst *> here;
    for (llvm::Instruction &instruction : llvm::instructions(function))
      if (auto *call = dyn_cast<llvm::CallInst>(&instruction))
        here.push_back(call);
    if (llvm::any_of(here, [](llvm::CallInst *call) { return isMultiplication(*call); }))
      calls.insert(calls.end(), here.begin(), here.end());
  }
  return calls;
}

} // namespace fpw::test

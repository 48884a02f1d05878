//===- GPUKernelTest.cpp - Kernels for GPUs give the bits of the CPU -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Layers of shapes that every tile and every edge of the matrix kernels meets, on the emulator; and
// the same kernels with planted faults, which the emulator has to find.
//
//===----------------------------------------------------------------------===//

#include "EmulatedNetwork.h"
#include "Network.h"

#include "fpw/Execution/CompiledModel.h"
#include "mlir/IR/MLIRContext.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/InlineAsm.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/FormatVariadic.h"
#include <gtest/gtest.h>
#include <random>

using namespace fpw;
using namespace fpw::test;

namespace {

/// A layer behind an optional ReLU, which makes its codes unsigned, and before an optional residual
/// and a ReLU.
struct Layer {
  const char *name;
  const char *op, *attributes;
  std::vector<int64_t> input, weight, output; ///< first sizes of -1 are the batch
  const char *element = "si8";
  bool behindReLU = false, hasResidual = false;
};

const Layer kLayers[] = {
    {"RaggedAffine", "affine", "", {-1, 200}, {200, 70}, {-1, 70}},
    {"UnsignedWeight", "affine", "", {-1, 64}, {64, 140}, {-1, 140}, "ui8", true},
    {"FlatAffine", "affine", "", {5, 256}, {256, 100}, {5, 100}, "si8", true},
    {"WideWeight", "affine", "", {-1, 64}, {64, 24}, {-1, 24}, "si16"},
    {"AffineOfRows", "affine", "base_axis 2 ", {-1, 3, 36}, {36, 33}, {-1, 3, 33}},
    {"Residual",
     "convolution",
     "pad [1, 1] channel_last ",
     {-1, 6, 5, 32},
     {32, 3, 3, 32},
     {-1, 6, 5, 32},
     "si8",
     false,
     true},
    {"Strided",
     "convolution",
     "pad [1, 1] stride [2, 2] channel_last ",
     {-1, 9, 7, 16},
     {40, 3, 3, 16},
     {-1, 5, 4, 40},
     "si8",
     true},
    {"Pointwise",
     "convolution",
     "stride [2, 2] channel_last ",
     {-1, 5, 4, 64},
     {10, 1, 1, 64},
     {-1, 3, 2, 10}},
    {"Dilated",
     "convolution",
     "pad [1, 2] dilation [1, 3] channel_last ",
     {-1, 9, 11, 12},
     {17, 3, 2, 12},
     {-1, 9, 12, 17}},
    {"ThreeChannels",
     "convolution",
     "pad [3, 3] stride [2, 2] channel_last ",
     {-1, 15, 15, 3},
     {24, 7, 7, 3},
     {-1, 8, 8, 24}},
    {"Groups",
     "convolution",
     "pad [1, 1] group 2 channel_last ",
     {-1, 6, 5, 32},
     {48, 3, 3, 16},
     {-1, 6, 5, 48},
     "si8",
     true},
    {"Deconvolution",
     "deconvolution",
     "pad [1, 1] stride [2, 2] channel_last ",
     {-1, 4, 5, 32},
     {32, 4, 4, 20},
     {-1, 8, 10, 20}},
    {"UnevenPhases",
     "deconvolution",
     "stride [3, 2] channel_last ",
     {-1, 3, 4, 32},
     {32, 2, 3, 16},
     {-1, 8, 9, 16}},
};

constexpr int64_t kBatch = 5;

SmallVector<int64_t> withBatch(ArrayRef<int64_t> shape) {
  SmallVector<int64_t> result(shape);
  if (result.front() < 0)
    result.front() = kBatch;
  return result;
}

std::string getType(ArrayRef<int64_t> shape) {
  return shape.front() < 0 ? batchTypeOf(withBatch(shape)) : typeOf(shape);
}

FloatTensor makeInput(ArrayRef<int64_t> shape, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal;
  FloatTensor x{withBatch(shape), {}};
  x.data.resize(mlir::ShapedType::getNumElements(x.shape));
  for (float &element : x.data)
    element = normal(random);
  return x;
}

std::vector<int32_t> makeCodes(const Layer &layer) {
  std::mt19937 random(7);
  StringRef element = layer.element;
  int32_t largest = element == "si8" ? 127 : element == "ui8" ? 255 : 2047;
  std::uniform_int_distribution<int32_t> codes(element.starts_with("u") ? 0 : -largest, largest);
  std::vector<int32_t> weight(mlir::ShapedType::getNumElements(layer.weight));
  for (int32_t &k : weight)
    k = codes(random);
  return weight;
}

/// The network of a layer, and inputs for it.
struct LayerNetwork {
  explicit LayerNetwork(const Layer &layer) {
    Network network;
    std::string input = getType(layer.input), output = getType(layer.output);
    network.addInput("x", input);
    inputs.push_back(makeInput(layer.input, 1));
    if (layer.behindReLU)
      network.addOp("r", llvm::formatv("nn.relu %x : ({0}) -> {0}", input).str());
    network.addCodes("w", layer.element, layer.weight, makeCodes(layer));
    unsigned bits = StringRef(layer.element).ends_with("16") ? 12 : 8;
    network.addOp(
        "y",
        llvm::formatv("nn.fixed_point_quantized_{0} {1}, %w {2}weight_format <bits = {3}, {4}, "
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

  FloatTensor runOnCPU(unsigned bits) {
    CompileOptions options;
    options.arithmetic = Arithmetic::Digits;
    options.activationBits = bits;
    return fpw::test::run(*llvm::cantFail(CompiledModel::compile(*module, options)), inputs)
        .front();
  }

  std::unique_ptr<mlir::MLIRContext> context = makeContext();
  mlir::OwningOpRef<mlir::ModuleOp> module;
  std::vector<FloatTensor> inputs;
};

//===----------------------------------------------------------------------===//
// Bits
//===----------------------------------------------------------------------===//

class GPUKernel : public testing::TestWithParam<std::tuple<Layer, const char *, unsigned>> {};

/// Whether a kernel uses matrix units.
bool usesMatrixUnits(llvm::Module &module) {
  for (llvm::Function &function : module)
    for (llvm::Instruction &instruction : llvm::instructions(function))
      if (auto *call = dyn_cast<llvm::CallInst>(&instruction)) {
        auto *assembly = dyn_cast<llvm::InlineAsm>(call->getCalledOperand());
        if (assembly ? StringRef(assembly->getAsmString()).contains("wgmma.mma_async")
                     : call->getCalledFunction()->getName().starts_with("llvm.nvvm.mma."))
          return true;
      }
  return false;
}

TEST_P(GPUKernel, GivesTheBitsOfTheCPU) {
  auto [layer, architecture, bits] = GetParam();
  LayerNetwork network(layer);
  EmulationOptions options;
  options.architecture = architecture;
  options.activationBits = bits;
  options.mutate = [](llvm::Module &module) { EXPECT_TRUE(usesMatrixUnits(module)); };
  auto results = runOnEmulator(*network.module, network.inputs, options);
  ASSERT_TRUE(bool(results)) << toString(results.takeError());
  expectSameBits(results->front(), network.runOnCPU(bits), layer.name);
}

std::string getName(const testing::TestParamInfo<GPUKernel::ParamType> &info) {
  auto [layer, architecture, bits] = info.param;
  return std::string(layer.name) + "_" + architecture + "_" + std::to_string(bits);
}

// Three digits everywhere; the others, which differ in tiles, where most edges are ragged.
INSTANTIATE_TEST_SUITE_P(Layers, GPUKernel,
                         testing::Combine(testing::ValuesIn(kLayers), testing::Values("sm_80"),
                                          testing::Values(24u)),
                         getName);
INSTANTIATE_TEST_SUITE_P(Digits, GPUKernel,
                         testing::Combine(testing::ValuesIn(ArrayRef(kLayers).take_front(3)),
                                          testing::Values("sm_80"), testing::Values(8u, 16u, 32u)),
                         getName);
INSTANTIATE_TEST_SUITE_P(Warpgroups, GPUKernel,
                         testing::Combine(testing::ValuesIn(kLayers), testing::Values("sm_90a"),
                                          testing::Values(24u)),
                         getName);
INSTANTIATE_TEST_SUITE_P(WarpgroupDigits, GPUKernel,
                         testing::Combine(testing::ValuesIn(ArrayRef(kLayers).take_front(3)),
                                          testing::Values("sm_90a"), testing::Values(8u, 16u, 32u)),
                         getName);

//===----------------------------------------------------------------------===//
// Planted faults
//===----------------------------------------------------------------------===//

/// The calls of an intrinsic in a kernel of matrix units, and nothing in others.
std::vector<llvm::CallInst *> findCalls(llvm::Module &module, StringRef prefix) {
  std::vector<llvm::CallInst *> calls;
  for (llvm::Function &function : module) {
    std::vector<llvm::CallInst *> here;
    bool isMatrixKernel = false;
    for (llvm::Instruction &instruction : llvm::instructions(function)) {
      auto *call = dyn_cast<llvm::CallInst>(&instruction);
      llvm::Function *callee = call ? call->getCalledFunction() : nullptr;
      if (!callee)
        continue;
      isMatrixKernel |= callee->getName().starts_with("llvm.nvvm.mma.");
      if (callee->getName().starts_with(prefix))
        here.push_back(call);
    }
    if (isMatrixKernel)
      calls.insert(calls.end(), here.begin(), here.end());
  }
  return calls;
}

void removeBarrier(llvm::Module &module) {
  for (llvm::CallInst *call : findCalls(module, "llvm.nvvm.barrier."))
    call->eraseFromParent();
}

/// One group more may be on the way.
void waitTooEarly(llvm::Module &module) {
  for (llvm::CallInst *call : findCalls(module, "llvm.nvvm.cp.async.wait.group")) {
    auto *groups = cast<llvm::ConstantInt>(call->getArgOperand(0));
    call->setArgOperand(0, llvm::ConstantInt::get(groups->getType(), groups->getZExtValue() + 1));
  }
}

/// Adds to an operand of one call.
void shift(llvm::CallInst *call, unsigned operand, int64_t bytes) {
  auto *type = llvm::Type::getInt8Ty(call->getContext());
  auto *offset = llvm::ConstantInt::get(llvm::Type::getInt64Ty(call->getContext()), bytes, true);
  call->setArgOperand(operand, llvm::GetElementPtrInst::Create(type, call->getArgOperand(operand),
                                                               offset, "", call->getIterator()));
}

/// Reads the neighbouring 16 bytes.
void swizzleWrongly(llvm::Module &module) {
  shift(findCalls(module, "llvm.nvvm.ldmatrix.").front(), 0, 16);
}

/// Copies always have all their bytes.
void fillNothing(llvm::Module &module) {
  for (llvm::CallInst *call : findCalls(module, "llvm.nvvm.cp.async."))
    if (call->arg_size() == 3)
      call->setArgOperand(2, llvm::ConstantInt::get(call->getArgOperand(2)->getType(), 16));
}

constexpr int64_t kColumns = 144;

/// One column more than there is: the first of the next row.
void exceedTheEdge(llvm::Module &module) {
  for (llvm::CallInst *call : findCalls(module, "llvm.nvvm.read.ptx.sreg.ctaid.x"))
    for (llvm::Instruction &instruction : llvm::instructions(*call->getFunction())) {
      auto *compare = dyn_cast<llvm::ICmpInst>(&instruction);
      auto *edge = compare ? dyn_cast<llvm::ConstantInt>(compare->getOperand(1)) : nullptr;
      if (edge && edge->equalsInt(kColumns))
        compare->setOperand(1, llvm::ConstantInt::get(edge->getType(), kColumns + 1));
    }
}

/// Two words of a fragment change places.
void exchangeWords(llvm::Module &module) {
  llvm::CallInst *call = findCalls(module, "llvm.nvvm.mma.").front();
  llvm::Value *words = call->getArgOperand(0);
  call->setArgOperand(0, call->getArgOperand(1));
  call->setArgOperand(1, words);
}

struct Fault {
  const char *name;
  void (*plant)(llvm::Module &);
};

class PlantedFault : public testing::TestWithParam<Fault> {};

TEST_P(PlantedFault, IsFound) {
  // 150 rows of three tiles, the last of which ends before its end; eight stages of k and a rest.
  Layer layer{"Affine", "affine", "", {150, 528}, {528, kColumns}, {150, kColumns}};
  LayerNetwork network(layer);
  FloatTensor expected = network.runOnCPU(24);
  EmulationOptions options;
  auto results = runOnEmulator(*network.module, network.inputs, options);
  ASSERT_TRUE(bool(results)) << toString(results.takeError());
  expectSameBits(results->front(), expected, "without a fault");

  options.mutate = GetParam().plant;
  results = runOnEmulator(*network.module, network.inputs, options);
  bool isFound = !results || results->front().data != expected.data;
  if (!results)
    llvm::consumeError(results.takeError());
  EXPECT_TRUE(isFound);
}

INSTANTIATE_TEST_SUITE_P(
    All, PlantedFault,
    testing::Values(Fault{"MissingBarrier", removeBarrier}, Fault{"WaitTooEarly", waitTooEarly},
                    Fault{"WrongSwizzle", swizzleWrongly}, Fault{"MissingZeros", fillNothing},
                    Fault{"ExceededEdge", exceedTheEdge}, Fault{"WrongFragment", exchangeWords}),
    [](const auto &info) { return std::string(info.param.name); });

} // namespace

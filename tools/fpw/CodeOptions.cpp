//===- CodeOptions.cpp - How subcommands compile networks -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CodeOptions.h"

#include "fpw/Dialect/NN/IR/NN.h"
#include "llvm/TargetParser/Triple.h"

using namespace mlir;
using namespace fpw;
using namespace fpw::tool;
namespace cl = llvm::cl;

CodeOptions::CodeOptions(Command &command)
    : arithmetic("arithmetic", cl::sub(command.options()),
                 cl::desc("how layers compute (default: digits, if the model is converted)"),
                 cl::values(clEnumValN(Arithmetic::Float, "float", "in f32"),
                            clEnumValN(Arithmetic::Digits, "digits",
                                       "fixed-point layers in exact integer arithmetic"))),
      activationBits("activation-bits", cl::sub(command.options()), cl::init(24),
                     cl::value_desc("N"),
                     cl::desc("bits of activations with digits: 8, 16, 24 (default) or 32")),
      triple("triple", cl::sub(command.options()), cl::value_desc("TRIPLE"),
             cl::desc("compile for this kind of machine, such as aarch64-linux-gnu (default: this "
                      "one's)")),
      processors("mcpu", cl::sub(command.options()), cl::CommaSeparated, cl::value_desc("NAMES"),
                 cl::desc("compile for these processors, such as x86-64,x86-64-v3 (default: this "
                          "machine's); the best that a machine has runs there")),
      features("features", cl::sub(command.options()), cl::value_desc("LIST"),
               cl::desc("compile for processors with these features, such as avx2,fma")),
      gpu(command) {}

static bool hasFixedPointLayer(ModuleOp module) {
  return module
      .walk([](nn::LayerOpInterface layer) {
        return layer.getWeightFormatOrNull() ? WalkResult::interrupt() : WalkResult::advance();
      })
      .wasInterrupted();
}

FailureOr<CompileOptions> CodeOptions::get(ModuleOp module, StringRef path) const {
  CompileOptions options;
  bool isConverted = hasFixedPointLayer(module);
  options.arithmetic = isConverted ? Arithmetic::Digits : Arithmetic::Float;
  if (arithmetic.getNumOccurrences())
    options.arithmetic = arithmetic;
  if (options.arithmetic == Arithmetic::Digits && !isConverted)
    return failNotConverted(path);
  options.activationBits = activationBits;
  Expected<std::vector<cpu::TargetInfo>> targets = getTargets();
  if (!targets)
    return fail(targets.takeError());
  options.target = targets->front();
  options.alternatives.assign(targets->begin() + 1, targets->end());
  Expected<std::optional<GPUTarget>> gpuTarget = gpu.get();
  if (!gpuTarget)
    return fail(gpuTarget.takeError());
  options.gpu = *gpuTarget;
  if (options.gpu && !options.alternatives.empty())
    return fail("expected one processor for the host's side of --target cuda but got several");
  return options;
}

Expected<std::vector<cpu::TargetInfo>> CodeOptions::getTargets() const {
  std::vector<cpu::TargetInfo> targets;
  auto add = [&](Expected<cpu::TargetInfo> target) {
    if (target)
      targets.push_back(*target);
    return target.takeError();
  };
  if (!processors.empty() && !features.empty())
    return llvm::createStringError("expected one of --mcpu and --features but got both");
  if (!triple.empty()) {
    if (llvm::Error error = add(cpu::TargetInfo::getBaseline(triple)))
      return error;
    bool isX86 = llvm::Triple(targets.front().triple).isX86();
    if (!isX86 && !(processors.empty() && features.empty()))
      return llvm::createStringError("expected no --mcpu and no --features with --triple " +
                                     triple + ", whose machines are treated alike");
    if (!isX86)
      return targets;
  }
  if (!processors.empty() || !features.empty())
    targets.clear();
  for (const std::string &processor : processors)
    if (llvm::Error error = add(cpu::TargetInfo::getNamed(processor)))
      return error;
  if (!features.empty())
    if (llvm::Error error = add(cpu::TargetInfo::getWithFeatures(features)))
      return error;
  if (targets.empty())
    targets.push_back(cpu::TargetInfo::getHost());
  return targets;
}

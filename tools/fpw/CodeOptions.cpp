//===- CodeOptions.cpp - How subcommands compile networks -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CodeOptions.h"

#include "fpw/Dialect/NN/IR/NN.h"

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
      processor(
          "mcpu", cl::sub(command.options()), cl::value_desc("NAME"),
          cl::desc("compile for this processor, such as x86-64-v3 (default: this machine's)")),
      features("features", cl::sub(command.options()), cl::value_desc("LIST"),
               cl::desc("compile for processors with these features, such as avx2,fma")) {}

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
  if (!processor.empty() && !features.empty())
    return fail("expected one of --mcpu and --features but got both");
  if (processor.empty() && features.empty())
    return options;
  Expected<cpu::TargetInfo> target = processor.empty() ? cpu::TargetInfo::getWithFeatures(features)
                                                       : cpu::TargetInfo::getNamed(processor);
  if (!target)
    return fail(target.takeError());
  options.target = *target;
  return options;
}

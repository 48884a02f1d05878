//===- fpw.cpp - The front door: converts, runs and reports on networks -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Command.h"

#include "fpw/Support/Version.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/raw_ostream.h"

using namespace fpw;

static constexpr const char *kOverview =
    "fpw: fixed-point weights for neural networks\n\n"
    "  fpw convert model.nnp -o model.mlirbc --bits 8     weights become fixed-point codes\n"
    "  fpw report model.mlirbc                            what that cost, tensor by tensor\n"
    "  fpw run model.mlirbc --input x.npy --output y.npy  runs as native code\n"
    "  fpw compile model.mlirbc -o model.so               becomes a library for C programs\n"
    "  fpw export model.mlirbc -o model.onnx              becomes a model of ONNX or nnabla\n"
    "  fpw bench model.mlirbc                             where the time goes, layer by layer\n"
    "  fpw calibrate model.mlirbc --input x.npy -o s.mlirbc   steps of activations fixed "
    "beforehand\n"
    "  fpw inspect model.nnp                              what is in a model\n\n"
    "  fpw COMMAND --help says more about each.\n";

int main(int argc, char **argv) {
  llvm::InitLLVM init(argc, argv);
  llvm::cl::SetVersionPrinter(printVersion);
  // LLVM's libraries own options for their developers. Ours all belong to subcommands.
  for (auto &[name, option] : llvm::cl::getRegisteredOptions())
    if (name != "help" && name != "version")
      option->setHiddenFlag(llvm::cl::ReallyHidden);
  llvm::cl::ParseCommandLineOptions(argc, argv, kOverview);
  std::optional<LogicalResult> result = tool::Command::runChosen();
  if (!result) {
    llvm::errs() << kOverview;
    return 1;
  }
  return failed(*result);
}

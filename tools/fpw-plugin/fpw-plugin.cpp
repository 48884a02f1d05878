//===- fpw-plugin.cpp - The nn dialect and its passes for another mlir-opt -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// A host loads dialects and passes with flags of their own, in the order that its command line
// gives; registering twice does no harm.

#include "fpw/InitAll.h"
#include "fpw/Support/Version.h"

#include "mlir/Tools/Plugins/DialectPlugin.h"
#include "mlir/Tools/Plugins/PassPlugin.h"
#include "llvm/Support/Compiler.h"

extern "C" LLVM_ATTRIBUTE_VISIBILITY_DEFAULT mlir::DialectPluginLibraryInfo
mlirGetDialectPluginInfo() {
  return {MLIR_PLUGIN_API_VERSION, "fpw", fpw::getVersion().data(),
          [](mlir::DialectRegistry *registry) { fpw::registerAllDialects(*registry); }};
}

extern "C" LLVM_ATTRIBUTE_VISIBILITY_DEFAULT mlir::PassPluginLibraryInfo mlirGetPassPluginInfo() {
  return {MLIR_PLUGIN_API_VERSION, "fpw", fpw::getVersion().data(),
          [] { fpw::registerAllPasses(); }};
}

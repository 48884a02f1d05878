//===- LayerDataTest.cpp - One-layer networks against nnabla ----*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// test/data/layers holds networks that nnabla wrote, each for one function, with an input and its
// result.
//
//===----------------------------------------------------------------------===//

#include "../Unit/GoldenData.h"
#include "Network.h"

#include "fpw/Importer/Model.h"
#include "mlir/IR/MLIRContext.h"
#include <gtest/gtest.h>

using namespace fpw;
using namespace fpw::test;

namespace {

/// The step of the quantiser in fpq_activation: a sum on the edge of a step may fall to either
/// side.
constexpr double kActivationStep = 0.0625;

TEST(LayerDataTest, AgreesWithNNabla) {
  std::unique_ptr<mlir::MLIRContext> context = makeContext();
  llvm::json::Value root = readJSON("layers/cases.json");
  for (const llvm::json::Value &entry : *root.getAsObject()->getArray("cases")) {
    StringRef name = *entry.getAsObject()->getString("name");
    auto module = readModel(dataPath(("layers/" + name + ".nnp").str()), context.get());
    ASSERT_TRUE(module) << name.str();
    llvm::StringMap<FloatTensor> tensors = readNpz(("layers/" + name + ".npz").str());
    Tolerance tolerance;
    if (name == "fpq_activation")
      tolerance = {1e-5, /*exceptions=*/1, kActivationStep * 1.001};
    expectClose(run(*compile(*module), tensors["x"]).front(), tensors["y"], tolerance, name);
  }
}

} // namespace

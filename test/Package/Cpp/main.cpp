//===- main.cpp - A compiler that embeds FPW -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "fpw/Dialect/NN/IR/NN.h"
#include "fpw/Dialect/NN/Transforms/Passes.h"
#include "fpw/Execution/CompiledModel.h"
#include "fpw/Pipelines/Pipelines.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;

constexpr const char *kNetwork = R"(
  func.func @net(%x: tensor<?x3xf32>) -> tensor<?x2xf32> {
    %w = nn.parameter "w" = dense<[[0.5, -0.25], [0.75, 1.0], [-1.0, 0.25]]> : tensor<3x2xf32>
    %0 = nn.affine %x, %w : (tensor<?x3xf32>, tensor<3x2xf32>) -> tensor<?x2xf32>
    %1 = nn.relu %0 : (tensor<?x2xf32>) -> tensor<?x2xf32>
    return %1 : tensor<?x2xf32>
  }
)";

int main() {
  DialectRegistry registry;
  fpw::registerPipelineDialects(registry);
  fpw::nn::registerNNPasses();
  fpw::registerPipelines();
  MLIRContext context(registry);
  auto module = parseSourceString<ModuleOp>(kNetwork, &context);

  // The converter is a pass: by its name, or as fpw::nn::createFixedPointWeight(options).
  auto convert = PassManager::on<ModuleOp>(&context);
  if (!module || failed(parsePassPipeline("nn-fixed-point-weight{n-w=4}", convert)) ||
      failed(convert.run(*module)))
    return 1;
  module->walk([](fpw::nn::FixedPointQuantizedAffineOp affine) {
    llvm::outs() << "weight: " << affine.getWeightFormat() << "\n";
  });

  // A lowering, for compilers that go on from linalg themselves.
  OwningOpRef<ModuleOp> lowered = module->clone();
  PassManager lower(&context);
  fpw::buildToLinalgPipeline(lower, {});
  if (failed(lower.run(*lowered)))
    return 1;
  lowered->walk([](linalg::LinalgOp op) { llvm::outs() << "lowered: " << op->getName() << "\n"; });

  // Or all the way, to code in this process.
  fpw::CompileOptions options;
  options.arithmetic = fpw::Arithmetic::Digits;
  auto model = fpw::CompiledModel::compile(*module, options);
  if (!model) {
    llvm::errs() << llvm::toString(model.takeError()) << "\n";
    return 1;
  }
  const float x[] = {3, 2, 1, -4, 0.5, 0};
  auto outputs = (*model)->run({{{2, 3}, x}});
  if (!outputs) {
    llvm::errs() << llvm::toString(outputs.takeError()) << "\n";
    return 1;
  }
  for (float y : outputs->front().data)
    llvm::outs() << "y: " << llvm::format("%g", y) << "\n";
}

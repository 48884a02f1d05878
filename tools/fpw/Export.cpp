//===- Export.cpp - fpw export -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Command.h"

#include "fpw/Exporter/Model.h"
#include "llvm/Support/Path.h"

using namespace mlir;
using namespace fpw;
using namespace fpw::tool;
namespace cl = llvm::cl;

static LogicalResult exportNetwork();

static Command command("export", "Writes a network for other programs: ONNX or nnabla",
                       exportNetwork);
static ModelOptions model(command);

static cl::opt<std::string> output("o", cl::Required, cl::sub(command.options()),
                                   cl::value_desc("FILE"),
                                   cl::desc("the exported network: .onnx, or .nnp for nnabla"));
static cl::opt<WeightForm>
    weights("weights", cl::sub(command.options()), cl::init(WeightForm::FixedPoint),
            cl::desc("what fixed-point weights become:"),
            cl::values(clEnumValN(WeightForm::FixedPoint, "fixed-point",
                                  "codes and steps with DequantizeLinear, or FixedPointQuantize "
                                  "(default)"),
                       clEnumValN(WeightForm::Float, "float", "their products, in f32")));

static LogicalResult exportNetwork() {
  StringRef extension = llvm::sys::path::extension(output);
  if (extension != ".onnx" && extension != ".nnp")
    return fail("expected -o with a name that ends with .onnx or .nnp but got '" + output + "'");
  ModelContext context;
  Progress progress;
  OwningOpRef<ModuleOp> module = model.readNetwork(&context, progress);
  if (!module)
    return failure();
  progress.stage("writing " + output);
  return exportModel(*module, output, weights);
}

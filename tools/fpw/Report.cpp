//===- Report.cpp - fpw report -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Command.h"

#include "fpw/Report/FixedPointReport.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace fpw;
using namespace fpw::tool;
namespace cl = llvm::cl;

static LogicalResult report();

static Command command("report", "Shows what the conversion of a network cost, tensor by tensor",
                       report);
static ModelOptions model(command);

static cl::opt<std::string> against("against", cl::sub(command.options()),
                                    cl::value_desc("FLOAT_MODEL"),
                                    cl::desc("compare with the weights of this model"));
static cl::opt<std::string> json("json", cl::sub(command.options()), cl::value_desc("FILE"),
                                 cl::desc("also write the numbers as JSON; - is standard output"));

static LogicalResult report() {
  ModelContext context;
  OwningOpRef<ModuleOp> module = model.read(&context), reference;
  if (!module || failed(getNetwork(*module)))
    return failure();
  if (!against.empty() && !(reference = readModel(against, &context)))
    return failure();
  FailureOr<Report> result = buildReport(*module, reference ? *reference : ModuleOp());
  if (failed(result))
    return failure();
  if (json != "-")
    result->print(llvm::outs());
  if (json.empty())
    return success();
  llvm::Error error = llvm::writeToOutput(json, [&](raw_ostream &os) {
    os << llvm::formatv("{0:2}\n", result->toJSON(model.path));
    return llvm::Error::success();
  });
  return error ? fail(std::move(error)) : success();
}

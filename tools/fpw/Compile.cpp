//===- Compile.cpp - fpw compile -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CodeOptions.h"

#include "fpw/Execution/ModelFile.h"
#include "llvm/Support/Path.h"

using namespace mlir;
using namespace fpw;
using namespace fpw::tool;
namespace cl = llvm::cl;

static LogicalResult compile();

static Command command("compile", "Makes a library of a network that C programs can use", compile);
static ModelOptions model(command);
static CodeOptions code(command);

static cl::opt<std::string>
    output("o", cl::Required, cl::sub(command.options()), cl::value_desc("FILE"),
           cl::desc("the compiled network: a shared library .so, or an object file .o"));
static cl::opt<std::string> header("header", cl::sub(command.options()), cl::value_desc("FILE.h"),
                                   cl::desc("a C header for it"));
static cl::opt<std::string>
    name("name", cl::sub(command.options()), cl::value_desc("NAME"),
         cl::desc("the name of its function is fpw_model_NAME (default: as the file)"));

static LogicalResult compile() {
  StringRef extension = llvm::sys::path::extension(output);
  if (extension != ".so" && extension != ".o")
    return fail("expected -o with a name that ends with .so or .o but got '" + output + "'");
  ModelContext context;
  Progress progress;
  OwningOpRef<ModuleOp> module = model.readNetwork(&context, progress);
  if (!module)
    return failure();
  FailureOr<CompileOptions> options = code.get(*module, model.path);
  if (failed(options))
    return failure();
  options->name = name.empty() ? llvm::sys::path::stem(output).str() : name;

  progress.stage("compiling");
  Expected<ObjectCode> compiled = compileToObject(*module, *options);
  if (!compiled)
    return fail(compiled.takeError());
  progress.stage("writing " + output);
  if (llvm::Error error = writeModelFile(*compiled, output))
    return fail(std::move(error));
  if (!header.empty())
    if (llvm::Error error = writeModelHeader(*compiled, header))
      return fail(std::move(error));
  return success();
}

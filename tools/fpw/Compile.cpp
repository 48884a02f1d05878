//===- Compile.cpp - fpw compile -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CodeOptions.h"

#include "fpw/Execution/ModelFile.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace fpw;
using namespace fpw::tool;
namespace cl = llvm::cl;

static LogicalResult compile();

static Command command("compile", "Makes a library of a network that C programs can use", compile);
static ModelOptions model(command);
static CodeOptions code(command);

/// What comes out. The order is that of kExtensions.
enum class Product { Library, Object, Assembly, LLVM, MLIR, PTX };
static constexpr StringLiteral kExtensions[] = {".so", ".o", ".s", ".ll", ".mlir", ".ptx"};

static cl::opt<std::string>
    output("o", cl::sub(command.options()), cl::value_desc("FILE"),
           cl::desc("the compiled network: a shared library .so, an object file .o, or text .s, "
                    ".ll, .mlir, .ptx; - is standard output"));
static cl::opt<Product>
    product("emit", cl::sub(command.options()),
            cl::desc("what to write (default: what the name after -o says)"),
            cl::values(clEnumValN(Product::Library, "library", "a shared library"),
                       clEnumValN(Product::Object, "object", "an object file"),
                       clEnumValN(Product::Assembly, "asm", "the assembly of the network's code"),
                       clEnumValN(Product::LLVM, "llvm", "the same as LLVM IR, optimised"),
                       clEnumValN(Product::MLIR, "mlir", "the same in MLIR's LLVM dialect"),
                       clEnumValN(Product::PTX, "ptx", "the kernels for GPUs, as PTX")));
static cl::opt<std::string> header("header", cl::sub(command.options()), cl::value_desc("FILE.h"),
                                   cl::desc("a C header for it"));
static cl::opt<std::string>
    name("name", cl::sub(command.options()), cl::value_desc("NAME"),
         cl::desc("the name of its function is fpw_model_NAME (default: as the file)"));
static cl::opt<std::string>
    sysroot("sysroot", cl::sub(command.options()), cl::value_desc("FOLDER"),
            cl::desc("with --triple: where the C library of such machines is"));

static FailureOr<Product> chooseProduct() {
  if (product.getNumOccurrences())
    return product.getValue();
  const auto *extension = llvm::find(kExtensions, llvm::sys::path::extension(output));
  if (extension == std::end(kExtensions))
    return fail("expected -o with a name that ends with .so, .o, .s, .ll, .mlir or .ptx, or "
                "--emit, but got '" +
                output + "'");
  return Product(extension - kExtensions);
}

static bool isText(Product product) { return product >= Product::Assembly; }

static LogicalResult writeText(ModuleOp module, const CompileOptions &options, Product product) {
  if (!options.alternatives.empty())
    return fail("expected one processor with --emit of text but got several");
  if (!header.empty())
    return fail("expected no --header with --emit of text");
  CodeForm form = product == Product::MLIR   ? CodeForm::MLIR
                  : product == Product::LLVM ? CodeForm::LLVM
                  : product == Product::PTX  ? CodeForm::PTX
                                             : CodeForm::Assembly;
  auto print = [&](raw_ostream &os) { return printCode(module, options, form, os); };
  llvm::Error error =
      output.empty() || output == "-" ? print(llvm::outs()) : llvm::writeToOutput(output, print);
  return error ? fail(std::move(error)) : success();
}

static LogicalResult writeBinary(ModuleOp module, const CompileOptions &options, Product product,
                                 Progress &progress) {
  if (output.empty() || output == "-")
    return fail("expected -o with the name of a file");
  Expected<ObjectCode> compiled = compileToObject(module, options);
  if (!compiled)
    return fail(compiled.takeError());
  progress.stage("writing " + output);
  FileKind kind = product == Product::Object ? FileKind::Object : FileKind::Library;
  if (llvm::Error error = writeModelFile(*compiled, output, kind, sysroot))
    return fail(std::move(error));
  if (!header.empty())
    if (llvm::Error error = writeModelHeader(*compiled, header))
      return fail(std::move(error));
  return success();
}

static LogicalResult compile() {
  FailureOr<Product> chosen = chooseProduct();
  if (failed(chosen))
    return failure();
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
  return isText(*chosen) ? writeText(*module, *options, *chosen)
                         : writeBinary(*module, *options, *chosen, progress);
}

//===- Command.cpp - The subcommands of fpw -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Command.h"

#include "mlir/IR/Diagnostics.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/CrashRecoveryContext.h"
#include "llvm/Support/ErrorHandling.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Process.h"
#include "llvm/Support/raw_ostream.h"
#include <csignal>
#include <sys/time.h>

using namespace mlir;
using namespace fpw;
using namespace fpw::tool;
namespace cl = llvm::cl;

//===----------------------------------------------------------------------===//
// Commands
//===----------------------------------------------------------------------===//

static SmallVector<Command *> &allCommands() {
  static SmallVector<Command *> commands;
  return commands;
}

Command::Command(StringRef name, StringRef description, LogicalResult (*run)())
    : subCommand(name, description), run(run) {
  allCommands().push_back(this);
}

std::optional<LogicalResult> Command::runChosen() {
  for (Command *command : allCommands())
    if (command->subCommand)
      return command->run();
  return std::nullopt;
}

ModelOptions::ModelOptions(Command &command)
    : path(cl::Positional, cl::Required, cl::sub(command.options()), cl::value_desc("MODEL"),
           cl::desc("MODEL")),
      network("network", cl::sub(command.options()), cl::value_desc("NAME"),
              cl::desc("the network of a .nnp file, where it has several")),
      executor("executor", cl::sub(command.options()), cl::value_desc("NAME"),
               cl::desc("the executor of a .nnp file that names inputs and outputs")),
      dimensions("dimension", cl::sub(command.options()), cl::value_desc("NAME=SIZE"),
                 cl::desc("the size of a dimension that an .onnx file only names")) {}

FailureOr<ImportOptions> ModelOptions::getImportOptions() const {
  ImportOptions options;
  options.nnp.network = network;
  options.nnp.executor = executor;
  for (StringRef argument : dimensions) {
    auto [name, text] = argument.rsplit('=');
    int64_t size;
    if (text.getAsInteger(10, size) || size < 1)
      return fail("expected --dimension NAME=SIZE with a positive size but got '" + argument + "'");
    options.onnx.dimensions[name] = size;
  }
  return options;
}

/// Runs code that may crash, or compute for ever; false if it did. What it leaves behind is in an
/// unknown state.
static bool runSafely(llvm::function_ref<void()> code, unsigned seconds) {
  llvm::CrashRecoveryContext::Enable();
  // Sizes that are wrong end here, without LLVM's words about it.
  llvm::install_bad_alloc_error_handler([](void *, const char *, bool) {
    if (llvm::CrashRecoveryContext *recovery = llvm::CrashRecoveryContext::GetCurrent())
      recovery->HandleExit(1);
    abort();
  });
  signal(SIGVTALRM, [](int) { abort(); });
  auto setTimer = [](time_t seconds) {
    itimerval timer = {};
    timer.it_value.tv_sec = seconds;
    setitimer(ITIMER_VIRTUAL, &timer, nullptr);
  };
  setTimer(seconds); // of the processor's time, so that a busy machine does no harm
  bool survived = llvm::CrashRecoveryContext().RunSafely(code);
  setTimer(0);
  llvm::remove_bad_alloc_error_handler();
  llvm::CrashRecoveryContext::Disable();
  return survived;
}

/// Many times the seconds that reading the file takes.
static unsigned patience(StringRef path) {
  uint64_t bytes = 0;
  (void)llvm::sys::fs::file_size(path, bytes);
  return 3 + (bytes >> 20);
}

/// MLIR's bytecode reader believes some of what it reads: a damaged file may make it crash, go
/// round in circles, or fail without a word. That is the file's fault, and is said to be.
OwningOpRef<ModuleOp> ModelOptions::read(MLIRContext *context) const {
  FailureOr<ImportOptions> options = getImportOptions();
  if (failed(options))
    return nullptr;
  bool reported = false;
  ScopedDiagnosticHandler watch(context, [&](Diagnostic &diagnostic) {
    reported |= diagnostic.getSeverity() == DiagnosticSeverity::Error;
    return failure(); // others print it
  });
  OwningOpRef<ModuleOp> module;
  bool survived = runSafely([&] { module = readModel(path, context, *options); }, patience(path));
  if (!survived || (!module && !reported))
    (void)fail(path + ": the file is damaged");
  if (!survived)
    llvm::sys::Process::Exit(1, /*NoCleanup=*/true);
  return module;
}

OwningOpRef<ModuleOp> ModelOptions::readNetwork(MLIRContext *context, Progress &progress) const {
  progress.stage("reading " + path);
  OwningOpRef<ModuleOp> module = read(context);
  if (module && failed(getNetwork(*module)))
    return nullptr;
  return module;
}

//===----------------------------------------------------------------------===//
// Diagnostics
//===----------------------------------------------------------------------===//

/// Prints the file and line of a location, if it has one.
static void printLocation(Location loc, raw_ostream &os) {
  if (auto file = loc->findInstanceOf<FileLineColLoc>()) {
    os << file.getFilename().getValue() << ':';
    if (file.getLine() > 0)
      os << file.getLine() << ':' << file.getColumn() << ':';
    os << ' ';
  }
}

static void printDiagnostic(Diagnostic &diagnostic, raw_ostream &os) {
  static constexpr StringLiteral kinds[] = {"note", "warning", "error", "remark"};
  os << "fpw: " << kinds[static_cast<unsigned>(diagnostic.getSeverity())] << ": ";
  printLocation(diagnostic.getLocation(), os);
  os << diagnostic.str() << '\n';
  for (Diagnostic &note : diagnostic.getNotes())
    printDiagnostic(note, os);
}

ModelContext::ModelContext() {
  context.printOpOnDiagnostic(false);
  context.getDiagEngine().registerHandler([this](Diagnostic &diagnostic) {
    bool isError = diagnostic.getSeverity() == DiagnosticSeverity::Error;
    if (!isError || !failed)
      printDiagnostic(diagnostic, llvm::errs());
    failed |= isError;
    return success();
  });
}

LogicalResult tool::fail(const Twine &message) {
  llvm::errs() << "fpw: error: " << message << '\n';
  return failure();
}

LogicalResult tool::fail(llvm::Error error) { return fail(llvm::toString(std::move(error))); }

LogicalResult tool::failNotConverted(const Twine &path) {
  return fail("'" + path + "' has no fixed-point layers; convert it first: fpw convert " + path +
              " -o MODEL.mlirbc");
}

//===----------------------------------------------------------------------===//
// Progress
//===----------------------------------------------------------------------===//

void Progress::stage(const Twine &what) {
  if (!llvm::sys::Process::StandardErrIsDisplayed())
    return;
  llvm::errs() << "\r\033[Kfpw: " << what << " ...";
  llvm::errs().flush();
  shown = true;
}

void Progress::clear() {
  if (shown)
    llvm::errs() << "\r\033[K";
  shown = false;
}

//===- Command.h - The subcommands of fpw -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_TOOLS_FPW_COMMAND_H
#define FPW_TOOLS_FPW_COMMAND_H

#include "fpw/Importer/Model.h"
#include "llvm/Support/CommandLine.h"

namespace fpw::tool {

/// One subcommand: its command line, and what it does. A subcommand's file defines its options as
/// static `cl::opt`s, and one static Command that registers them under its name.
class Command {
public:
  Command(StringRef name, StringRef description, LogicalResult (*run)());

  llvm::cl::SubCommand &options() { return subCommand; }

  /// Runs the subcommand that the command line names, if any.
  static std::optional<LogicalResult> runChosen();

private:
  llvm::cl::SubCommand subCommand;
  LogicalResult (*run)();
};

class Progress;

/// Shared by the subcommands that read a model: MODEL, --network, --executor, --dimension.
struct ModelOptions {
  explicit ModelOptions(Command &command);

  /// Reads the model. Its diagnostics go to standard error.
  mlir::OwningOpRef<ModuleOp> read(MLIRContext *context) const;
  /// Reads it, says so, and makes sure that it has one network; null if not.
  mlir::OwningOpRef<ModuleOp> readNetwork(MLIRContext *context, Progress &progress) const;

  llvm::cl::opt<std::string> path, network, executor;
  llvm::cl::list<std::string> dimensions;

private:
  FailureOr<ImportOptions> getImportOptions() const;
};

/// A context for models whose diagnostics go to standard error, as `fpw: error: file:1:2: ...`.
/// Only the first error is shown: what follows it is a consequence.
class ModelContext {
public:
  ModelContext();
  MLIRContext *operator&() { return &context; }

private:
  MLIRContext context;
  bool failed = false;
};

/// Prints `fpw: error: message` and fails.
LogicalResult fail(const Twine &message);
LogicalResult fail(llvm::Error error);
/// Says that a model has no fixed-point layers.
LogicalResult failNotConverted(const Twine &path);

/// Says what goes on, on a terminal: one line that the next stage overwrites.
class Progress {
public:
  void stage(const Twine &what);
  void clear();
  ~Progress() { clear(); }

private:
  bool shown = false;
};

} // namespace fpw::tool

#endif // FPW_TOOLS_FPW_COMMAND_H

//===- Selection.cpp - Which network of a file to import -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Selection.h"
#include "mlir/IR/Diagnostics.h"
#include "llvm/ADT/STLExtras.h"

using namespace fpw;
using namespace fpw::nnp;

namespace {
class Selector {
public:
  Selector(const Source &source, const NNPImportOptions &options)
      : source(source), file(source.getDescription().getProto()), options(options) {}

  FailureOr<Selection> select();

private:
  FailureOr<const proto::Executor *> selectExecutor();
  FailureOr<const proto::Network *> selectNetwork(const proto::Executor *executor);

  InFlightDiagnostic emitError() const { return mlir::emitError(source.getLoc(Position())); }

  /// The only one of some networks or executors of this name. `kind` names what they are.
  template <typename Range>
  auto find(const Range &range, StringRef kind, StringRef name)
      -> FailureOr<const std::decay_t<decltype(*range.begin())> *>;

  const Source &source;
  const proto::Description &file;
  const NNPImportOptions &options;
};
} // namespace

/// The names to choose from.
template <typename Range> static std::string listNames(const Range &range, StringRef kind) {
  std::string text = "; the file has ";
  if (range.empty())
    return text + ("no " + kind + "s").str();
  text += range.size() == 1 ? ("the " + kind + " ").str() : (kind + "s ").str();
  constexpr int maxShown = 20;
  int shown = 0;
  for (const auto &item : range) {
    if (shown == maxShown)
      return text + ", ...";
    text += (shown++ ? ", '" : "'") + item.name() + "'";
  }
  return text;
}

template <typename Range>
auto Selector::find(const Range &range, StringRef kind, StringRef name)
    -> FailureOr<const std::decay_t<decltype(*range.begin())> *> {
  const std::decay_t<decltype(*range.begin())> *found = nullptr;
  for (const auto &item : range) {
    if (item.name() != name)
      continue;
    if (found)
      return mlir::emitError(source.getLoc(item))
             << "two " << kind << "s have the name '" << name << "'";
    found = &item;
  }
  if (found)
    return found;
  return emitError() << "expected " << (kind == "executor" ? "an " : "a ") << kind << " '" << name
                     << "'" << listNames(range, kind);
}

FailureOr<const proto::Executor *> Selector::selectExecutor() {
  if (!options.executor.empty())
    return find(file.executor(), "executor", options.executor);
  // Of the network asked for, or of the whole file.
  SmallVector<const proto::Executor *> candidates;
  for (const proto::Executor &executor : file.executor())
    if (options.network.empty() || executor.network_name() == options.network)
      candidates.push_back(&executor);
  if (candidates.empty())
    return static_cast<const proto::Executor *>(nullptr);
  if (candidates.size() == 1)
    return candidates.front();
  return emitError() << "expected a choice between executors"
                     << listNames(file.executor(), "executor");
}

FailureOr<const proto::Network *> Selector::selectNetwork(const proto::Executor *executor) {
  StringRef name = options.network;
  if (executor) {
    if (!name.empty() && name != executor->network_name())
      return mlir::emitError(source.getLoc(*executor))
             << "executor '" << executor->name() << "' runs network '" << executor->network_name()
             << "', not '" << name << "'";
    name = executor->network_name();
  }
  if (file.network_size() == 0)
    return emitError() << "the description has no network";
  if (executor || !name.empty())
    return find(file.network(), "network", name);
  if (file.network_size() == 1)
    return &file.network(0);
  return emitError() << "expected a choice of one network" << listNames(file.network(), "network");
}

FailureOr<Selection> Selector::select() {
  FailureOr<const proto::Executor *> executor = selectExecutor();
  if (failed(executor))
    return failure();
  FailureOr<const proto::Network *> network = selectNetwork(*executor);
  if (failed(network))
    return failure();
  return Selection{*network, *executor};
}

FailureOr<Selection> nnp::select(const Source &source, const NNPImportOptions &options) {
  return Selector(source, options).select();
}

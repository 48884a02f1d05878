//===- DataFiles.cpp - Which file holds which tensor -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "DataFiles.h"

#include "llvm/ADT/STLExtras.h"

using namespace fpw;
using namespace fpw::tool;

FailureOr<std::vector<std::string>>
tool::assignPaths(ArrayRef<std::string> arguments, ArrayRef<TensorInfo> tensors, StringRef kind) {
  std::vector<std::string> paths(tensors.size());
  size_t next = 0;
  for (StringRef argument : arguments) {
    StringRef name, path;
    std::tie(name, path) = argument.split('=');
    auto named =
        llvm::find_if(tensors, [&](const TensorInfo &tensor) { return tensor.name == name; });
    size_t index = named - tensors.begin();
    if (path.empty() || named == tensors.end()) {
      path = argument;
      while (next < paths.size() && !paths[next].empty())
        ++next;
      index = next;
    }
    if (index >= paths.size())
      return fail("expected at most " + Twine(tensors.size()) + " --" + kind + " but got '" +
                  argument + "' too");
    if (!paths[index].empty())
      return fail("expected one --" + kind + " for '" + tensors[index].name + "' but got two");
    paths[index] = path.str();
  }
  return paths;
}

FailureOr<std::vector<TypedTensor>> tool::readInputs(ArrayRef<std::string> arguments,
                                                     ArrayRef<TensorInfo> inputs) {
  auto paths = assignPaths(arguments, inputs, "input");
  if (failed(paths))
    return failure();
  std::vector<TypedTensor> tensors;
  for (auto [path, info] : llvm::zip(*paths, inputs)) {
    if (path.empty())
      return fail("expected an --input for '" + info.name + "'");
    Expected<TypedTensor> tensor = readNpy(path, info.type);
    if (!tensor)
      return fail(tensor.takeError());
    tensors.push_back(std::move(*tensor));
  }
  return tensors;
}

std::vector<TensorView> tool::getViews(ArrayRef<TypedTensor> tensors) {
  std::vector<TensorView> views;
  for (const TypedTensor &tensor : tensors)
    views.push_back({tensor.shape, tensor.bytes.data(), tensor.type});
  return views;
}

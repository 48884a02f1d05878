//===- DeviceCode.cpp - Codes of a network for GPUs -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "DeviceCode.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/Module.h"

using namespace llvm;

namespace fpw {

Expected<std::vector<DeviceCode>> planDeviceCodes(const GPUTarget &target) {
  constexpr StringLiteral kOldest = "sm_80";
  std::vector<DeviceCode> codes;
  DeviceCode common{{}, target.format, ""};
  unsigned oldest = 0;
  for (const std::string &name : target.architectures) {
    std::optional<gpu::Architecture> architecture = gpu::findArchitecture(name);
    if (!architecture)
      return createStringError("expected an architecture among " + gpu::listArchitectures() +
                               " but got '" + name + "'");
    if (architecture->isExact) {
      codes.push_back({{name}, target.format, name});
      continue;
    }
    if (is_contained(common.architectures, name))
      continue;
    common.architectures.push_back(name);
    if (common.oldest.empty() || architecture->number < oldest) {
      common.oldest = name;
      oldest = architecture->number;
    }
  }
  bool isForOtherDevices = target.device.empty();
  if (common.architectures.empty() && (codes.empty() || isForOtherDevices)) {
    common.architectures = {kOldest.str()};
    common.oldest = kOldest;
    if (!codes.empty())
      common.format = gpu::BinaryFormat::PTX;
  }
  if (!common.architectures.empty())
    codes.push_back(std::move(common));
  return codes;
}

std::string takeConstructor(Module &module, StringRef list) {
  GlobalVariable *functions = module.getNamedGlobal(list);
  if (!functions)
    return "";
  auto *entries = cast<ConstantArray>(functions->getInitializer());
  assert(entries->getNumOperands() == 1 && "there is one binary of kernels");
  auto *entry = cast<ConstantStruct>(entries->getOperand(0));
  std::string name = entry->getOperand(1)->getName().str();
  functions->eraseFromParent();
  return name;
}

} // namespace fpw

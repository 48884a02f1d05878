//===- TargetInfo.cpp - What the machine has that runs the code -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "fpw/Codegen/CPU/TargetInfo.h"
#include "fpw/Runtime/Runtime.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/SubtargetFeature.h"

namespace fpw::cpu {

TargetInfo TargetInfo::getHost() {
  llvm::SubtargetFeatures features;
  for (const auto &feature : llvm::sys::getHostCPUFeatures())
    features.AddFeature(feature.getKey(), feature.getValue());
  features.AddFeature("prefer-256-bit", false); // else 512-bit vectors would be cut in two
  if (!fpw_request_amx()) // the system may keep from us what the processor has
    features.AddFeature("amx-int8", false);
  return {llvm::sys::getProcessTriple(), features.getString()};
}

bool TargetInfo::has(StringRef feature) const {
  std::vector<std::string> list = llvm::SubtargetFeatures(features).getFeatures();
  for (StringRef entry : llvm::reverse(list)) // a later entry overrides an earlier one
    if (entry.drop_front() == feature)
      return entry.front() == '+';
  return false;
}

unsigned TargetInfo::getVectorBits() const {
  if (has("avx512f") && has("avx512vl") && has("avx512dq") && has("avx512bw"))
    return 512;
  return has("avx2") && has("fma") ? 256 : 128;
}

bool TargetInfo::hasFusedMultiplyAdd() const {
  return has("fma") || has("avx512f") || llvm::Triple(triple).isAArch64();
}

Expected<std::unique_ptr<llvm::TargetMachine>> TargetInfo::createTargetMachine() const {
  static const bool initialized =
      !llvm::InitializeNativeTarget() && !llvm::InitializeNativeTargetAsmPrinter();
  std::string message;
  llvm::Triple parsed(triple);
  const llvm::Target *target =
      initialized ? llvm::TargetRegistry::lookupTarget(parsed, message) : nullptr;
  if (!target)
    return llvm::createStringError("expected a known target but got '%s': %s", triple.c_str(),
                                   message.c_str());
  // "generic": the features say it all.
  std::unique_ptr<llvm::TargetMachine> machine(target->createTargetMachine(
      parsed, "generic", features, llvm::TargetOptions(), llvm::Reloc::PIC_, std::nullopt,
      llvm::CodeGenOptLevel::Aggressive));
  if (!machine)
    return llvm::createStringError("no code generation for target '%s'", triple.c_str());
  return machine;
}

} // namespace fpw::cpu

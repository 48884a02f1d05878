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
#include "llvm/TargetParser/X86TargetParser.h"
#include <mutex>

namespace fpw::cpu {

/// What code may be compiled for: a network has to ask the processor for each.
static constexpr StringLiteral kFeatures[] = {
#define FPW_X86_FEATURE(NAME, LEAF, SUBLEAF, REGISTER, BIT, STATE) NAME,
#include "fpw/Runtime/X86Features.def"
};

/// The triple of x86 machines like this one.
static std::string getX86Triple() {
  llvm::Triple triple(llvm::sys::getProcessTriple());
  triple.setArch(llvm::Triple::x86_64);
  return triple.str();
}

/// An x86 target with those of the features that code may use.
static TargetInfo getTarget(llvm::function_ref<bool(StringRef)> has) {
  llvm::SubtargetFeatures features;
  for (StringRef feature : kFeatures)
    if (has(feature))
      features.AddFeature(feature);
  features.AddFeature("prefer-256-bit", false); // else 512-bit vectors would be cut in two
  return {getX86Triple(), features.getString()};
}

TargetInfo TargetInfo::getHost() {
  llvm::Triple triple(llvm::sys::getProcessTriple());
  if (!triple.isX86())
    return {triple.str(), ""};
  return getTarget([](StringRef feature) {
    const char *missing;
    return fpw_find_missing_feature(feature.data(), &missing) == 0;
  });
}

Expected<TargetInfo> TargetInfo::getBaseline(StringRef name) {
  llvm::Triple triple(llvm::Triple::normalize(name));
  bool isKnown = triple.getArch() == llvm::Triple::x86_64 || triple.isAArch64(64);
  if (!isKnown || !triple.isLittleEndian() || !triple.isOSLinux())
    return llvm::createStringError("expected a kind of machine such as x86_64-linux-gnu or "
                                   "aarch64-linux-gnu but got '" +
                                   name + "'");
  return TargetInfo{triple.str(), ""};
}

/// The features and all that they imply.
static TargetInfo getImplied(ArrayRef<StringRef> features) {
  llvm::StringMap<bool> all;
  for (StringRef feature : features) {
    all[feature] = true;
    llvm::X86::updateImpliedFeatures(feature, /*Enabled=*/true, all);
  }
  return getTarget([&](StringRef feature) { return all.lookup(feature); });
}

Expected<TargetInfo> TargetInfo::getNamed(StringRef processor) {
  if (llvm::X86::parseArchX86(processor, /*Only64Bit=*/true) == llvm::X86::CK_None)
    return llvm::createStringError("expected the name of an x86-64 processor but got '" +
                                   processor + "'");
  SmallVector<StringRef> features;
  llvm::X86::getFeaturesForCPU(processor, features);
  return getImplied(features);
}

Expected<std::vector<TargetInfo>> TargetInfo::getAll(StringRef text) {
  std::vector<TargetInfo> targets;
  for (StringRef name : llvm::split(text, ',')) {
    bool isTriple = llvm::Triple(llvm::Triple::normalize(text)).isOSLinux();
    Expected<TargetInfo> target = isTriple ? getBaseline(name) : getNamed(name);
    if (!target)
      return target.takeError();
    targets.push_back(std::move(*target));
  }
  return targets;
}

Expected<TargetInfo> TargetInfo::getWithFeatures(StringRef list) {
  SmallVector<StringRef> features;
  list.split(features, ',', /*MaxSplit=*/-1, /*KeepEmpty=*/false);
  for (StringRef &feature : features) {
    feature.consume_front("+");
    if (!llvm::is_contained(kFeatures, feature))
      return llvm::createStringError(
          "expected features such as avx2, avx512vnni or amx-int8 but got '" + feature + "'");
  }
  features.push_back("sse2"); // x86-64 without it has no floating point
  return getImplied(features);
}

std::vector<StringRef> TargetInfo::getFeatures() const {
  std::vector<StringRef> names;
  for (StringRef entry : llvm::split(features, ','))
    if (entry.consume_front("+"))
      names.push_back(entry);
  return names;
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

DotUnit TargetInfo::getDotUnit() const {
  bool isWide = getVectorBits() == 512;
  if (has("avx512vnni") && (isWide || has("avx512vl")))
    return DotUnit::Accumulate;
  if (has("avxvnni") && !isWide)
    return DotUnit::Accumulate;
  return llvm::Triple(triple).isX86() ? DotUnit::Multiply : DotUnit::Plain;
}

/// Makes known how to emit code for the kinds of machines that there is a runtime for.
static void initializeTargets() {
  static std::once_flag once;
  std::call_once(once, [] {
    LLVMInitializeAArch64TargetInfo();
    LLVMInitializeAArch64Target();
    LLVMInitializeAArch64TargetMC();
    LLVMInitializeAArch64AsmPrinter();
    LLVMInitializeX86TargetInfo();
    LLVMInitializeX86Target();
    LLVMInitializeX86TargetMC();
    LLVMInitializeX86AsmPrinter();
  });
}

Expected<std::unique_ptr<llvm::TargetMachine>> TargetInfo::createTargetMachine() const {
  initializeTargets();
  std::string message;
  llvm::Triple parsed(triple);
  const llvm::Target *target = llvm::TargetRegistry::lookupTarget(parsed, message);
  if (!target)
    return llvm::createStringError("expected a known target but got '%s': %s", triple.c_str(),
                                   message.c_str());
  // Left to itself, LLVM takes the multiplication of words apart from the addition again.
  std::string all = features;
  if (getDotUnit() == DotUnit::Accumulate)
    all += ",+fast-dpwssd";
  // "generic": the features say it all.
  std::unique_ptr<llvm::TargetMachine> machine(
      target->createTargetMachine(parsed, "generic", all, llvm::TargetOptions(), llvm::Reloc::PIC_,
                                  std::nullopt, llvm::CodeGenOptLevel::Aggressive));
  if (!machine)
    return llvm::createStringError("no code generation for target '%s'", triple.c_str());
  return machine;
}

} // namespace fpw::cpu

//===- TargetInfo.h - What the machine has that runs the code -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_CODEGEN_CPU_TARGETINFO_H
#define FPW_CODEGEN_CPU_TARGETINFO_H

#include "fpw/Codegen/CPU/VectorUnit.h"
#include <memory>
#include <string>
#include <vector>

namespace llvm {
class TargetMachine;
} // namespace llvm

namespace fpw::cpu {

/// A machine, described by its features. Names of processors say nothing reliable: virtual machines
/// report wrong ones.
struct TargetInfo {
  std::string triple;
  std::string features; ///< "+avx2,+fma,..."

  /// The machine that runs this program.
  static TargetInfo getHost();
  /// Every machine of a kind, "aarch64-linux-gnu".
  static Expected<TargetInfo> getBaseline(StringRef triple);
  /// Machines with the processor of a name that LLVM knows ("x86-64-v3", "sapphirerapids").
  static Expected<TargetInfo> getNamed(StringRef processor);
  /// What a text says: processors, "x86-64,x86-64-v3", or a kind of machine.
  static Expected<std::vector<TargetInfo>> getAll(StringRef text);
  /// Machines with these features and the ones that they imply, "avx2,fma".
  static Expected<TargetInfo> getWithFeatures(StringRef list);

  /// The names of the features that the target has.
  std::vector<StringRef> getFeatures() const;
  bool has(StringRef feature) const;
  /// The bits of the widest vector registers: 512, 256 or 128.
  unsigned getVectorBits() const;
  /// Whether the machine multiplies and adds floats with one rounding.
  bool hasFusedMultiplyAdd() const;
  /// How the machine adds products within lanes.
  DotUnit getDotUnit() const;
  /// A machine that emits position-independent code for this target.
  Expected<std::unique_ptr<llvm::TargetMachine>> createTargetMachine() const;
};

} // namespace fpw::cpu

#endif // FPW_CODEGEN_CPU_TARGETINFO_H

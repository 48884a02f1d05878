//===- Target.cpp - The GPUs that code is made for -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "fpw/Codegen/GPU/Target.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

namespace fpw::gpu {

static constexpr Architecture kArchitectures[] = {
    {"sm_80", 80, "+ptx70", false}, {"sm_86", 86, "+ptx71", false},
    {"sm_89", 89, "+ptx78", false}, {"sm_90", 90, "+ptx78", false},
    {"sm_90a", 90, "+ptx84", true}, {"sm_100", 100, "+ptx86", false},
};

ArrayRef<Architecture> getArchitectures() { return kArchitectures; }

std::optional<Architecture> findArchitecture(StringRef name) {
  for (const Architecture &architecture : kArchitectures)
    if (architecture.name == name)
      return architecture;
  return std::nullopt;
}

std::string listArchitectures() {
  return llvm::join(
      llvm::map_range(kArchitectures, [](const Architecture &known) { return known.name.str(); }),
      ", ");
}

FailureOr<SmallVector<Architecture>> parseArchitectures(Operation *op,
                                                        ArrayRef<std::string> names) {
  if (names.empty())
    return SmallVector<Architecture>{*findArchitecture("sm_80")};
  SmallVector<Architecture> architectures;
  for (StringRef name : names) {
    std::optional<Architecture> architecture = findArchitecture(name);
    if (!architecture)
      return op->emitError("expected an architecture among ")
             << listArchitectures() << " but got '" << name << "'";
    architectures.push_back(*architecture);
  }
  return architectures;
}

} // namespace fpw::gpu

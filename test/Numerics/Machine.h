//===- Machine.h - The kinds of machines that results are compared on -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_TEST_NUMERICS_MACHINE_H
#define FPW_TEST_NUMERICS_MACHINE_H

#include "fpw/Codegen/CPU/TargetInfo.h"
#include <optional>
#include <ostream>
#include <vector>

namespace fpw::test {

/// A kind of machine, by the features that set it apart.
struct Machine {
  const char *name;
  std::vector<const char *> features;

  /// The machine as this processor can play it, or nothing if it lacks a feature.
  std::optional<cpu::TargetInfo> getTarget() const;
};

/// From those that every processor of its kind can play to the largest.
const std::vector<Machine> &getMachines();

inline std::ostream &operator<<(std::ostream &os, const Machine &machine) {
  return os << machine.name;
}

} // namespace fpw::test

#endif // FPW_TEST_NUMERICS_MACHINE_H

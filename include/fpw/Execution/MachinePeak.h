//===- MachinePeak.h - What the arithmetic of this machine can do at best -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_EXECUTION_MACHINEPEAK_H
#define FPW_EXECUTION_MACHINEPEAK_H

#include "fpw/Codegen/CPU/TargetInfo.h"

namespace fpw {

/// The rate of one kind of instruction, measured on one core with all operands in registers.
struct MachinePeak {
  std::string instruction;        ///< "amx int8"; empty if nothing is known of this machine
  double operationsPerSecond = 0; ///< a multiply-add is two
};

/// The best that the target's code for sums of integer products can reach on this machine.
MachinePeak measureIntegerPeak(const cpu::TargetInfo &target);

/// The same for f32.
MachinePeak measureFloatPeak(const cpu::TargetInfo &target);

} // namespace fpw

#endif // FPW_EXECUTION_MACHINEPEAK_H

//===- Machine.cpp - The kinds of machines that results are compared on -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Machine.h"

namespace fpw::test {

std::optional<cpu::TargetInfo> Machine::getTarget() const {
  cpu::TargetInfo host = cpu::TargetInfo::getHost(), target;
  target.triple = host.triple;
  for (const char *feature : features) {
    if (!host.has(feature))
      return std::nullopt;
    target.features += (target.features.empty() ? "+" : ",+") + std::string(feature);
  }
  return target;
}

const std::vector<Machine> &getMachines() {
  static const std::vector<Machine> machines = [] {
    std::vector<Machine> list = {{"baseline", {}}};
    auto extend = [&](const char *name, std::vector<const char *> more) {
      std::vector<const char *> features = list.back().features;
      features.insert(features.end(), more.begin(), more.end());
      list.push_back({name, features});
    };
    extend("avx2", {"avx", "avx2", "fma"});
    extend("avx512", {"avx512f", "avx512bw", "avx512dq", "avx512vl"});
    extend("vnni", {"avx512vnni"});
    extend("amx", {"amx-tile", "amx-int8"});
    return list;
  }();
  return machines;
}

} // namespace fpw::test

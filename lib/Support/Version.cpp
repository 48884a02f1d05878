//===- Version.cpp - The version of this project ---------------*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "fpw/Support/Version.h"
#include "llvm/Config/llvm-config.h"
#include "llvm/Support/raw_ostream.h"

using namespace fpw;

StringRef fpw::getVersion() { return FPW_VERSION; }

void fpw::printVersion(raw_ostream &os) {
  os << "FPW " << getVersion() << " (LLVM " << LLVM_VERSION_STRING << ")\n";
}

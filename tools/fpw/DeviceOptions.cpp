//===- DeviceOptions.cpp - Where networks compute -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "DeviceOptions.h"

#include "SIMTEmulator/Emulator.h"
#include "llvm/ADT/SmallVectorExtras.h"

using namespace fpw;
using namespace fpw::tool;
namespace cl = llvm::cl;

DeviceOptions::DeviceOptions(Command &command)
    : target(
          "target", cl::sub(command.options()), cl::init("cpu"), cl::value_desc("DEVICE"),
          cl::desc("where the network computes: cpu (default), cuda or cuda:N (an NVIDIA GPU, by "
                   "its number), cuda-emulator (a GPU on the host, very slow, for tests)")),
      architectures("arch", cl::sub(command.options()), cl::CommaSeparated, cl::value_desc("NAMES"),
                    cl::desc("with --target cuda: compile for these GPUs, such as sm_90,sm_80 "
                             "(default: the one that is there; for a file, sm_80 and newer)")),
      format("gpu-code", cl::sub(command.options()), cl::init(gpu::BinaryFormat::Auto),
             cl::desc("with --target cuda: what the kernels become"),
             cl::values(clEnumValN(gpu::BinaryFormat::Auto, "auto",
                                   "machine code and PTX where ptxas is found, else PTX"),
                        clEnumValN(gpu::BinaryFormat::Fatbin, "fatbin", "machine code and PTX"),
                        clEnumValN(gpu::BinaryFormat::PTX, "ptx",
                                   "PTX, which the driver compiles for its device"))) {}

/// The emulator of a GPU, which runs LLVM's bitcode.
static void addEmulator() {
  static const auto functions =
      llvm::map_to_vector(simt::getRuntimeSymbols(), [](const simt::RuntimeSymbol &symbol) {
        return DeviceFunction{symbol.name, symbol.address};
      });
  addDevice("cuda-emulator", gpu::BinaryFormat::Bitcode, functions);
}

Expected<std::optional<GPUTarget>> DeviceOptions::get() const {
  StringRef name = target;
  if (name == "cpu") {
    if (!architectures.empty() || format.getNumOccurrences())
      return llvm::createStringError("expected --arch and --gpu-code with --target cuda only");
    return std::nullopt;
  }
  addEmulator();
  Expected<std::optional<GPUTarget>> gpu = findGPUTarget(name);
  if (!gpu)
    return gpu.takeError();
  if (!*gpu)
    return llvm::createStringError(
        "expected --target cpu, cuda, cuda:N or cuda-emulator but got '" + target + "'");
  (*gpu)->architectures.assign(architectures.begin(), architectures.end());
  if ((*gpu)->format == gpu::BinaryFormat::Auto)
    (*gpu)->format = format;
  return gpu;
}

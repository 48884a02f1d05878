//===- DeviceOptions.cpp - Where networks compute -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "DeviceOptions.h"

#include "SIMTEmulator/Emulator.h"
#include "fpw/Runtime/Device.h"

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

//===----------------------------------------------------------------------===//
// The emulator
//===----------------------------------------------------------------------===//

/// It runs code for any architecture.
static const char *checkEmulator(const char *) { return nullptr; }

static const char *takeEmulatorError(fpw_status *status) {
  static thread_local std::string text;
  text = llvm::toString(simt::takeRuntimeError());
  *status = text.empty() ? FPW_OK : FPW_DEVICE_FAILED;
  return text.empty() ? nullptr : text.c_str();
}

static ArrayRef<DeviceFunction> getEmulator() {
  static const std::vector<DeviceFunction> functions = [] {
    std::vector<DeviceFunction> list = {
        {"fpw_device_check", reinterpret_cast<void *>(checkEmulator)},
        {"fpw_device_take_error", reinterpret_cast<void *>(takeEmulatorError)}};
    for (const simt::RuntimeSymbol &symbol : simt::getRuntimeSymbols())
      list.push_back({symbol.name, symbol.address});
    return list;
  }();
  return functions;
}

//===----------------------------------------------------------------------===//
// What the options say
//===----------------------------------------------------------------------===//

Expected<std::optional<GPUTarget>> DeviceOptions::get() const {
  StringRef name = target;
  if (name == "cpu") {
    if (!architectures.empty() || format.getNumOccurrences())
      return llvm::createStringError("expected --arch and --gpu-code with --target cuda only");
    return std::nullopt;
  }
  GPUTarget gpu;
  gpu.architectures.assign(architectures.begin(), architectures.end());
  gpu.format = format;
  if (name == "cuda-emulator") {
    gpu.format = gpu::BinaryFormat::Bitcode;
    gpu.device = getEmulator();
    return gpu;
  }
  int32_t number = 0;
  bool isNumbered = name.consume_front("cuda:");
  if (isNumbered ? name.getAsInteger(10, number) || number < 0 : name != "cuda")
    return llvm::createStringError(
        "expected --target cpu, cuda, cuda:N or cuda-emulator but got '" + target + "'");
  mgpuSetDefaultDevice(number);
  return gpu;
}

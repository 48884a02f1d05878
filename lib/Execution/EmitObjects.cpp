//===- EmitObjects.cpp - Machine code of LLVM's modules -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "EmitObjects.h"

#include "mlir/ExecutionEngine/OptUtils.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Bitcode/BitcodeReader.h"
#include "llvm/Bitcode/BitcodeWriter.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/SmallVectorMemoryBuffer.h"
#include "llvm/Support/ThreadPool.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/Transforms/Utils/SplitModule.h"

using namespace llvm;

namespace fpw {

using Object = std::unique_ptr<MemoryBuffer>;

static Error optimize(Module &module, TargetMachine &machine) {
  return mlir::makeOptimizingTransformer(3, 0, &machine)(&module);
}

static Error emit(Module &module, const cpu::TargetInfo &target, CodeGenFileType type,
                  raw_pwrite_stream &os) {
  auto machine = target.createTargetMachine();
  if (!machine)
    return machine.takeError();
  if (Error error = optimize(module, **machine))
    return error;
  legacy::PassManager pm;
  if ((*machine)->addPassesToEmitFile(pm, os, nullptr, type))
    return createStringError("target '%s' cannot emit code", target.triple.c_str());
  pm.run(module);
  return Error::success();
}

static Expected<Object> emitObject(Module &module, const cpu::TargetInfo &target) {
  SmallVector<char, 0> object;
  raw_svector_ostream os(object);
  if (Error error = emit(module, target, CodeGenFileType::ObjectFile, os))
    return error;
  return std::make_unique<SmallVectorMemoryBuffer>(std::move(object), "network.o",
                                                   /*RequiresNullTerminator=*/false);
}

static unsigned countParts(const Module &module) {
  constexpr unsigned kInstructionsPerPart = 20000, kMostParts = 8;
  unsigned instructions = 0;
  for (const Function &function : module)
    instructions += function.getInstructionCount();
  return std::clamp(instructions / kInstructionsPerPart, 1u, kMostParts);
}

/// Parts go through bitcode, as each thread wants a context of its own.
static std::vector<SmallVector<char, 0>> split(Module &module, unsigned number) {
  std::vector<SmallVector<char, 0>> parts;
  auto write = [&](std::unique_ptr<Module> part) {
    raw_svector_ostream os(parts.emplace_back());
    WriteBitcodeToFile(*part, os);
  };
  SplitModule(module, number, write, /*PreserveLocals=*/false, /*RoundRobin=*/true);
  return parts;
}

static Expected<Object> emitPart(ArrayRef<char> bitcode, const cpu::TargetInfo &target) {
  LLVMContext context;
  auto part = parseBitcodeFile({toStringRef(bitcode), "network"}, context);
  return part ? emitObject(**part, target) : part.takeError();
}

Expected<std::vector<Object>> emitObjects(Module &module, const cpu::TargetInfo &target) {
  std::vector<Object> objects;
  Error failure = Error::success();
  auto add = [&](Expected<Object> object) {
    if (object)
      objects.push_back(std::move(*object));
    else
      failure = joinErrors(std::move(failure), object.takeError());
  };
  unsigned number = countParts(module);
  if (number == 1) {
    add(emitObject(module, target));
  } else {
    std::vector<SmallVector<char, 0>> parts = split(module, number);
    std::vector<std::optional<Expected<Object>>> emitted(number);
    DefaultThreadPool pool(hardware_concurrency());
    for (unsigned i = 0; i < number; ++i)
      pool.async([&, i] { emitted[i].emplace(emitPart(parts[i], target)); });
    pool.wait();
    for (std::optional<Expected<Object>> &object : emitted)
      add(std::move(*object));
  }
  if (failure)
    return std::move(failure);
  return objects;
}

Error printOptimized(Module &module, const cpu::TargetInfo &target, raw_ostream &os) {
  auto machine = target.createTargetMachine();
  if (!machine)
    return machine.takeError();
  if (Error error = optimize(module, **machine))
    return error;
  module.print(os, nullptr);
  return Error::success();
}

Error printAssembly(Module &module, const cpu::TargetInfo &target, raw_ostream &os) {
  buffer_ostream buffer(os);
  return emit(module, target, CodeGenFileType::AssemblyFile, buffer);
}

} // namespace fpw

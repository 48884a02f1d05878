//===- Program.cpp - The kernels of a module as host code -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Emulator.h"
#include "Machine.h"
#include "Operations.h"
#include "Rewrite.h"
#include "llvm/ExecutionEngine/Orc/AbsoluteSymbols.h"
#include "llvm/ExecutionEngine/Orc/ExecutionUtils.h"
#include "llvm/ExecutionEngine/Orc/LLJIT.h"
#include "llvm/IRReader/IRReader.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/TargetSelect.h"

using namespace llvm;

namespace fpw::simt {

struct Program::State {
  std::unique_ptr<orc::LLJIT> jit;
  StringMap<Kernel> kernels;
};

Program::Program(std::unique_ptr<State> state) : state(std::move(state)) {}
Program::~Program() = default;

static Error defineSymbols(orc::LLJIT &jit) {
  orc::SymbolMap symbols;
  auto define = [&](StringRef name, const void *address) {
    symbols[jit.mangleAndIntern(name)] = {orc::ExecutorAddr::fromPtr(address),
                                          JITSymbolFlags::Exported};
  };
  define("simt_registers", simt_registers);
  for (ArrayRef<Operation> operations : {getOperations(), getMatrixOperations()})
    for (const Operation &operation : operations)
      define(operation.symbol, reinterpret_cast<const void *>(operation.handler));
  return jit.getMainJITDylib().define(orc::absoluteSymbols(std::move(symbols)));
}

static Expected<std::unique_ptr<orc::LLJIT>> createJIT() {
  InitializeNativeTarget();
  InitializeNativeTargetAsmPrinter();
  auto jit = orc::LLJITBuilder().create();
  if (!jit)
    return jit.takeError();
  auto process = orc::DynamicLibrarySearchGenerator::GetForCurrentProcess(
      (*jit)->getDataLayout().getGlobalPrefix()); // memcpy, libm
  if (!process)
    return process.takeError();
  (*jit)->getMainJITDylib().addGenerator(std::move(*process));
  if (Error error = defineSymbols(**jit))
    return error;
  return jit;
}

Expected<std::unique_ptr<Program>> Program::load(MemoryBufferRef code) {
  auto context = std::make_unique<LLVMContext>();
  SMDiagnostic diagnostic;
  std::unique_ptr<Module> module = parseIR(code, diagnostic, *context);
  if (!module)
    return createStringError("expected LLVM IR of kernels but got: " + diagnostic.getMessage());
  auto jit = createJIT();
  if (!jit)
    return jit.takeError();
  auto kernels = rewriteForHost(*module);
  if (!kernels)
    return kernels.takeError();
  module->setDataLayout((*jit)->getDataLayout());
  module->setTargetTriple((*jit)->getTargetTriple());
  if (Error error = (*jit)->addIRModule({std::move(module), std::move(context)}))
    return error;
  for (auto &[name, kernel] : *kernels) {
    auto entry = (*jit)->lookup((kEntryPrefix + name).str());
    if (!entry)
      return entry.takeError();
    kernel.entry = entry->toPtr<void (*)(void **)>();
  }
  auto state = std::make_unique<State>();
  state->jit = std::move(*jit);
  state->kernels = std::move(*kernels);
  return std::unique_ptr<Program>(new Program(std::move(state)));
}

const Kernel *Program::find(StringRef name) const {
  auto it = state->kernels.find(name);
  return it == state->kernels.end() ? nullptr : &it->second;
}

} // namespace fpw::simt

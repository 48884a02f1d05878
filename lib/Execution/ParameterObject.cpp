//===- ParameterObject.cpp - Parameters as an object file -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// LLVM's assembler writes the bytes as they are. As constants of a module they would go through all
// of LLVM, several times as large.
//
//===----------------------------------------------------------------------===//

#include "ParameterObject.h"

#include "llvm/BinaryFormat/ELF.h"
#include "llvm/MC/MCAsmBackend.h"
#include "llvm/MC/MCCodeEmitter.h"
#include "llvm/MC/MCContext.h"
#include "llvm/MC/MCObjectFileInfo.h"
#include "llvm/MC/MCObjectWriter.h"
#include "llvm/MC/MCSectionELF.h"
#include "llvm/MC/MCStreamer.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Target/TargetMachine.h"

using namespace llvm;

namespace fpw {

static void emit(ArrayRef<ExternalData> parameters, MCContext &context, MCStreamer &streamer) {
  streamer.switchSection(
      context.getELFSection(".rodata.fpw_parameters", ELF::SHT_PROGBITS, ELF::SHF_ALLOC));
  auto label = [&](const Twine &name) {
    MCSymbol *symbol = context.getOrCreateSymbol(name);
    streamer.emitSymbolAttribute(symbol, MCSA_Global);
    streamer.emitSymbolAttribute(symbol, MCSA_Hidden);
    streamer.emitLabel(symbol);
  };
  streamer.emitValueToAlignment(Align(64));
  label("fpw_parameters_begin"); // for the runtime
  for (const ExternalData &parameter : parameters) {
    streamer.emitValueToAlignment(Align(64));
    label(parameter.symbol);
    streamer.emitBytes(StringRef(parameter.data.get(), parameter.size));
  }
  label("fpw_parameters_end");
}

Error writeParameterObject(ArrayRef<ExternalData> parameters, const cpu::TargetInfo &info,
                           raw_pwrite_stream &os) {
  auto machine = info.createTargetMachine();
  if (!machine)
    return machine.takeError();
  const Target &target = (*machine)->getTarget();
  const Triple &triple = (*machine)->getTargetTriple();
  const MCRegisterInfo &registers = *(*machine)->getMCRegisterInfo();
  const MCSubtargetInfo &subtarget = *(*machine)->getMCSubtargetInfo();

  MCContext context(triple, (*machine)->getMCAsmInfo(), &registers, &subtarget);
  MCObjectFileInfo sections;
  sections.initMCObjectFileInfo(context, /*PIC=*/true);
  context.setObjectFileInfo(&sections);
  std::unique_ptr<MCAsmBackend> backend(
      target.createMCAsmBackend(subtarget, registers, MCTargetOptions()));
  std::unique_ptr<MCObjectWriter> writer = backend->createObjectWriter(os);
  std::unique_ptr<MCCodeEmitter> emitter(
      target.createMCCodeEmitter(*(*machine)->getMCInstrInfo(), context));
  std::unique_ptr<MCStreamer> streamer(target.createMCObjectStreamer(
      triple, context, std::move(backend), std::move(writer), std::move(emitter), subtarget));
  streamer->initSections(/*NoExecStack=*/true, subtarget);
  emit(parameters, context, *streamer);
  streamer->finish();
  return Error::success();
}

} // namespace fpw

//===- Library.cpp - Compiled networks in files -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "fpw/Embedding/Library.h"

#include "fpw/Execution/ObjectCode.h"
#include "llvm/Object/ELFObjectFile.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/TargetParser/Host.h"
#include <dlfcn.h>

using namespace llvm;

namespace fpw {

static Error makeError(StringRef path, const Twine &message) {
  return createStringError(path + ": " + message);
}

/// The system's loader believes the sizes that a library says. Those that end behind the file would
/// end the process.
static Error checkSegments(StringRef path, const object::ELF64LEObjectFile &file) {
  auto segments = file.getELFFile().program_headers();
  if (!segments)
    return makeError(path, toString(segments.takeError()));
  uint64_t size = file.getMemoryBufferRef().getBufferSize();
  for (const auto &segment : *segments)
    if (segment.p_offset > size || segment.p_filesz > size - segment.p_offset)
      return makeError(path, "expected " + Twine(segment.p_offset + segment.p_filesz) +
                                 " bytes or more but got " + Twine(size));
  return Error::success();
}

/// Whether the system's loader can be asked to load the file.
static Error checkFile(StringRef path) {
  auto buffer = MemoryBuffer::getFile(path, /*IsText=*/false, /*RequiresNullTerminator=*/false);
  if (!buffer)
    return makeError(path, buffer.getError().message());
  auto file = object::ObjectFile::createELFObjectFile(**buffer);
  if (!file)
    return makeError(path, "expected a library of a network but got something else: " +
                               toString(file.takeError()));
  Triple::ArchType host = Triple(sys::getProcessTriple()).getArch();
  auto *elf = dyn_cast<object::ELF64LEObjectFile>(file->get());
  if (!elf || elf->getArch() != host)
    return makeError(path, "expected a library for " + Triple::getArchTypeName(host) +
                               " but got one for " + Triple::getArchTypeName((*file)->getArch()));
  return checkSegments(path, *elf);
}

Expected<Library> Library::load(StringRef path) {
  if (Error error = checkFile(path))
    return std::move(error);
  SmallString<128> absolute(path); // a bare name would be looked for elsewhere
  if (std::error_code error = sys::fs::make_absolute(absolute))
    return makeError(path, error.message());
  void *handle = dlopen(absolute.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!handle)
    return createStringError(dlerror());
  Library library(handle, nullptr);
  using Entry = const fpw_model *(*)();
  auto entry = reinterpret_cast<Entry>(dlsym(handle, kSharedModelEntry.data()));
  if (!entry)
    return makeError(path, "expected a library of a network but got one without fpw_model");
  library.model = entry();
  if (library.model->version != FPW_MODEL_VERSION)
    return makeError(path, "expected a library of version " + Twine(FPW_MODEL_VERSION) +
                               " but got version " + Twine(library.model->version) +
                               "; compile the network again");
  return library;
}

Library::Library(Library &&other)
    : handle(std::exchange(other.handle, nullptr)), model(other.model) {}

Library::~Library() {
  if (handle)
    dlclose(handle);
}

} // namespace fpw

//===- CUDAToolkit.cpp - NVIDIA's programs that make machine code -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CUDAToolkit.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FileUtilities.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Process.h"
#include "llvm/Support/Program.h"
#include <deque>

using namespace llvm;

namespace fpw::gpu {

/// The path of a program, or nothing.
static std::string findTool(StringRef name) {
  std::vector<std::string> folders;
  for (const char *variable : {"CUDA_ROOT", "CUDA_HOME", "CUDA_PATH"})
    if (std::optional<std::string> root = sys::Process::GetEnv(variable))
      folders.push_back(*root + "/bin");
  if (folders.empty())
    folders.push_back("/usr/local/cuda/bin");
  std::vector<StringRef> paths(folders.begin(), folders.end());
  if (ErrorOr<std::string> path = sys::findProgramByName(name))
    return *path;
  ErrorOr<std::string> path = sys::findProgramByName(name, paths);
  return path ? *path : "";
}

std::optional<CUDAToolkit> CUDAToolkit::find() {
  CUDAToolkit toolkit;
  toolkit.ptxas = findTool("ptxas");
  toolkit.fatbinary = findTool("fatbinary");
  if (toolkit.ptxas.empty() || toolkit.fatbinary.empty())
    return std::nullopt;
  return toolkit;
}

namespace {

/// Files that go when they are not needed any more.
class TemporaryFiles {
public:
  Expected<std::string> create(StringRef extension, StringRef contents) {
    SmallString<128> path;
    int file;
    if (std::error_code error = sys::fs::createTemporaryFile("fpw", extension, file, path))
      return createStringError(error, "cannot create a temporary file");
    removers.emplace_back(path);
    raw_fd_ostream os(file, /*shouldClose=*/true);
    os << contents;
    os.close();
    if (os.has_error()) {
      std::error_code error = os.error();
      os.clear_error();
      return createStringError(error, "cannot write '%s'", path.c_str());
    }
    return std::string(path);
  }

private:
  std::deque<FileRemover> removers;
};

} // namespace

/// Runs a program; what it says is the error if it fails.
static Error runTool(StringRef path, ArrayRef<std::string> arguments, TemporaryFiles &files) {
  auto log = files.create("log", "");
  if (!log)
    return log.takeError();
  SmallVector<StringRef> words{path};
  words.append(arguments.begin(), arguments.end());
  std::optional<StringRef> redirects[] = {std::nullopt, StringRef(*log), StringRef(*log)};
  std::string message;
  if (sys::ExecuteAndWait(path, words, std::nullopt, redirects, 0, 0, &message) == 0)
    return Error::success();
  auto output = MemoryBuffer::getFile(*log);
  StringRef text = output ? (*output)->getBuffer().trim() : StringRef();
  return createStringError(sys::path::filename(path) +
                           " failed: " + (text.empty() ? StringRef(message) : text));
}

Expected<std::string> CUDAToolkit::makeFatbin(ArrayRef<PTXModule> modules,
                                              const PTXModule &text) const {
  TemporaryFiles files;
  std::vector<std::string> images;
  auto addImage = [&](StringRef kind, const Architecture &architecture, StringRef path) {
    images.push_back(
        ("--image3=kind=" + kind + ",sm=" + architecture.name.drop_front(3) + ",file=" + path)
            .str());
  };
  for (const PTXModule &module : modules) {
    auto source = files.create("ptx", module.text);
    if (!source)
      return source.takeError();
    auto code = files.create("cubin", "");
    if (!code)
      return code.takeError();
    std::vector<std::string> arguments{("-arch=" + module.architecture.name).str(), "-O3", *source,
                                       "-o", *code};
    if (Error error = runTool(ptxas, arguments, files))
      return error;
    addImage("elf", module.architecture, *code);
  }
  auto forward = files.create("ptx", text.text);
  auto fatbin = files.create("fatbin", "");
  if (!forward || !fatbin)
    return joinErrors(forward.takeError(), fatbin.takeError());
  addImage("ptx", text.architecture, *forward);
  images.insert(images.begin(), {"-64", "--create=" + *fatbin});
  if (Error error = runTool(fatbinary, images, files))
    return error;
  auto contents =
      MemoryBuffer::getFile(*fatbin, /*IsText=*/false, /*RequiresNullTerminator=*/false);
  if (!contents)
    return createStringError(contents.getError(), "cannot read '%s'", fatbin->c_str());
  return (*contents)->getBuffer().str();
}

} // namespace fpw::gpu

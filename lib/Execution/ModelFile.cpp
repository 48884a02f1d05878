//===- ModelFile.cpp - Compiled networks as files -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "fpw/Execution/ModelFile.h"
#include "Embedded.h"
#include "ParameterObject.h"
#include "llvm/ADT/ScopeExit.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ObjCopy/ConfigManager.h"
#include "llvm/ObjCopy/ObjCopy.h"
#include "llvm/Object/ObjectFile.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Program.h"
#include "llvm/Support/Signals.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/Triple.h"
#include <link.h>

using namespace llvm;

namespace fpw {

static Error makeError(StringRef path, std::error_code error) {
  return createStringError("cannot write '" + path + "': " + error.message());
}

//===----------------------------------------------------------------------===//
// Linking
//===----------------------------------------------------------------------===//

/// A folder for the linker's inputs, while it lives.
class Workshop {
public:
  Error create() {
    std::error_code error = sys::fs::createUniqueDirectory("fpw", folder);
    return error ? makeError(folder, error) : Error::success();
  }
  ~Workshop() {
    if (!folder.empty())
      sys::fs::remove_directories(folder);
  }

  std::string getPath(StringRef name) const {
    SmallString<128> path(folder);
    sys::path::append(path, name);
    return std::string(path);
  }

  /// Writes a file and returns its path.
  Expected<std::string> write(StringRef name,
                              function_ref<Error(raw_pwrite_stream &)> writeTo) const {
    std::string path = getPath(name);
    std::error_code error;
    raw_fd_ostream os(path, error);
    if (error)
      return makeError(path, error);
    if (Error failed = writeTo(os))
      return failed;
    os.close();
    if (!os.has_error())
      return path;
    error = os.error();
    os.clear_error();
    return makeError(path, error);
  }

  Expected<std::string> write(StringRef name, StringRef content) const {
    return write(name, [&](raw_pwrite_stream &os) {
      os << content;
      return Error::success();
    });
  }

private:
  SmallString<128> folder;
};

/// The code, the parameters and the runtime, for the linker.
static Expected<std::vector<std::string>> writeInputs(const ObjectCode &code,
                                                      const Workshop &workshop) {
  std::vector<std::string> paths;
  auto add = [&](Expected<std::string> path) {
    if (path)
      paths.push_back(*path);
    return path.takeError();
  };
  for (auto [i, object] : enumerate(code.objects))
    if (Error error = add(workshop.write("network" + utostr(i) + ".o", object->getBuffer())))
      return error;
  if (Error error = add(workshop.write("parameters.o", [&](raw_pwrite_stream &os) {
        return writeParameterObject(code.parameters, code.target, os);
      })))
    return error;
  if (code.usesDevice) {
    if (Triple(code.target.triple).getArch() != Triple(sys::getProcessTriple()).getArch())
      return createStringError("expected this kind of machine as the host of GPUs but got '" +
                               code.target.triple + "'");
    if (Error error = add(workshop.write("cuda-runtime.a", getCUDARuntimeArchive())))
      return error;
  }
  StringRef runtime = getRuntimeArchive(Triple(code.target.triple));
  if (runtime.empty())
    return createStringError("expected a runtime for '" + code.target.triple +
                             "' but this fpw was built without");
  if (Error error = add(workshop.write("runtime.a", runtime)))
    return error;
  return paths;
}

static Expected<std::string> findLinker() {
  for (StringRef name : {"ld.lld-22", "ld.lld", "ld"})
    if (auto path = sys::findProgramByName(name))
      return *path;
  return createStringError("expected a linker, ld.lld or ld, among the programs but found none");
}

static Error runLinker(const Workshop &workshop, ArrayRef<std::string> arguments) {
  auto linker = findLinker();
  if (!linker)
    return linker.takeError();
  std::vector<StringRef> list = {*linker};
  append_range(list, arguments);
  std::string log = workshop.getPath("linker.log"), message;
  std::optional<StringRef> streams[] = {StringRef(), log, log};
  if (sys::ExecuteAndWait(*linker, list, /*Env=*/std::nullopt, streams, /*SecondsToWait=*/0,
                          /*MemoryLimit=*/0, &message) == 0)
    return Error::success();
  if (auto text = MemoryBuffer::getFile(log))
    message += (*text)->getBuffer().trim();
  return createStringError("cannot link the network: " + message);
}

/// The libraries of the C language that this program runs with: a network is linked against them
/// as a compiler would do it, but needs none of a compiler's files.
static std::vector<std::string> findSystemLibraries() {
  std::vector<std::string> paths;
  dl_iterate_phdr(
      [](dl_phdr_info *info, size_t, void *paths) {
        StringRef name = sys::path::filename(info->dlpi_name);
        for (StringRef prefix : {"libc.", "libm.", "libpthread.", "ld-linux", "ld-musl"})
          if (name.starts_with(prefix))
            static_cast<std::vector<std::string> *>(paths)->push_back(info->dlpi_name);
        return 0;
      },
      &paths);
  return paths;
}

/// The same libraries of another kind of machine: below `sysroot`, or where distributions put them.
static Expected<std::vector<std::string>> findForeignLibraries(const Triple &triple,
                                                               StringRef sysroot) {
  std::string name = (triple.getArchName() + "-linux-gnu").str();
  std::string loader = triple.isAArch64() ? "ld-linux-aarch64.so.1" : "ld-linux-x86-64.so.2";
  std::vector<std::string> folders;
  for (std::string root : {sysroot.str(), "/usr/" + name, std::string()})
    for (std::string folder : {"/lib/" + name, "/usr/lib/" + name, std::string("/lib64"),
                               std::string("/lib"), std::string("/usr/lib")})
      folders.push_back(root + folder);
  for (const std::string &folder : folders) {
    std::vector<std::string> paths;
    for (const std::string &library : {std::string("libc.so.6"), std::string("libm.so.6"), loader})
      if (sys::fs::exists(folder + "/" + library))
        paths.push_back(folder + "/" + library);
    if (paths.size() == 3) // the loader of another machine has another name
      return paths;
  }
  return createStringError("expected the C library of '" + triple.str() + "' (Debian: libc6-" +
                           (triple.isAArch64() ? "arm64" : "amd64") +
                           "-cross, or --sysroot) but found none; an object file needs none");
}

static Expected<std::vector<std::string>> findLibraries(const Triple &triple, StringRef sysroot) {
  if (sysroot.empty() && triple.getArch() == Triple(sys::getProcessTriple()).getArch())
    return findSystemLibraries();
  return findForeignLibraries(triple, sysroot);
}

//===----------------------------------------------------------------------===//
// Libraries and objects
//===----------------------------------------------------------------------===//

static Error writeLibrary(const Workshop &workshop, ArrayRef<std::string> inputs,
                          ArrayRef<std::string> libraries, StringRef path) {
  SmallString<128> unfinished; // in the same folder, so that it can be renamed
  if (std::error_code error = sys::fs::createUniqueFile(path + ".%%%%%%.tmp", unfinished))
    return makeError(path, error);
  sys::RemoveFileOnSignal(unfinished);
  scope_exit cleanup([&] {
    sys::fs::remove(unfinished);
    sys::DontRemoveFileOnSignal(unfinished);
  });
  std::vector<std::string> arguments = {"-shared",
                                        "-o",
                                        unfinished.str().str(),
                                        "-soname",
                                        sys::path::filename(path).str(),
                                        "-z",
                                        "relro",
                                        "-z",
                                        "now",
                                        "--gc-sections",
                                        "--no-undefined",
                                        "--as-needed",
                                        "--hash-style=gnu",
                                        "--build-id=sha1"};
  append_range(arguments, inputs);
  append_range(arguments, libraries);
  if (Error error = runLinker(workshop, arguments))
    return error;
  std::error_code error = sys::fs::rename(unfinished, path);
  return error ? makeError(path, error) : Error::success();
}

/// Hides everything but the entry: a program may have several networks, each with its runtime.
static Error localize(object::ObjectFile &object, StringRef entry, raw_ostream &os) {
  objcopy::ConfigManager config;
  config.ELF.LocalizeHidden = true;
  config.Common.InputFilename = "network";
  auto shared = objcopy::NameOrPattern::create(kSharedModelEntry, objcopy::MatchStyle::Literal,
                                               [](Error error) { return error; });
  if (!shared)
    return shared.takeError();
  if (Error error = config.Common.SymbolsToLocalize.addMatcher(std::move(shared)))
    return error;
  return objcopy::executeObjcopyOnBinary(config, object, os);
}

static Error writeObject(const Workshop &workshop, ArrayRef<std::string> inputs, StringRef entry,
                         StringRef path) {
  std::string linked = workshop.getPath("linked.o");
  std::vector<std::string> arguments = {"-r", "-o", linked};
  append_range(arguments, inputs);
  if (Error error = runLinker(workshop, arguments))
    return error;
  auto object = object::ObjectFile::createObjectFile(linked);
  if (!object)
    return object.takeError();
  return writeToOutput(path,
                       [&](raw_ostream &os) { return localize(*object->getBinary(), entry, os); });
}

FileKind getFileKind(StringRef path) {
  return path.ends_with(".o") ? FileKind::Object : FileKind::Library;
}

Error writeModelFile(const ObjectCode &code, StringRef path, FileKind kind, StringRef sysroot) {
  Workshop workshop;
  if (Error error = workshop.create())
    return error;
  auto inputs = writeInputs(code, workshop);
  if (!inputs)
    return inputs.takeError();
  if (kind == FileKind::Object)
    return writeObject(workshop, *inputs, code.entry, path);
  auto libraries = findLibraries(Triple(code.target.triple), sysroot);
  if (!libraries)
    return libraries.takeError();
  return writeLibrary(workshop, *inputs, *libraries, path);
}

//===----------------------------------------------------------------------===//
// Headers
//===----------------------------------------------------------------------===//

static void describe(ArrayRef<TensorInfo> tensors, StringRef kind, raw_ostream &os) {
  for (auto [i, tensor] : enumerate(tensors)) {
    os << " *   " << kind << "[" << i << "]  ";
    // A name may hold anything, but must not end the comment.
    for (char c : tensor.name)
      os << (isPrint(c) && c != '*' ? c : '_');
    constexpr StringLiteral names[] = {"float", "int32_t", "int64_t", "bool"};
    os << ": " << names[tensor.type] << "[";
    auto print = [](int64_t size) { return size < 0 ? std::string("batch") : itostr(size); };
    os << join(map_range(tensor.shape, print), "][") << "]\n";
  }
}

static void printHeader(const ObjectCode &code, raw_ostream &os) {
  std::string guard = StringRef(code.entry).upper() + "_H";
  os << "/* A network that `fpw compile` made.\n *\n";
  describe(code.inputs, "inputs", os);
  describe(code.outputs, "outputs", os);
  os << " */\n\n#ifndef " << guard << "\n#define " << guard << "\n\n"
     << getModelHeader() << "\n#ifdef __cplusplus\nextern \"C\"\n#endif\nconst fpw_model *"
     << code.entry << "(void);\n\n#endif /* " << guard << " */\n";
}

Error writeModelHeader(const ObjectCode &code, StringRef path) {
  return writeToOutput(path, [&](raw_ostream &os) {
    printHeader(code, os);
    return Error::success();
  });
}

} // namespace fpw

//===- NNPFiles.h - Making .nnp files in tests -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_TEST_UNIT_NNPFILES_H
#define FPW_TEST_UNIT_NNPFILES_H

#include "Archive.h"
#include "llvm/Support/MemoryBuffer.h"
#include <archive.h>
#include <archive_entry.h>

namespace fpw::test {

struct ZipMember {
  std::string name, content;
};

/// A zip archive of some members, stored or deflated.
inline std::string makeZip(ArrayRef<ZipMember> members, bool deflate = false) {
  size_t size = 1 << 12;
  for (const ZipMember &member : members)
    size += 2 * member.content.size() + (1 << 10);
  std::string file(size, '\0');
  size_t used = 0;
  archive *zip = archive_write_new();
  archive_write_set_format_zip(zip);
  archive_write_set_options(zip, deflate ? "zip:compression=deflate" : "zip:compression=store");
  archive_write_open_memory(zip, file.data(), file.size(), &used);
  for (const ZipMember &member : members) {
    archive_entry *entry = archive_entry_new();
    archive_entry_set_pathname(entry, member.name.c_str());
    archive_entry_set_size(entry, member.content.size());
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_write_header(zip, entry);
    archive_write_data(zip, member.content.data(), member.content.size());
    archive_entry_free(entry);
  }
  archive_write_close(zip);
  archive_write_free(zip);
  file.resize(used);
  return file;
}

/// The bytes of a file of test/data.
inline std::string readData(StringRef name) {
  auto buffer = llvm::MemoryBuffer::getFile((FPW_TEST_DATA_DIR "/" + name).str());
  if (!buffer)
    llvm::report_fatal_error("cannot read " + Twine(name));
  return (*buffer)->getBuffer().str();
}

/// The HDF5 parameters of a .nnp file of test/data.
inline std::string readHDF5(StringRef name) {
  std::string file = readData(name);
  nnp::Archive archive = llvm::cantFail(nnp::Archive::read(file, {}));
  for (const nnp::Member &member : archive.getMembers())
    if (nnp::isHDF5Name(member.name))
      return member.content.str();
  llvm::report_fatal_error("no HDF5 parameters in " + Twine(name));
}

} // namespace fpw::test

#endif // FPW_TEST_UNIT_NNPFILES_H

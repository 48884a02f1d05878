//===- GoldenData.h - Reading test/data ------------------------*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Golden data is JSON beside archives of .npy files (.npz). A file that cannot be read ends the
// test.
//
//===----------------------------------------------------------------------===//

#ifndef FPW_TEST_UNIT_GOLDENDATA_H
#define FPW_TEST_UNIT_GOLDENDATA_H

#include "fpw/Support/Npy.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/MemoryBuffer.h"
#include <archive.h>
#include <archive_entry.h>

namespace fpw::test {

inline std::string dataPath(StringRef name) { return (FPW_TEST_DATA_DIR "/" + name).str(); }

inline llvm::json::Value readJSON(StringRef name) {
  auto buffer = llvm::MemoryBuffer::getFile(dataPath(name));
  if (!buffer)
    llvm::report_fatal_error("cannot read " + Twine(name));
  return llvm::cantFail(llvm::json::parse((*buffer)->getBuffer()));
}

/// Reads all arrays of an .npz file by their names.
inline llvm::StringMap<FloatTensor> readNpz(StringRef name) {
  llvm::StringMap<FloatTensor> tensors;
  archive *zip = archive_read_new();
  archive_read_support_format_zip(zip);
  if (archive_read_open_filename(zip, dataPath(name).c_str(), 1 << 16) != ARCHIVE_OK)
    llvm::report_fatal_error("cannot read " + Twine(name));
  for (archive_entry *entry; archive_read_next_header(zip, &entry) == ARCHIVE_OK;) {
    StringRef member = archive_entry_pathname(entry);
    member.consume_back(".npy");
    std::string bytes(archive_entry_size(entry), '\0');
    archive_read_data(zip, bytes.data(), bytes.size());
    tensors[member] = llvm::cantFail(parseNpy(bytes));
  }
  archive_read_free(zip);
  return tensors;
}

} // namespace fpw::test

#endif // FPW_TEST_UNIT_GOLDENDATA_H

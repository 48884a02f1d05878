//===- ArchiveWriter.cpp - Writes zip archives -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ArchiveWriter.h"

#include "llvm/Support/raw_ostream.h"
#include <archive.h>
#include <archive_entry.h>
#include <memory>

using namespace fpw;
using namespace fpw::nnp;

static la_ssize_t writeTo(archive *, void *os, const void *data, size_t size) {
  static_cast<raw_ostream *>(os)->write(static_cast<const char *>(data), size);
  return size;
}

/// Begins a member: a plain file that its owner may write.
static int beginMember(archive *zip, const Member &member) {
  std::unique_ptr<archive_entry, decltype(&archive_entry_free)> entry(archive_entry_new(),
                                                                      archive_entry_free);
  if (!entry)
    return ARCHIVE_FATAL;
  archive_entry_set_pathname(entry.get(), member.name.str().c_str());
  archive_entry_set_size(entry.get(), member.content.size());
  archive_entry_set_filetype(entry.get(), AE_IFREG);
  archive_entry_set_perm(entry.get(), 0644);
  return archive_write_header(zip, entry.get());
}

Error nnp::writeArchive(ArrayRef<Member> members, raw_ostream &os) {
  std::unique_ptr<archive, decltype(&archive_write_free)> zip(archive_write_new(),
                                                              archive_write_free);
  auto fail = [&] {
    const char *why = zip ? archive_error_string(zip.get()) : nullptr;
    return llvm::createStringError("cannot make the archive: %s", why ? why : "out of memory");
  };
  if (!zip || archive_write_set_format_zip(zip.get()) != ARCHIVE_OK ||
      archive_write_set_options(zip.get(), "zip:compression=store") != ARCHIVE_OK ||
      archive_write_open(zip.get(), &os, nullptr, writeTo, nullptr) != ARCHIVE_OK)
    return fail();
  for (const Member &member : members)
    if (beginMember(zip.get(), member) != ARCHIVE_OK ||
        archive_write_data(zip.get(), member.content.data(), member.content.size()) !=
            la_ssize_t(member.content.size()))
      return fail();
  if (archive_write_close(zip.get()) != ARCHIVE_OK)
    return fail();
  return Error::success();
}

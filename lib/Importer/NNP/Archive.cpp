//===- Archive.cpp - The members of a .nnp archive -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Archive.h"
#include "llvm/ADT/STLExtras.h"
#include <archive.h>
#include <archive_entry.h>
#include <memory>

using namespace fpw;
using namespace fpw::nnp;
using llvm::createStringError;

bool nnp::isDescriptionName(StringRef name) {
  return name.ends_with(".nntxt") || name.ends_with(".prototxt");
}
bool nnp::isProtobufName(StringRef name) { return name.ends_with(".protobuf"); }
bool nnp::isHDF5Name(StringRef name) { return name.ends_with(".h5"); }

namespace {
/// What an archive may expand to in all.
class ExpansionBudget {
public:
  ExpansionBudget(uint64_t fileSize, const NNPLimits &limits) {
    constexpr uint64_t always = uint64_t(64) << 20;
    uint64_t byRatio = llvm::SaturatingMultiply(fileSize, limits.maxExpansion);
    allowed = std::min(limits.maxExpandedBytes, std::max(always, byRatio));
  }

  Error spend(uint64_t bytes) {
    if (bytes > allowed - spent)
      return createStringError("the archive expands to more than the " + Twine(allowed) +
                               " bytes that are allowed for its size");
    spent += bytes;
    return Error::success();
  }

private:
  uint64_t allowed;
  uint64_t spent = 0;
};

/// Reads one archive with libarchive.
class ArchiveReader {
public:
  explicit ArchiveReader(StringRef file, const NNPLimits &limits)
      : file(file), budget(file.size(), limits), handle(archive_read_new(), archive_read_free) {}

  Error open();
  /// The next member of interest; an empty name at the end.
  Expected<Member> next(std::deque<std::vector<char>> &expanded);

private:
  Error failure(const Twine &what) {
    const char *why = archive_error_string(handle.get());
    return createStringError(what + ": " + (why ? why : "no reason known"));
  }
  /// The member's content, which is read block by block.
  Expected<StringRef> readContent(StringRef name, std::deque<std::vector<char>> &expanded);
  bool isInFile(StringRef block) const {
    return std::less_equal<>()(file.begin(), block.begin()) &&
           std::less_equal<>()(block.end(), file.end());
  }

  StringRef file;
  ExpansionBudget budget;
  std::unique_ptr<archive, decltype(&archive_read_free)> handle;
};
} // namespace

Error ArchiveReader::open() {
  // zip is the format that nnabla writes. Each further format would be one more parser to trust.
  if (!handle || archive_read_support_format_zip(handle.get()) != ARCHIVE_OK ||
      archive_read_open_memory(handle.get(), file.data(), file.size()) != ARCHIVE_OK)
    return failure("expected a zip archive");
  return Error::success();
}

Expected<Member> ArchiveReader::next(std::deque<std::vector<char>> &expanded) {
  archive_entry *entry;
  int status;
  while ((status = archive_read_next_header(handle.get(), &entry)) == ARCHIVE_OK) {
    const char *path = archive_entry_pathname_utf8(entry);
    if (!path)
      path = archive_entry_pathname(entry);
    StringRef name = path ? path : "";
    // Solver states end in .optimizer; they matter in training only.
    if (!isDescriptionName(name) && !isProtobufName(name) && !isHDF5Name(name))
      continue;
    // Other methods allocate what a header states: up to 4 GiB for the dictionary of LZMA.
    StringRef format = archive_format_name(handle.get());
    if (!format.ends_with("(uncompressed)") && !format.ends_with("(deflation)"))
      return createStringError("member '" + name + "': expected it stored or deflated but got " +
                               format);
    Expected<StringRef> content = readContent(name, expanded);
    if (!content)
      return content.takeError();
    return Member{name.str(), *content};
  }
  if (status != ARCHIVE_EOF)
    return failure("cannot read the archive");
  return Member();
}

Expected<StringRef> ArchiveReader::readContent(StringRef name,
                                               std::deque<std::vector<char>> &expanded) {
  StringRef stored;
  std::vector<char> *copy = nullptr;
  const void *block;
  size_t size;
  int64_t offset;
  int64_t expectedOffset = 0;
  int status;
  while ((status = archive_read_data_block(handle.get(), &block, &size, &offset)) == ARCHIVE_OK) {
    if (offset != expectedOffset)
      return createStringError("member '" + name + "' has a hole");
    expectedOffset += size;
    if (size == 0)
      continue; // as the last block of a stored member is, which points nowhere
    StringRef bytes(static_cast<const char *>(block), size);
    bool follows = stored.empty() || stored.end() == bytes.begin();
    if (!copy && isInFile(bytes) && follows) {
      stored = stored.empty() ? bytes : StringRef(stored.data(), stored.size() + size);
      continue;
    }
    if (!copy) {
      copy = &expanded.emplace_back(stored.begin(), stored.end());
      if (Error error = budget.spend(stored.size()))
        return error;
    }
    if (Error error = budget.spend(size))
      return error;
    copy->insert(copy->end(), bytes.begin(), bytes.end());
  }
  if (status != ARCHIVE_EOF)
    return failure("cannot read member '" + name + "'");
  return copy ? StringRef(copy->data(), copy->size()) : stored;
}

Expected<Archive> Archive::read(StringRef file, const NNPLimits &limits) {
  ArchiveReader reader(file, limits);
  if (Error error = reader.open())
    return error;
  Archive archive;
  while (true) {
    Expected<Member> member = reader.next(archive.expanded);
    if (!member)
      return member.takeError();
    if (member->name.empty())
      return archive;
    if (llvm::any_of(archive.members, [&](const Member &m) { return m.name == member->name; }))
      return createStringError("the archive has two members '" + member->name + "'");
    archive.members.push_back(std::move(*member));
  }
}

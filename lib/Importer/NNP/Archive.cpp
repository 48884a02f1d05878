//===- Archive.cpp - The members of a .nnp archive -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Archive.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"
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

/// The bytes of a member, as they come: a piece of the file as long as they are one, else a copy.
class MemberContent {
public:
  MemberContent(StringRef file, ExpansionBudget &budget) : file(file), budget(budget) {}

  Error append(StringRef block);
  /// The content; a copy moves to `expanded`.
  StringRef finish(std::deque<std::vector<char>> &expanded) &&;

private:
  bool isNextPiece(StringRef block) const {
    bool isInFile = std::less_equal<>()(file.begin(), block.begin()) &&
                    std::less_equal<>()(block.end(), file.end());
    return isInFile && (piece.empty() || piece.end() == block.begin());
  }
  Error copy(StringRef block);

  StringRef file;
  ExpansionBudget &budget;
  StringRef piece;
  std::vector<char> copied;
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
  Error checkCompression(StringRef name);
  Expected<StringRef> readContent(StringRef name, std::deque<std::vector<char>> &expanded);

  StringRef file;
  ExpansionBudget budget;
  std::unique_ptr<archive, decltype(&archive_read_free)> handle;
};
} // namespace

Error MemberContent::append(StringRef block) {
  if (block.empty())
    return Error::success(); // as the last block of a stored member is, which points nowhere
  if (copied.empty() && isNextPiece(block)) {
    piece = StringRef(piece.empty() ? block.data() : piece.data(), piece.size() + block.size());
    return Error::success();
  }
  if (Error error = copy(std::exchange(piece, StringRef())))
    return error;
  return copy(block);
}

Error MemberContent::copy(StringRef block) {
  if (Error error = budget.spend(block.size()))
    return error;
  copied.insert(copied.end(), block.begin(), block.end());
  return Error::success();
}

StringRef MemberContent::finish(std::deque<std::vector<char>> &expanded) && {
  if (copied.empty())
    return piece;
  const std::vector<char> &content = expanded.emplace_back(std::move(copied));
  return StringRef(content.data(), content.size());
}

Error ArchiveReader::open() {
  // zip is the format that nnabla writes. Each further format would be one more parser to trust.
  // The reader that needs no directory would have to expand what it skips.
  if (!handle || archive_read_support_format_zip_seekable(handle.get()) != ARCHIVE_OK ||
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
    if (Error error = checkCompression(name))
      return error;
    Expected<StringRef> content = readContent(name, expanded);
    if (!content)
      return content.takeError();
    return Member{name.str(), *content};
  }
  if (status != ARCHIVE_EOF)
    return failure("cannot read the archive");
  return Member();
}

/// Other methods than nnabla's allocate what a header states: up to 4 GiB for the dictionary of
/// LZMA.
Error ArchiveReader::checkCompression(StringRef name) {
  StringRef format = archive_format_name(handle.get());
  if (format.ends_with("(uncompressed)") || format.ends_with("(deflation)"))
    return Error::success();
  return createStringError("member '" + name + "': expected it stored or deflated but got " +
                           format);
}

Expected<StringRef> ArchiveReader::readContent(StringRef name,
                                               std::deque<std::vector<char>> &expanded) {
  MemberContent content(file, budget);
  int64_t expectedOffset = 0;
  while (true) {
    const void *block;
    size_t size;
    int64_t offset;
    int status = archive_read_data_block(handle.get(), &block, &size, &offset);
    if (status == ARCHIVE_EOF)
      return std::move(content).finish(expanded);
    if (status != ARCHIVE_OK)
      return failure("cannot read member '" + name + "'");
    if (offset != expectedOffset)
      return createStringError("member '" + name + "' has a hole");
    expectedOffset += size;
    if (Error error = content.append(StringRef(static_cast<const char *>(block), size)))
      return error;
  }
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

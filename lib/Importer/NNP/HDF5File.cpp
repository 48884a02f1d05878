//===- HDF5File.cpp - The groups and data sets of an HDF5 file -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "HDF5File.h"
#include <set>

using namespace fpw;
using namespace fpw::nnp;
using llvm::createStringError;
using llvm::DataExtractor;

//===----------------------------------------------------------------------===//
// The superblock
//===----------------------------------------------------------------------===//

Expected<HDF5File> HDF5File::open(StringRef bytes) {
  static constexpr StringLiteral signature = "\x89HDF\r\n\x1a\n";
  if (!bytes.starts_with(signature))
    return createStringError("expected an HDF5 file");
  HDF5File file(bytes);
  DataExtractor data = file.extract(bytes);
  DataExtractor::Cursor cursor(signature.size());
  unsigned version = data.getU8(cursor);
  if (cursor && version > 1)
    return createStringError("expected HDF5 superblock version 0 or 1 but got " + Twine(version) +
                             "; save the file in HDF5's earliest format");
  data.skip(cursor, 4); // versions of parts, which are checked where they are used
  file.addressSize = data.getU8(cursor);
  file.lengthSize = data.getU8(cursor);
  auto isValidSize = [](uint8_t size) { return size == 2 || size == 4 || size == 8; };
  if (cursor && !(isValidSize(file.addressSize) && isValidSize(file.lengthSize)))
    return createStringError("expected HDF5 addresses and lengths of 2, 4 or 8 bytes");
  if (!cursor)
    return cursor.takeError();
  data.skip(cursor, version == 0 ? 9 : 13); // sizes of B-tree nodes, flags
  uint64_t base = file.getAddress(data, cursor);
  data.skip(cursor,
            4 * file.addressSize); // free space, end of file, driver, name of the root group
  file.rootAddress = file.getAddress(data, cursor);
  if (!cursor)
    return cursor.takeError();
  if (base != 0)
    return createStringError("expected HDF5 base address 0 but got " + Twine(base));
  return file;
}

Expected<StringRef> HDF5File::getBytes(uint64_t address, uint64_t size) const {
  if (address > bytes.size() || size > bytes.size() - address)
    return createStringError("HDF5 address " + Twine(address) + " with " + Twine(size) +
                             " bytes is outside of the file");
  return bytes.substr(address, size);
}

//===----------------------------------------------------------------------===//
// Groups
//===----------------------------------------------------------------------===//

/// The bytes that hold the names of a group's members, from its local heap.
Expected<StringRef> HDF5File::readNames(uint64_t heapAddress) const {
  Expected<StringRef> header = getBytes(heapAddress, 8 + 2 * lengthSize + addressSize);
  if (!header)
    return header.takeError();
  if (!header->starts_with("HEAP"))
    return createStringError("expected an HDF5 local heap at address " + Twine(heapAddress));
  DataExtractor data = extract(*header);
  DataExtractor::Cursor cursor(8);
  uint64_t size = getLength(data, cursor);
  getLength(data, cursor); // the list of free blocks
  uint64_t address = getAddress(data, cursor);
  llvm::cantFail(cursor.takeError());
  return getBytes(address, size);
}

/// Walks the B-tree of a group. Each node is visited once, so that a cycle ends in an error.
class HDF5File::TreeWalker {
public:
  TreeWalker(const HDF5File &file, StringRef names, function_ref<Error(StringRef, uint64_t)> visit)
      : file(file), names(names), visit(visit) {}

  /// `level` counts down to 0, the nodes above the symbol tables. Nothing for the root: any level.
  Error walkNode(uint64_t address, std::optional<unsigned> level);

private:
  Error walkSymbolTable(uint64_t address);
  Error visitEntry(uint64_t nameOffset, uint64_t address, uint32_t kind);

  const HDF5File &file;
  StringRef names;
  function_ref<Error(StringRef, uint64_t)> visit;
  std::set<uint64_t> visited;
};

Error HDF5File::TreeWalker::walkNode(uint64_t address, std::optional<unsigned> level) {
  if (!visited.insert(address).second)
    return createStringError("HDF5 B-tree node at address " + Twine(address) + " is there twice");
  if (address > file.bytes.size() || !file.bytes.substr(address).starts_with("TREE"))
    return createStringError("expected an HDF5 B-tree node at address " + Twine(address));
  DataExtractor data = file.extract(file.bytes);
  DataExtractor::Cursor cursor(address + 4);
  unsigned type = data.getU8(cursor);
  unsigned ownLevel = data.getU8(cursor);
  unsigned count = data.getU16(cursor);
  data.skip(cursor, 2 * file.addressSize); // the siblings
  if (cursor && (type != 0 || ownLevel > level.value_or(16) || (level && ownLevel != *level)))
    return createStringError("expected a group's HDF5 B-tree node at address " + Twine(address));
  for (unsigned i = 0; cursor && i < count; ++i) {
    file.getLength(data, cursor); // the key: the first name below
    uint64_t child = file.getAddress(data, cursor);
    if (!cursor)
      break;
    if (Error error = ownLevel ? walkNode(child, ownLevel - 1) : walkSymbolTable(child))
      return llvm::joinErrors(std::move(error), cursor.takeError());
  }
  return cursor.takeError();
}

Error HDF5File::TreeWalker::walkSymbolTable(uint64_t address) {
  if (!visited.insert(address).second)
    return createStringError("HDF5 symbol table at address " + Twine(address) + " is there twice");
  if (address > file.bytes.size() || !file.bytes.substr(address).starts_with("SNOD"))
    return createStringError("expected an HDF5 symbol table at address " + Twine(address));
  DataExtractor data = file.extract(file.bytes);
  DataExtractor::Cursor cursor(address + 6);
  unsigned count = data.getU16(cursor);
  for (unsigned i = 0; cursor && i < count; ++i) {
    uint64_t nameOffset = file.getAddress(data, cursor);
    uint64_t object = file.getAddress(data, cursor);
    uint32_t kind = data.getU32(cursor);
    data.skip(cursor, 4 + 16); // reserved, copies of what the object header says
    if (!cursor)
      break;
    if (Error error = visitEntry(nameOffset, object, kind))
      return llvm::joinErrors(std::move(error), cursor.takeError());
  }
  return cursor.takeError();
}

Error HDF5File::TreeWalker::visitEntry(uint64_t nameOffset, uint64_t address, uint32_t kind) {
  if (nameOffset >= names.size())
    return createStringError("HDF5 name at " + Twine(nameOffset) + " is outside of its heap");
  constexpr size_t maxLength = 4096;
  StringRef name = names.substr(nameOffset, maxLength);
  size_t end = name.find('\0');
  if (end == StringRef::npos)
    return createStringError("expected HDF5 names of less than " + Twine(maxLength) + " bytes");
  name = name.take_front(end);
  constexpr uint32_t symbolicLink = 2;
  if (kind == symbolicLink)
    return createStringError("HDF5 link '" + name + "' is symbolic; links are not followed");
  return visit(name, address);
}

Error HDF5File::visitMembers(const HDF5Group &group,
                             function_ref<Error(StringRef, uint64_t)> visit) const {
  Expected<StringRef> names = readNames(group.heapAddress);
  if (!names)
    return names.takeError();
  return TreeWalker(*this, *names, visit).walkNode(group.treeAddress, std::nullopt);
}

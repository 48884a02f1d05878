//===- HDF5Object.cpp - Object headers of an HDF5 file -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// An object header is a list of messages. Those that do not change where and how the elements are
// stored (fill values, times, attributes) are skipped; those that do, and are not read here, are
// errors.
//
//===----------------------------------------------------------------------===//

#include "HDF5File.h"
#include "llvm/Support/Endian.h"

using namespace fpw;
using namespace fpw::nnp;
using llvm::createStringError;
using llvm::DataExtractor;

namespace {
enum MessageType : uint16_t {
  kDataspace = 0x01,
  kLinkInfo = 0x02,
  kDatatype = 0x03,
  kLink = 0x06,
  kExternalFiles = 0x07,
  kLayout = 0x08,
  kFilters = 0x0b,
  kContinuation = 0x10,
  kSymbolTable = 0x11,
};
} // namespace

/// Reads the messages of one object header.
class HDF5File::ObjectReader {
public:
  explicit ObjectReader(const HDF5File &file) : file(file) {}

  Expected<HDF5Object> read(uint64_t address);

private:
  Error readBlock(StringRef block);
  Error readMessage(unsigned type, unsigned flags, StringRef content);
  Error readDataspace(StringRef content);
  Error readDatatype(StringRef content);
  Error readLayout(StringRef content);
  Error readSymbolTable(StringRef content);
  Error readContinuation(StringRef content);
  Expected<HDF5Object> finish();

  const HDF5File &file;
  /// How many messages the header has left; bounds the blocks, which could form a cycle.
  unsigned messagesLeft = 0;
  std::optional<HDF5Group> group;
  std::optional<SmallVector<int64_t>> shape;
  HDF5DataSet dataSet;
  bool hasLayout = false;
  SmallVector<StringRef> continuations;
};

Expected<HDF5Object> HDF5File::ObjectReader::read(uint64_t address) {
  Expected<StringRef> prefix = file.getBytes(address, 16);
  if (!prefix)
    return prefix.takeError();
  if (prefix->front() != 1)
    return createStringError("expected an HDF5 object header of version 1 at address " +
                             Twine(address));
  DataExtractor data = file.extract(*prefix);
  DataExtractor::Cursor cursor(2);
  messagesLeft = data.getU16(cursor);
  data.skip(cursor, 4); // how many names the object has
  uint64_t size = data.getU32(cursor);
  llvm::cantFail(cursor.takeError());
  constexpr unsigned maxMessages = 1024;
  if (messagesLeft > maxMessages)
    return createStringError("an HDF5 object has more than " + Twine(maxMessages) + " messages");
  Expected<StringRef> first = file.getBytes(address + 16, size);
  if (!first)
    return first.takeError();
  continuations.push_back(*first);
  while (!continuations.empty())
    if (Error error = readBlock(continuations.pop_back_val()))
      return error;
  return finish();
}

Error HDF5File::ObjectReader::readBlock(StringRef block) {
  constexpr size_t headerSize = 8;
  while (messagesLeft && block.size() >= headerSize) {
    --messagesLeft;
    DataExtractor data = file.extract(block);
    DataExtractor::Cursor cursor(0);
    unsigned type = data.getU16(cursor);
    unsigned size = data.getU16(cursor);
    unsigned flags = data.getU8(cursor);
    llvm::cantFail(cursor.takeError());
    block = block.drop_front(headerSize);
    if (size > block.size())
      return createStringError("an HDF5 message is longer than its object header");
    if (Error error = readMessage(type, flags, block.take_front(size)))
      return error;
    block = block.drop_front(size);
  }
  return Error::success();
}

Error HDF5File::ObjectReader::readMessage(unsigned type, unsigned flags, StringRef content) {
  constexpr unsigned shared = 2;
  bool isShared = flags & shared;
  switch (type) {
  case kDataspace:
    return isShared ? createStringError("shared HDF5 messages are not read")
                    : readDataspace(content);
  case kDatatype:
    return isShared ? createStringError("named HDF5 types are not read") : readDatatype(content);
  case kLayout:
    return isShared ? createStringError("shared HDF5 messages are not read") : readLayout(content);
  case kSymbolTable:
    return readSymbolTable(content);
  case kContinuation:
    return readContinuation(content);
  case kFilters:
    return createStringError("compressed or filtered HDF5 data sets are not read; save them plain");
  case kExternalFiles:
    return createStringError("HDF5 data in other files is not read");
  case kLinkInfo:
  case kLink:
    return createStringError("HDF5 groups of the newer form are not read; save the file in HDF5's "
                             "earliest format");
  default:
    return Error::success();
  }
}

Error HDF5File::ObjectReader::readDataspace(StringRef content) {
  DataExtractor data = file.extract(content);
  DataExtractor::Cursor cursor(0);
  unsigned version = data.getU8(cursor);
  unsigned rank = data.getU8(cursor);
  data.getU8(cursor); // whether maximum sizes follow; they do not matter
  data.skip(cursor, version == 1 ? 5 : 1);
  if (cursor && (version < 1 || version > 2 || rank > 32))
    return createStringError("expected an HDF5 dataspace of version 1 or 2 and rank up to 32");
  shape.emplace();
  for (unsigned i = 0; cursor && i < rank; ++i)
    shape->push_back(static_cast<int64_t>(file.getLength(data, cursor)));
  return cursor.takeError();
}

/// Accepts IEEE f32 and f64, of either byte order.
Error HDF5File::ObjectReader::readDatatype(StringRef content) {
  // Byte order and sign position; offset, precision, and place and size of exponent and mantissa.
  static constexpr StringRef f32("\x00\x00\x20\x00\x17\x08\x00\x17\x7f\x00\x00\x00", 12);
  static constexpr StringRef f64("\x00\x00\x40\x00\x34\x0b\x00\x34\xff\x03\x00\x00", 12);
  auto unsupported = [] { return createStringError("expected HDF5 elements of type f32 or f64"); };
  constexpr unsigned floatClass = 1;
  if (content.size() < 20 || (uint8_t(content[0]) & 15) != floatClass)
    return unsupported();
  uint8_t order = content[1];
  unsigned signPosition = uint8_t(content[2]);
  StringRef properties = content.substr(8, 12);
  unsigned size = llvm::support::endian::read32le(content.data() + 4);
  bool isF32 = size == 4 && properties == f32 && signPosition == 31;
  bool isF64 = size == 8 && properties == f64 && signPosition == 63;
  constexpr uint8_t orderBits = 0x41; // 0x40: VAX
  if (!(isF32 || isF64) || (order & orderBits) > 1)
    return unsupported();
  dataSet.elementBytes = size;
  dataSet.isLittleEndian = !(order & 1);
  return Error::success();
}

Error HDF5File::ObjectReader::readLayout(StringRef content) {
  DataExtractor data = file.extract(content);
  DataExtractor::Cursor cursor(0);
  unsigned version = data.getU8(cursor);
  unsigned kind = data.getU8(cursor);
  enum { Compact, Contiguous };
  if (cursor && (version != 3 || kind > Contiguous)) {
    llvm::cantFail(cursor.takeError());
    return createStringError("chunked HDF5 data sets are not read; save them contiguous");
  }
  hasLayout = true;
  if (kind == Compact) {
    uint64_t size = data.getU16(cursor);
    dataSet.bytes = data.getBytes(cursor, size);
    return cursor.takeError();
  }
  uint64_t address = file.getAddress(data, cursor);
  uint64_t size = file.getLength(data, cursor);
  if (!cursor)
    return cursor.takeError();
  Expected<StringRef> elements = file.getBytes(address, size);
  if (!elements)
    return elements.takeError();
  dataSet.bytes = *elements;
  return Error::success();
}

Error HDF5File::ObjectReader::readSymbolTable(StringRef content) {
  DataExtractor data = file.extract(content);
  DataExtractor::Cursor cursor(0);
  group.emplace();
  group->treeAddress = file.getAddress(data, cursor);
  group->heapAddress = file.getAddress(data, cursor);
  return cursor.takeError();
}

Error HDF5File::ObjectReader::readContinuation(StringRef content) {
  DataExtractor data = file.extract(content);
  DataExtractor::Cursor cursor(0);
  uint64_t address = file.getAddress(data, cursor);
  uint64_t size = file.getLength(data, cursor);
  if (!cursor)
    return cursor.takeError();
  Expected<StringRef> block = file.getBytes(address, size);
  if (!block)
    return block.takeError();
  continuations.push_back(*block);
  return Error::success();
}

Expected<HDF5Object> HDF5File::ObjectReader::finish() {
  HDF5Object object;
  if (group) {
    object.group = group;
    return object;
  }
  if (!shape || !hasLayout || !dataSet.elementBytes)
    return createStringError("expected an HDF5 group or data set");
  dataSet.shape = std::move(*shape);
  object.dataSet = std::move(dataSet);
  return object;
}

Expected<HDF5Object> HDF5File::readObject(uint64_t address) const {
  return ObjectReader(*this).read(address);
}

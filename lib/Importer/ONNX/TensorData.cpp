//===- TensorData.cpp - The elements of a tensor in a file -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TensorData.h"
#include "llvm/ADT/APFloat.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/bit.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"

using namespace fpw;
using namespace fpw::onnx;
using llvm::createStringError;
using llvm::MemoryBuffer;

namespace endian = llvm::support::endian;

//===----------------------------------------------------------------------===//
// Elements as bytes
//===----------------------------------------------------------------------===//

static unsigned getBits(ElementType type) {
  switch (type) {
  case TensorProto::INT4:
  case TensorProto::UINT4:
    return 4;
  case TensorProto::BOOL:
  case TensorProto::INT8:
  case TensorProto::UINT8:
    return 8;
  case TensorProto::FLOAT16:
  case TensorProto::BFLOAT16:
  case TensorProto::INT16:
  case TensorProto::UINT16:
    return 16;
  case TensorProto::FLOAT:
  case TensorProto::INT32:
  case TensorProto::UINT32:
    return 32;
  default:
    return 64;
  }
}

static float halfToFloat(uint16_t bits, const llvm::fltSemantics &format) {
  llvm::APFloat value(format, llvm::APInt(16, bits));
  return value.convertToFloat();
}

static float decodeFloat(ElementType type, const char *bytes) {
  switch (type) {
  case TensorProto::FLOAT16:
    return halfToFloat(endian::read16le(bytes), llvm::APFloat::IEEEhalf());
  case TensorProto::BFLOAT16:
    return llvm::bit_cast<float>(uint32_t(endian::read16le(bytes)) << 16);
  case TensorProto::DOUBLE:
    return static_cast<float>(llvm::bit_cast<double>(endian::read64le(bytes)));
  default:
    return llvm::bit_cast<float>(endian::read32le(bytes));
  }
}

/// An integer that is stored in the low bits of `bits`; nothing where int64_t lacks it.
static std::optional<int64_t> decodeInteger(ElementType type, uint64_t bits) {
  switch (type) {
  case TensorProto::BOOL:
    return bits != 0;
  case TensorProto::INT4:
    return llvm::SignExtend64<4>(bits);
  case TensorProto::UINT4:
    return bits & 15;
  case TensorProto::INT8:
    return int8_t(bits);
  case TensorProto::UINT8:
    return uint8_t(bits);
  case TensorProto::INT16:
    return int16_t(bits);
  case TensorProto::UINT16:
    return uint16_t(bits);
  case TensorProto::INT32:
    return int32_t(bits);
  case TensorProto::UINT32:
    return uint32_t(bits);
  case TensorProto::UINT64:
    return int64_t(bits) < 0 ? std::nullopt : std::optional<int64_t>(int64_t(bits));
  default:
    return int64_t(bits);
  }
}

static uint64_t readBits(const char *bytes, unsigned bits, size_t index) {
  switch (bits) {
  case 4:
    return uint8_t(bytes[index / 2]) >> (index % 2 ? 4 : 0) & 15;
  case 8:
    return uint8_t(bytes[index]);
  case 16:
    return endian::read16le(bytes + 2 * index);
  case 32:
    return endian::read32le(bytes + 4 * index);
  default:
    return endian::read64le(bytes + 8 * index);
  }
}

static Error errorOfRange(ElementType type) {
  return createStringError("expected integers of at most 63 bits but got larger ones of type " +
                           getName(type));
}

static Error decodeBytes(StringRef bytes, size_t count, Constant &constant) {
  unsigned bits = getBits(constant.type);
  if (isFloat(constant.type)) {
    constant.floats.resize(count);
    for (size_t i = 0; i < count; ++i)
      constant.floats[i] = decodeFloat(constant.type, bytes.data() + i * bits / 8);
    return Error::success();
  }
  constant.integers.resize(count);
  for (size_t i = 0; i < count; ++i) {
    auto value = decodeInteger(constant.type, readBits(bytes.data(), bits, i));
    if (!value)
      return errorOfRange(constant.type);
    constant.integers[i] = {*value, 0};
  }
  return Error::success();
}

//===----------------------------------------------------------------------===//
// Elements as numbers
//===----------------------------------------------------------------------===//

/// How many elements the fields of numbers hold.
static size_t countNumbers(const TensorProto &tensor, ElementType type) {
  switch (type) {
  case TensorProto::FLOAT:
    return tensor.float_data_size();
  case TensorProto::DOUBLE:
    return tensor.double_data_size();
  case TensorProto::INT64:
    return tensor.int64_data_size();
  case TensorProto::UINT32:
  case TensorProto::UINT64:
    return tensor.uint64_data_size();
  case TensorProto::INT4:
  case TensorProto::UINT4:
    return 2 * size_t(tensor.int32_data_size());
  default:
    return tensor.int32_data_size();
  }
}

static float getFloat(const TensorProto &tensor, ElementType type, size_t i) {
  switch (type) {
  case TensorProto::FLOAT:
    return tensor.float_data(i);
  case TensorProto::DOUBLE:
    return static_cast<float>(tensor.double_data(i));
  default: {
    char bytes[2];
    endian::write16le(bytes, uint16_t(tensor.int32_data(i)));
    return decodeFloat(type, bytes);
  }
  }
}

static uint64_t getBitsOf(const TensorProto &tensor, ElementType type, size_t i) {
  switch (type) {
  case TensorProto::INT64:
    return tensor.int64_data(i);
  case TensorProto::UINT32:
  case TensorProto::UINT64:
    return tensor.uint64_data(i);
  case TensorProto::INT4:
  case TensorProto::UINT4:
    return uint32_t(tensor.int32_data(i / 2)) >> (i % 2 ? 4 : 0) & 15;
  default:
    return int64_t(tensor.int32_data(i));
  }
}

static Error decodeNumbers(const TensorProto &tensor, size_t count, Constant &constant) {
  for (size_t i = 0; i < count; ++i) {
    if (isFloat(constant.type)) {
      constant.floats.push_back(getFloat(tensor, constant.type, i));
      continue;
    }
    auto value = decodeInteger(constant.type, getBitsOf(tensor, constant.type, i));
    if (!value)
      return errorOfRange(constant.type);
    constant.integers.push_back({*value, 0});
  }
  return Error::success();
}

//===----------------------------------------------------------------------===//
// Data in other files
//===----------------------------------------------------------------------===//

namespace {
struct ExternalData {
  std::string location;
  uint64_t offset = 0;
  std::optional<uint64_t> length;
};
} // namespace

static Expected<ExternalData> parseExternal(const TensorProto &tensor) {
  ExternalData data;
  for (const StringStringEntryProto &entry : tensor.external_data()) {
    StringRef value = entry.value();
    uint64_t number = 0;
    bool isNumber = !value.getAsInteger(10, number);
    if (entry.key() == "location")
      data.location = entry.value();
    else if ((entry.key() == "offset" || entry.key() == "length") && !isNumber)
      return createStringError("expected a number as " + entry.key() +
                               " of the external data but got '" + value + "'");
    else if (entry.key() == "offset")
      data.offset = number;
    else if (entry.key() == "length")
      data.length = number;
  }
  return data;
}

/// The file, if it lies beneath the model's folder, symbolic links followed.
static Expected<std::string> findBeneath(StringRef folder, StringRef location) {
  auto isParent = [](StringRef part) { return part == ".."; };
  bool isRelative = !location.empty() && !llvm::sys::path::is_absolute(location) &&
                    location.find('\0') == StringRef::npos &&
                    llvm::none_of(llvm::make_range(llvm::sys::path::begin(location),
                                                   llvm::sys::path::end(location)),
                                  isParent);
  if (!isRelative)
    return createStringError("expected the external data beneath the model's folder but got '" +
                             location + "'");
  SmallString<256> path(folder), realFolder, realPath;
  llvm::sys::path::append(path, location);
  std::error_code error = llvm::sys::fs::real_path(folder, realFolder);
  if (!error)
    error = llvm::sys::fs::real_path(path, realPath);
  if (error)
    return createStringError("cannot read the external data '" + location +
                             "': " + error.message());
  StringRef rest = realPath;
  bool isBeneath =
      rest.consume_front(realFolder) && (realFolder.ends_with("/") || rest.starts_with("/"));
  if (!isBeneath)
    return createStringError("expected the external data beneath the model's folder but '" +
                             location + "' leads out of it");
  if (!llvm::sys::fs::is_regular_file(realPath))
    return createStringError("expected the external data '" + location + "' to be a file");
  return realPath.str().str();
}

Expected<std::unique_ptr<MemoryBuffer>> TensorReader::openExternal(const TensorProto &tensor,
                                                                   uint64_t bytes) const {
  if (folder.empty())
    return createStringError("the data stands in another file, and the model has no folder");
  Expected<ExternalData> data = parseExternal(tensor);
  if (!data)
    return data.takeError();
  if (data->length && *data->length != bytes)
    return createStringError("expected " + Twine(bytes) + " bytes of external data but got " +
                             Twine(*data->length));
  Expected<std::string> path = findBeneath(folder, data->location);
  if (!path)
    return path.takeError();
  uint64_t size = 0;
  std::error_code error = llvm::sys::fs::file_size(*path, size);
  if (!error && (data->offset > size || bytes > size - data->offset))
    return createStringError("expected " + Twine(bytes) + " bytes at " + Twine(data->offset) +
                             " of '" + data->location + "' but the file has " + Twine(size));
  auto buffer = MemoryBuffer::getFileSlice(*path, bytes, data->offset);
  if (error || !buffer)
    return createStringError("cannot read the external data '" + data->location +
                             "': " + (error ? error : buffer.getError()).message());
  return std::move(*buffer);
}

//===----------------------------------------------------------------------===//
// Tensors
//===----------------------------------------------------------------------===//

/// Reads the elements of a constant whose type and shape are set.
Error TensorReader::readElements(const TensorProto &tensor, size_t count,
                                 Constant &constant) const {
  uint64_t bytes = (uint64_t(count) * getBits(constant.type) + 7) / 8;
  if (tensor.data_location() == TensorProto::EXTERNAL) {
    auto buffer = openExternal(tensor, bytes);
    if (!buffer)
      return buffer.takeError();
    return decodeBytes((*buffer)->getBuffer(), count, constant);
  }
  if (tensor.has_raw_data()) {
    if (tensor.raw_data().size() != bytes)
      return createStringError("expected " + Twine(bytes) + " bytes (" +
                               printShape(constant.shape) + " of type " + getName(constant.type) +
                               ") but got " + Twine(tensor.raw_data().size()));
    return decodeBytes(tensor.raw_data(), count, constant);
  }
  size_t stored = countNumbers(tensor, constant.type);
  bool packsTwo = getBits(constant.type) == 4;
  if (stored != (packsTwo ? (count + 1) / 2 * 2 : count))
    return createStringError("expected " + Twine(count) + " elements (" +
                             printShape(constant.shape) + ") but got " + Twine(stored));
  return decodeNumbers(tensor, count, constant);
}

Expected<Constant> TensorReader::read(const TensorProto &tensor) const {
  SmallVector<int64_t> shape(tensor.dims().begin(), tensor.dims().end());
  std::optional<int64_t> count = countElements(shape);
  if (!count)
    return createStringError("expected sizes of 0 or more, at most 32, and at most 2^40 elements, "
                             "but got " +
                             printShape(shape));
  auto type = static_cast<ElementType>(tensor.data_type());
  if (!TensorProto::DataType_IsValid(tensor.data_type()) || (!isFloat(type) && !isInteger(type)))
    return createStringError("elements of " + getName(tensor.data_type()) + " are not supported");
  if (tensor.has_segment())
    return createStringError("tensors in segments are not supported");
  Constant constant;
  constant.type = type;
  constant.shape = shape;
  if (Error error = readElements(tensor, *count, constant))
    return std::move(error);
  return constant;
}

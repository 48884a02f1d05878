//===- ProtobufParameters.cpp - Parameters in protobuf's binary form -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Reads the wire format of
//
//   message NNablaProtoBuf { repeated Parameter parameter = 200; ... }
//   message Parameter { string variable_name = 1; Shape shape = 20; repeated float data = 100; bool
//   need_grad = 101; } message Shape { repeated int64 dim = 1; }
//
// by hand: the elements stay where they are, and no size is believed before it has been checked.
//
//===----------------------------------------------------------------------===//

#include "Parameters.h"
#include "llvm/ADT/bit.h"
#include "llvm/Support/DataExtractor.h"
#include "llvm/Support/Endian.h"

using namespace fpw;
using namespace fpw::nnp;
using llvm::createStringError;
using llvm::DataExtractor;

namespace {
enum WireType : uint8_t { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };

/// One field of a message.
struct Field {
  uint64_t number;
  uint8_t type;
  /// The value of a varint.
  uint64_t value = 0;
  /// The content of any other field.
  StringRef bytes;

  bool is(uint64_t otherNumber, uint8_t otherType) const {
    return number == otherNumber && type == otherType;
  }
};
} // namespace

static Error readField(DataExtractor &data, DataExtractor::Cursor &cursor, Field &field) {
  uint64_t tag = data.getULEB128(cursor);
  field.number = tag >> 3;
  field.type = tag & 7;
  switch (field.type) {
  case kVarint:
    field.value = data.getULEB128(cursor);
    break;
  case kFixed64:
    field.bytes = data.getBytes(cursor, 8);
    break;
  case kFixed32:
    field.bytes = data.getBytes(cursor, 4);
    break;
  case kBytes:
    field.bytes = data.getBytes(cursor, data.getULEB128(cursor));
    break;
  default: // groups, which protobuf has given up
    return createStringError("expected a varint, bytes, or a fixed number but got wire type " +
                             Twine(tag & 7));
  }
  return Error::success();
}

/// Calls `visit` for each field of a message.
static Error visitFields(StringRef message, function_ref<Error(const Field &)> visit) {
  DataExtractor data(message, /*IsLittleEndian=*/true, /*AddressSize=*/8);
  DataExtractor::Cursor cursor(0);
  while (cursor && cursor.tell() < message.size()) {
    Field field{};
    if (Error error = readField(data, cursor, field))
      return llvm::joinErrors(std::move(error), cursor.takeError());
    if (!cursor)
      break;
    if (Error error = visit(field))
      return llvm::joinErrors(std::move(error), cursor.takeError());
  }
  return cursor.takeError();
}

/// Calls `visit` for each run of elements: a packed field holds many, any other one.
static Error visitElements(StringRef parameter, function_ref<void(StringRef)> visit) {
  return visitFields(parameter, [&](const Field &field) -> Error {
    if (field.is(100, kBytes) || field.is(100, kFixed32))
      visit(field.bytes);
    return Error::success();
  });
}

static void copyElements(StringRef parameter, MutableArrayRef<float> elements) {
  float *next = elements.begin();
  llvm::cantFail(visitElements(parameter, [&](StringRef run) {
    if constexpr (llvm::endianness::native == llvm::endianness::little) {
      std::memcpy(next, run.data(), run.size());
      next += run.size() / sizeof(float);
    } else {
      for (; !run.empty(); run = run.drop_front(sizeof(float)))
        *next++ = llvm::bit_cast<float>(llvm::support::endian::read32le(run.data()));
    }
  }));
}

static Expected<SmallVector<int64_t>> readShape(StringRef message) {
  SmallVector<int64_t> shape;
  Error error = visitFields(message, [&](const Field &field) -> Error {
    if (field.is(1, kVarint)) {
      shape.push_back(static_cast<int64_t>(field.value));
      return Error::success();
    }
    if (!field.is(1, kBytes))
      return createStringError("unknown field " + Twine(field.number) + " in a shape");
    DataExtractor sizes(field.bytes, /*IsLittleEndian=*/true, /*AddressSize=*/8);
    DataExtractor::Cursor cursor(0);
    while (cursor && cursor.tell() < field.bytes.size())
      shape.push_back(static_cast<int64_t>(sizes.getULEB128(cursor)));
    return cursor.takeError();
  });
  if (error)
    return std::move(error);
  return shape;
}

static Error readParameter(StringRef message, ParameterTable &table) {
  std::string name;
  Parameter parameter;
  uint64_t bytes = 0;
  Error error = visitFields(message, [&](const Field &field) -> Error {
    if (field.is(1, kBytes)) {
      name = field.bytes.str();
    } else if (field.is(20, kBytes)) {
      Expected<SmallVector<int64_t>> shape = readShape(field.bytes);
      if (!shape)
        return shape.takeError();
      parameter.shape = std::move(*shape);
    } else if (field.is(100, kBytes) || field.is(100, kFixed32)) {
      if (field.bytes.size() % sizeof(float))
        return createStringError("parameter '" + name + "': expected whole f32 elements but got " +
                                 Twine(field.bytes.size()) + " bytes");
      bytes += field.bytes.size();
    } else if (!field.is(101, kVarint)) {
      return createStringError("parameter '" + name + "': unknown field " + Twine(field.number));
    }
    return Error::success();
  });
  if (error)
    return error;
  parameter.read = [message](MutableArrayRef<float> elements) { copyElements(message, elements); };
  return table.add(name, std::move(parameter), bytes / sizeof(float));
}

Error nnp::readProtobufParameters(StringRef bytes, ParameterTable &table) {
  return visitFields(bytes, [&](const Field &field) -> Error {
    if (field.is(200, kBytes))
      return readParameter(field.bytes, table);
    // The numbers of function parameters differ between versions of nnabla: only text is
    // unambiguous.
    if (field.number == 100)
      return createStringError("a network in binary form depends on the version of nnabla; "
                               "save it as .nnp or .nntxt");
    return Error::success();
  });
}

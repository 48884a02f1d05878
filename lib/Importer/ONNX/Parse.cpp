//===- Parse.cpp - The parts of a file, checked against limits -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Parse.h"
#include <google/protobuf/descriptor.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>

using namespace fpw;
using namespace fpw::onnx;
using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::internal::WireFormatLite;
using google::protobuf::io::CodedInputStream;
using llvm::createStringError;

namespace {
/// Counts the messages and texts of a file before memory is taken for them: parsed, they are many
/// times larger than in the file.
class MessageCounter {
public:
  MessageCounter(StringRef bytes, uint64_t limit)
      : stream(reinterpret_cast<const uint8_t *>(bytes.data()), int(bytes.size())), limit(limit) {}

  /// False if the file is damaged, nested too deep or has too many messages.
  bool visit(const Descriptor *type, unsigned depth = 0) {
    constexpr unsigned maxDepth = 64;
    if (depth > maxDepth)
      return false;
    while (uint32_t tag = stream.ReadTag()) {
      const FieldDescriptor *field =
          type->FindFieldByNumber(WireFormatLite::GetTagFieldNumber(tag));
      bool isMessage =
          field && field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE &&
          WireFormatLite::GetTagWireType(tag) == WireFormatLite::WIRETYPE_LENGTH_DELIMITED;
      bool isText = field && field->cpp_type() == FieldDescriptor::CPPTYPE_STRING;
      count += isMessage || isText;
      if (count > limit)
        return false;
      if (isMessage ? !enter(field->message_type(), depth)
                    : !WireFormatLite::SkipField(&stream, tag))
        return false;
    }
    return stream.ConsumedEntireMessage();
  }

  bool hasTooMany() const { return count > limit; }

private:
  bool enter(const Descriptor *type, unsigned depth) {
    int length;
    if (!stream.ReadVarintSizeAsInt(&length))
      return false;
    CodedInputStream::Limit end = stream.PushLimit(length);
    if (!visit(type, depth + 1))
      return false;
    stream.PopLimit(end);
    return true;
  }

  CodedInputStream stream;
  uint64_t limit, count = 0;
};
} // namespace

Expected<std::unique_ptr<ModelProto>> onnx::parseModel(StringRef bytes, const ONNXLimits &limits) {
  if (bytes.size() > size_t(INT_MAX))
    return createStringError("expected a file of at most 2 GiB, with larger data beside it");
  MessageCounter counter(bytes, limits.maxMessages);
  if (!counter.visit(ModelProto::descriptor())) {
    if (counter.hasTooMany())
      return createStringError("expected a file of at most " + Twine(limits.maxMessages) +
                               " messages");
    return createStringError("expected an ONNX model but the file is damaged");
  }
  auto model = std::make_unique<ModelProto>();
  if (!model->ParseFromArray(bytes.data(), int(bytes.size())))
    return createStringError("expected an ONNX model but the file is damaged");
  return model;
}

//===- Description.cpp - A parsed .nntxt file -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Description.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSwitch.h"
#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

using namespace fpw;
using namespace fpw::nnp;
using google::protobuf::Message;
using google::protobuf::TextFormat;

//===----------------------------------------------------------------------===//
// What the parser reports
//===----------------------------------------------------------------------===//

/// Sections that serve training. They are skipped whatever they hold.
static bool isSkippedSection(StringRef warning) {
  StringRef name = warning;
  if (!name.consume_front("Message type \"fpw.nnp.proto.Description\" has no field named \"") ||
      !name.consume_back("\"."))
    return false;
  return llvm::StringSwitch<bool>(name)
      .Cases({"global_config", "training_config", "dataset", "optimizer", "monitor"}, true)
      .Default(false);
}

/// Keeps the first error and the unknown fields, which protobuf reports as warnings.
class Description::Collector : public google::protobuf::io::ErrorCollector {
public:
  void AddError(int line, int column, const std::string &message) override {
    if (!error)
      error = {makePosition(line, column), message};
  }
  void AddWarning(int line, int column, const std::string &message) override {
    constexpr size_t maxUnknown = 100; // more than anybody reads
    if (!isSkippedSection(message) && unknownFields.size() < maxUnknown)
      unknownFields.push_back({makePosition(line, column), message});
  }

  static Position makePosition(int line, int column) {
    return {unsigned(line + 1), unsigned(column + 1)};
  }

  std::optional<UnknownField> error;
  std::vector<UnknownField> unknownFields;
};

/// A message in words of this project: begins in lower case, ends without a full stop.
static std::string restyle(StringRef message) {
  std::string text = message.rtrim('.').str();
  if (text.size() > 1 && llvm::isUpper(text[0]) && !llvm::isUpper(text[1]))
    text[0] = llvm::toLower(text[0]);
  size_t package = text.find("fpw.nnp.proto.");
  if (package != std::string::npos)
    text.erase(package, StringRef("fpw.nnp.proto.").size());
  return text;
}

//===----------------------------------------------------------------------===//
// Parsing
//===----------------------------------------------------------------------===//

/// How many messages a text has at most: the opening brackets outside of strings and comments. A
/// parsed message is many times larger than its text, so this bounds the memory.
static uint64_t countMessages(StringRef text) {
  uint64_t count = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '{' || c == '<') {
      ++count;
    } else if (c == '#') {
      i = text.find('\n', i);
    } else if (c == '"' || c == '\'') {
      char end[] = {c, '\\', '\n', 0};
      while ((i = text.find_first_of(end, i + 1)) != StringRef::npos && text[i] == '\\')
        ++i;
    }
    if (i >= text.size())
      break;
  }
  return count;
}

static bool isWithinLimits(StringRef text, const NNPLimits &limits,
                           Description::ErrorReporter reportError) {
  uint64_t maxBytes = std::min<uint64_t>(limits.maxTextBytes, INT_MAX);
  if (text.size() > maxBytes) {
    reportError({}, "expected a description of at most " + Twine(maxBytes) + " bytes but got " +
                        Twine(text.size()));
    return false;
  }
  if (uint64_t count = countMessages(text); count > limits.maxMessages) {
    reportError({}, "expected a description of at most " + Twine(limits.maxMessages) +
                        " messages but got " + Twine(count));
    return false;
  }
  return true;
}

std::unique_ptr<Description> Description::parse(StringRef text, const NNPLimits &limits,
                                                ErrorReporter reportError) {
  if (!isWithinLimits(text, limits, reportError))
    return nullptr;
  auto description = std::make_unique<Description>();
  Collector collector;
  InfoTree tree;
  TextFormat::Parser parser;
  parser.RecordErrorsTo(&collector);
  parser.WriteLocationsTo(&tree);
  parser.AllowUnknownField(true);
  parser.SetRecursionLimit(32);
  google::protobuf::io::ArrayInputStream stream(text.data(), int(text.size()));
  if (!parser.Parse(&stream, &description->proto)) {
    UnknownField error = collector.error.value_or(UnknownField{{}, "cannot parse the description"});
    reportError(error.position, restyle(error.message));
    return nullptr;
  }
  description->recordRanges(tree);
  for (UnknownField &field : collector.unknownFields) {
    const Message *owner = description->findInnermost(field.position);
    field.message = restyle(field.message);
    description->unknownFields.try_emplace(owner, std::move(field));
  }
  return description;
}

//===----------------------------------------------------------------------===//
// Places
//===----------------------------------------------------------------------===//

void Description::recordRanges(const InfoTree &tree) {
  ranges.push_back({&proto, {0, 0}, {~0u, ~0u}});
  recordField(proto, &tree, "parameter");
  recordField(proto, &tree, "executor");
  bool hasPlaces = recordField(proto, &tree, "network");
  const auto *networkField = proto.GetDescriptor()->FindFieldByName("network");
  for (int i = 0; i < proto.network_size(); ++i) {
    const InfoTree *networkTree = hasPlaces ? tree.GetTreeForNested(networkField, i) : nullptr;
    recordField(proto.network(i), networkTree, "variable");
    recordField(proto.network(i), networkTree, "function");
  }
}

bool Description::recordField(const Message &parent, const InfoTree *tree, StringRef name) {
  const auto *field = parent.GetDescriptor()->FindFieldByName(name.str());
  const auto *reflection = parent.GetReflection();
  int count = reflection->FieldSize(parent, field);
  // A list in brackets has one place for all of its elements. Then the places do not belong to the
  // elements of the same index, and all of them get the place of their parent.
  bool hasPlaces = tree && count && tree->GetLocationRange(field, count - 1).start.line >= 0;
  for (int i = 0; i < count; ++i) {
    const Message &message = reflection->GetRepeatedMessage(parent, field, i);
    if (!hasPlaces) {
      positions[&message] = positions.lookup(&parent);
      continue;
    }
    auto [begin, end] = tree->GetLocationRange(field, i);
    positions[&message] = Collector::makePosition(begin.line, begin.column);
    ranges.push_back({&message, Collector::makePosition(begin.line, begin.column),
                      Collector::makePosition(end.line, end.column)});
  }
  return hasPlaces;
}

const Message *Description::findInnermost(Position position) const {
  auto contains = [&](const Range &range) {
    return !(position < range.begin) && !(range.end < position);
  };
  return llvm::find_if(llvm::reverse(ranges), contains)->message;
}

Position Description::getPosition(const Message &message) const {
  return positions.lookup(&message);
}

const UnknownField *Description::findUnknownField(const Message &message) const {
  auto it = unknownFields.find(&message);
  return it == unknownFields.end() ? nullptr : &it->second;
}

//===----------------------------------------------------------------------===//
// Parameters
//===----------------------------------------------------------------------===//

Error Description::readParameters(ParameterTable &table) const {
  for (const proto::Parameter &parameter : proto.parameter()) {
    Parameter entry;
    llvm::append_range(entry.shape, parameter.shape().dim());
    entry.read = [&parameter](MutableArrayRef<float> elements) {
      llvm::copy(parameter.data(), elements.begin());
    };
    if (Error error = table.add(parameter.variable_name(), std::move(entry), parameter.data_size()))
      return error;
  }
  return Error::success();
}

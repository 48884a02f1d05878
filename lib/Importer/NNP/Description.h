//===- Description.h - A parsed .nntxt file -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_LIB_IMPORTER_NNP_DESCRIPTION_H
#define FPW_LIB_IMPORTER_NNP_DESCRIPTION_H

#include "Parameters.h"
#include "fpw/Importer/NNP.h"
#include "nnp.pb.h"
#include "llvm/ADT/DenseMap.h"
#include <google/protobuf/text_format.h>
#include <memory>
#include <tuple>

namespace fpw::nnp {

/// A place in a text. Lines and columns count from 1; 0 stands for the text as a whole.
struct Position {
  unsigned line = 0;
  unsigned column = 0;

  bool operator<(Position other) const {
    return std::tie(line, column) < std::tie(other.line, other.column);
  }
};

/// A field that the schema does not know.
struct UnknownField {
  Position position;
  std::string message;
};

/// A parsed description, with the place of each network, function, variable, executor and
/// parameter.
class Description {
public:
  using ErrorReporter = function_ref<void(Position, const Twine &)>;

  /// Null after an error, which has been reported.
  static std::unique_ptr<Description> parse(StringRef text, const NNPLimits &limits,
                                            ErrorReporter reportError);

  const proto::Description &getProto() const { return proto; }
  Position getPosition(const google::protobuf::Message &message) const;
  /// An unknown field in a message, which is the innermost of those with a place; null if there is
  /// none.
  const UnknownField *findUnknownField(const google::protobuf::Message &message) const;

  /// Adds the parameters that stand in the description itself. They refer to it.
  Error readParameters(ParameterTable &table) const;

private:
  struct Range {
    const google::protobuf::Message *message;
    Position begin, end;
  };

  using InfoTree = google::protobuf::TextFormat::ParseInfoTree;
  class Collector;

  void recordRanges(const InfoTree &tree);
  /// Records the places of the messages in a repeated field, if they are known.
  bool recordField(const google::protobuf::Message &parent, const InfoTree *tree, StringRef field);
  const google::protobuf::Message *findInnermost(Position position) const;

  proto::Description proto;
  /// Each range before the ranges inside it.
  std::vector<Range> ranges;
  DenseMap<const google::protobuf::Message *, Position> positions;
  DenseMap<const google::protobuf::Message *, UnknownField> unknownFields;
};

} // namespace fpw::nnp

#endif // FPW_LIB_IMPORTER_NNP_DESCRIPTION_H

//===- GraphBuilder.h - Builds a graph of ONNX -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_LIB_EXPORTER_ONNX_GRAPHBUILDER_H
#define FPW_LIB_EXPORTER_ONNX_GRAPHBUILDER_H

#include "fpw/Support/LLVM.h"
#include "onnx.pb.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"
#include <map>
#include <string>

namespace fpw::onnx {

/// The version of ONNX's operators that is written: the first with codes of 4 and of 16 bits.
inline constexpr int64_t kOpset = 21;
/// The version of the format that belongs to it.
inline constexpr int64_t kFormatVersion = 10;

/// A node while attributes are added to it. It stands for the name of its first output.
class Node {
public:
  explicit Node(NodeProto &proto) : proto(proto) {}

  Node &integer(StringRef name, int64_t value);
  Node &integers(StringRef name, ArrayRef<int64_t> values);
  Node &number(StringRef name, float value);
  Node &text(StringRef name, StringRef value);

  const std::string &output(unsigned i = 0) const { return proto.output(i); }
  operator const std::string &() const { return output(); }

private:
  AttributeProto &add(StringRef name, AttributeProto::AttributeType type);

  NodeProto &proto;
};

/// Adds nodes and initialisers to a graph. Tensors are called by their names, which it makes up.
class GraphBuilder {
public:
  explicit GraphBuilder(GraphProto &graph) : graph(graph) {}

  /// A name that nobody has yet: the wanted one, perhaps with a number.
  std::string claim(StringRef wanted);
  /// What the names of the nodes to come begin with.
  void setScope(StringRef name) { scope = name.str(); }

  Node node(StringRef type, ArrayRef<std::string> inputs, unsigned numOutputs = 1);
  /// A tensor of `bytes`.
  std::string tensor(StringRef name, TensorProto::DataType type, ArrayRef<int64_t> shape,
                     std::string bytes);
  std::string floats(StringRef name, ArrayRef<int64_t> shape, ArrayRef<float> values);
  /// A number, and a list of integers; equal ones are stored once.
  std::string number(float value);
  std::string integers(ArrayRef<int64_t> values);

  // What many ops need:
  std::string reshape(const std::string &x, ArrayRef<int64_t> shape);
  /// Dimension i of the result is dimension order[i].
  std::string transpose(const std::string &x, ArrayRef<int64_t> order);
  /// A function of f32 from a function of bool: 1 for true.
  std::string toFloat(const std::string &x);

private:
  GraphProto &graph;
  llvm::StringSet<> names;
  llvm::StringMap<unsigned> nextNumber;
  std::string scope;
  std::map<uint32_t, std::string> numbers;
  std::map<std::vector<int64_t>, std::string> lists;
};

} // namespace fpw::onnx

#endif // FPW_LIB_EXPORTER_ONNX_GRAPHBUILDER_H

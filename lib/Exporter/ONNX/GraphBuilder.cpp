//===- GraphBuilder.cpp - Builds a graph of ONNX -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "GraphBuilder.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/bit.h"

using namespace fpw;
using namespace fpw::onnx;

//===----------------------------------------------------------------------===//
// Nodes
//===----------------------------------------------------------------------===//

AttributeProto &Node::add(StringRef name, AttributeProto::AttributeType type) {
  AttributeProto &attribute = *proto.add_attribute();
  attribute.set_name(name.str());
  attribute.set_type(type);
  return attribute;
}

Node &Node::integer(StringRef name, int64_t value) {
  add(name, AttributeProto::INT).set_i(value);
  return *this;
}

Node &Node::integers(StringRef name, ArrayRef<int64_t> values) {
  AttributeProto &attribute = add(name, AttributeProto::INTS);
  attribute.mutable_ints()->Add(values.begin(), values.end());
  return *this;
}

Node &Node::number(StringRef name, float value) {
  add(name, AttributeProto::FLOAT).set_f(value);
  return *this;
}

Node &Node::text(StringRef name, StringRef value) {
  add(name, AttributeProto::STRING).set_s(value.str());
  return *this;
}

std::string GraphBuilder::claim(StringRef wanted) {
  std::string name = wanted.str();
  while (!names.insert(name).second)
    name = wanted.str() + "_" + std::to_string(++nextNumber[wanted]);
  return name;
}

Node GraphBuilder::node(StringRef type, ArrayRef<std::string> inputs, unsigned numOutputs) {
  NodeProto &node = *graph.add_node();
  node.set_op_type(type.str());
  for (const std::string &input : inputs)
    node.add_input(input);
  // Nodes have names of their own; here they are called after their first output.
  for (unsigned i = 0; i < numOutputs; ++i)
    node.add_output(claim(scope));
  node.set_name(node.output(0));
  return Node(node);
}

//===----------------------------------------------------------------------===//
// Initialisers
//===----------------------------------------------------------------------===//

std::string GraphBuilder::tensor(StringRef name, TensorProto::DataType type,
                                 ArrayRef<int64_t> shape, std::string bytes) {
  TensorProto &tensor = *graph.add_initializer();
  tensor.set_name(claim(name));
  tensor.set_data_type(type);
  tensor.mutable_dims()->Add(shape.begin(), shape.end());
  tensor.set_raw_data(std::move(bytes));
  return tensor.name();
}

template <typename T> static std::string toBytes(ArrayRef<T> values) {
  return std::string(reinterpret_cast<const char *>(values.data()), values.size() * sizeof(T));
}

std::string GraphBuilder::floats(StringRef name, ArrayRef<int64_t> shape, ArrayRef<float> values) {
  return tensor(name, TensorProto::FLOAT, shape, toBytes(values));
}

std::string GraphBuilder::number(float value) {
  std::string &name = numbers[llvm::bit_cast<uint32_t>(value)];
  if (name.empty())
    name = floats("number", {}, value);
  return name;
}

std::string GraphBuilder::integers(ArrayRef<int64_t> values) {
  std::string &name = lists[values.vec()];
  if (name.empty())
    name = tensor("sizes", TensorProto::INT64, int64_t(values.size()), toBytes(values));
  return name;
}

//===----------------------------------------------------------------------===//
// What many ops need
//===----------------------------------------------------------------------===//

std::string GraphBuilder::reshape(const std::string &x, ArrayRef<int64_t> shape) {
  Node result = node("Reshape", {x, integers(shape)});
  if (llvm::is_contained(shape, 0)) // else a 0 stands for the size before
    result.integer("allowzero", 1);
  return result;
}

std::string GraphBuilder::transpose(const std::string &x, ArrayRef<int64_t> order) {
  return node("Transpose", x).integers("perm", order);
}

std::string GraphBuilder::toFloat(const std::string &x) {
  return node("Cast", x).integer("to", TensorProto::FLOAT);
}

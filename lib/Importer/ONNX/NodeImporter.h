//===- NodeImporter.h - From a node of a graph to nn ops -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_LIB_IMPORTER_ONNX_NODEIMPORTER_H
#define FPW_LIB_IMPORTER_ONNX_NODEIMPORTER_H

#include "NNBuilder.h"
#include "OperatorTable.h"
#include "TensorData.h"
#include "fpw/Importer/ONNX.h"
#include "llvm/ADT/SmallPtrSet.h"

namespace fpw::onnx {

/// The integers of a dequantized constant: element `i` is `codes[i]` times its step.
struct QuantizedTensor {
  std::vector<int64_t> codes;
  std::vector<float> steps; ///< one, or one per index of `axis`
  int64_t axis = 0;
};

/// A tensor of a graph.
struct GraphTensor {
  std::string name;
  ElementType type = TensorProto::FLOAT;
  /// Its elements as f32. Of a constant, once an op needs them.
  Value value;
  /// What it is, if that is known at import.
  ConstantRef constant;
  /// What it is dequantized from, if that is known.
  std::shared_ptr<const QuantizedTensor> quantized;
  /// Integers: the range that they lie in. Within 2^24 f32 holds them exactly.
  double least = -std::numeric_limits<double>::infinity();
  double most = std::numeric_limits<double>::infinity();
  /// How many nodes and outputs use it.
  unsigned uses = 0;

  bool isExact() const;
  static GraphTensor makeKnown(Constant constant);
};

/// What all nodes of a model share.
struct ImportState {
  NNBuilder &builder;
  const TensorReader &reader;
  const ONNXLimits &limits;
  uint64_t computedBytes = 0;
};

/// A node while its ops are built.
class NodeImporter {
public:
  NodeImporter(const NodeProto &node, int64_t opset, ArrayRef<GraphTensor *> inputs,
               ImportState &state)
      : node(node), opset(opset), inputs(inputs), state(state), b(state.builder) {}

  LogicalResult import(const OperatorRule &rule);
  std::vector<GraphTensor> &getResults() { return results; }

  // For the rules:
  const NodeProto &getNode() const { return node; }
  int64_t getOpset() const { return opset; }
  NNBuilder &getBuilder() { return b; }
  const TensorReader &getReader() const { return state.reader; }
  /// A note with the node's name and operator follows. The import of the node has failed then.
  InFlightDiagnostic emitError() const;

  // Attributes. One of a wrong type is an error, and so is one that nobody asks for.
  int64_t getInt(StringRef name, int64_t defaultValue);
  float getFloat(StringRef name, float defaultValue);
  StringRef getString(StringRef name, StringRef defaultValue);
  std::optional<SmallVector<int64_t>> getInts(StringRef name);
  std::optional<std::vector<float>> getFloats(StringRef name);
  const TensorProto *getTensor(StringRef name);
  bool hasAttribute(StringRef name) const;
  /// Attributes that do not matter here.
  void ignore(ArrayRef<StringRef> names);
  /// Fails unless a string attribute has this value.
  LogicalResult expectString(StringRef name, StringRef defaultValue, StringRef expected);

  // Inputs.
  size_t getNumInputs() const { return inputs.size(); }
  bool hasInput(size_t i) const { return i < inputs.size() && inputs[i]; }
  const GraphTensor &getInput(size_t i) const { return *inputs[i]; }
  /// An input of floats; null after a diagnostic.
  Value getFloatInput(size_t i);
  /// An input of any type, as f32; null after a diagnostic.
  Value getAnyInput(size_t i);
  /// The shape of an input, as the dialect writes it.
  SmallVector<int64_t> getShape(size_t i) const;
  /// An input of floats, in another static shape.
  Value getReshapedInput(size_t i, ArrayRef<int64_t> shape);
  /// What an input is, or null if that is not known at import.
  const Constant *getConstant(size_t i) const {
    return hasInput(i) ? inputs[i]->constant.get() : nullptr;
  }
  /// The integers of an input that has to be known at import.
  FailureOr<SmallVector<int64_t>> getIntegers(size_t i, StringRef what);
  FailureOr<std::vector<float>> getKnownFloats(size_t i, StringRef what);
  /// Integers that were an attribute before an opset, and an input from then on; nothing if absent.
  FailureOr<std::optional<SmallVector<int64_t>>> getIntsOrInput(StringRef name, size_t i,
                                                                int64_t inputSince);
  /// Whether the inputs from `first` on have one type; an error if not.
  LogicalResult checkSameType(size_t first = 0) const;
  FailureOr<int64_t> normalizeAxis(int64_t axis, int64_t rank);
  FailureOr<SmallVector<int64_t>> normalizeAxes(ArrayRef<int64_t> axes, int64_t rank);

  // Results.
  size_t getNumOutputs() const { return node.output_size(); }
  /// Whether somebody may use an output.
  bool wantsOutput(int i) const { return i < node.output_size() && !node.output(i).empty(); }
  LogicalResult addFloats(Value value);
  /// Adds a result of the type and range of an input.
  LogicalResult addLike(const GraphTensor &tensor, Value value);
  LogicalResult addTruth(Value value);
  LogicalResult addIntegers(Value value, ElementType type, double least, double most);
  LogicalResult addConstant(Constant constant);
  LogicalResult addQuantized(Constant constant, QuantizedTensor quantized);
  /// Whether so many elements may be computed at import; an error if not.
  bool mayCompute(int64_t elements);

private:
  const AttributeProto *find(StringRef name, AttributeProto::AttributeType type);
  LogicalResult checkInputs(const OperatorRule &rule) const;
  LogicalResult checkAttributes() const;
  bool allInputsAreKnown() const;

  const NodeProto &node;
  int64_t opset;
  SmallVector<GraphTensor *> inputs;
  ImportState &state;
  NNBuilder &b;
  std::vector<GraphTensor> results;
  llvm::SmallPtrSet<const AttributeProto *, 8> readAttributes;
  mutable bool hasFailed = false;
};

/// A node in words: its name and operator.
std::string describe(const NodeProto &node);

} // namespace fpw::onnx

#endif // FPW_LIB_IMPORTER_ONNX_NODEIMPORTER_H

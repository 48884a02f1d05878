//===- ExportONNX.cpp - Writes networks as ONNX models -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "OpExporter.h"
#include "fpw/Exporter/ONNX.h"
#include "fpw/Importer/Model.h"
#include "fpw/Support/Version.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include <google/protobuf/io/coded_stream.h>

using namespace mlir;
using namespace fpw;
using namespace fpw::onnx;

/// The name of the source for an argument or a result.
static StringRef nameOf(DictionaryAttr attributes, StringRef otherwise) {
  auto name = attributes ? attributes.getAs<StringAttr>(nn::kNameAttr) : StringAttr();
  return name && !name.empty() ? name.getValue() : otherwise;
}

static void describe(ValueInfoProto &info, const std::string &name, Type type) {
  info.set_name(name);
  TypeProto::Tensor &tensor = *info.mutable_type()->mutable_tensor_type();
  tensor.set_elem_type(getDataType(cast<RankedTensorType>(type).getElementType()));
  TensorShapeProto &shape = *tensor.mutable_shape();
  for (int64_t size : cast<RankedTensorType>(type).getShape()) {
    TensorShapeProto::Dimension &dim = *shape.add_dim();
    if (ShapedType::isDynamic(size))
      dim.set_dim_param("batch");
    else
      dim.set_dim_value(size);
  }
}

/// The results get the names of the outputs.
static void exportOutputs(OpExporter &exporter, func::FuncOp network, GraphProto &graph,
                          ArrayRef<std::string> names) {
  Operation *terminator = network.getBody().front().getTerminator();
  for (auto [i, value] : llvm::enumerate(terminator->getOperands())) {
    NodeProto &node = *graph.add_node();
    node.set_op_type("Identity");
    node.add_input(exporter.get(value));
    node.add_output(names[i]);
    node.set_name(names[i]);
    describe(*graph.add_output(), names[i], value.getType());
  }
}

/// A tensor that only becomes an output is called like the output from the beginning.
static void removeIdentities(GraphProto &graph, ArrayRef<std::string> outputs) {
  llvm::StringMap<NodeProto *> makers;
  llvm::StringMap<unsigned> uses;
  for (NodeProto &node : *graph.mutable_node()) {
    for (const std::string &output : node.output())
      makers[output] = &node;
    for (const std::string &input : node.input())
      ++uses[input];
  }
  auto isOutput = [&](StringRef name) { return llvm::is_contained(outputs, name); };
  auto &nodes = *graph.mutable_node();
  nodes.erase(std::remove_if(nodes.begin(), nodes.end(),
                             [&](NodeProto &node) {
                               if (!isOutput(node.output(0)) || isOutput(node.input(0)))
                                 return false;
                               NodeProto *maker = makers.lookup(node.input(0));
                               if (!maker || uses[node.input(0)] > 1)
                                 return false;
                               for (std::string &output : *maker->mutable_output())
                                 if (output == node.input(0))
                                   output = node.output(0);
                               return true;
                             }),
              nodes.end());
}

static LogicalResult exportNetwork(func::FuncOp network, WeightForm weights, GraphProto &graph) {
  OpExporter exporter(graph, weights);
  graph.set_name(network.getName().str());
  for (auto [i, argument] : llvm::enumerate(network.getArguments())) {
    std::string name = exporter.graph.claim(nameOf(network.getArgAttrDict(i), "x"));
    exporter.set(argument, name);
    describe(*graph.add_input(), name, argument.getType());
  }
  SmallVector<std::string> outputs;
  for (unsigned i = 0; i < network.getNumResults(); ++i)
    outputs.push_back(exporter.graph.claim(nameOf(network.getResultAttrDict(i), "y")));
  for (Operation &op : network.getBody().front().without_terminator())
    if (failed(exporter.exportOp(&op)))
      return failure();
  exportOutputs(exporter, network, graph, outputs);
  removeIdentities(graph, outputs);
  return success();
}

LogicalResult fpw::exportONNX(ModuleOp module, WeightForm weights, raw_ostream &os) {
  FailureOr<func::FuncOp> network = getNetwork(module);
  if (failed(network))
    return failure();
  ModelProto model;
  model.set_ir_version(kFormatVersion);
  model.set_producer_name("fpw");
  model.set_producer_version(getVersion().str());
  OperatorSetIdProto &operators = *model.add_opset_import();
  operators.set_domain("");
  operators.set_version(kOpset);
  if (failed(exportNetwork(*network, weights, *model.mutable_graph())))
    return failure();
  constexpr size_t limit = std::numeric_limits<int32_t>::max();
  if (model.ByteSizeLong() > limit)
    return network->emitError("expected a network of at most 2 GiB, which is what a file of "
                              "ONNX can hold, but got ")
           << model.ByteSizeLong() << " bytes";
  os << model.SerializeAsString();
  return success();
}

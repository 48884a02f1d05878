//===- ExportNNP.cpp - Writes networks as .nnp files of nnabla -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ArchiveWriter.h"
#include "NetworkExporter.h"
#include "fpw/Exporter/NNP.h"
#include "fpw/Importer/Model.h"
#include <google/protobuf/text_format.h>

using namespace mlir;
using namespace fpw;
using namespace fpw::nnp;

LogicalResult fpw::exportNNP(ModuleOp module, WeightForm weights, raw_ostream &os) {
  FailureOr<func::FuncOp> func = getNetwork(module);
  if (failed(func))
    return failure();
  proto::Description description;
  binary::Parameters parameters;
  if (failed(NetworkExporter(*func, weights, description, parameters).run()))
    return failure();
  constexpr size_t limit = std::numeric_limits<int32_t>::max();
  if (parameters.ByteSizeLong() > limit)
    return func->emitError("expected parameters of at most 2 GiB, which is what a file of "
                           "protobuf can hold, but got ")
           << parameters.ByteSizeLong() << " bytes";
  std::string text;
  google::protobuf::TextFormat::PrintToString(description, &text);
  std::string data = parameters.SerializeAsString();
  Member members[] = {
      {"nnp_version.txt", "0.1\n"}, {"network.nntxt", text}, {"parameter.protobuf", data}};
  if (Error error = writeArchive(members, os))
    return func->emitError(llvm::toString(std::move(error)));
  return success();
}

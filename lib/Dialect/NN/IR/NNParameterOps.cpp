//===- NNParameterOps.cpp - Trained tensors -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "fpw/Dialect/NN/IR/NN.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "mlir/IR/OpImplementation.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace fpw::nn;

#define GET_OP_CLASSES
#include "fpw/Dialect/NN/IR/NNParameterOps.cpp.inc"

/// The bytes behind a dense attribute, or nothing if they are missing.
static std::optional<ArrayRef<char>> getBytes(ElementsAttr value) {
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(value)) {
    AsmResourceBlob *blob = resource.getRawHandle().getBlob();
    if (!blob)
      return std::nullopt;
    return blob->getData();
  }
  if (auto dense = dyn_cast<DenseElementsAttr>(value))
    return dense.getRawData();
  return std::nullopt;
}

ArrayRef<char> ParameterOp::getRawData() {
  std::optional<ArrayRef<char>> bytes = getBytes(getValue());
  assert(bytes && "the verifier admits only values with data");
  return *bytes;
}

bool ParameterOp::isSplat() {
  auto dense = dyn_cast<DenseElementsAttr>(getValue());
  return dense && dense.isSplat();
}

LogicalResult ParameterOp::verify() {
  auto type = cast<RankedTensorType>(getType());
  if (!type.hasStaticShape())
    return emitOpError("expected a static shape but got ") << type << " (C2)";
  if (getName().empty())
    return emitOpError("expected a name (C3)");
  constexpr int64_t kLargestSplat = int64_t(1) << 26;
  if (isSplat() && type.getNumElements() > kLargestSplat)
    return emitOpError("expected a splat of at most ")
           << kLargestSplat << " elements but got " << type << " (C4)";
  if (isa<DenseElementsAttr>(getValue()))
    return success();
  std::optional<ArrayRef<char>> bytes = getBytes(getValue());
  if (!bytes)
    return emitOpError("expected parameter '")
           << getName() << "' to have data but its value is " << getValue() << " (C2)";
  int64_t elementSize = type.getElementTypeBitWidth() / 8;
  int64_t expected = type.getNumElements() * elementSize;
  if (int64_t(bytes->size()) != expected)
    return emitOpError("expected parameter '") << getName() << "' to have " << expected
                                               << " bytes but got " << bytes->size() << " (C2)";
  auto resource = cast<DenseResourceElementsAttr>(getValue());
  size_t alignment = resource.getRawHandle().getBlob()->getDataAlignment();
  if (alignment % elementSize != 0)
    return emitOpError("expected the data of parameter '")
           << getName() << "' to be aligned to " << elementSize << " bytes but got " << alignment
           << " (C2)";
  return success();
}

/// Names the value after the last part of the parameter's name: %W, %b, %gamma.
void ParameterOp::getAsmResultNames(OpAsmSetValueNameFn setName) {
  StringRef name = getName().rsplit('/').second;
  if (name.empty())
    name = getName();
  if (!name.empty() && llvm::all_of(name, [](char c) { return llvm::isAlnum(c) || c == '_'; }) &&
      !llvm::isDigit(name.front()))
    setName(getResult(), name);
}

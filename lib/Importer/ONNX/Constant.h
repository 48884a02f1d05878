//===- Constant.h - A tensor that is known at import -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_LIB_IMPORTER_ONNX_CONSTANT_H
#define FPW_LIB_IMPORTER_ONNX_CONSTANT_H

#include "fpw/Support/LLVM.h"
#include "onnx.pb.h"
#include "llvm/Support/Error.h"
#include <memory>
#include <optional>
#include <vector>

namespace fpw::onnx {

using ElementType = TensorProto::DataType;

/// f32, and what is held as f32: f16, bf16 and f64.
bool isFloat(ElementType type);
/// Integers of any size and truth values.
bool isInteger(ElementType type);
/// The name of an element type in messages; for a number that is none, the number.
std::string getName(int type);

/// An integer that is known but for the batch size: `fixed + perBatch * batch`.
struct Number {
  int64_t fixed = 0;
  int64_t perBatch = 0;

  bool isFixed() const { return perBatch == 0; }
  bool operator==(Number other) const { return fixed == other.fixed && perBatch == other.perBatch; }
};

/// A tensor that is known at import: floats, or integers.
struct Constant {
  ElementType type = TensorProto::UNDEFINED;
  SmallVector<int64_t> shape;
  std::vector<float> floats;    ///< of a float type
  std::vector<Number> integers; ///< of any other type

  static Constant makeFloats(ArrayRef<int64_t> shape, std::vector<float> values);
  static Constant makeIntegers(ArrayRef<int64_t> shape, std::vector<Number> values,
                               ElementType type = TensorProto::INT64);

  size_t size() const { return isFloat(type) ? floats.size() : integers.size(); }
  /// The bytes that it takes.
  size_t getBytes() const;
  /// The integers, if none depends on the batch.
  std::optional<SmallVector<int64_t>> getFixedIntegers() const;
  /// The elements as floats; nothing if one is an integer that depends on the batch, or beyond what
  /// f32 holds exactly.
  std::optional<std::vector<float>> getFloats() const;
  /// The constant of this shape whose element `i` is element `indices[i]` of this one.
  Constant pick(ArrayRef<int64_t> shape, ArrayRef<int64_t> indices) const;
};

using ConstantRef = std::shared_ptr<const Constant>;

/// The number of elements of a shape; nothing if a size is negative, the rank above 32 or the
/// number above 2^40.
std::optional<int64_t> countElements(ArrayRef<int64_t> shape);

/// A shape as text, such as 3x1x5, for messages.
std::string printShape(ArrayRef<int64_t> shape);

} // namespace fpw::onnx

#endif // FPW_LIB_IMPORTER_ONNX_CONSTANT_H

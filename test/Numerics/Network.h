//===- Network.h - Networks of a few ops, for tests -------------*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_TEST_NUMERICS_NETWORK_H
#define FPW_TEST_NUMERICS_NETWORK_H

#include "fpw/Execution/CompiledModel.h"
#include "fpw/Support/Npy.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/OwningOpRef.h"
#include <map>
#include <string>

namespace fpw::test {

/// A context with all that networks need.
std::unique_ptr<mlir::MLIRContext> makeContext();

/// Compiles the network of a module and runs it, or ends the test program.
std::unique_ptr<CompiledModel> compile(mlir::ModuleOp module);
std::vector<FloatTensor> run(const CompiledModel &model, ArrayRef<FloatTensor> inputs,
                             unsigned threads = 1);

/// Tensor types as text.
std::string typeOf(ArrayRef<int64_t> shape, StringRef element = "f32");
/// The same with a dynamic first dimension.
std::string batchTypeOf(ArrayRef<int64_t> shape);
/// A list of numbers as text: "[1, 2]".
std::string listOf(ArrayRef<int64_t> values);

/// The text of a network under construction. Values are called by the names that the caller gives.
class Network {
public:
  void addInput(StringRef name, StringRef type);
  void addParameter(StringRef name, FloatTensor values);
  /// Codes of a type such as "si8".
  void addCodes(StringRef name, StringRef element, ArrayRef<int64_t> shape,
                std::vector<int32_t> codes);
  /// Adds `%name = text`, where the text ends in the type of the result: "... -> tensor<?x4xf32>".
  void addOp(StringRef name, StringRef text);
  void addOutput(StringRef name);

  /// The module that all this makes.
  mlir::OwningOpRef<mlir::ModuleOp> build(mlir::MLIRContext *context) const;
  /// Compiles and runs it.
  std::vector<FloatTensor> run(ArrayRef<FloatTensor> inputs) const;
  std::unique_ptr<CompiledModel> compile() const;

private:
  struct Value {
    std::string name, type;
  };
  std::string getText() const;
  std::string typeOfValue(StringRef name) const;

  std::vector<Value> inputs, outputs, values;
  std::string body;
  std::map<std::string, FloatTensor> parameters;
  std::map<std::string, std::vector<int32_t>> codes;
};

/// How a result may differ from the expected one.
struct Tolerance {
  /// Of the largest expected magnitude; 0 asks for the same bits, but for the sign of a zero.
  double relative = 1e-5;
  /// Elements that may be beyond it, and how far.
  size_t exceptions = 0;
  double exceptionLimit = 0;
};

/// Adds a failure to the running test where a result differs.
void expectClose(const FloatTensor &actual, const FloatTensor &expected, Tolerance tolerance,
                 StringRef what);

/// Adds a failure to the running test where a bit differs.
void expectSameBits(const FloatTensor &actual, const FloatTensor &expected, StringRef what);

int64_t countElements(ArrayRef<int64_t> shape);
/// The tensor whose element at each position `f` gives.
FloatTensor generate(ArrayRef<int64_t> shape, llvm::function_ref<float(ArrayRef<int64_t>)> f);
float at(const FloatTensor &tensor, ArrayRef<int64_t> position);
/// Some samples of a batch.
FloatTensor takeSamples(const FloatTensor &batch, int64_t first, int64_t count);
FloatTensor makeZeros(ArrayRef<int64_t> shape);
/// A tensor of small random integers; sums of their products are exact.
FloatTensor makeIntegers(ArrayRef<int64_t> shape, unsigned seed, int range = 8);
/// Random numbers around 0.
FloatTensor makeNormal(ArrayRef<int64_t> shape, unsigned seed, float scale = 1.0f);

} // namespace fpw::test

#endif // FPW_TEST_NUMERICS_NETWORK_H

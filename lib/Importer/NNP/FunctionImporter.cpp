//===- FunctionImporter.cpp - From a function of nnabla to an nn op -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FunctionImporter.h"
#include "mlir/IR/Verifier.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MathExtras.h"
#include <google/protobuf/reflection.h>

using namespace fpw;
using namespace fpw::nnp;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

//===----------------------------------------------------------------------===//
// The table
//===----------------------------------------------------------------------===//

FunctionTable::FunctionTable(MLIRContext *context) : context(context) {
  context->getOrLoadDialect<nn::NNDialect>();
  addLayerFunctions(*this);
  addPoolingFunctions(*this);
  addNormalizationFunctions(*this);
  addElementwiseFunctions(*this);
  addActivationFunctions(*this);
  addReductionFunctions(*this);
  addShapeFunctions(*this);
  addFixedPointFunctions(*this);
}

void FunctionTable::add(StringRef function, FunctionRule rule) {
  [[maybe_unused]] bool isNew = rules.try_emplace(function, std::move(rule)).second;
  assert(isNew && "a function has two rules");
}

const FunctionRule *FunctionTable::find(StringRef function) const {
  auto it = rules.find(function);
  return it == rules.end() ? nullptr : &it->second;
}

//===----------------------------------------------------------------------===//
// Checks
//===----------------------------------------------------------------------===//

std::string nnp::describe(const proto::Function &function) {
  std::string text = "function '" + function.name() + "' of type '" + function.type() + "' (inputs";
  constexpr int maxShown = 8;
  for (int i = 0; i < std::min(function.input_size(), maxShown); ++i)
    text += (i ? ", '" : " '") + function.input(i) + "'";
  if (function.input_size() > maxShown)
    text += ", ...";
  return text + (function.input_size() ? ")" : " none)");
}

InFlightDiagnostic FunctionImporter::emitError() const { return mlir::emitError(loc); }

const Message *FunctionImporter::getParameters() const {
  const auto *oneof = function.GetDescriptor()->FindOneofByName("parameter");
  const FieldDescriptor *field = function.GetReflection()->GetOneofFieldDescriptor(function, oneof);
  return field ? &function.GetReflection()->GetMessage(function, field) : nullptr;
}

/// Whether each number is in the range of nnabla's own `int`. This leaves room for all arithmetic
/// that follows.
static bool hasSmallIntegers(const Message &message) {
  std::vector<const FieldDescriptor *> fields;
  const auto *reflection = message.GetReflection();
  reflection->ListFields(message, &fields);
  for (const FieldDescriptor *field : fields) {
    if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      if (!hasSmallIntegers(reflection->GetMessage(message, field)))
        return false;
    } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_INT64) {
      if (!field->is_repeated()) {
        if (!llvm::isInt<32>(reflection->GetInt64(message, field)))
          return false;
      } else if (!llvm::all_of(reflection->GetRepeatedFieldRef<int64_t>(message, field),
                               [](int64_t value) { return llvm::isInt<32>(value); })) {
        return false;
      }
    }
  }
  return true;
}

LogicalResult FunctionImporter::checkParameters(const FunctionRule &rule) const {
  const Message *parameters = getParameters();
  if (!parameters)
    return success();
  const auto *field = function.GetDescriptor()->FindFieldByName(rule.getParameterField());
  if (!field || !function.GetReflection()->HasField(function, field))
    return emitError() << "expected parameters of its own type, in '" << rule.getParameterField()
                       << "'";
  if (!hasSmallIntegers(*parameters))
    return emitError() << "expected parameters of at most 32 bits";
  return success();
}

LogicalResult FunctionImporter::checkInputs(const FunctionRule &rule) const {
  size_t count = inputs.size();
  if (count >= rule.minInputs && count <= rule.maxInputs)
    return success();
  InFlightDiagnostic error = emitError() << "expected " << rule.minInputs;
  if (rule.maxInputs == FunctionTable::kAnyNumber)
    error << " or more";
  else if (rule.maxInputs != rule.minInputs)
    error << " to " << rule.maxInputs;
  return error << (rule.maxInputs == 1 ? " input" : " inputs") << " but got " << count;
}

//===----------------------------------------------------------------------===//
// Building
//===----------------------------------------------------------------------===//

LogicalResult FunctionImporter::import(const FunctionRule &rule) {
  // Whatever is wrong, and whoever says so: a note tells which function it is about.
  mlir::ScopedDiagnosticHandler handler(builder.getContext(), [&](mlir::Diagnostic &diagnostic) {
    diagnostic.attachNote(loc) << "in " << describe(function);
    return failure();
  });
  if (failed(checkParameters(rule)) || failed(checkInputs(rule)))
    return failure();
  return rule.import(*this);
}

LogicalResult FunctionImporter::create(mlir::OperationState &state) {
  state.addOperands(inputs);
  auto *inference = state.name.getInterface<mlir::InferTypeOpInterface>();
  if (failed(inference->inferReturnTypes(builder.getContext(), loc, state.operands,
                                         state.attributes.getDictionary(builder.getContext()),
                                         state.getRawProperties(),
                                         /*regions=*/{}, state.types)))
    return failure();
  if (state.types.size() != size_t(function.output_size()))
    return emitError() << "expected " << state.types.size() << " outputs but got "
                       << function.output_size();
  Operation *op = builder.create(state);
  llvm::append_range(results, op->getResults());
  return mlir::verify(op);
}

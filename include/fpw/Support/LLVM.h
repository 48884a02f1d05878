//===- LLVM.h - Names taken from LLVM and MLIR -----------------*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The names that are so common that this project writes them without their namespace. Classes are
// only declared; their headers are included where they are used.
//
//===----------------------------------------------------------------------===//

#ifndef FPW_SUPPORT_LLVM_H
#define FPW_SUPPORT_LLVM_H

#include "mlir/Support/LLVM.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Casting.h"
#include <cstdint>

namespace llvm {
class Error;
template <typename T> class Expected;
} // namespace llvm

namespace mlir {
class Attribute;
class Builder;
class DialectRegistry;
class FloatAttr;
class IRRewriter;
class InFlightDiagnostic;
class IntegerAttr;
class Location;
class MLIRContext;
class ModuleOp;
class OpBuilder;
class OpPassManager;
class Operation;
class Pass;
class PatternRewriter;
class RankedTensorType;
class RewritePatternSet;
class RewriterBase;
class StringAttr;
class SymbolTable;
class Type;
class TypeRange;
class Value;
class ValueRange;
} // namespace mlir

namespace fpw {
using llvm::Error;
using llvm::Expected;

using mlir::APFloat;
using mlir::APInt;
using mlir::ArrayRef;
using mlir::cast;
using mlir::cast_or_null;
using mlir::DenseMap;
using mlir::DenseSet;
using mlir::dyn_cast;
using mlir::dyn_cast_or_null;
using mlir::failed;
using mlir::failure;
using mlir::FailureOr;
using mlir::function_ref;
using mlir::isa;
using mlir::isa_and_nonnull;
using mlir::LogicalResult;
using mlir::MutableArrayRef;
using mlir::ParseResult;
using mlir::raw_ostream;
using mlir::SetVector;
using mlir::SmallString;
using mlir::SmallVector;
using mlir::SmallVectorImpl;
using mlir::StringLiteral;
using mlir::StringRef;
using mlir::StringSwitch;
using mlir::succeeded;
using mlir::success;
using mlir::Twine;
using mlir::TypeSwitch;

using mlir::Attribute;
using mlir::Builder;
using mlir::DialectRegistry;
using mlir::FloatAttr;
using mlir::InFlightDiagnostic;
using mlir::IntegerAttr;
using mlir::IRRewriter;
using mlir::Location;
using mlir::MLIRContext;
using mlir::ModuleOp;
using mlir::OpBuilder;
using mlir::Operation;
using mlir::OpPassManager;
using mlir::Pass;
using mlir::PatternRewriter;
using mlir::RankedTensorType;
using mlir::RewritePatternSet;
using mlir::RewriterBase;
using mlir::StringAttr;
using mlir::SymbolTable;
using mlir::Type;
using mlir::TypeRange;
using mlir::Value;
using mlir::ValueRange;
} // namespace fpw

#endif // FPW_SUPPORT_LLVM_H

//===- ExpandMathTest.cpp - Expanded functions give the bits of the reference on every target -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FloatReference.h"

#include "fpw/Codegen/Math/Passes.h"
#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/ExecutionEngine/ExecutionEngine.h"
#include "mlir/ExecutionEngine/OptUtils.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "llvm/ADT/bit.h"
#include "llvm/ExecutionEngine/Orc/JITTargetMachineBuilder.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/TargetParser/Host.h"
#include <cmath>
#include <gtest/gtest.h>

using namespace mlir;
using namespace fpw::test;

namespace {

/// A function of N7 by its op, with one, two or three arguments.
struct Function {
  const char *op;
  float (*unary)(float);
  float (*binary)(float, float) = nullptr;
  float (*ternary)(float, float, float) = nullptr;

  const char *getOperands() const { return unary ? "%a" : binary ? "%a, %b" : "%a, %b, %c"; }
  float compute(float x, float y, float z) const {
    return unary ? unary(x) : binary ? binary(x, y) : ternary(x, y, z);
  }
};

const Function kFunctions[] = {
    {"exp", reference::exp},           {"expm1", reference::expm1},         {"log", reference::log},
    {"log1p", reference::log1p},       {"tanh", reference::tanh},           {"sin", reference::sin},
    {"cos", reference::cos},           {"atan", reference::atan},           {"erf", reference::erf},
    {"powf", nullptr, reference::pow}, {"fma", nullptr, nullptr, std::fma},
};

/// A machine and the number of lanes to use on it; 0 stands for scalars.
struct Target {
  const char *features;
  unsigned lanes;
};

std::ostream &operator<<(std::ostream &os, const Target &target) {
  return os << target.lanes << " lanes" << (*target.features ? " of " : "") << target.features;
}

const Target kTargets[] = {
    {"", 0},
    {"", 4},
    {"+avx2,+fma", 8},
    {"+avx2,+fma", 3},
    {"+avx512f,+avx512dq,+avx512bw,+avx512vl,+fma", 16},
};

bool isSupported(llvm::StringRef features) {
  llvm::StringMap<bool> host = llvm::sys::getHostCPUFeatures();
  llvm::SmallVector<llvm::StringRef> names;
  features.split(names, ',', -1, /*KeepEmpty=*/false);
  return llvm::all_of(names, [&](llvm::StringRef name) { return host.lookup(name.drop_front()); });
}

//===----------------------------------------------------------------------===//
// Programs
//===----------------------------------------------------------------------===//

/// A loop over the elements of %x, %y and %r, a vector at a time, that stores the function's
/// results into %r.
std::string getProgram(const Function &function, unsigned lanes) {
  std::string type = lanes ? llvm::formatv("vector<{0}xf32>", lanes).str() : "f32";
  std::string memref = lanes ? "memref<?xf32>, " + type : "memref<?xf32>";
  return llvm::formatv(R"(
    func.func @{0}(%x: memref<?xf32>, %y: memref<?xf32>, %r: memref<?xf32>) attributes {{llvm.emit_c_interface} {{
      %c0 = arith.constant 0 : index
      %step = arith.constant {1} : index
      %n = memref.dim %x, %c0 : memref<?xf32>
      scf.for %i = %c0 to %n step %step {{
        %a = {2}.load %x[%i] : {3}
        %b = {2}.load %y[%i] : {3}
        %c = {2}.load %r[%i] : {3}
        %v = math.{0} {4} : {5}
        {2}.store %v, %r[%i] : {3}
      }
      return
    })",
                       function.op, lanes ? lanes : 1, lanes ? "vector" : "memref", memref,
                       function.getOperands(), type)
      .str();
}

void lowerToLLVM(ModuleOp module) {
  PassManager pm(module.getContext());
  pm.addPass(fpw::createFPWExpandMath({/*expandFma=*/true}));
  pm.addPass(createSCFToControlFlowPass());
  pm.addPass(createConvertVectorToLLVMPass());
  pm.addPass(createFinalizeMemRefToLLVMConversionPass());
  pm.addPass(createConvertFuncToLLVMPass());
  pm.addPass(createArithToLLVMConversionPass());
  pm.addPass(createConvertControlFlowToLLVMPass());
  pm.addPass(createReconcileUnrealizedCastsPass());
  ASSERT_TRUE(succeeded(pm.run(module)));
}

/// What MLIR passes for a memref<?xf32>.
struct Buffer {
  float *allocated, *aligned;
  int64_t offset, size, stride;

  explicit Buffer(std::vector<float> &data)
      : allocated(data.data()), aligned(data.data()), offset(0), size(data.size()), stride(1) {}
};

class ExpandMath : public testing::TestWithParam<Target> {
protected:
  ExpandMath() {
    llvm::InitializeNativeTarget();
    llvm::InitializeNativeTargetAsmPrinter();
    context.loadDialect<arith::ArithDialect, func::FuncDialect, math::MathDialect,
                        memref::MemRefDialect, scf::SCFDialect, vector::VectorDialect>();
    registerBuiltinDialectTranslation(context);
    registerLLVMDialectTranslation(context);
  }

  void compile(const Target &target) {
    std::string program;
    for (const Function &function : kFunctions)
      program += getProgram(function, target.lanes);
    module = parseSourceString<ModuleOp>(program, &context);
    ASSERT_TRUE(module);
    lowerToLLVM(*module);
    llvm::orc::JITTargetMachineBuilder builder{llvm::Triple(llvm::sys::getProcessTriple())};
    if (builder.getTargetTriple().isX86())
      builder.setCPU("x86-64");
    llvm::SmallVector<llvm::StringRef> features;
    llvm::StringRef(target.features).split(features, ',', -1, /*KeepEmpty=*/false);
    builder.addFeatures({features.begin(), features.end()});
    machine = llvm::cantFail(builder.createTargetMachine());
    ExecutionEngineOptions options;
    auto optimize = makeOptimizingTransformer(/*optLevel=*/3, /*sizeLevel=*/0, machine.get());
    options.transformer = optimize;
    engine = llvm::cantFail(
        ExecutionEngine::create(*module, options, llvm::cantFail(builder.createTargetMachine())));
  }

  std::vector<float> run(const Function &function, std::vector<float> &x, std::vector<float> &y,
                         std::vector<float> result) {
    Buffer buffers[] = {Buffer(x), Buffer(y), Buffer(result)};
    Buffer *pointers[] = {&buffers[0], &buffers[1], &buffers[2]};
    void *arguments[] = {&pointers[0], &pointers[1], &pointers[2]};
    llvm::cantFail(engine->invokePacked(std::string("_mlir_ciface_") + function.op, arguments));
    return result;
  }

  MLIRContext context;
  OwningOpRef<ModuleOp> module;
  std::unique_ptr<llvm::TargetMachine> machine;
  std::unique_ptr<ExecutionEngine> engine;
};

/// Numbers of every exponent and sign, and the special ones. A whole number of vectors.
std::vector<float> getSamples(uint32_t stride) {
  constexpr size_t kMultiple = 16 * 3;
  std::vector<float> samples;
  for (uint32_t bits : {0x00000000u, 0x00000001u, 0x007fffffu, 0x00800000u, 0x3f800000u,
                        0x7f7fffffu, 0x7f800000u, 0x7fc00000u})
    for (uint32_t sign : {0x00000000u, 0x80000000u})
      samples.push_back(llvm::bit_cast<float>(bits | sign));
  for (uint64_t bits = 0; bits >> 32 == 0; bits += stride)
    samples.push_back(llvm::bit_cast<float>(uint32_t(bits)));
  samples.resize(samples.size() / kMultiple * kMultiple);
  return samples;
}

//===----------------------------------------------------------------------===//
// Tests
//===----------------------------------------------------------------------===//

TEST_P(ExpandMath, GivesTheBitsOfTheReference) {
  const Target &target = GetParam();
  if (!isSupported(target.features))
    GTEST_SKIP() << "this machine lacks some of " << target.features;
  compile(target);
  std::vector<float> x = getSamples(10007), y = x;
  for (size_t i = 0; i < y.size();
       ++i) // exponents: every second one an integer, the others of all sizes
    y[i] = i % 2 ? float(int(i / 2 % 61) - 30) : x[(i * 7919) % x.size()];
  std::vector<float> z = x; // addends: most cancel a product, all or nearly
  for (size_t i = 0; i < z.size(); ++i) {
    float product = -(x[i] * y[i]);
    z[i] = i % 4 == 0   ? y[(i * 31) % y.size()]
           : i % 4 == 1 ? product * 0x1p-24f
                        : std::nextafter(product, i % 4 == 2 ? product : 0.0f);
  }
  for (const Function &function : kFunctions) {
    std::vector<float> result = run(function, x, y, z);
    for (size_t i = 0; i < x.size(); ++i) {
      float expected = function.compute(x[i], y[i], z[i]);
      bool isSame = std::isnan(expected)
                        ? std::isnan(result[i])
                        : llvm::bit_cast<uint32_t>(result[i]) == llvm::bit_cast<uint32_t>(expected);
      ASSERT_TRUE(isSame) << function.op << " of " << x[i] << ", " << y[i] << " and " << z[i]
                          << " is " << result[i] << ", expected " << expected;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Targets, ExpandMath, testing::ValuesIn(kTargets));

} // namespace

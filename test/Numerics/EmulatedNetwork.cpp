//===- EmulatedNetwork.cpp - Networks for GPUs, run on the emulator -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "EmulatedNetwork.h"
#include "SIMTEmulator/Emulator.h"

#include "fpw/Codegen/CPU/Passes.h"
#include "fpw/Codegen/GPU/Passes.h"
#include "fpw/Dialect/NN/IR/NN.h"
#include "fpw/Pipelines/Pipelines.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/GPU/GPUToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "llvm/Bitcode/BitcodeWriter.h"
#include "llvm/ExecutionEngine/Orc/AbsoluteSymbols.h"
#include "llvm/ExecutionEngine/Orc/ExecutionUtils.h"
#include "llvm/ExecutionEngine/Orc/LLJIT.h"
#include "llvm/IRReader/IRReader.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/TargetSelect.h"

using namespace mlir;

namespace fpw::test {

static void *findRuntimeSymbol(StringRef name) {
  for (const simt::RuntimeSymbol &symbol : simt::getRuntimeSymbols())
    if (name == symbol.name)
      return symbol.address;
  llvm_unreachable("the emulator has the functions of a device");
}

//===----------------------------------------------------------------------===//
// Faults
//===----------------------------------------------------------------------===//

/// What changes the kernels that are loaded next.
static const EmulationOptions *loading;

static void *loadMutated(void *data, size_t size) {
  using Load = void *(*)(void *, size_t);
  auto load = reinterpret_cast<Load>(findRuntimeSymbol("mgpuModuleLoad"));
  if (!loading->mutate)
    return load(data, size);
  llvm::LLVMContext context;
  llvm::SMDiagnostic diagnostic;
  StringRef bytes(static_cast<const char *>(data), size);
  auto module = llvm::parseIR(llvm::MemoryBufferRef(bytes, "kernels"), diagnostic, context);
  loading->mutate(*module);
  auto *code = new SmallVector<char, 0>; // as long as the module
  llvm::raw_svector_ostream os(*code);
  llvm::WriteBitcodeToFile(*module, os);
  return load(code->data(), code->size());
}

//===----------------------------------------------------------------------===//
// Code of the host
//===----------------------------------------------------------------------===//

namespace {
using Parameters = std::vector<std::pair<std::string, std::vector<char>>>;

/// A network as code of the host that launches kernels.
struct HostCode {
  std::unique_ptr<llvm::orc::LLJIT> jit;
  Parameters parameters;

  template <typename Function> Function *find(const Twine &name) {
    return llvm::cantFail(jit->lookup(name.str())).template toPtr<Function *>();
  }
};
} // namespace

static LogicalResult lower(ModuleOp module, const EmulationOptions &options) {
  PassManager pm(module.getContext());
  ToLinalgOptions toLinalg;
  toLinalg.arithmetic = Arithmetic::Digits;
  toLinalg.activationBits = options.activationBits;
  buildToLinalgPipeline(pm, toLinalg);
  GPUOptions gpuOptions;
  gpuOptions.architectures.push_back(options.architecture);
  gpuOptions.format = gpu::BinaryFormat::Bitcode;
  buildGPUPipeline(pm, gpuOptions);
  return pm.run(module);
}

static Parameters copyParameters(ModuleOp module) {
  Parameters parameters;
  if (auto values = module->getAttrOfType<DictionaryAttr>(cpu::kParametersAttr))
    for (NamedAttribute value : values) {
      auto type = cast<ShapedType>(cast<TypedAttr>(value.getValue()).getType());
      auto resource = dyn_cast<DenseResourceElementsAttr>(value.getValue());
      ArrayRef<char> bytes =
          resource ? resource.getData() : cast<DenseElementsAttr>(value.getValue()).getRawData();
      std::vector<char> data(type.getNumElements() * type.getElementTypeBitWidth() / 8);
      for (size_t i = 0; i < data.size(); ++i) // a splat repeats one element
        data[i] = bytes[i % bytes.size()];
      parameters.emplace_back(value.getName().str(), std::move(data));
    }
  return parameters;
}

static llvm::Error defineSymbols(HostCode &code) {
  llvm::orc::SymbolMap symbols;
  auto define = [&](StringRef name, const void *address) {
    symbols[code.jit->mangleAndIntern(name)] = {llvm::orc::ExecutorAddr::fromPtr(address),
                                                llvm::JITSymbolFlags::Exported};
  };
  for (const simt::RuntimeSymbol &symbol : simt::getRuntimeSymbols())
    define(symbol.name, symbol.address);
  define("mgpuModuleLoad", reinterpret_cast<void *>(loadMutated));
  for (const auto &[name, data] : code.parameters)
    define(name, data.data());
  return code.jit->getMainJITDylib().define(llvm::orc::absoluteSymbols(std::move(symbols)));
}

static llvm::Expected<HostCode> compileHost(ModuleOp module) {
  HostCode code;
  auto context = std::make_unique<llvm::LLVMContext>();
  std::unique_ptr<llvm::Module> host = translateModuleToLLVMIR(module, *context, "host");
  if (!host)
    return llvm::createStringError("translation to LLVM IR failed");
  llvm::InitializeNativeTarget();
  llvm::InitializeNativeTargetAsmPrinter();
  auto jit = llvm::orc::LLJITBuilder().create();
  if (!jit)
    return jit.takeError();
  code.jit = std::move(*jit);
  host->setDataLayout(code.jit->getDataLayout());
  host->setTargetTriple(code.jit->getTargetTriple());
  code.parameters = copyParameters(module);
  llvm::orc::JITDylib &library = code.jit->getMainJITDylib();
  library.addGenerator(
      llvm::cantFail(llvm::orc::DynamicLibrarySearchGenerator::GetForCurrentProcess(
          code.jit->getDataLayout().getGlobalPrefix())));
  if (llvm::Error error = defineSymbols(code))
    return error;
  if (llvm::Error error = code.jit->addIRModule({std::move(host), std::move(context)}))
    return error;
  if (llvm::Error error = code.jit->initialize(library)) // loads the kernels
    return error;
  return code;
}

//===----------------------------------------------------------------------===//
// Running
//===----------------------------------------------------------------------===//

static std::vector<FloatTensor> makeResults(FunctionType type, int64_t batch) {
  std::vector<FloatTensor> results;
  for (Type result : type.getResults()) {
    FloatTensor tensor;
    for (int64_t size : cast<ShapedType>(result).getShape())
      tensor.shape.push_back(ShapedType::isDynamic(size) ? batch : size);
    tensor.data.resize(ShapedType::getNumElements(tensor.shape));
    results.push_back(std::move(tensor));
  }
  return results;
}

static void runHost(HostCode &code, StringRef name, int64_t parameterBytes, int64_t batch,
                    ArrayRef<FloatTensor> inputs, std::vector<FloatTensor> &results) {
  using Allocate = void *(*)(uint64_t, void *, uint8_t);
  using Free = void (*)(void *, void *);
  auto allocate = reinterpret_cast<Allocate>(findRuntimeSymbol("mgpuMemAlloc"));
  auto free = reinterpret_cast<Free>(findRuntimeSymbol("mgpuMemFree"));
  void *parameters = nullptr;
  if (parameterBytes > 0) {
    parameters = allocate(parameterBytes, nullptr, 0);
    code.find<void(void *, void *, int64_t, int64_t, int64_t)>(gpu::kUploadPrefix + name)(
        parameters, parameters, 0, parameterBytes, 1);
  }
  int64_t arenaBytes = code.find<int64_t(int64_t, int64_t)>(cpu::kArenaPrefix + name)(batch, 1);
  void *arena = allocate(std::max<int64_t>(arenaBytes, 1), nullptr, 0);
  std::vector<const void *> in;
  for (const FloatTensor &input : inputs)
    in.push_back(input.data.data());
  in.push_back(parameters);
  std::vector<void *> out;
  for (FloatTensor &result : results)
    out.push_back(result.data.data());
  code.find<void(const void *const *, void *const *, void *, int64_t, int64_t)>(
      cpu::kEntryPrefix + name)(in.data(), out.data(), arena, batch, 1);
  free(arena, nullptr);
  free(parameters, nullptr);
}

llvm::Expected<std::vector<FloatTensor>>
runOnEmulator(ModuleOp module, ArrayRef<FloatTensor> inputs, const EmulationOptions &options) {
  DialectRegistry registry;
  registerPipelineDialects(registry);
  registerBuiltinDialectTranslation(registry);
  registerLLVMDialectTranslation(registry);
  registerGPUDialectTranslation(registry);
  mlir::gpu::registerOffloadingLLVMTranslationInterfaceExternalModels(registry);
  module.getContext()->appendDialectRegistry(registry);
  OwningOpRef<ModuleOp> copy = module.clone();
  auto network = *copy->getOps<func::FuncOp>().begin();
  std::string name = network.getName().str();
  network->removeAttr(nn::kBatchSizeAttr); // LLVM would warn of what only nn reads
  for (unsigned i = 0; i < network.getNumArguments(); ++i)
    network.removeArgAttr(i, nn::kNameAttr);
  for (unsigned i = 0; i < network.getNumResults(); ++i)
    network.removeResultAttr(i, StringAttr::get(network.getContext(), nn::kNameAttr));
  int64_t batch = inputs.empty() ? 1 : inputs[0].shape.front();
  std::vector<FloatTensor> results = makeResults(network.getFunctionType(), batch);
  if (failed(lower(*copy, options)))
    return llvm::createStringError("compilation failed");
  auto parameterBytes = (*copy)->getAttrOfType<IntegerAttr>(gpu::kParameterBytesAttr);
  loading = &options;
  auto code = compileHost(*copy);
  if (!code)
    return code.takeError();
  runHost(*code, name, parameterBytes ? parameterBytes.getInt() : 0, batch, inputs, results);
  if (llvm::Error error = simt::takeRuntimeError())
    return error;
  return results;
}

} // namespace fpw::test

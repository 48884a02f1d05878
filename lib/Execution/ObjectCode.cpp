//===- ObjectCode.cpp - From a module to object code -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "fpw/Execution/ObjectCode.h"
#include "EmitObjects.h"
#include "ModelTable.h"
#include "fpw/Codegen/CPU/Passes.h"
#include "fpw/Dialect/NN/IR/NN.h"
#include "fpw/Pipelines/Pipelines.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Target/TargetMachine.h"
#include <unistd.h>

using namespace mlir;

namespace fpw {

//===----------------------------------------------------------------------===//
// Errors
//===----------------------------------------------------------------------===//

namespace {
/// Collects the errors that are reported while it lives.
class ErrorCollector {
public:
  explicit ErrorCollector(MLIRContext *context)
      : handler(context, [this](Diagnostic &diagnostic) {
          if (diagnostic.getSeverity() != DiagnosticSeverity::Error)
            return failure();
          std::string text;
          llvm::raw_string_ostream os(text);
          if (auto place = diagnostic.getLocation()->findInstanceOf<FileLineColLoc>())
            os << place.getFilename().getValue() << ":" << place.getLine() << ":"
               << place.getColumn() << ": ";
          os << diagnostic;
          messages.push_back(text);
          return success();
        }) {}

  Error takeError(StringRef otherwise) {
    return llvm::createStringError(messages.empty() ? otherwise.str() : llvm::join(messages, "\n"));
  }

private:
  std::vector<std::string> messages;
  ScopedDiagnosticHandler handler;
};
} // namespace

//===----------------------------------------------------------------------===//
// The function
//===----------------------------------------------------------------------===//

static Expected<func::FuncOp> findFunction(ModuleOp module, StringRef name) {
  SmallVector<func::FuncOp> candidates;
  std::vector<std::string> names;
  for (auto function : module.getOps<func::FuncOp>()) {
    if (!function.isPublic() || function.isExternal())
      continue;
    names.push_back(function.getName().str());
    if (name.empty() || function.getName() == name)
      candidates.push_back(function);
  }
  if (candidates.size() == 1)
    return candidates[0];
  std::string list = names.empty() ? "none" : "'" + llvm::join(names, "', '") + "'";
  if (name.empty())
    return llvm::createStringError("expected one network in the module but got " + list);
  return llvm::createStringError("expected network '" + name.str() + "' but the module has " +
                                 list);
}

static Expected<TensorInfo> describe(Type type, StringAttr name, StringRef kind, unsigned number) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  if (!tensor || !tensor.getElementType().isF32()) {
    std::string text;
    llvm::raw_string_ostream(text)
        << "expected " << kind << " " << number << " to be an f32 tensor but got " << type;
    return llvm::createStringError(text);
  }
  // A context is prepared for a batch, which says how large everything is.
  if (tensor.getRank() > 0 && ShapedType::isDynamicShape(tensor.getShape().drop_front())) {
    std::string text;
    llvm::raw_string_ostream(text)
        << "expected " << kind << " " << number
        << " with no dynamic size but the first, the batch, but got " << type;
    return llvm::createStringError(text);
  }
  TensorInfo info{name ? name.str() : (kind + Twine(number)).str(), {}};
  for (int64_t size : tensor.getShape())
    info.shape.push_back(ShapedType::isDynamic(size) ? -1 : size);
  return info;
}

static Error describeInterface(func::FuncOp function, ModelDescription &model) {
  for (unsigned i = 0; i < function.getNumArguments(); ++i) {
    auto info = describe(function.getArgumentTypes()[i],
                         function.getArgAttrOfType<StringAttr>(i, nn::kNameAttr), "input", i);
    if (!info)
      return info.takeError();
    model.inputs.push_back(*info);
  }
  for (unsigned i = 0; i < function.getNumResults(); ++i) {
    auto info = describe(function.getResultTypes()[i],
                         function.getResultAttrOfType<StringAttr>(i, nn::kNameAttr), "output", i);
    if (!info)
      return info.takeError();
    model.outputs.push_back(*info);
  }
  return Error::success();
}

/// Removes what only nn reads: LLVM would warn of attributes that it does not know.
static void dropNames(func::FuncOp function) {
  function->removeAttr(nn::kBatchSizeAttr);
  for (unsigned i = 0; i < function.getNumArguments(); ++i)
    function.removeArgAttr(i, nn::kNameAttr);
  for (unsigned i = 0; i < function.getNumResults(); ++i)
    function.removeResultAttr(i, StringAttr::get(function.getContext(), nn::kNameAttr));
}

/// A module with nothing but the function and what it calls. Parameters are shared, not copied.
static OwningOpRef<ModuleOp> isolate(ModuleOp module, func::FuncOp function) {
  OwningOpRef<ModuleOp> result(ModuleOp::create(module.getLoc()));
  OpBuilder builder = OpBuilder::atBlockEnd(result->getBody());
  for (Operation &op : *module.getBody()) {
    auto other = dyn_cast<func::FuncOp>(op);
    if (!other || other == function || other.isPrivate())
      builder.clone(op);
  }
  for (auto copy : result->getOps<func::FuncOp>())
    dropNames(copy);
  return result;
}

//===----------------------------------------------------------------------===//
// Parameters
//===----------------------------------------------------------------------===//

/// The bytes of a tensor's elements, in row-major order.
static ArrayRef<char> getBytes(Attribute value) {
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(value))
    return resource.getData();
  return cast<DenseElementsAttr>(value).getRawData();
}

/// Whether the machine has so much memory at all: some systems promise more.
static bool fitsMemory(size_t bytes) {
  return bytes / sysconf(_SC_PAGESIZE) < size_t(sysconf(_SC_PHYS_PAGES));
}

static Expected<ExternalData> copyParameter(StringRef symbol, Attribute value) {
  constexpr size_t kAlignment = 64;
  auto type = cast<ShapedType>(cast<TypedAttr>(value).getType());
  size_t size = type.getNumElements() * (type.getElementTypeBitWidth() / 8);
  size_t allocated = llvm::alignTo(std::max<size_t>(size, 1), kAlignment);
  std::unique_ptr<char, ExternalData::Free> data(
      fitsMemory(size) ? static_cast<char *>(std::aligned_alloc(kAlignment, allocated)) : nullptr);
  if (!data)
    return llvm::createStringError("out of memory for a parameter of " + Twine(size) + " bytes");
  ArrayRef<char> bytes = getBytes(value);
  for (size_t at = 0; at < size; at += bytes.size()) // a splat repeats one element
    std::memcpy(data.get() + at, bytes.data(), std::min(bytes.size(), size - at));
  return ExternalData{symbol.str(), std::move(data), size};
}

//===----------------------------------------------------------------------===//
// Code
//===----------------------------------------------------------------------===//

static LogicalResult lower(ModuleOp module, const CompileOptions &options) {
  PassManager pm(module.getContext());
  ToLinalgOptions toLinalg;
  toLinalg.arithmetic = options.arithmetic;
  toLinalg.activationBits = options.activationBits;
  buildToLinalgPipeline(pm, toLinalg);
  CPUOptions cpuOptions;
  cpuOptions.vectorBits = options.target.getVectorBits();
  cpuOptions.fma = options.target.hasFusedMultiplyAdd();
  cpuOptions.dotUnit = options.target.getDotUnit();
  cpuOptions.amx = options.target.has("amx-int8");
  cpuOptions.profile = options.profile;
  buildCPUPipeline(pm, cpuOptions);
  return pm.run(module);
}

static Expected<std::vector<std::unique_ptr<llvm::MemoryBuffer>>>
emitCode(ModuleOp module, const cpu::TargetInfo &target, const ModelDescription &model) {
  auto machine = target.createTargetMachine();
  if (!machine)
    return machine.takeError();
  llvm::LLVMContext context;
  std::unique_ptr<llvm::Module> code = translateModuleToLLVMIR(module, context, "network");
  if (!code)
    return llvm::createStringError("translation to LLVM IR failed");
  code->setTargetTriple((*machine)->getTargetTriple());
  code->setDataLayout((*machine)->createDataLayout());
  addModelTable(*code, model);
  return emitObjects(*code, target);
}

Expected<ObjectCode> compileToObject(ModuleOp module, const CompileOptions &options) {
  Expected<func::FuncOp> function = findFunction(module, options.function);
  if (!function)
    return function.takeError();
  ModelDescription model;
  if (Error error = describeInterface(*function, model))
    return error;
  model.name = options.name.empty() ? function->getName().str() : options.name;
  model.code = (cpu::kEntryPrefix + function->getName()).str();
  model.arenaSize = (cpu::kArenaPrefix + function->getName()).str();
  model.target = options.target.triple;
  model.features = llvm::join(options.target.getFeatures(), ",");

  MLIRContext *context = module.getContext();
  DialectRegistry registry;
  registerPipelineDialects(registry);
  registerBuiltinDialectTranslation(registry);
  registerLLVMDialectTranslation(registry);
  context->appendDialectRegistry(registry);
  ErrorCollector errors(context);
  OwningOpRef<ModuleOp> copy = isolate(module, *function);
  if (failed(lower(*copy, options)))
    return errors.takeError("compilation failed");
  auto objects = emitCode(*copy, options.target, model);
  if (!objects)
    return llvm::joinErrors(objects.takeError(), errors.takeError("code generation failed"));
  ObjectCode code;
  code.objects = std::move(*objects);
  code.entry = getModelEntry(model.name);
  code.inputs = model.inputs;
  code.outputs = model.outputs;
  code.target = options.target;
  if (auto parameters = (*copy)->getAttrOfType<DictionaryAttr>(cpu::kParametersAttr))
    for (NamedAttribute parameter : parameters) {
      auto data = copyParameter(parameter.getName(), parameter.getValue());
      if (!data)
        return data.takeError();
      code.parameters.push_back(std::move(*data));
    }
  if (auto layers = (*copy)->getAttrOfType<ArrayAttr>(cpu::kProfiledLayersAttr))
    for (auto layer : layers.getAsValueRange<StringAttr>())
      code.profiledLayers.push_back(layer.str());
  return code;
}

} // namespace fpw

//===- ObjectCode.cpp - From a module to object code -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "fpw/Execution/ObjectCode.h"
#include "DeviceCode.h"
#include "EmitObjects.h"
#include "ModelTable.h"
#include "ParameterStore.h"
#include "fpw/Codegen/CPU/Passes.h"
#include "fpw/Codegen/GPU/Passes.h"
#include "fpw/Dialect/NN/IR/NN.h"
#include "fpw/Pipelines/Pipelines.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/IR/Module.h"
#include "llvm/Target/TargetMachine.h"

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

std::optional<fpw_type> getInterfaceType(Type element) {
  if (element.isF32())
    return FPW_F32;
  if (element.isSignlessInteger(64))
    return FPW_I64;
  if (element.isSignlessInteger(32))
    return FPW_I32;
  return element.isSignlessInteger(8) ? std::optional(FPW_BOOL) : std::nullopt;
}

static Expected<TensorInfo> describe(Type type, StringAttr name, StringRef kind, unsigned number) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  auto elements = tensor ? getInterfaceType(tensor.getElementType()) : std::nullopt;
  if (!elements) {
    std::string text;
    llvm::raw_string_ostream(text) << "expected " << kind << " " << number
                                   << " to be a tensor of f32, i64, i32 or i8 but got " << type;
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
  TensorInfo info{name ? name.str() : (kind + Twine(number)).str(), {}, *elements};
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
// Code
//===----------------------------------------------------------------------===//

namespace {
/// What a code of the network is for.
struct CodeTarget {
  cpu::TargetInfo host;
  std::optional<DeviceCode> device = std::nullopt; ///< that computes in place of the host

  /// What fpw_code::features says.
  std::string getFeatures() const {
    return device ? device->oldest : llvm::join(host.getFeatures(), ",");
  }
};
} // namespace

static void buildCodePipeline(OpPassManager &pm, const CompileOptions &options,
                              const CodeTarget &target) {
  if (target.device) {
    GPUOptions gpuOptions;
    for (const std::string &architecture : target.device->architectures)
      gpuOptions.architectures.push_back(architecture);
    gpuOptions.format = target.device->format;
    gpuOptions.profile = options.profile;
    return buildGPUPipeline(pm, gpuOptions);
  }
  CPUOptions cpuOptions;
  cpuOptions.vectorBits = target.host.getVectorBits();
  cpuOptions.fma = target.host.hasFusedMultiplyAdd();
  cpuOptions.dotUnit = target.host.getDotUnit();
  cpuOptions.amx = target.host.has("amx-int8");
  cpuOptions.profile = options.profile;
  buildCPUPipeline(pm, cpuOptions);
}

static LogicalResult lower(ModuleOp module, const CompileOptions &options,
                           const CodeTarget &target) {
  PassManager pm(module.getContext());
  ToLinalgOptions toLinalg;
  toLinalg.arithmetic = options.arithmetic;
  toLinalg.activationBits = options.activationBits;
  buildToLinalgPipeline(pm, toLinalg);
  buildCodePipeline(pm, options, target);
  return pm.run(module);
}

namespace {
/// Compiles one function of a module for one processor after the other.
class NetworkCompiler {
public:
  NetworkCompiler(ModuleOp module, func::FuncOp function, const CompileOptions &options)
      : module(module), function(function), options(options), errors(prepare(module)) {}

  /// The function in the LLVM dialect.
  Expected<OwningOpRef<ModuleOp>> lower(const CodeTarget &target) {
    OwningOpRef<ModuleOp> copy = isolate(module, function);
    if (failed(fpw::lower(*copy, options, target)))
      return errors.takeError("compilation failed");
    return copy;
  }

  /// The same as a module of LLVM.
  Expected<std::unique_ptr<llvm::Module>> translate(ModuleOp lowered, const cpu::TargetInfo &target,
                                                    llvm::LLVMContext &context) {
    auto machine = target.createTargetMachine();
    if (!machine)
      return machine.takeError();
    std::unique_ptr<llvm::Module> code = translateModuleToLLVMIR(lowered, context, "network");
    if (!code)
      return errors.takeError("translation to LLVM IR failed");
    code->setTargetTriple((*machine)->getTargetTriple());
    code->setDataLayout((*machine)->createDataLayout());
    return code;
  }

  /// Adds code for a processor to that for others.
  Error add(const CodeTarget &target, ModelDescription &model, ObjectCode &code);

  std::vector<ExternalData> takeParameters() { return parameters.take(); }

private:
  static MLIRContext *prepare(ModuleOp module) {
    DialectRegistry registry;
    registerPipelineDialects(registry);
    registerBuiltinDialectTranslation(registry);
    registerLLVMDialectTranslation(registry);
    module.getContext()->appendDialectRegistry(registry);
    return module.getContext();
  }

  Error storeParameters(ModuleOp lowered, llvm::Module &code);

  ModuleOp module;
  func::FuncOp function;
  const CompileOptions &options;
  ErrorCollector errors;
  ParameterStore parameters;
};
} // namespace

/// Gives the globals the names that their data has in the store.
Error NetworkCompiler::storeParameters(ModuleOp lowered, llvm::Module &code) {
  auto list = lowered->getAttrOfType<DictionaryAttr>(cpu::kParametersAttr);
  std::vector<std::pair<llvm::GlobalValue *, std::string>> renamed;
  for (NamedAttribute parameter : list ? list.getValue() : ArrayRef<NamedAttribute>()) {
    Expected<std::string> symbol = parameters.add(parameter.getValue());
    if (!symbol)
      return symbol.takeError();
    if (llvm::GlobalValue *global = code.getNamedValue(parameter.getName().strref()))
      renamed.push_back({global, *symbol});
  }
  for (auto &[global, symbol] : renamed)
    global->setName("");
  for (auto &[global, symbol] : renamed) {
    if (llvm::GlobalValue *equal = code.getNamedValue(symbol)) {
      global->replaceAllUsesWith(equal);
      global->eraseFromParent();
    } else {
      global->setName(symbol);
    }
  }
  return Error::success();
}

/// Keeps what a module defines apart from what modules for other processors define. All but the
/// functions of the model's table is seen inside of the module only.
static void nameParts(llvm::Module &code, unsigned number, CodeDescription &description) {
  std::string suffix = number == 0 ? "" : "." + std::to_string(number);
  SmallVector<std::string *> names = {&description.run, &description.arenaSize};
  if (DeviceCodeDescription *device = description.device ? &*description.device : nullptr)
    names.append({&device->load, &device->unload, &device->upload});
  SmallVector<std::string> entries =
      llvm::map_to_vector(names, [](const std::string *name) { return *name; });
  for (llvm::GlobalValue &value : code.global_values()) {
    if (value.isDeclaration() || value.getName().starts_with("llvm."))
      continue;
    bool isEntry = llvm::is_contained(entries, value.getName());
    value.setName(value.getName() + suffix); // SplitModule may make it known to other parts
    value.setLinkage(isEntry ? llvm::GlobalValue::ExternalLinkage
                             : llvm::GlobalValue::InternalLinkage);
    if (isEntry)
      value.setVisibility(llvm::GlobalValue::HiddenVisibility);
  }
  for (std::string *name : names)
    if (!name->empty())
      *name += suffix;
}

/// What the table says of a code for a device.
static DeviceCodeDescription describeDeviceCode(ModuleOp lowered, StringRef network,
                                                llvm::Module &code) {
  auto bytes = lowered->getAttrOfType<IntegerAttr>(gpu::kParameterBytesAttr);
  return {takeConstructor(code, "llvm.global_ctors"), takeConstructor(code, "llvm.global_dtors"),
          (gpu::kUploadPrefix + network).str(), bytes ? bytes.getInt() : 0};
}

Error NetworkCompiler::add(const CodeTarget &target, ModelDescription &model, ObjectCode &code) {
  auto lowered = lower(target);
  if (!lowered)
    return lowered.takeError();
  llvm::LLVMContext context;
  auto translated = translate(**lowered, target.host, context);
  if (!translated)
    return translated.takeError();
  if (Error error = storeParameters(**lowered, **translated))
    return error;
  StringRef name = function.getName();
  CodeDescription description{(cpu::kEntryPrefix + name).str(), (cpu::kArenaPrefix + name).str(),
                              target.getFeatures()};
  if (target.device)
    description.device = describeDeviceCode(**lowered, name, **translated);
  nameParts(**translated, model.codes.size(), description);
  model.codes.push_back(description);
  auto objects = emitObjects(**translated, target.host);
  if (!objects)
    return objects.takeError();
  std::move(objects->begin(), objects->end(), std::back_inserter(code.objects));
  if (auto layers = (**lowered)->getAttrOfType<ArrayAttr>(cpu::kProfiledLayersAttr))
    for (auto layer : layers.getAsValueRange<StringAttr>())
      code.profiledLayers.push_back(layer.str());
  return Error::success();
}

/// An object with the model's table. Its code runs on every processor of the kind.
static Error addTable(const ModelDescription &model, ObjectCode &code) {
  auto machine = code.target.createTargetMachine();
  if (!machine)
    return machine.takeError();
  llvm::LLVMContext context;
  llvm::Module table("model", context);
  table.setTargetTriple((*machine)->getTargetTriple());
  table.setDataLayout((*machine)->createDataLayout());
  addModelTable(table, model);
  auto objects = emitObjects(table, code.target);
  if (!objects)
    return objects.takeError();
  std::move(objects->begin(), objects->end(), std::back_inserter(code.objects));
  return Error::success();
}

/// The processors to compile for. Those that ask for most come first, so that none is chosen where
/// a better one would do.
static std::vector<CodeTarget> getProcessors(const CompileOptions &options) {
  std::vector<CodeTarget> targets = {{options.target}};
  for (const cpu::TargetInfo &alternative : options.alternatives)
    targets.push_back({alternative});
  llvm::sort(targets, [](const CodeTarget &a, const CodeTarget &b) {
    size_t numA = a.host.getFeatures().size(), numB = b.host.getFeatures().size();
    return numA != numB ? numA > numB : a.host.features < b.host.features;
  });
  auto isSame = [](const CodeTarget &a, const CodeTarget &b) {
    return a.getFeatures() == b.getFeatures();
  };
  targets.erase(llvm::unique(targets, isSame), targets.end());
  return targets;
}

/// What to compile for: processors, or GPUs.
static Expected<std::vector<CodeTarget>> getTargets(const CompileOptions &options) {
  if (!options.gpu)
    return getProcessors(options);
  auto codes = planDeviceCodes(*options.gpu);
  if (!codes)
    return codes.takeError();
  std::vector<CodeTarget> targets;
  for (DeviceCode &code : *codes)
    targets.push_back({options.target, std::move(code)});
  return targets;
}

Expected<ObjectCode> compileToObject(ModuleOp module, const CompileOptions &options) {
  Expected<func::FuncOp> function = findFunction(module, options.function);
  if (!function)
    return function.takeError();
  ModelDescription model;
  if (Error error = describeInterface(*function, model))
    return error;
  model.name = options.name.empty() ? function->getName().str() : options.name;
  model.target = options.target.triple;

  ObjectCode code;
  code.entry = getModelEntry(model.name);
  code.inputs = model.inputs;
  code.outputs = model.outputs;
  code.target = cpu::TargetInfo{options.target.triple, ""};
  NetworkCompiler compiler(module, *function, options);
  Expected<std::vector<CodeTarget>> targets = getTargets(options);
  if (!targets)
    return targets.takeError();
  for (const CodeTarget &target : *targets)
    if (Error error = compiler.add(target, model, code))
      return error;
  code.usesDevice = options.gpu.has_value();
  if (options.gpu)
    code.device = options.gpu->device;
  if (Error error = addTable(model, code))
    return error;
  code.parameters = compiler.takeParameters();
  return code;
}

/// Whether the code is for an architecture that was asked for, and not only beside one.
static bool isAskedFor(const DeviceCode &code, const GPUTarget &target) {
  return target.architectures.empty() ||
         llvm::is_contained(target.architectures, code.architectures.front());
}

/// Prints the text of the kernels.
static void printKernels(ModuleOp lowered, raw_ostream &os) {
  for (auto binary : lowered.getOps<mlir::gpu::BinaryOp>())
    for (auto object : binary.getObjectsAttr().getAsRange<mlir::gpu::ObjectAttr>())
      os << object.getObject().getValue().rtrim('\0');
}

Error printCode(ModuleOp module, const CompileOptions &given, CodeForm form, raw_ostream &os) {
  CompileOptions options = given;
  if (form == CodeForm::PTX) {
    if (!options.gpu)
      return llvm::createStringError("expected GPUs to print PTX for but got a processor");
    options.gpu->format = gpu::BinaryFormat::PTX;
  }
  Expected<func::FuncOp> function = findFunction(module, options.function);
  if (!function)
    return function.takeError();
  NetworkCompiler compiler(module, *function, options);
  Expected<std::vector<CodeTarget>> targets = getTargets(options);
  if (!targets)
    return targets.takeError();
  if (form == CodeForm::PTX) {
    for (const CodeTarget &target : *targets) {
      if (!isAskedFor(*target.device, *options.gpu))
        continue;
      auto lowered = compiler.lower(target);
      if (!lowered)
        return lowered.takeError();
      printKernels(**lowered, os);
    }
    return Error::success();
  }
  auto lowered = compiler.lower(targets->front());
  if (!lowered)
    return lowered.takeError();
  (**lowered)->removeAttr(cpu::kParametersAttr); // as long as the weights
  if (form == CodeForm::MLIR) {
    (**lowered)->print(os);
    return Error::success();
  }
  llvm::LLVMContext context;
  auto code = compiler.translate(**lowered, options.target, context);
  if (!code)
    return code.takeError();
  return form == CodeForm::LLVM ? printOptimized(**code, options.target, os)
                                : printAssembly(**code, options.target, os);
}

} // namespace fpw

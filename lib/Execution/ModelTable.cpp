//===- ModelTable.cpp - What a program sees of a compiled network -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ModelTable.h"

#include "fpw-c/Model.h"
#include "fpw/Execution/ObjectCode.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/Module.h"

using namespace llvm;

namespace fpw {

std::string getModelEntry(StringRef name) {
  std::string entry = "fpw_model_";
  for (char c : name)
    entry += isAlnum(c) ? c : '_';
  return entry;
}

namespace {

/// Constants in the layout of C's structs, which LLVM's are too.
class TableBuilder {
public:
  explicit TableBuilder(Module &module)
      : module(module), context(module.getContext()), pointer(PointerType::get(context, 0)),
        i32(IntegerType::get(context, 32)) {}

  Constant *makeTable(const ModelDescription &model) {
    bool usesDevice = !model.codes.empty() && model.codes.front().device;
    Constant *table = makeModel(model, usesDevice ? "fpw_device_" : "fpw_runtime_");
    return makeGlobal(usesDevice ? makeDeviceModel(table, model.codes) : table);
  }

private:
  Constant *makeModel(const ModelDescription &model, StringRef prefix) {
    std::vector<Constant *> fields = {ConstantInt::get(i32, FPW_MODEL_VERSION),
                                      ConstantInt::get(i32, model.inputs.size()),
                                      ConstantInt::get(i32, model.outputs.size()),
                                      ConstantInt::get(i32, model.codes.size()),
                                      makeTensors(model.inputs),
                                      makeTensors(model.outputs),
                                      makeString(model.name),
                                      makeString(model.target),
                                      makeCodes(model.codes)};
    for (StringRef name :
         {"create_context", "destroy_context", "set_parallel_for", "prepare", "run"})
      fields.push_back(getFunction((prefix + name).str()));
    fields.push_back(getFunction("fpw_runtime_get_error"));
    return ConstantStruct::getAnon(context, fields);
  }

  Constant *makeDeviceModel(Constant *model, ArrayRef<CodeDescription> descriptions) {
    std::vector<Constant *> codes;
    auto *i64 = IntegerType::get(context, 64);
    auto getFunctionOrNull = [&](StringRef name) {
      return name.empty() ? ConstantPointerNull::get(pointer) : getFunction(name);
    };
    StructType *type = StructType::get(context, {pointer, pointer, pointer, i64});
    for (const CodeDescription &code : descriptions)
      codes.push_back(ConstantStruct::get(
          type,
          {getFunctionOrNull(code.device->load), getFunctionOrNull(code.device->unload),
           getFunction(code.device->upload), ConstantInt::get(i64, code.device->parameterBytes)}));
    std::vector<Constant *> fields = {
        model, makeGlobal(ConstantArray::get(ArrayType::get(type, codes.size()), codes))};
    for (StringRef name :
         {"fpw_device_check", "fpw_device_take_error", "mgpuMemAlloc", "mgpuMemFree"})
      fields.push_back(getFunction(name));
    return ConstantStruct::getAnon(context, fields);
  }

  Constant *makeGlobal(Constant *value) {
    return new GlobalVariable(module, value->getType(), /*isConstant=*/true,
                              GlobalValue::PrivateLinkage, value);
  }

  Constant *makeString(StringRef text) {
    return makeGlobal(ConstantDataArray::getString(context, text));
  }

  /// A function of another object in the same library.
  Constant *getFunction(StringRef name) {
    auto *callee = module.getOrInsertFunction(name, FunctionType::get(i32, false)).getCallee();
    cast<GlobalValue>(callee)->setVisibility(GlobalValue::HiddenVisibility);
    return cast<Constant>(callee);
  }

  Constant *makeCodes(ArrayRef<CodeDescription> descriptions) {
    std::vector<Constant *> codes;
    StructType *type = StructType::get(context, {pointer, pointer, pointer});
    for (const CodeDescription &code : descriptions)
      codes.push_back(ConstantStruct::get(
          type, {makeString(code.features), getFunction(code.run), getFunction(code.arenaSize)}));
    return makeGlobal(ConstantArray::get(ArrayType::get(type, codes.size()), codes));
  }

  Constant *makeTensors(ArrayRef<TensorInfo> infos) {
    std::vector<Constant *> tensors;
    StructType *type = StructType::get(context, {pointer, i32, i32, pointer});
    for (const TensorInfo &info : infos) {
      std::vector<uint64_t> shape(info.shape.begin(), info.shape.end());
      tensors.push_back(ConstantStruct::get(
          type, {makeString(info.name), ConstantInt::get(i32, info.type),
                 ConstantInt::get(i32, shape.size()),
                 makeGlobal(ConstantDataArray::get(context, ArrayRef<uint64_t>(shape)))}));
    }
    return makeGlobal(ConstantArray::get(ArrayType::get(type, tensors.size()), tensors));
  }

  Module &module;
  LLVMContext &context;
  PointerType *pointer;
  IntegerType *i32;
};

} // namespace

void addModelTable(Module &module, const ModelDescription &description) {
  Constant *table = TableBuilder(module).makeTable(description);
  auto *entry =
      Function::Create(FunctionType::get(PointerType::get(module.getContext(), 0), false),
                       GlobalValue::ExternalLinkage, getModelEntry(description.name), module);
  IRBuilder<>(BasicBlock::Create(module.getContext(), "", entry)).CreateRet(table);
  GlobalAlias::create(kSharedModelEntry, entry);
}

} // namespace fpw

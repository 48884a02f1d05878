//===- Model.cpp - Compiled networks, wherever they come from -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "fpw/Embedding/Model.h"

#include "fpw/Execution/ModelFile.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/Triple.h"

using namespace llvm;

namespace fpw {

/// The GPU that the options name, or nothing. Architectures that are asked for make a network for
/// files, which runs here, too, if it can.
static Expected<std::optional<GPUTarget>> findGPU(const ModelOptions &options) {
  Expected<std::optional<GPUTarget>> gpu = findGPUTarget(options.target);
  if (!gpu)
    return gpu.takeError();
  if (!*gpu) {
    if (StringRef(options.target).starts_with("cuda"))
      return createStringError("expected target cuda or cuda:N but got '" + options.target + "'");
    if (!options.architectures.empty())
      return createStringError("expected architectures with target cuda only");
    return std::nullopt;
  }
  (*gpu)->architectures = options.architectures;
  if (options.architectures.empty())
    if (Error error = useDeviceHere(**gpu))
      return error;
  return gpu;
}

static Expected<CompileOptions> getCompileOptions(const Network &network,
                                                  const ModelOptions &options) {
  CompileOptions result;
  bool isConverted = network.isConverted();
  result.arithmetic =
      options.arithmetic.value_or(isConverted ? Arithmetic::Digits : Arithmetic::Float);
  if (result.arithmetic == Arithmetic::Digits && !isConverted)
    return createStringError("expected fixed-point layers for digits but got none; convert first");
  result.activationBits = options.activationBits;
  result.name = options.name;
  Expected<std::optional<GPUTarget>> gpu = findGPU(options);
  if (!gpu)
    return gpu.takeError();
  result.gpu = std::move(*gpu);
  if (options.target.empty() || result.gpu)
    return result;
  auto targets = cpu::TargetInfo::getAll(options.target);
  if (!targets)
    return targets.takeError();
  result.target = targets->front();
  result.alternatives.assign(targets->begin() + 1, targets->end());
  return result;
}

static bool isForThisMachine(const cpu::TargetInfo &target) {
  return Triple(target.triple).getArch() == Triple(sys::getProcessTriple()).getArch();
}

Expected<Model> Model::compile(const Network &network, const ModelOptions &options) {
  Expected<CompileOptions> compileOptions = getCompileOptions(network, options);
  if (!compileOptions)
    return compileOptions.takeError();
  Expected<ObjectCode> code = network.compile(*compileOptions);
  if (!code)
    return code.takeError();
  Model model;
  model.inputs = code->inputs;
  model.outputs = code->outputs;
  if (code->usesDevice && code->device.empty())
    code->device = getCUDADevice();
  if (!isForThisMachine(code->target)) {
    model.foreign = std::move(*code);
    return model;
  }
  auto compiled = CompiledModel::load(std::move(*code));
  if (!compiled)
    return compiled.takeError();
  model.compiled = std::move(*compiled);
  return model;
}

static std::vector<TensorInfo> describe(const fpw_tensor *tensors, uint32_t count) {
  std::vector<TensorInfo> infos;
  for (const fpw_tensor &tensor : ArrayRef(tensors, count))
    infos.push_back(
        {tensor.name, SmallVector<int64_t>(ArrayRef(tensor.shape, tensor.rank)), tensor.type});
  return infos;
}

Expected<Model> Model::load(StringRef path) {
  Expected<Library> library = Library::load(path);
  if (!library)
    return library.takeError();
  Model model;
  const fpw_model *table = library->getModel();
  model.inputs = describe(table->inputs, table->num_inputs);
  model.outputs = describe(table->outputs, table->num_outputs);
  model.library.emplace(std::move(*library));
  return model;
}

const fpw_model *Model::get() const {
  return foreign ? nullptr : compiled ? compiled->getModel() : library->getModel();
}

StringRef Model::getTarget() const {
  if (foreign)
    return foreign->target.triple;
  return get()->target;
}

Error Model::save(StringRef path) const {
  if (library)
    return createStringError("expected a network that was compiled here but got a library");
  return writeModelFile(foreign ? *foreign : compiled->getCode(), path, getFileKind(path));
}

} // namespace fpw

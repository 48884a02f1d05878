//===- CompiledModel.cpp - A network as native code -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "fpw/Execution/CompiledModel.h"
#include "fpw/Execution/ContextPool.h"
#include "fpw/Execution/ObjectCode.h"
#include "fpw/Runtime/Device.h"
#include "fpw/Runtime/Runtime.h"
#include "fpw/Support/Npy.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ExecutionEngine/Orc/AbsoluteSymbols.h"
#include "llvm/ExecutionEngine/Orc/ExecutionUtils.h"
#include "llvm/ExecutionEngine/Orc/LLJIT.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/Triple.h"
#include <optional>

using namespace llvm;

namespace fpw {

struct CompiledModel::State {
  ObjectCode code;
  std::unique_ptr<orc::LLJIT> jit;
  const fpw_model *model = nullptr;
  std::vector<TensorInfo> inputs, outputs;
  std::optional<ContextPool> contexts;
};

CompiledModel::CompiledModel(std::unique_ptr<State> state) : state(std::move(state)) {}
CompiledModel::~CompiledModel() = default;
void TensorBuffer::Free::operator()(void *memory) const { fpw_free(memory); }
ArrayRef<TensorInfo> CompiledModel::getInputs() const { return state->inputs; }
ArrayRef<TensorInfo> CompiledModel::getOutputs() const { return state->outputs; }
const fpw_model *CompiledModel::getModel() const { return state->model; }
const ObjectCode &CompiledModel::getCode() const { return state->code; }
ArrayRef<std::string> CompiledModel::getProfiledLayers() const {
  return state->code.profiledLayers;
}

//===----------------------------------------------------------------------===//
// Loading
//===----------------------------------------------------------------------===//

/// The addresses of the runtime, of the device and of the parameters.
static Error defineSymbols(orc::LLJIT &jit, const ObjectCode &code) {
  orc::SymbolMap symbols;
  auto define = [&](StringRef name, const void *address) {
    symbols[jit.mangleAndIntern(name)] = {orc::ExecutorAddr::fromPtr(address),
                                          JITSymbolFlags::Exported};
  };
#define DEFINE(FUNCTION) define(#FUNCTION, reinterpret_cast<const void *>(&FUNCTION))
  DEFINE(fpw_runtime_create_context);
  DEFINE(fpw_runtime_destroy_context);
  DEFINE(fpw_runtime_set_parallel_for);
  DEFINE(fpw_runtime_prepare);
  DEFINE(fpw_runtime_run);
  DEFINE(fpw_runtime_get_error);
  DEFINE(fpw_parallel_for);
  DEFINE(fpw_profile_stamp);
  DEFINE(fpw_get_worker);
  DEFINE(_mlir_memref_to_llvm_aligned_alloc);
  DEFINE(_mlir_memref_to_llvm_free);
  DEFINE(fpw_device_create_context);
  DEFINE(fpw_device_destroy_context);
  DEFINE(fpw_device_set_parallel_for);
  DEFINE(fpw_device_prepare);
  DEFINE(fpw_device_run);
#undef DEFINE
  for (const DeviceFunction &function : code.device)
    define(function.name, function.address);
  for (const ExternalData &parameter : code.parameters)
    define(parameter.symbol, parameter.data.get());
  return jit.getMainJITDylib().define(orc::absoluteSymbols(std::move(symbols)));
}

static std::vector<TensorInfo> describe(const fpw_tensor *tensors, uint32_t count) {
  std::vector<TensorInfo> infos;
  for (const fpw_tensor &tensor : ArrayRef(tensors, count))
    infos.push_back(
        {tensor.name, SmallVector<int64_t>(ArrayRef(tensor.shape, tensor.rank)), tensor.type});
  return infos;
}

/// Loads the code into this process and finds its fpw_model.
static Expected<std::unique_ptr<orc::LLJIT>> load(const ObjectCode &code, const fpw_model *&model) {
  auto jit = orc::LLJITBuilder().create();
  if (!jit)
    return jit.takeError();
  char prefix = (*jit)->getDataLayout().getGlobalPrefix();
  auto process = orc::DynamicLibrarySearchGenerator::GetForCurrentProcess(prefix); // memcpy
  if (!process)
    return process.takeError();
  (*jit)->getMainJITDylib().addGenerator(std::move(*process));
  // Where this is part of a library that only some of the program sees, the process does not have
  // what the library uses.
  auto math = orc::DynamicLibrarySearchGenerator::Load("libm.so.6", prefix);
  if (math)
    (*jit)->getMainJITDylib().addGenerator(std::move(*math));
  else
    consumeError(math.takeError()); // systems without it have its functions elsewhere
  if (Error error = defineSymbols(**jit, code))
    return error;
  for (const std::unique_ptr<MemoryBuffer> &object : code.objects)
    if (Error error = (*jit)->addObjectFile(MemoryBuffer::getMemBuffer(
            object->getMemBufferRef(), /*RequiresNullTerminator=*/false)))
      return error;
  auto entry = (*jit)->lookup(code.entry);
  if (!entry)
    return entry.takeError();
  model = entry->toPtr<const fpw_model *(*)()>()();
  return jit;
}

Expected<std::unique_ptr<CompiledModel>> CompiledModel::compile(mlir::ModuleOp module,
                                                                const CompileOptions &given) {
  CompileOptions options = given;
  if (options.gpu)
    if (Error error = useDeviceHere(*options.gpu))
      return error;
  auto code = compileToObject(module, options);
  return code ? load(std::move(*code)) : code.takeError();
}

Expected<std::unique_ptr<CompiledModel>> CompiledModel::load(ObjectCode code) {
  if (Triple(code.target.triple).getArch() != Triple(sys::getProcessTriple()).getArch())
    return createStringError("expected code for this kind of machine but got it for " +
                             code.target.triple);
  auto state = std::make_unique<State>();
  state->code = std::move(code);
  auto jit = fpw::load(state->code, state->model);
  if (!jit)
    return jit.takeError();
  state->jit = std::move(*jit);
  state->inputs = describe(state->model->inputs, state->model->num_inputs);
  state->outputs = describe(state->model->outputs, state->model->num_outputs);
  state->contexts.emplace(state->model);
  return std::unique_ptr<CompiledModel>(new CompiledModel(std::move(state)));
}

//===----------------------------------------------------------------------===//
// Running
//===----------------------------------------------------------------------===//

static std::string toString(ArrayRef<int64_t> shape) {
  auto print = [](int64_t size) { return size < 0 ? std::string("?") : std::to_string(size); };
  return "(" + join(map_range(shape, print), ", ") + ")";
}

static Error checkInput(const TensorInfo &info, const TensorView &input) {
  if (info.type != input.type)
    return createStringError("expected input '" + info.name + "' of type " +
                             getTypeName(info.type) + " but got " + getTypeName(input.type));
  bool fits = info.shape.size() == input.shape.size() &&
              all_of(zip(info.shape, input.shape), [](auto sizes) {
                auto [expected, actual] = sizes;
                return actual >= 0 && (expected < 0 || expected == actual);
              });
  if (fits)
    return Error::success();
  return createStringError("expected input '" + info.name + "' of shape " + toString(info.shape) +
                           " but got " + toString(input.shape));
}

/// The batch, which the inputs agree on; 1 without one.
static Expected<int64_t> getBatch(ArrayRef<TensorInfo> infos, ArrayRef<TensorView> inputs) {
  std::optional<int64_t> batch;
  for (auto [info, input] : zip(infos, inputs)) {
    if (info.shape.empty() || info.shape[0] >= 0)
      continue;
    if (batch && *batch != input.shape[0])
      return createStringError("expected input '" + info.name + "' with batch size " +
                               std::to_string(*batch) + " but got " +
                               std::to_string(input.shape[0]));
    batch = input.shape[0];
  }
  return batch.value_or(1);
}

static TensorBuffer makeBuffer(const TensorInfo &info, int64_t batch) {
  TensorBuffer buffer;
  size_t count = 1;
  for (int64_t size : info.shape) {
    buffer.shape.push_back(size < 0 ? batch : size);
    count *= buffer.shape.back();
  }
  buffer.type = info.type;
  buffer.bytes = count * getElementSize(info.type);
  buffer.memory.reset(fpw_allocate(buffer.bytes));
  if (info.type == FPW_F32)
    buffer.data = ArrayRef(static_cast<const float *>(buffer.memory.get()), count);
  return buffer;
}

Expected<std::vector<TensorBuffer>> CompiledModel::run(ArrayRef<TensorView> inputs,
                                                       unsigned threads) const {
  if (inputs.size() != getInputs().size())
    return createStringError("expected " + std::to_string(getInputs().size()) + " inputs but got " +
                             std::to_string(inputs.size()));
  for (auto [info, input] : zip(getInputs(), inputs))
    if (Error error = checkInput(info, input))
      return error;
  auto batch = getBatch(getInputs(), inputs);
  if (!batch)
    return batch.takeError();

  std::vector<TensorBuffer> outputs;
  for (const TensorInfo &info : getOutputs())
    outputs.push_back(makeBuffer(info, *batch));
  auto from =
      map_to_vector(inputs, [](const TensorView &input) -> const void * { return input.data; });
  auto to = map_to_vector(outputs, [](const TensorBuffer &output) { return output.memory.get(); });
  if (Error error = state->contexts->run(*batch, from, to, threads))
    return error;
  return outputs;
}

} // namespace fpw

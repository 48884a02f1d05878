//===- CompiledModel.cpp - A network as native code -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "fpw/Execution/CompiledModel.h"
#include "fpw/Execution/ObjectCode.h"
#include "fpw/Runtime/Runtime.h"
#include "llvm/ADT/ScopeExit.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ExecutionEngine/Orc/AbsoluteSymbols.h"
#include "llvm/ExecutionEngine/Orc/ExecutionUtils.h"
#include "llvm/ExecutionEngine/Orc/LLJIT.h"
#include <mutex>

using namespace llvm;

namespace fpw {

namespace {
/// Contexts that no run uses. They keep their memory for the next one.
class IdleContexts {
public:
  ~IdleContexts() {
    for (auto [threads, context] : contexts)
      fpw_destroy_context(context);
  }

  /// A context for this number of threads, or null.
  fpw_context *take(unsigned threads) {
    std::lock_guard<std::mutex> lock(mutex);
    auto it = find_if(contexts, [&](const auto &entry) { return entry.first == threads; });
    if (it == contexts.end())
      return nullptr;
    fpw_context *context = it->second;
    contexts.erase(it);
    return context;
  }

  void put(unsigned threads, fpw_context *context) {
    std::lock_guard<std::mutex> lock(mutex);
    contexts.push_back({threads, context});
  }

private:
  std::mutex mutex;
  SmallVector<std::pair<unsigned, fpw_context *>> contexts;
};
} // namespace

struct CompiledModel::State {
  ObjectCode code;
  std::unique_ptr<orc::LLJIT> jit;
  const fpw_model *model = nullptr;
  std::vector<TensorInfo> inputs, outputs;
  IdleContexts contexts;
};

CompiledModel::CompiledModel(std::unique_ptr<State> state) : state(std::move(state)) {}
CompiledModel::~CompiledModel() = default;
void TensorBuffer::Free::operator()(void *memory) const { fpw_free(memory); }
ArrayRef<TensorInfo> CompiledModel::getInputs() const { return state->inputs; }
ArrayRef<TensorInfo> CompiledModel::getOutputs() const { return state->outputs; }
ArrayRef<std::string> CompiledModel::getProfiledLayers() const {
  return state->code.profiledLayers;
}

//===----------------------------------------------------------------------===//
// Loading
//===----------------------------------------------------------------------===//

/// The addresses of the runtime and of the parameters.
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
#undef DEFINE
  for (const ExternalData &parameter : code.parameters)
    define(parameter.symbol, parameter.data.get());
  return jit.getMainJITDylib().define(orc::absoluteSymbols(std::move(symbols)));
}

static std::vector<TensorInfo> describe(const fpw_tensor *tensors, uint32_t count) {
  std::vector<TensorInfo> infos;
  for (const fpw_tensor &tensor : ArrayRef(tensors, count))
    infos.push_back({tensor.name, SmallVector<int64_t>(ArrayRef(tensor.shape, tensor.rank))});
  return infos;
}

/// Loads the code into this process and finds its fpw_model.
static Expected<std::unique_ptr<orc::LLJIT>> load(ObjectCode &code, const fpw_model *&model) {
  auto jit = orc::LLJITBuilder().create();
  if (!jit)
    return jit.takeError();
  auto process = orc::DynamicLibrarySearchGenerator::GetForCurrentProcess(
      (*jit)->getDataLayout().getGlobalPrefix()); // memcpy, libm
  if (!process)
    return process.takeError();
  (*jit)->getMainJITDylib().addGenerator(std::move(*process));
  if (Error error = defineSymbols(**jit, code))
    return error;
  for (std::unique_ptr<MemoryBuffer> &object : code.objects)
    if (Error error = (*jit)->addObjectFile(std::move(object)))
      return error;
  auto entry = (*jit)->lookup(code.entry);
  if (!entry)
    return entry.takeError();
  model = entry->toPtr<const fpw_model *(*)()>()();
  return jit;
}

Expected<std::unique_ptr<CompiledModel>> CompiledModel::compile(mlir::ModuleOp module,
                                                                const CompileOptions &options) {
  auto code = compileToObject(module, options);
  if (!code)
    return code.takeError();
  auto state = std::make_unique<State>();
  state->code = std::move(*code);
  auto jit = load(state->code, state->model);
  if (!jit)
    return jit.takeError();
  state->jit = std::move(*jit);
  state->inputs = describe(state->model->inputs, state->model->num_inputs);
  state->outputs = describe(state->model->outputs, state->model->num_outputs);
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
  buffer.memory.reset(fpw_allocate(count * sizeof(float)));
  buffer.data = ArrayRef(static_cast<const float *>(buffer.memory.get()), count);
  return buffer;
}

static Error check(const fpw_model *model, fpw_status status) {
  return status == FPW_OK ? Error::success() : createStringError(fpw_get_error(model));
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

  const fpw_model *model = state->model;
  fpw_context *context = state->contexts.take(threads);
  if (!context)
    if (Error error = check(model, fpw_create_context(model, threads, &context)))
      return error;
  scope_exit release([&] { state->contexts.put(threads, context); });
  if (Error error = check(model, fpw_prepare(context, *batch)))
    return error;
  std::vector<TensorBuffer> outputs;
  for (const TensorInfo &info : getOutputs())
    outputs.push_back(makeBuffer(info, *batch));
  auto from =
      map_to_vector(inputs, [](const TensorView &input) -> const void * { return input.data; });
  auto to = map_to_vector(outputs, [](const TensorBuffer &output) { return output.memory.get(); });
  if (Error error = check(model, fpw_run(context, *batch, from.data(), to.data())))
    return error;
  return outputs;
}

} // namespace fpw

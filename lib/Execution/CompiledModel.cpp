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

using namespace llvm;

namespace fpw {

struct CompiledModel::State {
  ObjectCode code;
  std::unique_ptr<orc::LLJIT> jit;
  void (*entry)(void **arguments) = nullptr;
};

CompiledModel::CompiledModel(std::unique_ptr<State> state) : state(std::move(state)) {}
CompiledModel::~CompiledModel() = default;
void TensorBuffer::Free::operator()(void *memory) const { fpw_free(memory); }
ArrayRef<TensorInfo> CompiledModel::getInputs() const { return state->code.inputs; }
ArrayRef<TensorInfo> CompiledModel::getOutputs() const { return state->code.outputs; }

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
  auto defineFunction = [&](StringRef name, auto *function) {
    define(name, reinterpret_cast<const void *>(function));
  };
  defineFunction("fpw_parallel_for", &fpw_parallel_for);
  defineFunction("_mlir_memref_to_llvm_aligned_alloc", &_mlir_memref_to_llvm_aligned_alloc);
  defineFunction("_mlir_memref_to_llvm_free", &_mlir_memref_to_llvm_free);
  for (const ExternalData &parameter : code.parameters)
    define(parameter.symbol, parameter.data.get());
  return jit.getMainJITDylib().define(orc::absoluteSymbols(std::move(symbols)));
}

Expected<std::unique_ptr<CompiledModel>> CompiledModel::compile(mlir::ModuleOp module,
                                                                const CompileOptions &options) {
  auto code = compileToObject(module, options);
  if (!code)
    return code.takeError();
  auto state = std::make_unique<State>();
  state->code = std::move(*code);
  auto machine = options.target.createTargetMachine(); // also initialises the target
  if (!machine)
    return machine.takeError();
  auto jit = orc::LLJITBuilder().create();
  if (!jit)
    return jit.takeError();
  state->jit = std::move(*jit);
  orc::JITDylib &library = state->jit->getMainJITDylib();
  auto process = orc::DynamicLibrarySearchGenerator::GetForCurrentProcess(
      state->jit->getDataLayout().getGlobalPrefix()); // memcpy, libm
  if (!process)
    return process.takeError();
  library.addGenerator(std::move(*process));
  if (Error error = defineSymbols(*state->jit, state->code))
    return error;
  if (Error error = state->jit->addObjectFile(std::move(state->code.object)))
    return error;
  auto entry = state->jit->lookup(state->code.entry);
  if (!entry)
    return entry.takeError();
  state->entry = entry->toPtr<void (*)(void **)>();
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

/// All inputs with a dynamic first dimension are of the same batch.
static Error checkBatch(ArrayRef<TensorInfo> infos, ArrayRef<TensorView> inputs) {
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
  return Error::success();
}

/// Words of a memref descriptor: two pointers, offset, sizes, strides.
static size_t getDescriptorSize(size_t rank) { return 3 + 2 * rank; }

static std::vector<int64_t> makeDescriptor(const TensorView &tensor) {
  std::vector<int64_t> words(getDescriptorSize(tensor.shape.size()));
  words[0] = words[1] = reinterpret_cast<int64_t>(tensor.data);
  int64_t stride = 1;
  for (size_t dim = tensor.shape.size(); dim-- > 0;) {
    words[3 + dim] = tensor.shape[dim];
    words[3 + tensor.shape.size() + dim] = stride;
    stride *= tensor.shape[dim];
  }
  return words;
}

static TensorBuffer takeResult(const int64_t *words, size_t rank) {
  TensorBuffer result;
  result.memory.reset(reinterpret_cast<void *>(words[0]));
  result.shape.assign(words + 3, words + 3 + rank);
  size_t count = 1;
  for (int64_t size : result.shape)
    count *= size;
  result.data = ArrayRef(reinterpret_cast<const float *>(words[1]) + words[2], count);
  return result;
}

Expected<std::vector<TensorBuffer>> CompiledModel::run(ArrayRef<TensorView> inputs,
                                                       unsigned threads) const {
  if (inputs.size() != getInputs().size())
    return createStringError("expected " + std::to_string(getInputs().size()) + " inputs but got " +
                             std::to_string(inputs.size()));
  for (auto [info, input] : zip(getInputs(), inputs))
    if (Error error = checkInput(info, input))
      return error;
  if (Error error = checkBatch(getInputs(), inputs))
    return error;

  size_t resultWords = 0;
  for (const TensorInfo &info : getOutputs())
    resultWords += getDescriptorSize(info.shape.size());
  std::vector<int64_t> results(resultWords);
  std::vector<std::vector<int64_t>> descriptors;
  std::vector<void *> arguments;
  if (!getOutputs().empty())
    arguments.push_back(results.data());
  for (const TensorView &input : inputs)
    descriptors.push_back(makeDescriptor(input));
  for (std::vector<int64_t> &descriptor : descriptors)
    arguments.push_back(descriptor.data());

  uint32_t before = fpw_set_num_threads(threads);
  scope_exit restore([&] { fpw_set_num_threads(before); });
  state->entry(arguments.data());

  std::vector<TensorBuffer> outputs;
  const int64_t *words = results.data();
  for (const TensorInfo &info : getOutputs()) {
    outputs.push_back(takeResult(words, info.shape.size()));
    words += getDescriptorSize(info.shape.size());
  }
  return outputs;
}

} // namespace fpw

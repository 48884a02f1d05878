//===- Buffers.cpp - Arrays of Python as inputs and outputs -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Buffers.h"

#include "fpw/Support/Npy.h"
#include "llvm/ADT/STLExtras.h"
#include <cstdlib>
#include <cstring>
#include <optional>

namespace fpw::python {

static std::string quote(const TensorInfo &info) { return "'" + info.name + "'"; }

static std::string toString(ArrayRef<int64_t> shape) {
  std::string text = "(";
  for (int64_t size : shape)
    text += (text.size() > 1 ? ", " : "") + (size < 0 ? "batch" : std::to_string(size));
  return text + ")";
}

template <typename Array> static SmallVector<int64_t> getShape(const Array &array) {
  return SmallVector<int64_t>(array.shape_ptr(), array.shape_ptr() + array.ndim());
}

static std::string toString(nb::dlpack::dtype type) {
  const char *kind = "type";
  switch (nb::dlpack::dtype_code(type.code)) {
  case nb::dlpack::dtype_code::Int:
    kind = "int";
    break;
  case nb::dlpack::dtype_code::UInt:
    kind = "uint";
    break;
  case nb::dlpack::dtype_code::Float:
    kind = "float";
    break;
  case nb::dlpack::dtype_code::Bfloat:
    kind = "bfloat";
    break;
  case nb::dlpack::dtype_code::Complex:
    kind = "complex";
    break;
  case nb::dlpack::dtype_code::Bool:
    return "bool";
  default:
    break;
  }
  return kind + std::to_string(type.bits);
}

/// The type of the elements of an input or output.
static nb::dlpack::dtype getType(const TensorInfo &info) {
  switch (info.type) {
  case FPW_F32:
    return nb::dtype<float>();
  case FPW_I32:
    return nb::dtype<int32_t>();
  case FPW_I64:
    return nb::dtype<int64_t>();
  case FPW_BOOL:
    return nb::dtype<bool>();
  }
  llvm_unreachable("all types are above");
}

template <typename Array> static bool isOrdered(const Array &array) {
  int64_t expected = 1;
  for (size_t dim = array.ndim(); dim-- > 0; expected *= array.shape(dim))
    if (array.shape(dim) != 1 && array.stride(dim) != expected)
      return array.size() == 0;
  return true;
}

//===----------------------------------------------------------------------===//
// Inputs
//===----------------------------------------------------------------------===//

/// Copies the elements from one dimension inwards, in order.
static char *copyOrdered(const AnyArray &array, const char *from, size_t dim, char *to) {
  if (dim == array.ndim()) {
    std::memcpy(to, from, array.itemsize());
    return to + array.itemsize();
  }
  int64_t pitch = array.stride(dim) * int64_t(array.itemsize());
  for (size_t i = 0; i < array.shape(dim); ++i)
    to = copyOrdered(array, from + int64_t(i) * pitch, dim + 1, to);
  return to;
}

template <typename Array>
static void checkKind(const Array &array, const TensorInfo &info, const char *kind) {
  if (array.device_type() != nb::device::cpu::value)
    throw nb::type_error(
        ("expected " + std::string(kind) + " " + quote(info) + " in the memory of the CPU")
            .c_str());
  if (array.dtype() != getType(info))
    throw nb::type_error(("expected " + std::string(kind) + " " + quote(info) + " of " +
                          toString(getType(info)) + " but got " + toString(array.dtype()))
                             .c_str());
}

static Input makeInput(const TensorInfo &info, nb::handle object) {
  Input input;
  if (!nb::try_cast(object, input.array))
    throw nb::type_error(("expected an array for input " + quote(info) + " but got " +
                          nb::cast<std::string>(object.type().attr("__name__")))
                             .c_str());
  checkKind(input.array, info, "input");
  if (!isOrdered(input.array)) {
    input.copy.resize(input.array.nbytes());
    copyOrdered(input.array, static_cast<const char *>(input.array.data()), 0, input.copy.data());
  }
  return input;
}

std::vector<Input> collectInputs(ArrayRef<TensorInfo> infos, nb::args positional,
                                 nb::kwargs named) {
  if (positional.size() > infos.size())
    throw nb::type_error(("expected " + std::to_string(infos.size()) + " inputs but got " +
                          std::to_string(positional.size()))
                             .c_str());
  for (auto [key, value] : named) {
    std::string name = nb::cast<std::string>(key);
    auto isNamed = [&](const TensorInfo &info) { return info.name == name; };
    if (name != "out" && llvm::none_of(infos.drop_front(positional.size()), isNamed))
      throw nb::type_error(("expected no input '" + name + "' by name").c_str());
  }
  std::vector<Input> inputs;
  for (auto [i, info] : llvm::enumerate(infos)) {
    if (i < positional.size())
      inputs.push_back(makeInput(info, positional[i]));
    else if (named.contains(info.name.c_str()))
      inputs.push_back(makeInput(info, named[info.name.c_str()]));
    else
      throw nb::type_error(("expected input " + quote(info) + " but got none").c_str());
  }
  return inputs;
}

int64_t getBatch(ArrayRef<TensorInfo> infos, ArrayRef<Input> inputs) {
  std::optional<int64_t> batch;
  for (auto [info, input] : llvm::zip(infos, inputs)) {
    SmallVector<int64_t> shape = getShape(input.array);
    std::optional<int64_t> before = batch;
    bool fits = shape.size() == info.shape.size();
    for (size_t dim = 0; fits && dim < shape.size(); ++dim) {
      int64_t expected = info.shape[dim] < 0 ? batch.value_or(shape[dim]) : info.shape[dim];
      if (info.shape[dim] < 0)
        batch = expected;
      fits = shape[dim] == expected;
    }
    if (!fits)
      throw nb::value_error(("expected input " + quote(info) + " of shape " + toString(info.shape) +
                             (before ? " with a batch of " + std::to_string(*before) : "") +
                             " but got " + toString(shape))
                                .c_str());
  }
  return batch.value_or(1);
}

//===----------------------------------------------------------------------===//
// Outputs
//===----------------------------------------------------------------------===//

static Output makeOutput(const TensorInfo &info, ArrayRef<int64_t> sizes) {
  SmallVector<size_t> shape(sizes.begin(), sizes.end());
  constexpr size_t kAlignment = 64;
  size_t bytes = getElementSize(info.type);
  for (size_t size : shape)
    bytes *= size;
  size_t allocated = (bytes / kAlignment + 1) * kAlignment;
  void *data = std::aligned_alloc(kAlignment, allocated);
  if (!data)
    throw std::bad_alloc();
  nb::capsule owner(data, [](void *memory) noexcept { std::free(memory); });
  nb::ndarray<nb::numpy> array(data, shape.size(), shape.data(), owner, /*strides=*/nullptr,
                               getType(info));
  return {nb::cast(array), data, bytes};
}

/// Memory of the caller.
static Output useOutput(const TensorInfo &info, ArrayRef<int64_t> shape, nb::handle object) {
  nb::ndarray<> array;
  if (!nb::try_cast(object, array))
    throw nb::type_error(
        ("expected an array that can be written for output " + quote(info)).c_str());
  checkKind(array, info, "output");
  if (ArrayRef<int64_t>(getShape(array)) != shape)
    throw nb::value_error(("expected output " + quote(info) + " of shape " + toString(shape) +
                           " but got " + toString(getShape(array)))
                              .c_str());
  if (!isOrdered(array))
    throw nb::value_error(
        ("expected output " + quote(info) + " with its elements in order (C-contiguous)").c_str());
  return {nb::borrow(object), array.data(), array.nbytes()};
}

std::vector<Output> makeOutputs(ArrayRef<TensorInfo> infos, int64_t batch, nb::object out) {
  bool isGiven = out.is_valid() && !out.is_none();
  nb::object list = out;
  if (isGiven && !nb::isinstance<nb::sequence>(out))
    list = nb::make_tuple(out);
  else if (isGiven && !nb::isinstance<nb::list>(out) && !nb::isinstance<nb::tuple>(out))
    list = nb::make_tuple(out); // arrays are sequences, too
  if (isGiven && nb::len(list) != infos.size())
    throw nb::value_error(("expected " + std::to_string(infos.size()) + " arrays in out but got " +
                           std::to_string(nb::len(list)))
                              .c_str());
  std::vector<Output> outputs;
  for (auto [i, info] : llvm::enumerate(infos)) {
    SmallVector<int64_t> shape(info.shape);
    for (int64_t &size : shape)
      size = size < 0 ? batch : size;
    outputs.push_back(isGiven ? useOutput(info, shape, list[i]) : makeOutput(info, shape));
  }
  return outputs;
}

void checkOverlap(ArrayRef<Input> inputs, ArrayRef<Output> outputs) {
  auto overlap = [](const void *a, size_t bytesA, const void *b, size_t bytesB) {
    auto beginA = reinterpret_cast<uintptr_t>(a), beginB = reinterpret_cast<uintptr_t>(b);
    return beginA < beginB + bytesB && beginB < beginA + bytesA;
  };
  for (auto [i, output] : llvm::enumerate(outputs)) {
    for (const Input &input : inputs)
      if (overlap(output.data, output.bytes, input.getData(), input.getBytes()))
        throw nb::value_error("expected outputs in memory of their own but got one in an input's");
    for (const Output &other : outputs.take_front(i))
      if (overlap(output.data, output.bytes, other.data, other.bytes))
        throw nb::value_error("expected outputs in memory of their own but got two in the same");
  }
}

nb::object getResults(ArrayRef<Output> outputs) {
  if (outputs.size() == 1)
    return outputs.front().array;
  nb::list results;
  for (const Output &output : outputs)
    results.append(output.array);
  return nb::tuple(results);
}

} // namespace fpw::python

//===- Buffers.h - Arrays of Python as inputs and outputs -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_LIB_BINDINGS_PYTHON_BUFFERS_H
#define FPW_LIB_BINDINGS_PYTHON_BUFFERS_H

#include "fpw/Execution/CompiledModel.h"
#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/string.h>

namespace fpw::python {

namespace nb = nanobind;

/// Anything that has an array: of numpy, or by dlpack.
using AnyArray = nb::ndarray<nb::ro>;

/// The data of an input: where the array has it, or a copy in order.
struct Input {
  AnyArray array;
  std::vector<char> copy; ///< empty if the array is in order

  const void *getData() const { return copy.empty() ? array.data() : copy.data(); }
  size_t getBytes() const { return array.nbytes(); }
};

/// An output: memory of its own, or the caller's.
struct Output {
  nb::object array; ///< of numpy
  void *data;
  size_t bytes;
};

/// The inputs of a call, by position or by name; "out" is no input. What does not fit is an
/// exception.
std::vector<Input> collectInputs(ArrayRef<TensorInfo> infos, nb::args positional, nb::kwargs named);

/// The batch that the inputs agree on, which have the shapes that the network wants.
int64_t getBatch(ArrayRef<TensorInfo> infos, ArrayRef<Input> inputs);

/// New arrays, or those of `out`: one array, or as many as there are outputs.
std::vector<Output> makeOutputs(ArrayRef<TensorInfo> infos, int64_t batch, nb::object out);

/// Outputs are written while inputs are still read.
void checkOverlap(ArrayRef<Input> inputs, ArrayRef<Output> outputs);

/// The array, or a tuple of several.
nb::object getResults(ArrayRef<Output> outputs);

} // namespace fpw::python

#endif // FPW_LIB_BINDINGS_PYTHON_BUFFERS_H

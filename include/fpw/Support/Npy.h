//===- Npy.h - Tensors in .npy files ---------------------------*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// numpy's format for one array: read into the types that networks take, written from those that
// they give.
//
//===----------------------------------------------------------------------===//

#ifndef FPW_SUPPORT_NPY_H
#define FPW_SUPPORT_NPY_H

#include "fpw-c/Model.h"
#include "fpw/Support/LLVM.h"
#include "llvm/Support/Error.h"
#include <vector>

namespace fpw {

/// A tensor in row-major order.
struct FloatTensor {
  SmallVector<int64_t> shape;
  std::vector<float> data;
};

/// A tensor in row-major order, of any type that networks take or give.
struct TypedTensor {
  fpw_type type = FPW_F32;
  SmallVector<int64_t> shape;
  std::vector<char> bytes;
};

/// The bytes of an element.
size_t getElementSize(fpw_type type);
/// What numpy calls a type: "float32".
StringRef getTypeName(fpw_type type);

/// Parses the bytes of a .npy file, format version 1 to 3: floats of 16, 32 and 64 bits, integers
/// of either sign and bool, in either byte order, in C or Fortran order. Numbers that float cannot
/// hold are rounded to nearest. Missing or surplus data is an error.
Expected<FloatTensor> parseNpy(StringRef bytes);

/// The same for any type. Only integers and bool become integers, and only if these can hold them.
Expected<TypedTensor> parseNpy(StringRef bytes, fpw_type type);

/// Reads a .npy file; "-" is the standard input.
Expected<FloatTensor> readNpy(StringRef path);
Expected<TypedTensor> readNpy(StringRef path, fpw_type type);

/// Writes a .npy file of floats in C order; "-" is the standard output. The file appears only when
/// it is complete.
Error writeNpy(StringRef path, ArrayRef<int64_t> shape, ArrayRef<float> data);
/// The same for elements of any type.
Error writeNpy(StringRef path, ArrayRef<int64_t> shape, fpw_type type, ArrayRef<char> bytes);

} // namespace fpw

#endif // FPW_SUPPORT_NPY_H

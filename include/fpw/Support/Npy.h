//===- Npy.h - Tensors in .npy files ---------------------------*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// numpy's format for one array: read into float, written as float.
//
//===----------------------------------------------------------------------===//

#ifndef FPW_SUPPORT_NPY_H
#define FPW_SUPPORT_NPY_H

#include "fpw/Support/LLVM.h"
#include "llvm/Support/Error.h"
#include <vector>

namespace fpw {

/// A tensor in row-major order.
struct FloatTensor {
  SmallVector<int64_t> shape;
  std::vector<float> data;
};

/// Parses the bytes of a .npy file, format version 1 to 3: floats of 16, 32 and 64 bits, integers
/// of either sign and bool, in either byte order, in C or Fortran order. Numbers that float cannot
/// hold are rounded to nearest. Missing or surplus data is an error.
Expected<FloatTensor> parseNpy(StringRef bytes);

/// Reads a .npy file; "-" is the standard input.
Expected<FloatTensor> readNpy(StringRef path);

/// Writes a .npy file of floats in C order; "-" is the standard output. The file appears only when
/// it is complete.
Error writeNpy(StringRef path, ArrayRef<int64_t> shape, ArrayRef<float> data);

} // namespace fpw

#endif // FPW_SUPPORT_NPY_H

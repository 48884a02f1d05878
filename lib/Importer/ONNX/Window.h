//===- Window.h - Windows that slide over an image -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_LIB_IMPORTER_ONNX_WINDOW_H
#define FPW_LIB_IMPORTER_ONNX_WINDOW_H

#include "NodeImporter.h"

namespace fpw::onnx {

/// The attributes that convolutions and poolings share, one value per spatial dimension.
struct Window {
  SmallVector<int64_t> kernel, stride, dilation, padBefore, padAfter;
  std::string autoPad;

  /// Reads the attributes of a node. `kernel` is given where weights say it.
  static FailureOr<Window> read(NodeImporter &importer, int64_t spatialRank,
                                ArrayRef<int64_t> kernel = {});

  size_t getRank() const { return kernel.size(); }
  /// What the window covers along a dimension.
  int64_t getExtent(size_t i) const { return dilation[i] * (kernel[i] - 1) + 1; }
  /// Sets the pads that `auto_pad` asks for, where the image has these sizes.
  LogicalResult resolveAutoPad(NodeImporter &importer, ArrayRef<int64_t> image);
  bool isSymmetric() const { return padBefore == padAfter; }
  /// Distributes this much padding over both ends.
  void distribute(size_t i, int64_t total, bool moreAfter);
};

/// The sizes behind batch and channel, which have to be static; an error if not.
FailureOr<SmallVector<int64_t>> getImageSizes(NodeImporter &importer, Value x);

} // namespace fpw::onnx

#endif // FPW_LIB_IMPORTER_ONNX_WINDOW_H

//===- Window.cpp - Windows that slide over an image -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Window.h"
#include "llvm/Support/MathExtras.h"

using namespace fpw;
using namespace fpw::onnx;

/// Sizes and pads beyond this are damaged, and would overflow what follows.
static constexpr int64_t kMostSteps = int64_t(1) << 24;

static FailureOr<SmallVector<int64_t>> readList(NodeImporter &importer, StringRef name,
                                                size_t count, int64_t defaultValue, int64_t least) {
  auto values = importer.getInts(name).value_or(SmallVector<int64_t>(count, defaultValue));
  bool isValid = values.size() == count && llvm::all_of(values, [&](int64_t value) {
                   return value >= least && value <= kMostSteps;
                 });
  if (isValid)
    return values;
  return importer.emitError() << "expected " << count << " values of " << least << " to "
                              << kMostSteps << " as " << name;
}

FailureOr<Window> Window::read(NodeImporter &importer, int64_t spatialRank,
                               ArrayRef<int64_t> kernel) {
  if (spatialRank < 1 || spatialRank > 3)
    return importer.emitError() << "expected 1 to 3 spatial dimensions but got " << spatialRank;
  Window window;
  if (!importer.hasAttribute("kernel_shape") && kernel.empty())
    return importer.emitError() << "expected attribute 'kernel_shape'";
  auto kernelShape = kernel.empty() || importer.hasAttribute("kernel_shape")
                         ? readList(importer, "kernel_shape", spatialRank, 1, 1)
                         : SmallVector<int64_t>(kernel);
  auto stride = readList(importer, "strides", spatialRank, 1, 1);
  auto dilation = readList(importer, "dilations", spatialRank, 1, 1);
  auto pads = readList(importer, "pads", 2 * spatialRank, 0, 0);
  if (failed(kernelShape) || failed(stride) || failed(dilation) || failed(pads))
    return failure();
  if (!kernel.empty() && ArrayRef<int64_t>(*kernelShape) != kernel)
    return importer.emitError() << "expected the kernel_shape of the weights, "
                                << printShape(kernel) << ", but got " << printShape(*kernelShape);
  window.kernel = *kernelShape;
  window.stride = *stride;
  window.dilation = *dilation;
  window.padBefore.assign(pads->begin(), pads->begin() + spatialRank);
  window.padAfter.assign(pads->begin() + spatialRank, pads->end());
  window.autoPad = importer.getString("auto_pad", "NOTSET").str();
  for (size_t i = 0; i < window.getRank(); ++i)
    if (window.getExtent(i) > kMostSteps)
      return importer.emitError() << "expected a dilated kernel of at most " << kMostSteps;
  return window;
}

void Window::distribute(size_t i, int64_t total, bool moreAfter) {
  int64_t less = total / 2, more = total - less;
  padBefore[i] = moreAfter ? less : more;
  padAfter[i] = moreAfter ? more : less;
}

LogicalResult Window::resolveAutoPad(NodeImporter &importer, ArrayRef<int64_t> image) {
  if (autoPad == "NOTSET")
    return success();
  if (autoPad != "VALID" && autoPad != "SAME_UPPER" && autoPad != "SAME_LOWER")
    return importer.emitError() << "auto_pad '" << autoPad << "' is not supported";
  for (size_t i = 0; i < getRank(); ++i) {
    int64_t outputs = llvm::divideCeil(image[i], stride[i]);
    int64_t total = std::max<int64_t>((outputs - 1) * stride[i] + getExtent(i) - image[i], 0);
    distribute(i, autoPad == "VALID" ? 0 : total, autoPad == "SAME_UPPER");
  }
  return success();
}

FailureOr<SmallVector<int64_t>> onnx::getImageSizes(NodeImporter &importer, Value x) {
  ArrayRef<int64_t> shape = NNBuilder::getShape(x);
  if (shape.size() < 3)
    return importer.emitError() << "expected batch, channels and spatial dimensions but got "
                                << x.getType();
  for (int64_t size : shape.drop_front())
    if (size < 1 || size > kMostSteps)
      return importer.emitError() << "expected channels and an image of 1 to " << kMostSteps
                                  << " but got " << x.getType();
  return SmallVector<int64_t>(shape.drop_front(2));
}

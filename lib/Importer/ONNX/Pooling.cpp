//===- Pooling.cpp - Pooling -*- C++ -*-===//
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

//===----------------------------------------------------------------------===//
// Windows
//===----------------------------------------------------------------------===//

namespace {
/// A pooling whose window may hang over the end of its padding.
struct Pooling {
  Window window;
  SmallVector<int64_t> image, outputs;
  bool ceils = false;

  /// How far the last window reaches beyond the image, at least the padding.
  int64_t getReach(size_t i) const {
    int64_t end = (outputs[i] - 1) * window.stride[i] + window.getExtent(i) - window.padBefore[i];
    return std::max(end - image[i], window.padAfter[i]);
  }
  bool hasDilation() const {
    return llvm::any_of(window.dilation, [](int64_t dilation) { return dilation != 1; });
  }
};
} // namespace

static FailureOr<Pooling> readPooling(NodeImporter &importer, Value x) {
  FailureOr<SmallVector<int64_t>> image = getImageSizes(importer, x);
  if (failed(image))
    return failure();
  auto window = Window::read(importer, image->size());
  if (failed(window) || failed(window->resolveAutoPad(importer, *image)))
    return failure();
  Pooling pooling{*window, *image, {}, importer.getInt("ceil_mode", 0) != 0};
  for (size_t i = 0; i < image->size(); ++i) {
    int64_t room =
        pooling.image[i] + window->padBefore[i] + window->padAfter[i] - window->getExtent(i);
    if (room < 0)
      return importer.emitError() << "expected a window that fits into the padded image of size "
                                  << pooling.image[i];
    int64_t stride = window->stride[i];
    int64_t count = (pooling.ceils ? llvm::divideCeil(room, stride) : room / stride) + 1;
    // No window begins in the padding at the end.
    if (pooling.ceils && (count - 1) * stride >= pooling.image[i] + window->padBefore[i])
      --count;
    pooling.outputs.push_back(count);
  }
  return pooling;
}

/// The input with all elements that windows touch, those outside of the image set to a value.
static Value padForWindows(NNBuilder &b, Value x, const Pooling &pooling, float value) {
  SmallVector<int64_t> after;
  for (size_t i = 0; i < pooling.image.size(); ++i)
    after.push_back(pooling.getReach(i));
  return b.pad(x, pooling.window.padBefore, after, value);
}

/// Whether one of the dialect's poolings has the same windows.
static bool isPlain(const Pooling &pooling) {
  const Window &window = pooling.window;
  if (!window.isSymmetric() || pooling.hasDilation())
    return false;
  for (size_t i = 0; i < pooling.image.size(); ++i)
    if (window.padBefore[i] >= window.kernel[i] ||
        pooling.outputs[i] !=
            (pooling.image[i] + 2 * window.padBefore[i] - window.kernel[i]) / window.stride[i] + 1)
      return false;
  return true;
}

/// A pooling of the dialect; `isPadded` where the input has its padding already.
template <typename OpT>
static Value buildPooling(NNBuilder &b, Value x, const Pooling &pooling, bool isPadded,
                          typename OpT::Properties properties = {}) {
  properties.kernel = b.getSizes(pooling.window.kernel);
  properties.stride = b.getSizes(pooling.window.stride);
  properties.ignore_border = b.getBuilder().getBoolAttr(true);
  properties.pad = b.getSizes(isPadded ? SmallVector<int64_t>(pooling.image.size(), 0)
                                       : pooling.window.padBefore);
  Value y = b.create<OpT>(properties, x);
  // The padding may have room for more windows than there are.
  for (size_t i = 0; y && i < pooling.outputs.size(); ++i)
    y = b.slice(y, i + 2, 0, pooling.outputs[i]);
  return y;
}

/// A pooling of windows with holes: one slice of the input per element of the kernel, combined.
template <typename OpT>
static Value buildDilatedPooling(NodeImporter &importer, Value padded, const Pooling &pooling) {
  NNBuilder &b = importer.getBuilder();
  constexpr int64_t mostElements = 256;
  std::optional<int64_t> elements = countElements(pooling.window.kernel);
  if (!elements || *elements > mostElements) {
    importer.emitError() << "expected a dilated window of at most " << mostElements << " elements";
    return {};
  }
  Value result;
  for (int64_t element = 0; element < *elements; ++element) {
    Value part = padded;
    int64_t rest = element;
    for (size_t i = 0; i < pooling.outputs.size(); ++i) {
      int64_t offset = rest % pooling.window.kernel[i] * pooling.window.dilation[i];
      rest /= pooling.window.kernel[i];
      part = b.slice(part, i + 2, offset, pooling.outputs[i], pooling.window.stride[i]);
    }
    result = result ? b.broadcast<OpT>({result, part}) : part;
  }
  return result;
}

//===----------------------------------------------------------------------===//
// Maximum
//===----------------------------------------------------------------------===//

static LogicalResult importMaxPool(NodeImporter &importer) {
  NNBuilder &b = importer.getBuilder();
  importer.ignore({"storage_order"}); // of the indices, which are not supported
  Value x = importer.getFloatInput(0);
  if (!x)
    return failure();
  FailureOr<Pooling> pooling = readPooling(importer, x);
  if (failed(pooling))
    return failure();
  if (isPlain(*pooling))
    return importer.addFloats(buildPooling<nn::MaxPoolingOp>(b, x, *pooling, false));
  Value padded = padForWindows(b, x, *pooling, -std::numeric_limits<float>::infinity());
  return importer.addFloats(pooling->hasDilation()
                                ? buildDilatedPooling<nn::Maximum2Op>(importer, padded, *pooling)
                                : buildPooling<nn::MaxPoolingOp>(b, padded, *pooling, true));
}

//===----------------------------------------------------------------------===//
// Average
//===----------------------------------------------------------------------===//

/// How many elements each window has, of the image or of the image with its padding.
static std::vector<float> countWindows(const Pooling &pooling, bool includesPadding,
                                       int64_t elements) {
  std::vector<float> counts;
  for (int64_t index = 0; index < elements; ++index) {
    float count = 1;
    int64_t rest = index;
    for (size_t i = pooling.outputs.size(); i-- > 0;) {
      const Window &window = pooling.window;
      int64_t begin = rest % pooling.outputs[i] * window.stride[i] - window.padBefore[i];
      rest /= pooling.outputs[i];
      int64_t least = includesPadding ? -window.padBefore[i] : 0;
      int64_t end = pooling.image[i] + (includesPadding ? window.padAfter[i] : 0);
      int64_t inside = 0;
      for (int64_t k = 0; k < window.kernel[i]; ++k) {
        int64_t place = begin + k * window.dilation[i];
        inside += place >= least && place < end;
      }
      count *= inside;
    }
    counts.push_back(count);
  }
  return counts;
}

static LogicalResult importAveragePool(NodeImporter &importer) {
  NNBuilder &b = importer.getBuilder();
  Value x = importer.getFloatInput(0);
  bool includesPadding = importer.getInt("count_include_pad", 0) != 0;
  if (!x)
    return failure();
  FailureOr<Pooling> pooling = readPooling(importer, x);
  if (failed(pooling))
    return failure();
  if (isPlain(*pooling)) {
    nn::AveragePoolingOp::Properties properties;
    properties.including_pad = b.getBuilder().getBoolAttr(includesPadding);
    return importer.addFloats(
        buildPooling<nn::AveragePoolingOp>(b, x, *pooling, false, properties));
  }
  std::optional<int64_t> elements = countElements(pooling->outputs);
  if (!elements || !importer.mayCompute(*elements))
    return importer.emitError() << "the image is too large";
  Value padded = padForWindows(b, x, *pooling, 0.0f);
  if (!padded)
    return failure();
  Value sum = pooling->hasDilation() ? buildDilatedPooling<nn::Add2Op>(importer, padded, *pooling)
                                     : buildPooling<nn::SumPoolingOp>(b, padded, *pooling, true);
  Value counts =
      b.makeParameter(pooling->outputs, countWindows(*pooling, includesPadding, *elements));
  return importer.addFloats(b.div(sum, counts));
}

//===----------------------------------------------------------------------===//
// Global poolings
//===----------------------------------------------------------------------===//

static LogicalResult importGlobalAveragePool(NodeImporter &importer) {
  Value x = importer.getFloatInput(0);
  if (!x || failed(getImageSizes(importer, x)))
    return failure();
  return importer.addFloats(importer.getBuilder().create<nn::GlobalAveragePoolingOp>(x));
}

static LogicalResult importGlobalMaxPool(NodeImporter &importer) {
  Value x = importer.getFloatInput(0);
  if (!x || failed(getImageSizes(importer, x)))
    return failure();
  auto axes = llvm::to_vector(llvm::seq<int64_t>(2, NNBuilder::getRank(x)));
  return importer.addFloats(importer.getBuilder().reduce<nn::MaxOp>(x, axes, /*keepDims=*/true));
}

void onnx::addPoolingOperators(OperatorTable &table) {
  table.add("MaxPool", 1, 1, importMaxPool);
  table.add("AveragePool", 1, 1, importAveragePool);
  table.add("GlobalAveragePool", 1, 1, importGlobalAveragePool);
  table.add("GlobalMaxPool", 1, 1, importGlobalMaxPool);
}

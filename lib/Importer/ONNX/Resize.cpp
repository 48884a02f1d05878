//===- Resize.cpp - Images of other sizes -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "NodeImporter.h"
#include "llvm/ADT/Sequence.h"
#include <cmath>

using namespace fpw;
using namespace fpw::onnx;
using mlir::ShapedType;

namespace {
/// What a node says about all its axes.
struct ResizeMode {
  StringRef coordinates, mode, nearestMode;
  float cubicCoefficient = -0.75f;
  bool excludesOutside = false, antialiases = false;
};

/// One axis that changes its size.
struct ResizedAxis {
  int64_t axis, from, to;
  double scale;
};

/// A part of the result: the input's elements at `indices`, each times its weight.
struct Tap {
  SmallVector<int64_t> indices;
  std::vector<float> weights;
};
} // namespace

//===----------------------------------------------------------------------===//
// Positions
//===----------------------------------------------------------------------===//

/// The place in the input of element `x` of the result.
static double getPosition(const ResizeMode &mode, const ResizedAxis &axis, double x) {
  if (mode.coordinates == "asymmetric")
    return x / axis.scale;
  if (mode.coordinates == "align_corners") {
    double length = axis.scale * axis.from; // not rounded, where scales are given
    return length == 1 ? 0.0 : x * (axis.from - 1) / (length - 1);
  }
  if (mode.coordinates == "pytorch_half_pixel" && axis.to == 1)
    return 0.0;
  double place = (x + 0.5) / axis.scale - 0.5;
  if (mode.coordinates != "half_pixel_symmetric")
    return place;
  double adjustment = double(axis.to) / (axis.scale * axis.from);
  return place + axis.from / 2.0 * (1 - adjustment);
}

static int64_t roundPosition(StringRef nearestMode, double place) {
  if (nearestMode == "floor")
    return std::floor(place);
  if (nearestMode == "ceil")
    return std::ceil(place);
  return nearestMode == "round_prefer_ceil" ? std::floor(place + 0.5) : std::ceil(place - 0.5);
}

/// The weights of the elements around a place, which lies `rest` behind the one that it is near.
static SmallVector<double> getWeights(const ResizeMode &mode, double rest) {
  if (mode.mode == "linear")
    return {1 - rest, rest};
  double a = mode.cubicCoefficient;
  auto near = [&](double d) { return ((a + 2) * d - (a + 3)) * d * d + 1; };
  auto far = [&](double d) { return ((a * d - 5 * a) * d + 8 * a) * d - 4 * a; };
  return {far(1 + rest), near(rest), near(1 - rest), far(2 - rest)};
}

static SmallVector<Tap> makeTaps(const ResizeMode &mode, const ResizedAxis &axis) {
  SmallVector<Tap> taps;
  for (int64_t x = 0; x < axis.to; ++x) {
    double place = getPosition(mode, axis, x);
    int64_t first = mode.mode == "nearest" ? roundPosition(mode.nearestMode, place)
                                           : std::floor(place) - (mode.mode == "cubic");
    SmallVector<double> weights = mode.mode == "nearest"
                                      ? SmallVector<double>{1.0}
                                      : getWeights(mode, place - std::floor(place));
    double sum = 0;
    for (auto [i, weight] : llvm::enumerate(weights)) {
      bool isInside = first + int64_t(i) >= 0 && first + int64_t(i) < axis.from;
      weight = mode.excludesOutside && !isInside ? 0.0 : weight;
      sum += weight;
    }
    taps.resize(weights.size());
    for (auto [i, weight] : llvm::enumerate(weights)) {
      taps[i].indices.push_back(std::clamp<int64_t>(first + i, 0, axis.from - 1));
      taps[i].weights.push_back(float(mode.excludesOutside ? weight / sum : weight));
    }
  }
  return taps;
}

//===----------------------------------------------------------------------===//
// Building
//===----------------------------------------------------------------------===//

/// How often each element of an axis repeats, if they all do so equally often; else 0.
static int64_t getRepetition(const ResizedAxis &axis, ArrayRef<int64_t> indices) {
  int64_t times = axis.to / axis.from;
  if (times * axis.from != axis.to)
    return 0;
  for (auto [i, index] : llvm::enumerate(indices))
    if (index != int64_t(i) / times)
      return 0;
  return times;
}

static Value buildNearest(NNBuilder &b, Value x, const ResizeMode &mode,
                          ArrayRef<ResizedAxis> axes) {
  int64_t rank = b.getRank(x);
  SmallVector<int64_t> repetitions(rank, 1);
  bool repeats = true;
  for (const ResizedAxis &axis : axes) {
    repetitions[axis.axis] = getRepetition(axis, makeTaps(mode, axis)[0].indices);
    repeats &= repetitions[axis.axis] > 0 && axis.axis > 0;
  }
  if (repeats) {
    nn::UnpoolingOp::Properties properties;
    properties.kernel =
        b.getSizes(ArrayRef(repetitions).drop_front(std::min<int64_t>(2, rank - 1)));
    bool isImage = rank > 2 && repetitions[1] == 1;
    if (isImage)
      return b.create<nn::UnpoolingOp>(properties, x);
  }
  for (const ResizedAxis &axis : axes)
    x = b.take(x, axis.axis, makeTaps(mode, axis)[0].indices);
  return x;
}

/// Whether nn.interpolate has the same positions.
static bool isInterpolation(const ResizeMode &mode, ArrayRef<ResizedAxis> axes, int64_t rank) {
  bool isKnown = mode.mode == "linear" && !mode.excludesOutside && !axes.empty() &&
                 (mode.coordinates == "half_pixel" || mode.coordinates == "pytorch_half_pixel" ||
                  mode.coordinates == "align_corners");
  for (const ResizedAxis &axis : axes)
    isKnown &= axis.to > 1 && axis.axis >= std::max<int64_t>(rank - 3, 2) &&
               std::fabs(axis.scale * axis.from - axis.to) < 1e-6 * axis.to;
  return isKnown;
}

static Value buildInterpolation(NNBuilder &b, Value x, const ResizeMode &mode,
                                ArrayRef<ResizedAxis> axes) {
  bool aligns = mode.coordinates == "align_corners";
  int64_t first = axes.front().axis;
  for (const ResizedAxis &axis : axes)
    first = std::min(first, axis.axis);
  SmallVector<int64_t> sizes(b.getShape(x).drop_front(first));
  for (const ResizedAxis &axis : axes)
    sizes[axis.axis - first] = axis.to;
  nn::InterpolateOp::Properties properties;
  properties.output_size = b.getSizes(sizes);
  properties.mode = b.getBuilder().getStringAttr("linear");
  properties.align_corners = b.getBuilder().getBoolAttr(aligns);
  properties.half_pixel = b.getUnit(!aligns);
  return b.create<nn::InterpolateOp>(properties, x);
}

static Value buildTaps(NNBuilder &b, Value x, const ResizeMode &mode, ArrayRef<ResizedAxis> axes) {
  for (const ResizedAxis &axis : axes) {
    if (!x)
      return x;
    SmallVector<int64_t> shape(b.getRank(x), 1);
    shape[axis.axis] = axis.to;
    Value sum;
    for (Tap &tap : makeTaps(mode, axis)) {
      Value part = b.mul(b.take(x, axis.axis, tap.indices), b.makeParameter(shape, tap.weights));
      sum = sum ? b.add(sum, part) : part;
    }
    x = sum;
  }
  return x;
}

//===----------------------------------------------------------------------===//
// Sizes
//===----------------------------------------------------------------------===//

static LogicalResult checkMode(NodeImporter &importer, const ResizeMode &mode) {
  auto check = [&](StringRef name, StringRef value, ArrayRef<StringRef> known) -> LogicalResult {
    if (llvm::is_contained(known, value))
      return success();
    return importer.emitError() << name << " '" << value << "' is not supported";
  };
  return success(succeeded(check("mode", mode.mode, {"nearest", "linear", "cubic"})) &&
                 succeeded(check("coordinate_transformation_mode", mode.coordinates,
                                 {"half_pixel", "half_pixel_symmetric", "pytorch_half_pixel",
                                  "align_corners", "asymmetric"})) &&
                 succeeded(check("nearest_mode", mode.nearestMode,
                                 {"floor", "ceil", "round_prefer_floor", "round_prefer_ceil"})));
}

/// The axes whose sizes change, from scales.
static FailureOr<SmallVector<ResizedAxis>> getAxes(NodeImporter &importer, ArrayRef<int64_t> shape,
                                                   ArrayRef<int64_t> axes, ArrayRef<float> scales) {
  if (scales.size() != axes.size())
    return importer.emitError() << "expected " << axes.size() << " scales but got "
                                << scales.size();
  SmallVector<ResizedAxis> resized;
  for (auto [axis, scale] : llvm::zip_equal(axes, scales)) {
    if (scale == 1.0f)
      continue;
    double size = std::floor(double(scale) * shape[axis]);
    if (ShapedType::isDynamic(shape[axis]) || !(size >= 1 && size <= (1 << 24)))
      return importer.emitError() << "expected static sizes of 1 to 16777216";
    resized.push_back({axis, shape[axis], int64_t(size), scale});
  }
  return resized;
}

/// The same from sizes, which a policy may change.
static FailureOr<SmallVector<ResizedAxis>> getAxesOfSizes(NodeImporter &importer,
                                                          ArrayRef<int64_t> shape,
                                                          ArrayRef<int64_t> axes,
                                                          ArrayRef<int64_t> sizes) {
  StringRef policy = importer.getString("keep_aspect_ratio_policy", "stretch");
  if (sizes.size() != axes.size())
    return importer.emitError() << "expected " << axes.size() << " sizes but got " << sizes.size();
  SmallVector<ResizedAxis> resized;
  std::optional<double> common;
  for (auto [axis, size] : llvm::zip_equal(axes, sizes)) {
    if (size < 1 || size > (1 << 24) || ShapedType::isDynamic(shape[axis]) || shape[axis] < 1)
      return importer.emitError() << "expected static sizes of 1 to 16777216";
    double scale = double(size) / shape[axis];
    resized.push_back({axis, shape[axis], size, scale});
    common = !common                  ? scale
             : policy == "not_larger" ? std::min(*common, scale)
                                      : std::max(*common, scale);
  }
  if (policy != "stretch" && policy != "not_larger" && policy != "not_smaller")
    return importer.emitError() << "keep_aspect_ratio_policy '" << policy << "' is not supported";
  if (policy != "stretch")
    for (ResizedAxis &axis : resized) {
      axis.scale = *common;
      axis.to = std::max<int64_t>(std::floor(*common * axis.from + 0.5), 1);
    }
  llvm::erase_if(resized,
                 [](const ResizedAxis &axis) { return axis.from == axis.to && axis.scale == 1.0; });
  return resized;
}

static LogicalResult resize(NodeImporter &importer, const ResizeMode &mode,
                            FailureOr<SmallVector<ResizedAxis>> axes) {
  NNBuilder &b = importer.getBuilder();
  if (failed(axes) || failed(checkMode(importer, mode)))
    return failure();
  for (const ResizedAxis &axis : *axes)
    if (mode.antialiases && axis.scale < 1 && mode.mode != "nearest")
      return importer.emitError() << "antialias is not supported";
  Value x = importer.getFloatInput(0);
  if (!x)
    return failure();
  if (mode.mode == "nearest")
    return importer.addFloats(buildNearest(b, x, mode, *axes));
  if (isInterpolation(mode, *axes, b.getRank(x)))
    return importer.addFloats(buildInterpolation(b, x, mode, *axes));
  return importer.addFloats(buildTaps(b, x, mode, *axes));
}

static LogicalResult importResize(NodeImporter &importer) {
  bool isOld = importer.getOpset() < 11;
  ResizeMode mode;
  mode.coordinates =
      isOld ? "asymmetric" : importer.getString("coordinate_transformation_mode", "half_pixel");
  mode.mode = importer.getString("mode", "nearest");
  mode.nearestMode = isOld ? "floor" : importer.getString("nearest_mode", "round_prefer_floor");
  mode.cubicCoefficient = importer.getFloat("cubic_coeff_a", -0.75f);
  mode.excludesOutside = importer.getInt("exclude_outside", 0) != 0;
  mode.antialiases = importer.getInt("antialias", 0) != 0;
  importer.ignore({"extrapolation_value"}); // of tf_crop_and_resize, which is refused
  SmallVector<int64_t> shape = importer.getShape(0);
  auto all = llvm::to_vector(llvm::seq<int64_t>(0, shape.size()));
  FailureOr<SmallVector<int64_t>> axes =
      importer.normalizeAxes(importer.getInts("axes").value_or(all), shape.size());
  if (failed(axes))
    return failure();
  size_t scales = isOld ? 1 : 2;
  if (importer.hasInput(3)) {
    FailureOr<SmallVector<int64_t>> sizes = importer.getIntegers(3, "the sizes");
    if (failed(sizes))
      return failure();
    return resize(importer, mode, getAxesOfSizes(importer, shape, *axes, *sizes));
  }
  if (!importer.hasInput(scales))
    return importer.emitError() << "expected scales or sizes";
  importer.ignore({"keep_aspect_ratio_policy"}); // of sizes
  auto values = importer.getKnownFloats(scales, "the scales");
  if (failed(values))
    return failure();
  return resize(importer, mode, getAxes(importer, shape, *axes, *values));
}

static LogicalResult importUpsample(NodeImporter &importer) {
  ResizeMode mode;
  mode.coordinates = "asymmetric";
  mode.nearestMode = "floor";
  mode.mode = importer.getString("mode", "nearest");
  SmallVector<int64_t> shape = importer.getShape(0);
  FailureOr<std::vector<float>> scales =
      importer.getOpset() < 9 ? importer.getFloats("scales").value_or(std::vector<float>())
                              : importer.getKnownFloats(1, "the scales");
  if (failed(scales))
    return failure();
  auto all = llvm::to_vector(llvm::seq<int64_t>(0, shape.size()));
  return resize(importer, mode, getAxes(importer, shape, all, *scales));
}

void onnx::addResizeOperators(OperatorTable &table) {
  table.add("Resize", 1, 4, importResize);
  table.add("Upsample", 1, 2, importUpsample);
}

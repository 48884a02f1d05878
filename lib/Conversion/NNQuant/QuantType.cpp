//===- QuantType.cpp - Fixed-point formats as quantised types --- -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "QuantType.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace fpw;
using namespace mlir::quant;

std::optional<int64_t> fpw::getChannelDim(ArrayRef<int64_t> shape, const nn::ChannelMap &channels) {
  int64_t stride = 1;
  for (int64_t dim = shape.size(); dim-- > 0; stride *= shape[dim])
    if (shape[dim] == channels.numChannels && stride == channels.stride &&
        channels.groupSize == channels.numChannels)
      return dim;
  return std::nullopt;
}

QuantizedType fpw::getQuantType(function_ref<InFlightDiagnostic()> emitError,
                                nn::FixedPointAttr format, std::optional<int64_t> channelDim) {
  MLIRContext *context = format.getContext();
  auto floats = Float32Type::get(context);
  auto storage = IntegerType::get(context, format.getStorageType().getWidth());
  unsigned flags = format.getIsSigned() ? QuantizationFlags::Signed : 0;
  int64_t most = format.getMaxCode(), least = format.getIsSigned() ? -most : 0;
  if (!format.isPerChannel())
    return UniformQuantizedType::getChecked(emitError, flags, storage, floats, format.getDelta(0),
                                            /*zeroPoint=*/0, least, most);
  if (!channelDim) {
    emitError() << "expected a weight with its outputs in one dimension, as types with a step per "
                   "channel need";
    return {};
  }
  SmallVector<double> steps(format.getDeltas().begin(), format.getDeltas().end());
  SmallVector<int64_t> zeros(steps.size(), 0);
  return UniformQuantizedPerAxisType::getChecked(emitError, flags, storage, floats, steps, zeros,
                                                 *channelDim, least, most);
}

/// The bits of codes up to `most`; nothing if that is no largest code.
static std::optional<unsigned> countBits(int64_t most, bool isSigned) {
  if (most <= 0 || !llvm::isPowerOf2_64(uint64_t(most) + 1))
    return std::nullopt;
  unsigned bits = llvm::Log2_64(uint64_t(most) + 1) + isSigned;
  return bits <= 16 ? std::optional(bits) : std::nullopt;
}

FailureOr<nn::FixedPointAttr> fpw::getFormat(QuantizedType type, std::optional<int64_t> channelDim,
                                             std::string &reason) {
  auto fail = [&](auto &&...text) -> FailureOr<nn::FixedPointAttr> {
    reason = llvm::formatv(text...).str();
    return failure();
  };
  SmallVector<double> scales;
  SmallVector<int64_t> zeros;
  if (auto uniform = dyn_cast<UniformQuantizedType>(type)) {
    scales.push_back(uniform.getScale());
    zeros.push_back(uniform.getZeroPoint());
  } else if (auto perAxis = dyn_cast<UniformQuantizedPerAxisType>(type)) {
    if (channelDim != perAxis.getQuantizedDimension())
      return fail("expected a scale per output but got one per index of dimension {0}",
                  perAxis.getQuantizedDimension());
    scales.assign(perAxis.getScales().begin(), perAxis.getScales().end());
    zeros.assign(perAxis.getZeroPoints().begin(), perAxis.getZeroPoints().end());
  } else {
    return fail("expected a uniform type");
  }
  if (llvm::any_of(zeros, [](int64_t zero) { return zero != 0; }))
    return fail("expected zero points of 0");
  if (!type.getExpressedType().isF32())
    return fail("expected f32 as the expressed type");
  int64_t most = type.getStorageTypeMax(), least = type.getStorageTypeMin();
  std::optional<unsigned> bits = countBits(most, type.isSigned());
  if (!bits || least < (type.isSigned() ? -most - 1 : 0))
    return fail("expected codes of 1 to 16 bits but got the range {0} to {1}", least, most);
  SmallVector<float> deltas;
  for (double scale : scales) {
    auto delta = static_cast<float>(scale);
    if (double(delta) != scale || !(delta > 0))
      return fail("expected scales that are positive f32 numbers but got {0}", scale);
    deltas.push_back(delta);
  }
  return nn::FixedPointAttr::get(type.getContext(), *bits, type.isSigned(), deltas);
}

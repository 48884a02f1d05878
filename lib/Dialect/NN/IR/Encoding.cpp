//===- Encoding.cpp - From quantised parameters to codes --------*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "fpw/Dialect/NN/IR/Encoding.h"

#include "mlir/IR/DialectResourceBlobManager.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "llvm/ADT/StringSet.h"

using namespace mlir;
using namespace fpw;
using namespace fpw::nn;

ArrayRef<float> fpw::nn::getFloatValues(ParameterOp parameter) {
  ArrayRef<char> bytes = parameter.getRawData();
  return {reinterpret_cast<const float *>(bytes.data()), bytes.size() / sizeof(float)};
}

//===----------------------------------------------------------------------===//
// Codes of a tensor
//===----------------------------------------------------------------------===//

/// Encodes each output channel in its own format.
template <typename Code>
static QuantizationStatistics encodeChannels(ArrayRef<float> values, ArrayRef<FixedPoint> formats,
                                             const ChannelMap &channels,
                                             MutableArrayRef<Code> codes) {
  QuantizationStatistics statistics;
  if (channels.stride != 1) {
    forEachRun(values, channels, [&](ArrayRef<float> run, int64_t channel) {
      statistics +=
          encode(run, formats[channel], codes.slice(run.data() - values.data(), run.size()));
    });
    return statistics;
  }
  for (int64_t begin = 0; begin < int64_t(values.size()); begin += channels.groupSize) {
    int64_t first = begin / channels.groupStride * channels.groupSize;
    statistics += encodeColumns(values.slice(begin, channels.groupSize),
                                formats.slice(first, channels.groupSize),
                                codes.slice(begin, channels.groupSize));
  }
  return statistics;
}

template <typename Code>
static QuantizationStatistics encodeAs(ArrayRef<float> values, ArrayRef<FixedPoint> formats,
                                       const ChannelMap &channels, MutableArrayRef<char> bytes) {
  MutableArrayRef<Code> codes(reinterpret_cast<Code *>(bytes.data()), values.size());
  if (formats.size() == 1)
    return encode(values, formats.front(), codes);
  return encodeChannels(values, formats, channels, codes);
}

/// Writes the codes of some values in the storage type of their format.
static QuantizationStatistics encodeValues(ArrayRef<float> values, FixedPointAttr format,
                                           const ChannelMap &channels,
                                           MutableArrayRef<char> bytes) {
  SmallVector<FixedPoint> formats;
  for (float delta : format.getDeltas())
    formats.emplace_back(format.getBits(), format.getIsSigned(), delta);
  if (format.getStorageType().getWidth() == 8)
    return format.getIsSigned() ? encodeAs<int8_t>(values, formats, channels, bytes)
                                : encodeAs<uint8_t>(values, formats, channels, bytes);
  return format.getIsSigned() ? encodeAs<int16_t>(values, formats, channels, bytes)
                              : encodeAs<uint16_t>(values, formats, channels, bytes);
}

namespace {
/// The codes of a parameter and what became of its values.
struct Encoded {
  ElementsAttr codes;
  ConversionAttr conversion;
};
} // namespace

/// Encodes a parameter. Codes lie where the values lay: in a resource, or in the attribute itself.
static Encoded encodeParameter(ParameterOp source, FixedPointAttr format,
                               const ChannelMap &channels, StringRef name) {
  ArrayRef<float> values = getFloatValues(source);
  RankedTensorType type = cast<RankedTensorType>(source.getType()).clone(format.getStorageType());
  size_t size = values.size() * format.getStorageType().getWidth() / 8;
  QuantizationStatistics statistics;
  Encoded encoded;
  if (isa<DenseResourceElementsAttr>(source.getValue())) {
    AsmResourceBlob blob =
        HeapAsmResourceBlob::allocate(size, /*align=*/64, /*dataIsMutable=*/true);
    statistics = encodeValues(values, format, channels, blob.getMutableData());
    encoded.codes = DenseResourceElementsAttr::get(type, name, std::move(blob));
  } else {
    // 16-bit codes need their alignment.
    std::vector<int16_t> buffer((size + 1) / 2);
    MutableArrayRef<char> bytes(reinterpret_cast<char *>(buffer.data()), size);
    statistics = encodeValues(values, format, channels, bytes);
    encoded.codes = DenseElementsAttr::getFromRawBuffer(type, bytes);
  }
  // A splat was encoded once.
  double copies = source.isSplat() ? type.getNumElements() : 1;
  encoded.conversion = ConversionAttr::get(source.getContext(), source.getName(), getAbsMax(values),
                                           statistics.clipped * int64_t(copies),
                                           statistics.error * copies, statistics.energy * copies);
  return encoded;
}

//===----------------------------------------------------------------------===//
// Parameters of codes
//===----------------------------------------------------------------------===//

/// Whether this use reads codes of the given format, per channel of the given map.
static bool readsFormat(OpOperand &use, FixedPointAttr format, const ChannelMap &channels) {
  auto layer = dyn_cast<LayerOpInterface>(use.getOwner());
  if (!layer)
    return false;
  if (layer.getWeight() == use.get() && layer.getWeightFormatOrNull() == format)
    return !format.isPerChannel() || layer.getChannelMap() == channels;
  return layer.getBias() == use.get() && layer.getBiasFormatOrNull() == format;
}

/// The codes of `source` in this format, if another layer has asked for them: they follow it.
static ParameterOp findCodes(ParameterOp source, FixedPointAttr format,
                             const ChannelMap &channels) {
  for (Operation *next = source->getNextNode(); next; next = next->getNextNode()) {
    auto codes = dyn_cast<ParameterOp>(next);
    if (!codes || !codes.getConversion() || codes.getConversion()->getSource() != source.getName())
      return {};
    if (llvm::any_of(codes->getUses(),
                     [&](OpOperand &use) { return readsFormat(use, format, channels); }))
      return codes;
  }
  return {};
}

/// SCOPE/SOURCE_q, with a number where this network has a parameter of that name.
static std::string makeName(ParameterOp source, StringRef scope) {
  llvm::StringSet<> names;
  Operation *network = source->getParentOfType<FunctionOpInterface>();
  (network ? network : source->getParentOp())->walk([&](ParameterOp other) {
    names.insert(other.getName());
  });
  std::string base = ((scope.empty() ? "" : scope + "/") + source.getName() + "_q").str();
  std::string name = base;
  for (unsigned number = 1; names.contains(name); ++number)
    name = base + "_" + std::to_string(number);
  return name;
}

static ParameterOp getOrCreateCodes(RewriterBase &rewriter, ParameterOp source,
                                    FixedPointAttr format, const ChannelMap &channels,
                                    StringRef scope) {
  if (ParameterOp codes = findCodes(source, format, channels))
    return codes;
  std::string name = makeName(source, scope);
  Encoded encoded = encodeParameter(source, format, channels, name);
  OpBuilder::InsertionGuard guard(rewriter);
  rewriter.setInsertionPointAfter(source);
  return ParameterOp::create(rewriter, source.getLoc(), encoded.codes.getType(), name,
                             encoded.codes, encoded.conversion);
}

//===----------------------------------------------------------------------===//
// Layers of codes
//===----------------------------------------------------------------------===//

namespace {
/// A parameter and the format that it is quantised to.
struct Quantized {
  ParameterOp source;
  FixedPointAttr format;
  explicit operator bool() const { return bool(source); }
};
} // namespace

/// Sees through `nn.fixed_point_quantize` of a parameter that codes can stand for.
static Quantized matchQuantized(Value value) {
  auto quantize = value ? value.getDefiningOp<FixedPointQuantizeOp>() : FixedPointQuantizeOp();
  auto source = quantize ? quantize.getInput().getDefiningOp<ParameterOp>() : ParameterOp();
  if (!source || quantize.getFormat().getBits() > 16)
    return {};
  // A splat with many steps is no splat of codes.
  if (source.isSplat() && quantize.getFormat().isPerChannel())
    return {};
  if (!std::isfinite(getAbsMax(getFloatValues(source))))
    return {};
  return {source, quantize.getFormat()};
}

FailureOr<LayerOpInterface> fpw::nn::materializeCodes(RewriterBase &rewriter,
                                                      LayerOpInterface layer, StringRef scope) {
  if (layer.getWeightFormatOrNull())
    return rewriter.notifyMatchFailure(layer, "the layer holds codes already");
  Quantized weight = matchQuantized(layer.getWeight());
  if (!weight)
    return rewriter.notifyMatchFailure(layer, "the weight is no quantised parameter");
  Quantized bias = matchQuantized(layer.getBias());

  std::string twin = ("nn.fixed_point_quantized_" + layer->getName().stripDialect()).str();
  OperationState state(layer.getLoc(), twin);
  state.addTypes(layer->getResultTypes());
  state.addAttributes(llvm::to_vector(layer->getAttrs()));
  state.addAttribute("weight_format", weight.format);
  state.addOperands({layer.getInput(), getOrCreateCodes(rewriter, weight.source, weight.format,
                                                        layer.getChannelMap(), scope)});
  if (bias) {
    state.addAttribute("bias_format", bias.format);
    state.addOperands(getOrCreateCodes(rewriter, bias.source, bias.format, {}, scope).getResult());
  } else if (layer.getBias()) {
    state.addOperands(layer.getBias());
  }
  Operation *result = rewriter.create(state);
  rewriter.replaceOp(layer, result);
  return cast<LayerOpInterface>(result);
}

namespace {
/// layer(x, quantize(parameter)) -> fixed_point_quantized_layer(x, parameter of codes)
struct MaterializeCodes : OpInterfaceRewritePattern<LayerOpInterface> {
  MaterializeCodes(MLIRContext *context, StringRef scope)
      : OpInterfaceRewritePattern(context), scope(scope.str()) {}

  LogicalResult matchAndRewrite(LayerOpInterface layer, PatternRewriter &rewriter) const override {
    return materializeCodes(rewriter, layer, scope);
  }

  std::string scope;
};
} // namespace

void fpw::nn::populateMaterializeCodesPatterns(RewritePatternSet &patterns, StringRef scope) {
  patterns.add<MaterializeCodes>(patterns.getContext(), scope);
}

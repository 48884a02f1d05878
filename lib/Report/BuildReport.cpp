//===- BuildReport.cpp - Reads the codes of a converted module --*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "fpw/Dialect/NN/IR/Encoding.h"
#include "fpw/Report/FixedPointReport.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/SHA256.h"

using namespace mlir;
using namespace fpw;
using namespace fpw::nn;

//===----------------------------------------------------------------------===//
// Codes
//===----------------------------------------------------------------------===//

/// Calls `visit(index, code)` for all codes in row-major order; for a splat, once.
template <typename Code, typename Visit>
static void forEachCodeAs(ArrayRef<char> bytes, Visit visit) {
  for (size_t i = 0; i < bytes.size() / sizeof(Code); ++i)
    visit(i, int32_t(llvm::support::endian::read<Code>(bytes.data() + i * sizeof(Code),
                                                       llvm::endianness::native)));
}

template <typename Visit> static void forEachCode(ParameterOp codes, Visit visit) {
  auto type = cast<IntegerType>(codes.getType().getElementType());
  ArrayRef<char> bytes = codes.getRawData();
  if (type.getWidth() == 8)
    return type.isSigned() ? forEachCodeAs<int8_t>(bytes, visit)
                           : forEachCodeAs<uint8_t>(bytes, visit);
  return type.isSigned() ? forEachCodeAs<int16_t>(bytes, visit)
                         : forEachCodeAs<uint16_t>(bytes, visit);
}

static std::string hashCodes(ParameterOp codes) {
  llvm::SHA256 hash;
  SmallVector<uint8_t, 0> buffer;
  auto flush = [&] {
    hash.update(buffer);
    buffer.clear();
  };
  auto add = [&](int32_t code) {
    size_t size = buffer.size();
    buffer.resize_for_overwrite(size + sizeof(code));
    llvm::support::endian::write32le(buffer.data() + size, code);
    if (buffer.size() >= 1 << 16)
      flush();
  };
  int64_t copies = codes.isSplat() ? codes.getType().getNumElements() : 1;
  forEachCode(codes, [&](size_t, int32_t code) {
    for (int64_t copy = 0; copy < copies; ++copy)
      add(code);
  });
  flush();
  return llvm::toHex(hash.final(), /*LowerCase=*/true);
}

//===----------------------------------------------------------------------===//
// Loss
//===----------------------------------------------------------------------===//

static QuantizationLoss makeLoss(float absMax, int64_t clipped, double error, double energy,
                                 int64_t count) {
  QuantizationLoss loss = {absMax, clipped, count ? error / count : 0.0, std::nullopt};
  if (error > 0.0 && energy > 0.0)
    loss.sqnr = 10.0 * std::log10(energy / error);
  return loss;
}

/// Compares codes with the float tensor they stand for.
static QuantizationLoss measureLoss(ParameterOp codes, FixedPointAttr format,
                                    const ChannelMap &channels, ParameterOp source) {
  ArrayRef<float> values = getFloatValues(source);
  SmallVector<FixedPoint> formats;
  for (float delta : format.getDeltas())
    formats.emplace_back(format.getBits(), format.getIsSigned(), delta);
  SmallVector<int32_t, 0> decoded;
  forEachCode(codes, [&](size_t, int32_t code) { decoded.push_back(code); });

  QuantizationStatistics sum;
  int64_t count = codes.getType().getNumElements();
  // Two splats are compared once.
  int64_t compared = source.isSplat() && codes.isSplat() ? std::min<int64_t>(count, 1) : count;
  for (int64_t i = 0; i < compared; ++i) {
    const FixedPoint &own = formats[format.isPerChannel() ? channels(i) : 0];
    double value = values[source.isSplat() ? 0 : i];
    double difference = value - own.decode(decoded[codes.isSplat() ? 0 : i]);
    sum += {std::fabs(value) > own.getMaxValue(), 0, difference * difference, value * value};
  }
  double copies = compared ? double(count) / compared : 0.0;
  return makeLoss(getAbsMax(values), sum.clipped * int64_t(copies), sum.error * copies,
                  sum.energy * copies, count);
}

//===----------------------------------------------------------------------===//
// The module
//===----------------------------------------------------------------------===//

namespace {
class ReportBuilder {
public:
  explicit ReportBuilder(ModuleOp against) {
    if (!against)
      return;
    sources.emplace();
    against.walk([&](ParameterOp parameter) {
      if (parameter.getType().getElementType().isF32())
        sources->try_emplace(parameter.getName(), parameter);
    });
  }

  LogicalResult addLayer(LayerOpInterface layer) {
    ChannelMap channels = layer.getChannelMap();
    return success(
        succeeded(addTensor(layer, layer.getWeight(), layer.getWeightFormatOrNull(), channels)) &&
        succeeded(addTensor(layer, layer.getBias(), layer.getBiasFormatOrNull(), channels)));
  }

  Report take() { return std::move(report); }

private:
  LogicalResult addTensor(LayerOpInterface layer, Value value, FixedPointAttr format,
                          const ChannelMap &channels) {
    auto codes = format ? value.getDefiningOp<ParameterOp>() : ParameterOp();
    if (!codes || !seen.insert(codes).second)
      return success();
    int64_t count = codes.getType().getNumElements();
    TensorReport tensor;
    auto conversion = codes.getConversion();
    tensor.name = (conversion ? conversion->getSource() : codes.getName()).str();
    tensor.layer = layer.getFunctionName().str();
    tensor.isBias = value == layer.getBias();
    tensor.shape.assign(codes.getType().getShape().begin(), codes.getType().getShape().end());
    tensor.bits = format.getBits();
    tensor.isSigned = format.getIsSigned();
    tensor.deltas.assign(format.getDeltas().begin(), format.getDeltas().end());
    tensor.bytesBefore = count * sizeof(float);
    tensor.bytesAfter = llvm::divideCeil(count * format.getBits(), 8);
    tensor.codesSHA256 = hashCodes(codes);
    if (conversion)
      tensor.loss = makeLoss(conversion->getAbsmax(), conversion->getClipped(),
                             conversion->getError(), conversion->getEnergy(), count);
    if (sources && failed(compare(tensor, codes, format, channels)))
      return failure();
    report.tensors.push_back(std::move(tensor));
    return success();
  }

  /// Computes the loss against the float parameter of the same name.
  LogicalResult compare(TensorReport &tensor, ParameterOp codes, FixedPointAttr format,
                        const ChannelMap &channels) {
    ParameterOp source = sources->lookup(tensor.name);
    if (!source)
      return codes.emitError("expected the float model to have a parameter '")
             << tensor.name << "'";
    if (source.getType().getShape() != codes.getType().getShape())
      return codes.emitError("expected parameter '")
             << tensor.name << "' of the float model to have the shape of " << codes.getType()
             << " but got " << source.getType();
    tensor.loss = measureLoss(codes, format, channels, source);
    return success();
  }

  std::optional<llvm::StringMap<ParameterOp>> sources;
  DenseSet<Operation *> seen;
  Report report;
};
} // namespace

FailureOr<Report> fpw::buildReport(ModuleOp module, ModuleOp against) {
  // Parameters that are quantised but not encoded count, too.
  OwningOpRef<ModuleOp> copy = module.clone();
  IRRewriter rewriter(module.getContext());
  SmallVector<LayerOpInterface> layers;
  copy->walk([&](LayerOpInterface layer) { layers.push_back(layer); });
  ReportBuilder builder(against);
  for (LayerOpInterface layer : layers) {
    rewriter.setInsertionPoint(layer);
    FailureOr<LayerOpInterface> materialized = materializeCodes(rewriter, layer, /*scope=*/"");
    if (failed(builder.addLayer(succeeded(materialized) ? *materialized : layer)))
      return failure();
  }
  return builder.take();
}

//===- FixedPointWeight.cpp - Weights become fixed-point numbers -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What is computed
// ----------------
// A fixed-point number of n bits is k * delta: a small integer, the code, times a step. With a sign
// the codes are -K ... K for K = 2^(n-1) - 1, without one 0 ... K for K = 2^n - 1. A float weight w
// becomes the nearest number,
//
//     k(w) = sign(w) * min(floor(|w| / delta + 1/2), K)      (0 for w < 0 if unsigned)
//
// so that ties round away from zero. The quotient is rounded to float, the sum is exact; this is
// nnabla's quantiser, bit for bit. What is beyond K * delta is clipped.
//
// The step comes from the user, or from the tensor's largest magnitude M: with
//
//     e = log2(M / K)
//
// it is 2^ceil(e), the smallest power of two that clips nothing, or 2^floor(e), which halves the
// rounding error of all elements at the price of clipping those above K * delta. A logarithm in
// floating point may miss the integer by one next to a power of two; the exponent is therefore
// found by comparing K * 2^e with M, both exact in double:
//
//     K * 2^floor(e) <= M < K * 2^(floor(e)+1),    ceil(e) = floor(e) if K * 2^floor(e) = M, else
//     floor(e) + 1
//
// The step is a float: its exponent is kept in [-149, 127]. A tensor of zeros has no logarithm; its
// step is 1 and its codes are 0.
//
// With one step per output channel, M is the largest magnitude among the weights of that channel.
// Which weights these are depends on the layer: the last dimensions of an affine weight, the first
// of a convolution, and for a deconvolution of G groups, whose weight is (G * I, O, ...), the group
// of the first dimension together with the second. The layer knows (`ChannelMap`).
//
// How it is done
// --------------
// 1. Weights that are computed from parameters alone are computed now, where that is exact.
// 2. Each weight and bias to convert is wrapped in `nn.fixed_point_quantize`, with the format
// chosen from
//    its values. All layers that share a parameter share the op.
// 3. Layers of quantised parameters take codes instead (`materializeCodes`), and float parameters
// that
//    nobody uses any more go.
//
//===----------------------------------------------------------------------===//

#include "fpw/Dialect/NN/Transforms/FixedPointWeight.h"
#include "ChooseFormat.h"
#include "FoldParameters.h"

#include "fpw/Dialect/NN/IR/Encoding.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/GlobPattern.h"

using namespace mlir;
using namespace fpw;
using namespace fpw::nn;

FixedPointWeightOptions FixedPointWeightOptions::getSeedDefaults() {
  FixedPointWeightOptions options;
  options.weight.delta = options.bias.delta = 2e-4f;
  options.functions = {"Affine", "Convolution", "Deconvolution"};
  return options;
}

//===----------------------------------------------------------------------===//
// Options
//===----------------------------------------------------------------------===//

/// The names of all functions that can be converted.
static ArrayRef<StringRef> getAllFunctions() {
  static const StringRef functions[] = {
      AffineOp::getFunctionName(), ConvolutionOp::getFunctionName(),
      DeconvolutionOp::getFunctionName(), DepthwiseConvolutionOp::getFunctionName(),
      DepthwiseDeconvolutionOp::getFunctionName()};
  return functions;
}

/// Checks the numbers of weights ("w") or biases ("b").
static LogicalResult checkNumbers(ModuleOp module, const FixedPointWeightOptions::Numbers &numbers,
                                  StringRef suffix) {
  if (!numbers.quantize)
    return success();
  unsigned fewest = numbers.isSigned ? 2 : 1;
  if (numbers.bits < fewest || numbers.bits > 16)
    return module.emitError("expected n-")
           << suffix << " to be " << fewest << " to 16 for " << (numbers.isSigned ? "" : "un")
           << "signed numbers but got " << numbers.bits;
  if (numbers.delta && !FixedPoint::isValidStep(*numbers.delta))
    return module.emitError("expected delta-")
           << suffix << " to be positive and finite as a float but got " << *numbers.delta;
  return success();
}

static LogicalResult checkOptions(ModuleOp module, const FixedPointWeightOptions &options) {
  for (StringRef function : options.functions)
    if (!llvm::is_contained(getAllFunctions(), function))
      return module.emitError("expected functions among ")
             << llvm::join(getAllFunctions(), ", ") << " but got '" << function << "'";
  if (options.perChannel && options.weight.delta)
    return module.emitError("expected either per-channel or delta-w but got both");
  return success(succeeded(checkNumbers(module, options.weight, "w")) &&
                 succeeded(checkNumbers(module, options.bias, "b")));
}

//===----------------------------------------------------------------------===//
// The conversion
//===----------------------------------------------------------------------===//

namespace {
/// Which operand of a layer.
enum Role : unsigned { Weight = 1, Bias = 2 };

class WeightConverter {
public:
  WeightConverter(ModuleOp module, const FixedPointWeightOptions &options)
      : module(module), options(options), rewriter(module.getContext()) {}

  LogicalResult run();

private:
  LogicalResult compileGlobs();
  void foldComputedWeights();
  LogicalResult quantizeLayer(LayerOpInterface layer);
  LogicalResult quantizeOperand(LayerOpInterface layer, Role role, ParameterOp source);
  Value getQuantized(ParameterOp source, Role role, const ChannelMap &channels);
  void eraseUnused();
  void dropData(ArrayRef<DenseResourceElementsAttr> values);

  bool isListed(LayerOpInterface layer) const {
    return options.functions.empty() ||
           llvm::is_contained(options.functions, layer.getFunctionName());
  }
  /// The glob that excludes a parameter, or nothing.
  StringRef findGlob(ParameterOp source) const {
    for (auto [glob, text] : llvm::zip_equal(globs, options.exclude))
      if (glob.match(source.getName()))
        return text;
    return {};
  }

  /// The quantised form of a parameter in one role, for one assignment of elements to channels.
  struct Quantized {
    Role role;
    ChannelMap channels;
    Value value;
  };

  ModuleOp module;
  const FixedPointWeightOptions &options;
  IRRewriter rewriter;
  SmallVector<llvm::GlobPattern> globs;
  llvm::MapVector<Operation *, SmallVector<Quantized, 1>> quantized;
};
} // namespace

/// Says why a layer, or its bias, is not converted.
static void remarkStaysFloat(LayerOpInterface layer, Role role, const Twine &reason) {
  layer.emitRemark() << layer.getFunctionName() << (role == Bias ? ": the bias" : "")
                     << " stays float: " << reason;
}

/// Where a value comes from that is no parameter.
static std::string describeOrigin(Value value) {
  if (Operation *op = value.getDefiningOp())
    return ("is computed by '" + op->getName().getStringRef() + "'").str();
  return "is an input of the function";
}

LogicalResult WeightConverter::compileGlobs() {
  for (const std::string &text : options.exclude) {
    Expected<llvm::GlobPattern> glob = llvm::GlobPattern::create(text, /*MaxSubPatterns=*/1024);
    if (!glob)
      return module.emitError("expected a glob to exclude but got '")
             << text << "': " << llvm::toString(glob.takeError());
    globs.push_back(std::move(*glob));
  }
  return success();
}

LogicalResult WeightConverter::run() {
  if (failed(checkOptions(module, options)) || failed(compileGlobs()))
    return failure();
  foldComputedWeights();
  SmallVector<LayerOpInterface> layers;
  module.walk([&](LayerOpInterface layer) { layers.push_back(layer); });
  LogicalResult result = success();
  for (LayerOpInterface layer : layers)
    if (isListed(layer) && !layer.getWeightFormatOrNull() && failed(quantizeLayer(layer)))
      result = failure();
  if (failed(result))
    return failure();
  if (quantized.empty())
    module.emitWarning("nothing was converted");
  if (options.materialize)
    for (LayerOpInterface layer : layers) {
      rewriter.setInsertionPoint(layer);
      (void)materializeCodes(rewriter, layer, options.name);
    }
  eraseUnused();
  return success();
}

void WeightConverter::foldComputedWeights() {
  SmallVector<Value> wanted;
  module.walk([&](LayerOpInterface layer) {
    if (!isListed(layer) || layer.getWeightFormatOrNull())
      return;
    wanted.push_back(layer.getWeight());
    if (layer.getBias())
      wanted.push_back(layer.getBias());
  });
  foldParameters(rewriter, module, wanted);
}

/// Quantises the parameters of a layer, or says why they stay float.
LogicalResult WeightConverter::quantizeLayer(LayerOpInterface layer) {
  auto weight = layer.getWeight().getDefiningOp<ParameterOp>();
  if (!weight) {
    remarkStaysFloat(layer, Weight, "its weight " + describeOrigin(layer.getWeight()));
    return success();
  }
  if (StringRef glob = findGlob(weight); !glob.empty()) {
    remarkStaysFloat(layer, Weight, "'" + weight.getName() + "' is excluded by '" + glob + "'");
    return success();
  }
  if (!options.weight.quantize)
    remarkStaysFloat(layer, Weight, "quantize-w is off");
  else if (failed(quantizeOperand(layer, Weight, weight)))
    return failure();

  if (!layer.getBias() || !options.bias.quantize)
    return success();
  auto bias = layer.getBias().getDefiningOp<ParameterOp>();
  if (!bias) {
    remarkStaysFloat(layer, Bias, "it " + describeOrigin(layer.getBias()));
    return success();
  }
  if (StringRef glob = findGlob(bias); !glob.empty()) {
    remarkStaysFloat(layer, Bias, "'" + bias.getName() + "' is excluded by '" + glob + "'");
    return success();
  }
  return quantizeOperand(layer, Bias, bias);
}

LogicalResult WeightConverter::quantizeOperand(LayerOpInterface layer, Role role,
                                               ParameterOp source) {
  ChannelMap channels;
  if (role == Weight && options.perChannel)
    channels = layer.getChannelMap();
  Value value = getQuantized(source, role, channels);
  if (!value)
    return failure();
  rewriter.modifyOpInPlace(layer, [&] { layer->setOperand(role, value); });
  return success();
}

/// The quantised parameter, or null where it cannot be; this was reported the first time.
Value WeightConverter::getQuantized(ParameterOp source, Role role, const ChannelMap &channels) {
  for (const Quantized &known : quantized[source])
    if (known.role == role && known.channels == channels)
      return known.value;
  Value value;
  const FixedPointWeightOptions::Numbers &numbers = role == Weight ? options.weight : options.bias;
  if (FailureOr<FixedPointAttr> format = chooseFormat(source, numbers, options, channels);
      succeeded(format)) {
    rewriter.setInsertionPointAfter(source);
    value = FixedPointQuantizeOp::create(rewriter, source.getLoc(), source.getResult(), *format);
  }
  quantized[source].push_back({role, channels, value});
  return value;
}

/// Erases what the conversion has left without users.
void WeightConverter::eraseUnused() {
  SmallVector<DenseResourceElementsAttr> erased;
  for (auto &[source, forms] : quantized) {
    for (Quantized &form : forms)
      if (form.value.use_empty())
        rewriter.eraseOp(form.value.getDefiningOp());
    if (!source->use_empty())
      continue;
    if (auto value = dyn_cast<DenseResourceElementsAttr>(cast<ParameterOp>(source).getValue()))
      erased.push_back(value);
    rewriter.eraseOp(source);
  }
  if (options.dropFloat)
    dropData(erased);
}

/// Frees the data of resources that nothing in the module refers to.
void WeightConverter::dropData(ArrayRef<DenseResourceElementsAttr> values) {
  DenseSet<const void *> used;
  module.walk([&](Operation *op) {
    for (NamedAttribute attribute : op->getAttrs())
      if (auto resource = dyn_cast<DenseResourceElementsAttr>(attribute.getValue()))
        used.insert(resource.getRawHandle().getResource());
  });
  for (DenseResourceElementsAttr value : values)
    if (auto *entry = value.getRawHandle().getResource(); !used.contains(entry))
      entry->setBlob(AsmResourceBlob());
}

LogicalResult fpw::nn::convertToFixedPointWeights(ModuleOp module,
                                                  const FixedPointWeightOptions &options) {
  return WeightConverter(module, options).run();
}

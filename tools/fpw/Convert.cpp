//===- Convert.cpp - fpw convert -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Command.h"

#include "fpw/Dialect/NN/IR/NN.h"
#include "fpw/Dialect/NN/Transforms/FixedPointWeight.h"
#include "fpw/Support/TextTable.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace fpw;
using namespace fpw::tool;
using fpw::nn::FixedPointWeightOptions;
namespace cl = llvm::cl;

static LogicalResult convert();

static Command command("convert", "Turns the weights of a network into fixed-point numbers",
                       convert);
static ModelOptions model(command);

static cl::opt<std::string> output("o", cl::Required, cl::sub(command.options()),
                                   cl::value_desc("FILE"),
                                   cl::desc("the converted model: .mlirbc, or text as .mlir"));

//===----------------------------------------------------------------------===//
// The numbers of weights and biases
//===----------------------------------------------------------------------===//

static cl::opt<unsigned> bits("bits", cl::sub(command.options()), cl::value_desc("N"),
                              cl::desc("bits of weights and biases, 1 to 16 (default 8)"));
static cl::opt<unsigned> weightBits("n-w", cl::sub(command.options()), cl::value_desc("N"),
                                    cl::desc("bits of weights"));
static cl::opt<unsigned> biasBits("n-b", cl::sub(command.options()), cl::value_desc("N"),
                                  cl::desc("bits of biases"));
static cl::opt<double>
    weightDelta("delta-w", cl::sub(command.options()), cl::value_desc("X"),
                cl::desc("step of all weights (default: a power of two for each)"));
static cl::opt<double> biasDelta("delta-b", cl::sub(command.options()), cl::value_desc("X"),
                                 cl::desc("step of all biases (default: a power of two for each)"));

struct BoolParser : cl::parser<bool> {
  using cl::parser<bool>::parser;
  StringRef getValueName() const override { return "BOOL"; }
};

/// A boolean that takes its value as the next word: `--sign-w false`.
struct BoolOption : cl::opt<bool, /*ExternalStorage=*/false, BoolParser> {
  BoolOption(StringRef name, const char *description)
      : opt(name, cl::sub(command.options()), cl::ValueRequired, cl::desc(description)) {}
};

static BoolOption weightSign("sign-w", "whether weights are signed (default true)");
static BoolOption biasSign("sign-b", "whether biases are signed (default true)");
static BoolOption quantizeWeight("quantize-w", "whether weights are converted (default true)");
static BoolOption quantizeBias("quantize-b", "whether biases are converted (default true)");

static cl::opt<bool> useFloor("floor", cl::sub(command.options()),
                              cl::desc("round steps down, so that the largest weights clip"));
static cl::opt<bool> perChannel("per-channel", cl::sub(command.options()),
                                cl::desc("one step per output channel of each weight"));
static cl::opt<bool>
    seedDefaults("seed-defaults", cl::sub(command.options()),
                 cl::desc("the defaults of nnabla's converter: steps of 2e-4, three functions"));

//===----------------------------------------------------------------------===//
// What is converted, and into what
//===----------------------------------------------------------------------===//

static cl::list<std::string>
    functions("functions", cl::CommaSeparated, cl::sub(command.options()), cl::value_desc("NAMES"),
              cl::desc("functions to convert: Affine, Convolution, Deconvolution, "
                       "DepthwiseConvolution, DepthwiseDeconvolution (default: all)"));
static cl::list<std::string> exclude("exclude", cl::CommaSeparated, cl::sub(command.options()),
                                     cl::value_desc("GLOB"),
                                     cl::desc("parameters that stay float; may be repeated"));
static cl::opt<std::string> scope("name", cl::sub(command.options()), cl::value_desc("SCOPE"),
                                  cl::desc("scope of the new parameters"));
static cl::opt<bool> noMaterialize("no-materialize", cl::sub(command.options()),
                                   cl::desc("keep float weights, behind fixed_point_quantize"));

/// What one of two options says, the special one before the general one.
template <typename T, typename Option>
static void overrideWith(T &value, const Option &general, const Option &special) {
  if (special.getNumOccurrences())
    value = special;
  else if (general.getNumOccurrences())
    value = general;
}

template <typename T, typename Option> static void overrideWith(T &value, const Option &option) {
  overrideWith(value, option, option);
}

static FixedPointWeightOptions getOptions() {
  FixedPointWeightOptions options;
  if (seedDefaults)
    options = FixedPointWeightOptions::getSeedDefaults();
  overrideWith(options.weight.bits, bits, weightBits);
  overrideWith(options.bias.bits, bits, biasBits);
  overrideWith(options.weight.delta, weightDelta);
  overrideWith(options.bias.delta, biasDelta);
  overrideWith<bool, BoolOption>(options.weight.isSigned, weightSign);
  overrideWith<bool, BoolOption>(options.bias.isSigned, biasSign);
  overrideWith<bool, BoolOption>(options.weight.quantize, quantizeWeight);
  overrideWith<bool, BoolOption>(options.bias.quantize, quantizeBias);
  if (useFloor)
    options.rounding = StepRounding::Floor;
  options.perChannel = perChannel;
  if (!functions.empty())
    options.functions.assign(functions.begin(), functions.end());
  options.exclude.assign(exclude.begin(), exclude.end());
  overrideWith(options.name, scope);
  options.materialize = !noMaterialize;
  options.dropFloat = true; // this module has no clones
  return options;
}

//===----------------------------------------------------------------------===//
// The command
//===----------------------------------------------------------------------===//

/// What became fixed-point numbers: codes in layers, and tensors behind fixed_point_quantize.
struct Summary {
  uint64_t tensors = 0, bytesBefore = 0, bytesAfter = 0;

  explicit Summary(ModuleOp module) {
    module.walk([&](nn::LayerOpInterface layer) {
      add(layer.getWeight(), layer.getWeightFormatOrNull());
      add(layer.getBias(), layer.getBiasFormatOrNull());
    });
    module.walk([&](nn::FixedPointQuantizeOp op) {
      if (op.getInput().getDefiningOp<nn::ParameterOp>())
        add(op.getInput(), op.getFormat());
    });
  }

  void print(raw_ostream &os) const {
    os << "fpw: " << tensors << " tensors in fixed point, " << withThousands(bytesBefore) << " -> "
       << withThousands(bytesAfter) << " bytes\n";
  }

private:
  void add(Value value, nn::FixedPointAttr format) {
    if (!value || !format)
      return;
    uint64_t elements = cast<RankedTensorType>(value.getType()).getNumElements();
    ++tensors;
    bytesBefore += 4 * elements;
    bytesAfter += llvm::divideCeil(elements * format.getBits(), 8);
  }
};

static LogicalResult convert() {
  ModelContext context;
  Progress progress;
  OwningOpRef<ModuleOp> module = model.readNetwork(&context, progress);
  if (!module)
    return failure();
  progress.stage("converting");
  if (failed(nn::convertToFixedPointWeights(*module, getOptions())))
    return failure();
  progress.stage("writing " + output);
  if (failed(writeModel(*module, output)))
    return failure();
  progress.clear();
  Summary(*module).print(llvm::errs());
  return success();
}

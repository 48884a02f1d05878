//===- ChannelMapTest.cpp - Which output channel a weight belongs to -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The output channel of each element of a weight, against its definition: one index per dimension,
// put into nnabla's formulas.
//
//===----------------------------------------------------------------------===//

#include "fpw/Dialect/NN/IR/NN.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Parser/Parser.h"
#include "llvm/Support/FormatVariadic.h"
#include "gtest/gtest.h"

using namespace mlir;
using namespace fpw::nn;

namespace {

using Index = ArrayRef<int64_t>;

class ChannelMapTest : public testing::Test {
protected:
  ChannelMapTest() { context.loadDialect<NNDialect, func::FuncDialect>(); }

  /// Compares the map of a layer, such as `nn.affine %x, %w`, with `channel`, which gets the
  /// indices of an element.
  void expectChannels(StringRef layer, StringRef input, StringRef weight, StringRef result,
                      int64_t channels, function_ref<int64_t(Index)> channel) {
    std::string text = llvm::formatv("func.func @f(%x: {1}, %w: {2}) {{\n"
                                     "  %y = {0} : ({1}, {2}) -> {3}\n  return\n}",
                                     layer, input, weight, result);
    auto module = parseSourceString<ModuleOp>(text, &context);
    ASSERT_TRUE(module) << text;
    module->walk([&](LayerOpInterface op) { expectChannels(op, channels, channel); });
  }

private:
  static void expectChannels(LayerOpInterface layer, int64_t channels,
                             function_ref<int64_t(Index)> channel) {
    ChannelMap map = layer.getChannelMap();
    EXPECT_EQ(map.numChannels, channels);
    ArrayRef<int64_t> shape = layer.getWeight().getType().getShape();
    SmallVector<int64_t> index(shape.size(), 0);
    for (int64_t i = 0, count = ShapedType::getNumElements(shape); i < count; ++i) {
      EXPECT_EQ(map(i), channel(index)) << "element " << i;
      for (int64_t dim = shape.size() - 1; dim >= 0 && ++index[dim] == shape[dim]; --dim)
        index[dim] = 0;
    }
  }

  MLIRContext context;
};

} // namespace

// (inputs, outputs...): the trailing dimensions, flattened.
TEST_F(ChannelMapTest, Affine) {
  expectChannels("nn.affine %x, %w", "tensor<2x3xf32>", "tensor<3x4xf32>", "tensor<2x4xf32>", 4,
                 [](Index i) { return i[1]; });
  expectChannels("nn.affine %x, %w", "tensor<2x3xf32>", "tensor<3x2x5xf32>", "tensor<2x2x5xf32>",
                 10, [](Index i) { return i[1] * 5 + i[2]; });
}

// (outputs, ...), in groups or not, channels last or not.
TEST_F(ChannelMapTest, Convolution) {
  auto first = [](Index i) { return i[0]; };
  expectChannels("nn.convolution %x, %w", "tensor<1x4x5xf32>", "tensor<6x4x3xf32>",
                 "tensor<1x6x3xf32>", 6, first);
  expectChannels("nn.convolution %x, %w group 2", "tensor<1x4x5x5xf32>", "tensor<6x2x3x2xf32>",
                 "tensor<1x6x3x4xf32>", 6, first);
  expectChannels("nn.convolution %x, %w group 2 channel_last", "tensor<1x5x5x4xf32>",
                 "tensor<6x3x2x2xf32>", "tensor<1x3x4x6xf32>", 6, first);
}

// (inputs, outputs / group, kernel...): the group of the input channel, then the second index.
TEST_F(ChannelMapTest, Deconvolution) {
  expectChannels("nn.deconvolution %x, %w", "tensor<1x4x5xf32>", "tensor<4x3x2xf32>",
                 "tensor<1x3x6xf32>", 3, [](Index i) { return i[1]; });
  expectChannels("nn.deconvolution %x, %w group 3", "tensor<1x6x5x5xf32>", "tensor<6x4x2x3xf32>",
                 "tensor<1x12x6x7xf32>", 12, [](Index i) { return i[0] / 2 * 4 + i[1]; });
}

// (inputs, kernel..., outputs / group).
TEST_F(ChannelMapTest, DeconvolutionChannelLast) {
  expectChannels("nn.deconvolution %x, %w channel_last", "tensor<1x5x4xf32>", "tensor<4x2x3xf32>",
                 "tensor<1x6x3xf32>", 3, [](Index i) { return i[2]; });
  expectChannels("nn.deconvolution %x, %w group 3 channel_last", "tensor<1x5x5x6xf32>",
                 "tensor<6x2x3x4xf32>", "tensor<1x6x7x12xf32>", 12,
                 [](Index i) { return i[0] / 2 * 4 + i[3]; });
}

// (inputs * multiplier, kernel...), whatever the layout of the image.
TEST_F(ChannelMapTest, DepthwiseConvolution) {
  auto first = [](Index i) { return i[0]; };
  expectChannels("nn.depthwise_convolution %x, %w multiplier 2", "tensor<1x3x5x5xf32>",
                 "tensor<6x2x3xf32>", "tensor<1x6x4x3xf32>", 6, first);
  expectChannels("nn.depthwise_convolution %x, %w multiplier 2 channel_last", "tensor<1x5x5x3xf32>",
                 "tensor<6x2x3xf32>", "tensor<1x4x3x6xf32>", 6, first);
}

// (inputs, kernel...): `divisor` input channels add up in one.
TEST_F(ChannelMapTest, DepthwiseDeconvolution) {
  auto block = [](Index i) { return i[0] / 3; };
  expectChannels("nn.depthwise_deconvolution %x, %w divisor 3", "tensor<1x6x5xf32>",
                 "tensor<6x2xf32>", "tensor<1x2x6xf32>", 2, block);
  expectChannels("nn.depthwise_deconvolution %x, %w divisor 3 channel_last", "tensor<1x5x5x6xf32>",
                 "tensor<6x2x3xf32>", "tensor<1x6x7x2xf32>", 2, block);
}

// A fixed-point layer has the map of its float layer.
TEST_F(ChannelMapTest, FixedPoint) {
  expectChannels("nn.fixed_point_quantized_deconvolution %x, %w group 2 weight_format "
                 "<bits = 8, signed, delta = 1.0>",
                 "tensor<1x4x5xf32>", "tensor<4x3x2xsi8>", "tensor<1x6x6xf32>", 6,
                 [](Index i) { return i[0] / 2 * 3 + i[1]; });
}

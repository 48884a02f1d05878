//===- BandTest.cpp - Layers that share bands of lines -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Images of this size go through several layers band by band. The bits are those of the layers one
// by one, each a network of its own.
//
//===----------------------------------------------------------------------===//

#include "Machine.h"
#include "Network.h"

#include <cstring>
#include <gtest/gtest.h>
#include <random>

using namespace fpw;
using namespace fpw::test;

namespace {

constexpr int64_t kSize = 40, kNarrow = 64, kWide = 130; // 130 is no multiple of a tile

std::string imageOf(int64_t channels) { return batchTypeOf({1, kSize, kSize, channels}); }

FloatTensor makeNormal(std::vector<int64_t> shape, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal;
  size_t count = 1;
  for (int64_t size : shape)
    count *= size;
  FloatTensor result{{shape.begin(), shape.end()}, std::vector<float>(count)};
  for (float &value : result.data)
    value = normal(random);
  return result;
}

std::vector<int32_t> makeCodes(size_t count, unsigned seed) {
  std::mt19937 random(seed);
  std::vector<int32_t> codes(count);
  for (int32_t &code : codes)
    code = int32_t(random() % 255) - 127;
  return codes;
}

/// Adds a convolution and its rectifier, which makes codes of the next layer unsigned.
void addLayer(Network &network, StringRef from, StringRef to, int64_t inputs, int64_t outputs,
              int64_t kernel) {
  std::string weight = (to + "_w").str(), sums = (to + "_s").str();
  int64_t pad = kernel / 2;
  network.addCodes(weight, "si8", {outputs, kernel, kernel, inputs},
                   makeCodes(outputs * kernel * kernel * inputs, unsigned(inputs)));
  network.addOp(sums, "nn.fixed_point_quantized_convolution %" + from.str() + ", %" + weight +
                          " pad " + listOf({pad, pad}) +
                          " channel_last weight_format <bits = 8, signed, delta = 2.0e-04> : (" +
                          imageOf(inputs) + ", " +
                          typeOf({outputs, kernel, kernel, inputs}, "si8") + ") -> " +
                          imageOf(outputs));
  network.addOp(to, "nn.relu %" + sums + " : (" + imageOf(outputs) + ") -> " + imageOf(outputs));
}

FloatTensor runOn(const Network &network, const cpu::TargetInfo &target, unsigned bits,
                  ArrayRef<FloatTensor> inputs) {
  std::unique_ptr<mlir::MLIRContext> context = makeContext();
  CompileOptions options;
  options.arithmetic = Arithmetic::Digits;
  options.activationBits = bits;
  options.target = target;
  auto model = llvm::ExitOnError("cannot compile: ")(
      CompiledModel::compile(*network.build(context.get()), options));
  return run(*model, inputs, /*threads=*/3).front();
}

TEST(BandTest, BandsDoNotShowInTheBits) {
  FloatTensor x = makeNormal({2, kSize, kSize, kNarrow}, 1);
  FloatTensor z = makeNormal({2, kSize, kSize, kWide}, 2);
  // One network of three layers and a residual; x is rectified, so that all codes are unsigned.
  Network whole, first, second, third;
  auto addSecond = [](Network &network) {
    network.addInput("z", imageOf(kWide));
    addLayer(network, "a", "b", kNarrow, kWide, 1);
    network.addOp("c", "nn.add2 %b, %z : (" + imageOf(kWide) + ", " + imageOf(kWide) + ") -> " +
                           imageOf(kWide));
    network.addOp("d", "nn.relu %c : (" + imageOf(kWide) + ") -> " + imageOf(kWide));
  };
  auto addRectified = [](Network &network, StringRef name, int64_t channels) {
    network.addInput(name.str() + "_0", imageOf(channels));
    network.addOp(name, "nn.relu %" + name.str() + "_0 : (" + imageOf(channels) + ") -> " +
                            imageOf(channels));
  };
  addRectified(whole, "x", kNarrow);
  addLayer(whole, "x", "a", kNarrow, kNarrow, 3);
  addSecond(whole);
  addLayer(whole, "d", "y", kWide, kNarrow, 1);
  whole.addOutput("y");
  addRectified(first, "x", kNarrow);
  addLayer(first, "x", "a", kNarrow, kNarrow, 3);
  first.addOutput("a");
  addRectified(second, "a", kNarrow);
  addSecond(second);
  second.addOutput("d");
  addRectified(third, "d", kWide);
  addLayer(third, "d", "y", kWide, kNarrow, 1);
  third.addOutput("y");

  for (const Machine &machine : getMachines()) {
    std::optional<cpu::TargetInfo> target = machine.getTarget();
    if (!target)
      continue;
    for (unsigned bits : {8, 24}) {
      FloatTensor a = runOn(first, *target, bits, {x});
      FloatTensor d = runOn(second, *target, bits, {a, z});
      FloatTensor expected = runOn(third, *target, bits, {d});
      FloatTensor actual = runOn(whole, *target, bits, {x, z});
      ASSERT_EQ(actual.data.size(), expected.data.size());
      EXPECT_EQ(std::memcmp(actual.data.data(), expected.data.data(), actual.data.size() * 4), 0)
          << machine.name << ", " << bits << " bits";
    }
  }
}

} // namespace

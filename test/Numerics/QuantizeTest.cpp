//===- QuantizeTest.cpp - The compiled quantiser against nnabla -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "../Unit/GoldenData.h"
#include "Network.h"

#include "fpw/Support/FixedPoint.h"
#include "llvm/ADT/bit.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"
#include <cmath>
#include <gtest/gtest.h>
#include <limits>
#include <random>

using namespace fpw;
using namespace fpw::test;

namespace {

std::string getFormat(unsigned bits, bool isSigned, float delta) {
  std::string text;
  llvm::raw_string_ostream(text) << "#nn.fixed_point<bits = " << bits
                                 << (isSigned ? ", signed" : ", unsigned")
                                 << ", delta = " << llvm::format("%.9e", double(delta)) << ">";
  return text;
}

/// Several quantisers in one network, each with its own input.
class Quantizers {
public:
  void add(unsigned bits, bool isSigned, float delta, FloatTensor x, FloatTensor y) {
    std::string index = std::to_string(inputs.size());
    std::string type = typeOf(x.shape);
    network.addInput("x" + index, type);
    network.addOp("y" + index, "nn.fixed_point_quantize %x" + index +
                                   " {format = " + getFormat(bits, isSigned, delta) + "} : (" +
                                   type + ") -> " + type);
    network.addOutput("y" + index);
    inputs.push_back(std::move(x));
    expected.push_back(std::move(y));
  }

  /// Compares bits, those of -0.0 as well.
  void check() const {
    std::vector<FloatTensor> results = network.run(inputs);
    for (size_t i = 0; i < results.size(); ++i)
      for (size_t j = 0; j < results[i].data.size(); ++j)
        ASSERT_EQ(llvm::bit_cast<uint32_t>(results[i].data[j]),
                  llvm::bit_cast<uint32_t>(expected[i].data[j]))
            << "quantiser " << i << " of " << inputs[i].data[j] << " gives " << results[i].data[j]
            << ", expected " << expected[i].data[j];
  }

private:
  Network network;
  std::vector<FloatTensor> inputs, expected;
};

/// Each case of test/data/quantize.
TEST(QuantizeTest, GoldenData) {
  llvm::json::Value root = readJSON("quantize/cases.json");
  llvm::StringMap<FloatTensor> tensors = readNpz("quantize/quantize.npz");
  const llvm::json::Array *cases = root.getAsObject()->getArray("cases");
  ASSERT_TRUE(cases);
  Quantizers quantizers;
  for (const llvm::json::Value &entry : *cases) {
    const llvm::json::Object &fields = *entry.getAsObject();
    std::string id = llvm::formatv("_{0,0+3}", *fields.getInteger("id"));
    uint32_t delta;
    ASSERT_FALSE(fields.getString("delta_f32_hex")->getAsInteger(0, delta));
    quantizers.add(*fields.getInteger("n"), *fields.getBoolean("sign"),
                   llvm::bit_cast<float>(delta), tensors.at("x" + id), tensors.at("y" + id));
  }
  quantizers.check();
}

/// The compiled quantiser and the one that converts weights are the same function.
TEST(QuantizeTest, AgreesWithTheConverter) {
  std::mt19937 random(8);
  Quantizers quantizers;
  for (unsigned bits : {2, 3, 8, 16, 24}) {
    for (bool isSigned : {false, true}) {
      float delta = std::ldexp(1.0f + float(random() % 1000) / 1000, -int(random() % 20));
      FixedPoint format(bits, isSigned, delta);
      FloatTensor x = makeNormal({400}, random(), format.getMaxValue());
      for (size_t i = 0; i < 200; ++i) // Ties, and numbers beside them.
        x.data[i] =
            std::nextafter((float(int(i) - 100) + 0.5f) * delta, float(int(i % 3) - 1) * 1e9f);
      x.data[200] = std::numeric_limits<float>::infinity();
      x.data[201] = -std::numeric_limits<float>::infinity();
      x.data[202] = -0.0f;
      x.data[203] = std::numeric_limits<float>::denorm_min();
      FloatTensor y = x;
      for (float &element : y.data)
        element = format.quantize(element);
      quantizers.add(bits, isSigned, delta, std::move(x), std::move(y));
    }
  }
  quantizers.check();
}

TEST(QuantizeTest, NaNStaysNaN) {
  Network network;
  network.addInput("x", "tensor<?xf32>");
  network.addOp("y", "nn.fixed_point_quantize %x {format = " + getFormat(8, true, 0.5f) +
                         "} : (tensor<?xf32>) -> tensor<?xf32>");
  network.addOutput("y");
  float nan = std::numeric_limits<float>::quiet_NaN();
  expectClose(network.run(FloatTensor{{3}, {nan, 1.2f, -nan}}).front(), {{3}, {nan, 1.0f, nan}},
              {0.0}, "NaN");
}

} // namespace

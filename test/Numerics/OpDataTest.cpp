//===- OpDataTest.cpp - Layers against nnabla's results ---------*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// test/data/ops holds inputs, weights and results of each kind of layer, with float weights
// (y_float) and with quantised ones (y).
//
//===----------------------------------------------------------------------===//

#include "../Unit/GoldenData.h"
#include "Network.h"

#include "fpw/Support/FixedPoint.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"
#include <gtest/gtest.h>

using namespace fpw;
using namespace fpw::test;

namespace {

//===----------------------------------------------------------------------===//
// Texts
//===----------------------------------------------------------------------===//

std::string getList(const llvm::json::Array &array) {
  SmallVector<int64_t> values;
  for (const llvm::json::Value &value : array)
    values.push_back(*value.getAsInteger());
  return listOf(values);
}

/// The arguments of a layer in the order of the op's text.
std::string getAttributes(const llvm::json::Object &arguments) {
  std::string text;
  for (StringRef name : {"base_axis", "pad", "stride", "dilation", "group", "multiplier", "divisor",
                         "channel_last", "output_padding"}) {
    const llvm::json::Value *value = arguments.get(name);
    if (!value)
      continue;
    if (std::optional<bool> flag = value->getAsBoolean()) {
      text += *flag ? (" " + name).str() : "";
      continue;
    }
    const llvm::json::Array *list = value->getAsArray();
    text +=
        (" " + name + " ").str() + (list ? getList(*list) : llvm::itostr(*value->getAsInteger()));
  }
  return text;
}

/// CamelCase as the dialect writes it.
std::string toMnemonic(StringRef function) {
  std::string mnemonic;
  for (char c : function) {
    if (llvm::isUpper(c) && !mnemonic.empty())
      mnemonic += '_';
    mnemonic += llvm::toLower(c);
  }
  return mnemonic;
}

//===----------------------------------------------------------------------===//
// Cases
//===----------------------------------------------------------------------===//

/// A format of fixed-point numbers.
struct Format {
  unsigned bits;
  bool isSigned;
  float delta;

  Format(const llvm::json::Object &quant, const std::string &suffix)
      : bits(*quant.getInteger("n_" + suffix)), isSigned(*quant.getBoolean("sign_" + suffix)),
        delta(*quant.getNumber("delta_" + suffix)) {}

  std::string getText() const {
    std::string text;
    llvm::raw_string_ostream(text) << "<bits = " << bits << (isSigned ? ", signed" : ", unsigned")
                                   << ", delta = " << llvm::format("%.9e", double(delta)) << ">";
    return text;
  }
  StringRef getStorage() const {
    return bits <= 8 ? (isSigned ? "si8" : "ui8") : (isSigned ? "si16" : "ui16");
  }
  std::vector<int32_t> encode(ArrayRef<float> values) const {
    FixedPoint format(bits, isSigned, delta);
    std::vector<int32_t> codes;
    for (float value : values)
      codes.push_back(format.encode(value));
    return codes;
  }
};

/// A layer, its tensors, and its formats.
struct Case {
  std::string name, mnemonic, attributes;
  bool isExact;
  Format weight, bias;
  llvm::StringMap<FloatTensor> tensors;

  explicit Case(const llvm::json::Object &json)
      : name(*json.getString("name")), mnemonic(toMnemonic(*json.getString("op"))),
        attributes(getAttributes(*json.getObject("args"))), isExact(*json.getBoolean("exact")),
        weight(*json.getObject("quant"), "w"), bias(*json.getObject("quant"), "b"),
        tensors(readNpz("ops/" + name + ".npz")) {}

  bool hasBias() const { return tensors.count("b"); }
  Tolerance getTolerance() const { return {isExact ? 0.0 : 1e-5}; }
  const FloatTensor &get(StringRef tensor) const { return tensors.find(tensor)->second; }

  std::string getOp(StringRef prefix, StringRef formats, StringRef weightElement,
                    StringRef biasElement) const {
    std::string types = typeOf(get("x").shape) + ", " + typeOf(get("W").shape, weightElement);
    if (hasBias())
      types += ", " + typeOf(get("b").shape, biasElement);
    return ("nn." + prefix + mnemonic + " %x, %w" + (hasBias() ? ", %b" : "") + attributes +
            formats + " : (" + types + ") -> " + typeOf(get("y").shape))
        .str();
  }

  FloatTensor runFloat(StringRef weightName, StringRef biasName) const {
    Network network;
    network.addInput("x", typeOf(get("x").shape));
    network.addParameter("w", get(weightName));
    if (hasBias())
      network.addParameter("b", get(biasName));
    network.addOp("y", getOp("", "", "f32", "f32"));
    network.addOutput("y");
    return network.run(get("x")).front();
  }

  FloatTensor runCodes() const {
    Network network;
    network.addInput("x", typeOf(get("x").shape));
    network.addCodes("w", weight.getStorage(), get("W").shape, weight.encode(get("W").data));
    if (hasBias())
      network.addCodes("b", bias.getStorage(), get("b").shape, bias.encode(get("b").data));
    std::string formats =
        " weight_format " + weight.getText() + (hasBias() ? " bias_format " + bias.getText() : "");
    network.addOp("y",
                  getOp("fixed_point_quantized_", formats, weight.getStorage(), bias.getStorage()));
    network.addOutput("y");
    return network.run(get("x")).front();
  }
};

template <typename Visit> void forEachCase(Visit visit) {
  llvm::json::Value root = readJSON("ops/cases.json");
  for (const llvm::json::Value &entry : *root.getAsObject()->getArray("cases"))
    visit(Case(*entry.getAsObject()));
}

TEST(OpDataTest, FloatWeights) {
  forEachCase(
      [](const Case &c) { expectClose(c.runFloat("W", "b"), c.get("y_float"), {1e-5}, c.name); });
}

TEST(OpDataTest, Codes) {
  forEachCase(
      [](const Case &c) { expectClose(c.runCodes(), c.get("y"), c.getTolerance(), c.name); });
}

/// The numbers that nnabla's quantiser wrote are those that our codes stand for.
TEST(OpDataTest, QuantizedWeightsAsFloat) {
  forEachCase([](const Case &c) {
    if (c.isExact)
      expectClose(c.runFloat("W_q", "b_q"), c.runCodes(), {0.0}, c.name);
  });
}

} // namespace

//===- FunctionMatrixTest.cpp - Every target gives the bits of N7 for ops on elements -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FloatReference.h"
#include "Machine.h"
#include "Network.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/bit.h"
#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>

using namespace fpw;
using namespace fpw::test;

namespace {

//===----------------------------------------------------------------------===//
// The table of docs/Numerics.md
//===----------------------------------------------------------------------===//

/// An op on one tensor and its formula.
struct ElementwiseOp {
  const char *text; ///< Without the type.
  float (*formula)(float);
};

/// The larger one, where a NaN wins and +0.0 is larger than -0.0.
float maximum(float a, float b) {
  if (std::isnan(a) || std::isnan(b))
    return a + b;
  return a == b ? (std::signbit(a) ? b : a) : std::max(a, b);
}

float sigmoid(float x) { return 1.0f / (1.0f + reference::exp(-x)); }

float softplus(float x, float beta) {
  float rest = reference::log1p(reference::exp(-std::fabs(x * beta)));
  return maximum(x, 0.0f) + rest / beta;
}

float gelu(float x) {
  float inner = 0.7978845608f * (x + 0.044715f * (x * x * x));
  return 0.5f * x * (1.0f + reference::tanh(inner));
}

const ElementwiseOp kOps[] = {
    {"exp %x", reference::exp},
    {"log %x", reference::log},
    {"sin %x", reference::sin},
    {"cos %x", reference::cos},
    {"atan %x", reference::atan},
    {"tanh %x", reference::tanh},
    {"elu %x", [](float x) { return x >= 0.0f ? x : 1.0f * reference::expm1(x); }},
    {"gelu %x", gelu},
    {"sigmoid %x", sigmoid},
    {"swish %x", [](float x) { return x * sigmoid(x); }},
    {"softplus %x beta 3.000000e+00", [](float x) { return softplus(x, 3.0f); }},
    {"log_sigmoid %x", [](float x) { return -softplus(-x, 1.0f); }},
    {"mish %x", [](float x) { return x * reference::tanh(softplus(x, 1.0f)); }},
    {"tanh_shrink %x", [](float x) { return x - reference::tanh(x); }},
    {"softsign %x", [](float x) { return x / (1.0f + std::fabs(x)); }},
    {"sinc %x", [](float x) { return x == 0.0f ? 1.0f : reference::sin(x) / x; }},
    {"sinh %x", [](float x) { return 0.5f * (reference::exp(x) - reference::exp(-x)); }},
    {"cosh %x", [](float x) { return 0.5f * (reference::exp(x) + reference::exp(-x)); }},
    {"relu %x", [](float x) { return x > 0.0f ? x : 0.0f; }},
    {"leaky_relu %x", [](float x) { return x > 0.0f ? x : 0.1f * x; }},
    {"pow_scalar %x val 1.500000e+00", [](float x) { return reference::pow(x, 1.5f); }},
    {"pow_scalar %x val 3.000000e+00", [](float x) { return x * x * x; }},
    {"r_pow_scalar %x val 2.500000e+00", [](float x) { return reference::pow(2.5f, x); }},
    {"r_div_scalar %x val 3.000000e+00", [](float x) { return 3.0f / x; }},
};

//===----------------------------------------------------------------------===//
// The matrix
//===----------------------------------------------------------------------===//

/// Numbers of every exponent and sign, and special ones.
FloatTensor getSamples() {
  FloatTensor samples;
  for (uint32_t bits :
       {0x00000000u, 0x80000000u, 0x00000001u, 0x7f800000u, 0xff800000u, 0x7fc00000u})
    samples.data.push_back(llvm::bit_cast<float>(bits));
  for (uint64_t bits = 0; bits >> 32 == 0; bits += 1000003)
    samples.data.push_back(llvm::bit_cast<float>(uint32_t(bits)));
  for (float x : makeNormal({4000}, /*seed=*/1, /*scale=*/4.0f).data)
    samples.data.push_back(x);
  samples.shape = {1, int64_t(samples.data.size())};
  return samples;
}

class FunctionMatrix : public testing::TestWithParam<Machine> {};

TEST_P(FunctionMatrix, GivesTheBitsOfTheReference) {
  std::optional<cpu::TargetInfo> target = GetParam().getTarget();
  if (!target)
    GTEST_SKIP() << "this processor is no " << GetParam().name << " machine";
  FloatTensor x = getSamples();
  std::string type = batchTypeOf(x.shape);
  Network network;
  network.addInput("x", type);
  for (auto [i, op] : llvm::enumerate(kOps)) {
    std::string name = "y" + std::to_string(i);
    network.addOp(name, std::string("nn.") + op.text + " : (" + type + ") -> " + type);
    network.addOutput(name);
  }
  std::unique_ptr<mlir::MLIRContext> context = makeContext();
  CompileOptions options;
  options.target = *target;
  auto model = llvm::ExitOnError("cannot compile: ")(
      CompiledModel::compile(*network.build(context.get()), options));
  std::vector<FloatTensor> results = run(*model, x);
  for (auto [op, result] : llvm::zip_equal(kOps, results))
    for (size_t i = 0; i < x.data.size(); ++i) {
      float expected = op.formula(x.data[i]), y = result.data[i];
      bool isSame = std::isnan(expected)
                        ? std::isnan(y)
                        : llvm::bit_cast<uint32_t>(y) == llvm::bit_cast<uint32_t>(expected);
      ASSERT_TRUE(isSame) << op.text << " of " << x.data[i] << " is " << y << ", expected "
                          << expected;
    }
}

INSTANTIATE_TEST_SUITE_P(Targets, FunctionMatrix, testing::ValuesIn(getMachines()),
                         [](const testing::TestParamInfo<Machine> &info) {
                           return std::string(info.param.name);
                         });

} // namespace

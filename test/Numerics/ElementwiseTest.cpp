//===- ElementwiseTest.cpp - Element-wise ops against the C library -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Network.h"

#include "llvm/ADT/StringExtras.h"
#include <cmath>
#include <gtest/gtest.h>
#include <limits>

using namespace fpw;
using namespace fpw::test;

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr float kInfinity = std::numeric_limits<float>::infinity();

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }
double softplus(double x) { return std::max(x, 0.0) + std::log1p(std::exp(-std::fabs(x))); }
double clamp(double x, double least, double most) {
  return std::isnan(x) ? x : std::min(std::max(x, least), most);
}

/// Everything within a few units in the last place; functions that pass through 0 elsewhere than at
/// 0 are that close beside 1.
void expectNear(const FloatTensor &actual, ArrayRef<double> expected, const std::string &what,
                ArrayRef<float> x) {
  ASSERT_EQ(actual.data.size(), expected.size()) << what;
  for (size_t i = 0; i < expected.size(); ++i) {
    float a = actual.data[i], e = float(expected[i]);
    if (a == e || (std::isnan(a) && std::isnan(e)))
      continue;
    double limit = 4e-6 * std::max(std::fabs(expected[i]), 0.25);
    EXPECT_LE(std::fabs(a - expected[i]), limit)
        << what << " of " << x[i] << " is " << a << ", expected " << e;
  }
}

//===----------------------------------------------------------------------===//
// One operand
//===----------------------------------------------------------------------===//

struct Unary {
  const char *text; ///< The op, with %x for the operand.
  double (*function)(double);
};

const std::vector<Unary> kUnaryOps = {
    {"relu %x", [](double x) { return x > 0 ? x : 0; }},
    {"relu6 %x", [](double x) { return clamp(x, 0, 6); }},
    {"leaky_relu %x alpha 2.500000e-01", [](double x) { return x > 0 ? x : 0.25 * x; }},
    {"elu %x alpha 5.000000e-01", [](double x) { return x >= 0 ? x : 0.5 * std::expm1(x); }},
    {"selu %x scale 2.000000e+00 alpha 5.000000e-01",
     [](double x) { return x > 0 ? 2 * x : std::expm1(x); }},
    {"gelu %x",
     [](double x) {
       return x / 2 * (1 + std::tanh(std::sqrt(2 / M_PI) * (x + 0.044715 * x * x * x)));
     }},
    {"mish %x", [](double x) { return x * std::tanh(softplus(x)); }},
    {"swish %x", [](double x) { return x * sigmoid(x); }},
    {"sigmoid %x", sigmoid},
    {"log_sigmoid %x", [](double x) { return -softplus(-x); }},
    {"hard_sigmoid %x", [](double x) { return clamp(0.2 * x + 0.5, 0, 1); }},
    {"tanh %x", [](double x) { return std::tanh(x); }},
    {"hard_tanh %x", [](double x) { return clamp(x, -1, 1); }},
    {"softplus %x beta 2.000000e+00", [](double x) { return softplus(2 * x) / 2; }},
    {"softsign %x", [](double x) { return x / (1 + std::fabs(x)); }},
    {"sinc %x", [](double x) { return x == 0 ? 1 : std::sin(x) / x; }},
    {"identity %x", [](double x) { return x; }},
    {"dropout %x p 2.500000e-01", [](double x) { return x; }},
    {"abs %x", [](double x) { return std::fabs(x); }},
    {"exp %x", [](double x) { return std::exp(x); }},
    {"log %x", [](double x) { return std::log(x); }},
    {"sin %x", [](double x) { return std::sin(x); }},
    {"cos %x", [](double x) { return std::cos(x); }},
    {"atan %x", [](double x) { return std::atan(x); }},
    {"cosh %x", [](double x) { return std::cosh(x); }},
    {"floor %x", [](double x) { return std::floor(x); }},
    {"ceil %x", [](double x) { return std::ceil(x); }},
    {"round %x", [](double x) { return std::round(x); }},
    {"round_even %x", [](double x) { return std::nearbyint(x); }},
    {"erf %x", [](double x) { return std::erf(x); }},
    {"is_nan %x", [](double x) { return double(std::isnan(x)); }},
    {"logical_not %x", [](double x) { return double(x == 0); }},
    {"sign %x alpha 5.000000e-01", [](double x) { return x > 0   ? 1
                                                         : x < 0 ? -1
                                                                 : 0.5; }},
    {"add_scalar %x val -5.000000e-01", [](double x) { return x - 0.5; }},
    {"mul_scalar %x val 3.000000e+00", [](double x) { return x * 3; }},
    {"pow_scalar %x val 2.000000e+00", [](double x) { return x * x; }},
    {"pow_scalar %x val 3.000000e+00", [](double x) { return x * x * x; }},
    {"pow_scalar %x val 5.000000e-01", [](double x) { return std::sqrt(x); }},
    {"pow_scalar %x val 1.500000e+00", [](double x) { return std::pow(x, 1.5); }},
    {"pow_scalar %x val -1.000000e+00", [](double x) { return 1 / x; }},
    {"r_sub_scalar %x val 1.000000e+00", [](double x) { return 1 - x; }},
    {"r_div_scalar %x val 2.000000e+00", [](double x) { return 2 / x; }},
    {"r_pow_scalar %x val 2.000000e+00", [](double x) { return std::exp2(x); }},
    {"maximum_scalar %x val 5.000000e-01",
     [](double x) { return std::isnan(x) ? kNaN : std::max(x, 0.5); }},
    {"minimum_scalar %x val 5.000000e-01",
     [](double x) { return std::isnan(x) ? kNaN : std::min(x, 0.5); }},
};

/// Values where functions change their behaviour, and ordinary ones.
std::vector<float> getSamples() {
  std::vector<float> samples = {
      0.0f,  -0.0f,  1e-40f, -1e-40f, 1e-10f,     -1e-10f, 0.25f,     -0.25f,     0.5f,
      -0.5f, 1.0f,   -1.0f,  1.5f,    -1.5f,      2.5f,    -2.5f,     6.0f,       -6.0f,
      20.0f, -20.0f, 85.0f,  -85.0f,  8388609.0f, -3e9f,   kInfinity, -kInfinity, float(kNaN)};
  for (float x : makeNormal(200, /*seed=*/1, /*scale=*/4.0f).data)
    samples.push_back(x);
  return samples;
}

/// Whether the function of a large argument means anything in float.
bool isMeaningful(StringRef op, float x) {
  bool isPeriodic = op.starts_with("sin ") || op.starts_with("cos ") || op.starts_with("sinc ");
  return !isPeriodic || std::fabs(x) < 50 || std::isinf(x) || std::isnan(x);
}

TEST(ElementwiseTest, OneOperand) {
  FloatTensor x;
  x.data = getSamples();
  x.shape = {int64_t(x.data.size())};
  Network network;
  network.addInput("x", "tensor<?xf32>");
  for (auto [i, op] : llvm::enumerate(kUnaryOps)) {
    std::string name = "y" + llvm::utostr(i);
    network.addOp(name, std::string("nn.") + op.text + " : (tensor<?xf32>) -> tensor<?xf32>");
    network.addOutput(name);
  }
  std::vector<FloatTensor> results = network.run(x);
  for (auto [op, result] : llvm::zip(kUnaryOps, results)) {
    std::vector<double> expected;
    for (auto [element, y] : llvm::zip(x.data, result.data))
      expected.push_back(isMeaningful(op.text, element) ? op.function(element) : y);
    expectNear(result, expected, op.text, x.data);
  }
}

/// Differences of nearly equal numbers: exact but for the rounding of what is subtracted.
TEST(ElementwiseTest, Differences) {
  FloatTensor x = makeNormal({200}, /*seed=*/2, /*scale=*/2.0f);
  Network network;
  network.addInput("x", "tensor<?xf32>");
  network.addOp("a", "nn.tanh_shrink %x : (tensor<?xf32>) -> tensor<?xf32>");
  network.addOp("b", "nn.sinh %x : (tensor<?xf32>) -> tensor<?xf32>");
  network.addOutput("a");
  network.addOutput("b");
  std::vector<FloatTensor> results = network.run(x);
  for (size_t i = 0; i < x.data.size(); ++i) {
    double element = x.data[i];
    EXPECT_NEAR(results[0].data[i], element - std::tanh(element), 1e-6) << element;
    EXPECT_NEAR(results[1].data[i], std::sinh(element), 4e-6 * std::cosh(element)) << element;
  }
}

//===----------------------------------------------------------------------===//
// Two operands
//===----------------------------------------------------------------------===//

struct Binary {
  const char *name;
  double (*function)(double, double);
};

const std::vector<Binary> kBinaryOps = {
    {"add2", [](double a, double b) { return a + b; }},
    {"sub2", [](double a, double b) { return a - b; }},
    {"mul2", [](double a, double b) { return a * b; }},
    {"div2", [](double a, double b) { return a / b; }},
    {"pow2", [](double a, double b) { return std::pow(a, b); }},
    {"maximum2", [](double a, double b) { return std::isnan(a + b) ? kNaN : std::max(a, b); }},
    {"minimum2", [](double a, double b) { return std::isnan(a + b) ? kNaN : std::min(a, b); }},
    {"equal", [](double a, double b) { return double(a == b); }},
    {"not_equal", [](double a, double b) { return double(a != b); }},
    {"greater", [](double a, double b) { return double(a > b); }},
    {"greater_equal", [](double a, double b) { return double(a >= b); }},
    {"less", [](double a, double b) { return double(a < b); }},
    {"less_equal", [](double a, double b) { return double(a <= b); }},
    {"logical_and", [](double a, double b) { return double(a && b); }},
    {"logical_or", [](double a, double b) { return double(a || b); }},
    {"logical_xor", [](double a, double b) { return double(!a != !b); }},
};

struct Shapes {
  SmallVector<int64_t> a, b, result;
};

/// Every op with operands of these shapes, of which `types` say what is dynamic.
void checkBinary(const Shapes &shapes, const std::string &a, const std::string &b,
                 const std::string &result) {
  FloatTensor x = makeNormal(shapes.a, 3), y = makeNormal(shapes.b, 4);
  x.data[0] = float(kNaN);
  Network network;
  network.addInput("a", a);
  network.addInput("b", b);
  for (const Binary &op : kBinaryOps) {
    network.addOp(op.name,
                  std::string("nn.") + op.name + " %a, %b : (" + a + ", " + b + ") -> " + result);
    network.addOutput(op.name);
  }
  std::vector<FloatTensor> results = network.run({x, y});
  auto repeat = [](ArrayRef<int64_t> position, ArrayRef<int64_t> shape) {
    SmallVector<int64_t> source(position);
    for (auto [index, size] : llvm::zip(source, shape))
      index = size == 1 ? 0 : index;
    return source;
  };
  for (size_t i = 0; i < results.size(); ++i) {
    const Binary &op = kBinaryOps[i];
    FloatTensor expected = generate(shapes.result, [&](ArrayRef<int64_t> position) {
      return op.function(at(x, repeat(position, shapes.a)), at(y, repeat(position, shapes.b)));
    });
    expectClose(results[i], expected, {1e-6}, op.name);
  }
}

TEST(ElementwiseTest, SameShape) {
  checkBinary({{3, 5}, {3, 5}, {3, 5}}, "tensor<?x5xf32>", "tensor<?x5xf32>", "tensor<?x5xf32>");
}

TEST(ElementwiseTest, BothOperandsRepeat) {
  checkBinary({{2, 1, 4}, {1, 3, 1}, {2, 3, 4}}, "tensor<?x1x4xf32>", "tensor<1x3x1xf32>",
              "tensor<?x3x4xf32>");
}

TEST(ElementwiseTest, FirstOperandRepeats) {
  checkBinary({{1, 1}, {4, 3}, {4, 3}}, "tensor<1x1xf32>", "tensor<?x3xf32>", "tensor<?x3xf32>");
}

TEST(ElementwiseTest, DynamicMeetsStatic) {
  checkBinary({{4, 3}, {4, 3}, {4, 3}}, "tensor<?x3xf32>", "tensor<4x3xf32>", "tensor<4x3xf32>");
}

TEST(ElementwiseTest, Scalars) {
  checkBinary({{}, {}, {}}, "tensor<f32>", "tensor<f32>", "tensor<f32>");
}

} // namespace

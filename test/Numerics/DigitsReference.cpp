//===- DigitsReference.cpp - What arithmetic=digits computes, by definition -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "DigitsReference.h"

#include "llvm/ADT/bit.h"
#include <algorithm>
#include <cmath>
#include <optional>

namespace fpw::test {

static uint32_t magnitudeBits(float x) { return llvm::bit_cast<uint32_t>(x) & 0x7fffffffu; }

float getLargestMagnitude(ArrayRef<float> unit) {
  uint32_t largest = 0;
  for (float x : unit)
    largest = std::max(largest, magnitudeBits(x));
  return llvm::bit_cast<float>(largest);
}

int64_t getLargestCode(unsigned activationBits, bool isUnsigned) {
  int64_t all = (int64_t(1) << activationBits) - 1;
  return isUnsigned ? all : 127 * (all / 255);
}

int getStepExponent(float a, int64_t largestCode) {
  if (a == 0.0f)
    return 0;
  // Both sides have at most 53 bits and are far from the limits of double.
  int exponent = -124;
  while (double(a) > std::ldexp(double(largestCode), exponent))
    ++exponent;
  return exponent;
}

Step getStep(float a, unsigned activationBits, int64_t largestCode) {
  auto largest = static_cast<float>(largestCode);
  if (activationBits > 8 || a < std::ldexp(1.0f, -100))
    return getStepExponent(a, largestCode);
  return {a / largest, largest / a};
}

/// The nearest integer, ties to even.
static int64_t roundEven(double x) {
  double down = std::floor(x), rest = x - down;
  auto code = static_cast<int64_t>(down);
  bool isUp = rest > 0.5 || (rest == 0.5 && code % 2 != 0);
  return code + isUp;
}

int64_t getCode(float x, Step step) {
  float scaled = x * step.inverse;
  return roundEven(scaled);
}

int64_t getClampedCode(float x, Step step, int64_t largestCode, bool isUnsigned) {
  float largest = static_cast<float>(largestCode);
  if (double(largest) > double(largestCode))
    largest = std::nextafter(largest, 0.0f);
  int64_t most = static_cast<int64_t>(largest), least = isUnsigned ? 0 : -most;
  float scaled = x * step.inverse;
  if (std::isnan(x) || scaled < float(least))
    return least;
  return scaled > float(most) ? most : roundEven(scaled);
}

CodeParts splitCode(int64_t code, unsigned activationBits, bool isUnsigned) {
  if (activationBits <= 16)
    return {0, code};
  int64_t offset = isUnsigned ? 0 : 32896;
  int64_t low = ((code + offset) % 65536 + 65536) % 65536 - offset;
  return {(code - low) / 65536, low};
}

/// The nearest float to an integer: one rounding, ties to even.
static float toFloat(int64_t value) { return static_cast<float>(value); }

float combineSum(int64_t low, float delta, Step step, float bias) {
  float sigma = delta * step.size;
  float product = toFloat(low) * sigma;
  float positiveZeroBias = bias + 0.0f; // -0.0 counts as +0.0
  return product + positiveZeroBias;
}

float combineSums(int64_t high, int64_t low, float delta, Step step, float bias) {
  float sigma = delta * step.size;
  float scaledSigma = 65536.0f * sigma;
  float highProduct = toFloat(high) * scaledSigma;
  return highProduct + combineSum(low, delta, step, bias);
}

static float getDelta(const DigitsLayer &layer, int64_t channel) {
  return layer.deltas.size() == 1 ? layer.deltas[0] : layer.deltas[channel];
}

static float getBias(const DigitsLayer &layer, int64_t channel) {
  return layer.bias.empty() ? 0.0f : layer.bias[channel];
}

/// N2 for every unit.
static std::vector<float> getLargestMagnitudes(const Geometry &geometry, const FloatTensor &input) {
  std::vector<std::vector<float>> units(geometry.numUnits);
  for (size_t i = 0; i < input.data.size(); ++i)
    units[geometry.unitOfInput[i]].push_back(input.data[i]);
  std::vector<float> largest;
  for (const std::vector<float> &unit : units)
    largest.push_back(getLargestMagnitude(unit));
  return largest;
}

/// N2 and N3: a unit's step; none if its outputs are NaN.
static std::optional<Step> getStep(const DigitsLayer &layer, float largestInUnit,
                                   int64_t largestCode) {
  float a = layer.activationMaximum > 0 ? layer.activationMaximum : largestInUnit;
  if (!std::isfinite(a))
    return std::nullopt;
  return getStep(a, layer.activationBits, largestCode);
}

/// N4: the code of an element, whether steps are static or not.
static int64_t getCode(const DigitsLayer &layer, float x, Step step, int64_t largestCode) {
  return layer.activationMaximum > 0 ? getClampedCode(x, step, largestCode, layer.hasUnsignedCodes)
                                     : getCode(x, step);
}

FloatTensor runDigits(const DigitsLayer &layer, const FloatTensor &input) {
  Geometry geometry = getGeometry(layer, input.shape);
  std::vector<float> largest = getLargestMagnitudes(geometry, input);
  int64_t largestCode = getLargestCode(layer.activationBits, layer.hasUnsignedCodes);

  FloatTensor result;
  result.shape.assign(geometry.outputShape.begin(), geometry.outputShape.end());
  result.data.resize(geometry.outputs.size());
  for (const Output &output : geometry.outputs) {
    float &y = result.data[output.index];
    std::optional<Step> step = getStep(layer, largest[output.unit], largestCode);
    if (!step) {
      y = llvm::bit_cast<float>(kQuietNaN);
      continue;
    }
    int64_t high = 0, low = 0;
    for (auto [x, w] : output.products) {
      CodeParts code = splitCode(getCode(layer, input.data[x], *step, largestCode),
                                 layer.activationBits, layer.hasUnsignedCodes);
      high += code.high * layer.weight[w];
      low += code.low * layer.weight[w];
    }
    float delta = getDelta(layer, output.channel), bias = getBias(layer, output.channel);
    y = layer.activationBits <= 16 ? combineSum(low, delta, *step, bias)
                                   : combineSums(high, low, delta, *step, bias);
  }
  return result;
}

std::vector<double> runDouble(const DigitsLayer &layer, const FloatTensor &input) {
  Geometry geometry = getGeometry(layer, input.shape);
  std::vector<double> result(geometry.outputs.size());
  for (const Output &output : geometry.outputs) {
    double delta = getDelta(layer, output.channel), sum = 0.0;
    for (auto [x, w] : output.products)
      sum += double(input.data[x]) * (layer.weight[w] * delta);
    result[output.index] = sum + getBias(layer, output.channel);
  }
  return result;
}

} // namespace fpw::test

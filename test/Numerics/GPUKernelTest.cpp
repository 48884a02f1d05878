//===- GPUKernelTest.cpp - Kernels for GPUs give the bits of the CPU -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Layers of shapes that every tile and every edge of the matrix kernels meets, on the emulator.
//
//===----------------------------------------------------------------------===//

#include "EmulatedNetwork.h"
#include "MatrixLayer.h"
#include <gtest/gtest.h>

using namespace fpw;
using namespace fpw::test;

namespace {

const Layer kLayers[] = {
    {"RaggedAffine", "affine", "", {-1, 200}, {200, 70}, {-1, 70}},
    {"UnsignedWeight", "affine", "", {-1, 64}, {64, 140}, {-1, 140}, "ui8", true},
    {"FlatAffine", "affine", "", {5, 256}, {256, 100}, {5, 100}, "si8", true},
    {"WideWeight", "affine", "", {-1, 64}, {64, 24}, {-1, 24}, "si16"},
    {"AffineOfRows", "affine", "base_axis 2 ", {-1, 3, 36}, {36, 33}, {-1, 3, 33}},
    {"Residual",
     "convolution",
     "pad [1, 1] channel_last ",
     {-1, 6, 5, 32},
     {32, 3, 3, 32},
     {-1, 6, 5, 32},
     "si8",
     false,
     true},
    {"Strided",
     "convolution",
     "pad [1, 1] stride [2, 2] channel_last ",
     {-1, 9, 7, 16},
     {40, 3, 3, 16},
     {-1, 5, 4, 40},
     "si8",
     true},
    {"Pointwise",
     "convolution",
     "stride [2, 2] channel_last ",
     {-1, 5, 4, 64},
     {10, 1, 1, 64},
     {-1, 3, 2, 10}},
    {"Dilated",
     "convolution",
     "pad [1, 2] dilation [1, 3] channel_last ",
     {-1, 9, 11, 12},
     {17, 3, 2, 12},
     {-1, 9, 12, 17}},
    {"ThreeChannels",
     "convolution",
     "pad [3, 3] stride [2, 2] channel_last ",
     {-1, 15, 15, 3},
     {24, 7, 7, 3},
     {-1, 8, 8, 24}},
    {"Groups",
     "convolution",
     "pad [1, 1] group 2 channel_last ",
     {-1, 6, 5, 32},
     {48, 3, 3, 16},
     {-1, 6, 5, 48},
     "si8",
     true},
    {"Deconvolution",
     "deconvolution",
     "pad [1, 1] stride [2, 2] channel_last ",
     {-1, 4, 5, 32},
     {32, 4, 4, 20},
     {-1, 8, 10, 20}},
    {"UnevenPhases",
     "deconvolution",
     "stride [3, 2] channel_last ",
     {-1, 3, 4, 32},
     {32, 2, 3, 16},
     {-1, 8, 9, 16}},
};

class GPUKernel : public testing::TestWithParam<std::tuple<Layer, std::string, unsigned>> {};

TEST_P(GPUKernel, GivesTheBitsOfTheCPU) {
  auto [layer, architecture, bits] = GetParam();
  LayerNetwork network(layer);
  EmulationOptions options;
  options.architecture = architecture;
  options.activationBits = bits;
  options.mutate = [](llvm::Module &module) { EXPECT_FALSE(findMatrixCalls(module).empty()); };
  auto results = runOnEmulator(*network.module, network.inputs, options);
  ASSERT_TRUE(bool(results)) << toString(results.takeError());
  expectSameBits(results->front(), network.runOnCPU(bits), layer.name);
}

std::string getName(const testing::TestParamInfo<GPUKernel::ParamType> &info) {
  auto [layer, architecture, bits] = info.param;
  return std::string(layer.name) + "_" + architecture + "_" + std::to_string(bits);
}

// Three digits everywhere; the others, which differ in tiles, where most edges are ragged.
INSTANTIATE_TEST_SUITE_P(Layers, GPUKernel,
                         testing::Combine(testing::ValuesIn(kLayers),
                                          testing::Values(std::string("sm_80")),
                                          testing::Values(24u)),
                         getName);
INSTANTIATE_TEST_SUITE_P(Digits, GPUKernel,
                         testing::Combine(testing::ValuesIn(ArrayRef(kLayers).take_front(3)),
                                          testing::Values(std::string("sm_80")),
                                          testing::Values(8u, 16u, 32u)),
                         getName);
INSTANTIATE_TEST_SUITE_P(Warpgroups, GPUKernel,
                         testing::Combine(testing::ValuesIn(kLayers),
                                          testing::Values(std::string("sm_90a")),
                                          testing::Values(24u)),
                         getName);
INSTANTIATE_TEST_SUITE_P(WarpgroupDigits, GPUKernel,
                         testing::Combine(testing::ValuesIn(ArrayRef(kLayers).take_front(3)),
                                          testing::Values(std::string("sm_90a")),
                                          testing::Values(8u, 16u, 32u)),
                         getName);

} // namespace

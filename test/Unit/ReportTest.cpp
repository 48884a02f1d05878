//===- ReportTest.cpp - The report on a conversion -------------*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "fpw/Dialect/NN/IR/NN.h"
#include "fpw/Report/FixedPointReport.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Parser/Parser.h"
#include <gtest/gtest.h>

using namespace fpw;
using mlir::OwningOpRef;

namespace {

class ReportTest : public ::testing::Test {
protected:
  ReportTest() { context.loadDialect<mlir::func::FuncDialect, nn::NNDialect>(); }

  OwningOpRef<ModuleOp> parse(StringRef body) {
    return mlir::parseSourceString<ModuleOp>(
        ("func.func @net(%x: tensor<?x2xf32>) -> tensor<?x3xf32> {" + body +
         "return %y : tensor<?x3xf32> }")
            .str(),
        &context);
  }

  MLIRContext context;
};

constexpr StringLiteral kConverted = R"mlir(
  %w = nn.parameter "q/fc/W_q" = dense<[[1, -7, 3], [0, 2, 7]]> : tensor<2x3xsi8>
      {conversion = #nn.conversion<source = "fc/W", absmax = 2.0, clipped = 1, error = 0.06, energy = 6.0>}
  %b = nn.parameter "plain" = dense<5> : tensor<3xui16>
  %y = nn.fixed_point_quantized_affine %x, %w, %b
      weight_format <bits = 4, signed, delta = [0.25, 0.5, 0.125]>
      bias_format <bits = 12, unsigned, delta = 0.1>
      : (tensor<?x2xf32>, tensor<2x3xsi8>, tensor<3xui16>) -> tensor<?x3xf32>
)mlir";

TEST_F(ReportTest, JSON) {
  OwningOpRef<ModuleOp> module = parse(kConverted);
  ASSERT_TRUE(module);
  FailureOr<Report> report = buildReport(*module);
  ASSERT_TRUE(succeeded(report));
  // The hashes are those of numpy.int32 arrays in sha256sum.
  llvm::json::Value expected = llvm::cantFail(llvm::json::parse(R"json({
    "model": "net.mlir",
    "tensors": [
      {"name": "fc/W", "layer": "Affine", "kind": "weight", "shape": [2, 3], "bits": 4,
       "signed": true, "delta": [0.25, 0.5, 0.125], "absmax": 2.0, "clipped": 1, "mse": 0.01,
       "sqnr_db": 20.0, "bytes_before": 24, "bytes_after": 3, "codes_sha256": "506c44e9d432940c999ac48483d2267cdd825f8d85af65acfb9be1f3043dff95"},
      {"name": "plain", "layer": "Affine", "kind": "bias", "shape": [3], "bits": 12,
       "signed": false, "delta": [0.10000000149011612], "absmax": null, "clipped": null,
       "mse": null, "sqnr_db": null, "bytes_before": 12, "bytes_after": 5, "codes_sha256": "0a389783af9ac112b6de32eb03659eab9f1ca425fe8ef2b08f60454bc1f7395b"}],
    "totals": {"tensors": 2, "bytes_before": 36, "bytes_after": 8, "clipped": 1}
  })json"));
  EXPECT_EQ(report->toJSON("net.mlir"), expected);
}

TEST_F(ReportTest, Table) {
  OwningOpRef<ModuleOp> module = parse(kConverted);
  ASSERT_TRUE(module);
  FailureOr<Report> report = buildReport(*module);
  ASSERT_TRUE(succeeded(report));
  std::string text = "\n";
  llvm::raw_string_ostream os(text);
  report->print(os);
  EXPECT_EQ(text, R"(
tensor  layer   kind    shape  bits        step  max  clipped  SQNR/dB  bytes  codes
------  ------  ------  -----  ----  ----------  ---  -------  -------  -----  ----------------
fc/W    Affine  weight  2x3      s4  2^-3..2^-1    2        1     20.0      3  506c44e9d432940c
plain   Affine  bias    3       u12         0.1    ?        ?        ?      5  0a389783af9ac112
total: 2 tensors, 36 -> 8 bytes (4.5 times smaller), 1 clipped
)");
}

TEST_F(ReportTest, MeasuresAgainstFloatModel) {
  OwningOpRef<ModuleOp> module = parse(kConverted);
  OwningOpRef<ModuleOp> against = parse(R"mlir(
    %w = nn.parameter "fc/W" = dense<[[0.25, -4.0, 0.5], [0.0, 1.0, 0.875]]> : tensor<2x3xf32>
    %b = nn.parameter "plain" = dense<0.5> : tensor<3xf32>
    %y = nn.affine %x, %w, %b : (tensor<?x2xf32>, tensor<2x3xf32>, tensor<3xf32>) -> tensor<?x3xf32>
  )mlir");
  ASSERT_TRUE(module && against);
  FailureOr<Report> report = buildReport(*module, *against);
  ASSERT_TRUE(succeeded(report));
  const QuantizationLoss &weight = *report->tensors[0].loss, &bias = *report->tensors[1].loss;
  EXPECT_EQ(weight.absMax, 4.0f);
  EXPECT_EQ(weight.clipped, 1);
  EXPECT_EQ(weight.mse, (0.25 + 0.125 * 0.125) / 6);
  EXPECT_EQ(bias.absMax, 0.5f);
  EXPECT_EQ(bias.clipped, 0);
  EXPECT_EQ(bias.mse, 0.0);
  EXPECT_FALSE(bias.sqnr);
}

TEST_F(ReportTest, NeedsEveryParameterOfTheFloatModel) {
  OwningOpRef<ModuleOp> module = parse(kConverted);
  OwningOpRef<ModuleOp> against = parse(R"mlir(
    %w = nn.parameter "fc/W" = dense<1.0> : tensor<2x3xf32>
    %y = nn.affine %x, %w : (tensor<?x2xf32>, tensor<2x3xf32>) -> tensor<?x3xf32>
  )mlir");
  ASSERT_TRUE(module && against);
  std::string message;
  mlir::ScopedDiagnosticHandler handler(&context, [&](mlir::Diagnostic &diagnostic) {
    message = diagnostic.str();
    return success();
  });
  EXPECT_TRUE(failed(buildReport(*module, *against)));
  EXPECT_EQ(message, "expected the float model to have a parameter 'plain'");
}

/// A quantised parameter counts before it is encoded, and a shared one counts once.
TEST_F(ReportTest, CountsQuantizedParameters) {
  OwningOpRef<ModuleOp> module = parse(R"mlir(
    %w = nn.parameter "W" = dense<0.5> : tensor<2x2xf32>
    %v = nn.parameter "V" = dense<0.5> : tensor<2x3xf32>
    %q = nn.fixed_point_quantize %w {format = #nn.fixed_point<bits = 8, signed, delta = 0.25>}
        : (tensor<2x2xf32>) -> tensor<2x2xf32>
    %h = nn.affine %x, %q : (tensor<?x2xf32>, tensor<2x2xf32>) -> tensor<?x2xf32>
    %g = nn.affine %h, %q : (tensor<?x2xf32>, tensor<2x2xf32>) -> tensor<?x2xf32>
    %y = nn.affine %g, %v : (tensor<?x2xf32>, tensor<2x3xf32>) -> tensor<?x3xf32>
  )mlir");
  ASSERT_TRUE(module);
  FailureOr<Report> report = buildReport(*module);
  ASSERT_TRUE(succeeded(report));
  ASSERT_EQ(report->tensors.size(), 1u);
  EXPECT_EQ(report->tensors[0].name, "W");
  EXPECT_EQ(report->tensors[0].loss->mse, 0.0);
}

} // namespace

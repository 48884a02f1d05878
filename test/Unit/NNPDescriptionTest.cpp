//===- NNPDescriptionTest.cpp - Parsing .nntxt descriptions -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Description.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

using namespace fpw;
using namespace fpw::nnp;
using testing::HasSubstr;

static std::string getError(StringRef text, const NNPLimits &limits = {}) {
  std::string message;
  bool failed = !Description::parse(text, limits, [&](Position position, const Twine &what) {
    message = (Twine(position.line) + ":" + Twine(position.column) + ": " + what).str();
  });
  EXPECT_EQ(failed, !message.empty());
  return message;
}

static std::unique_ptr<Description> parse(StringRef text) {
  return Description::parse(text, {}, [](Position, const Twine &what) { FAIL() << what.str(); });
}

TEST(NNPDescription, KnowsPlaces) {
  auto description = parse("network {\n  function { name: 'f' }\n  variable { }\n}\nexecutor { }");
  const proto::Network &network = description->getProto().network(0);
  EXPECT_EQ(description->getPosition(network).line, 1u);
  EXPECT_EQ(description->getPosition(network.function(0)).line, 2u);
  EXPECT_EQ(description->getPosition(network.function(0)).column, 3u);
  EXPECT_EQ(description->getPosition(network.variable(0)).line, 3u);
  EXPECT_EQ(description->getPosition(description->getProto().executor(0)).line, 5u);
}

TEST(NNPDescription, AssignsUnknownFields) {
  auto description = parse("network { function { } function { softmax_param { odd: [1, 2] } } }\n"
                           "network { variable { design: 1 } }\n"
                           "dataset { whatever { a: 1 } }\n");
  const proto::Description &file = description->getProto();
  EXPECT_EQ(description->findUnknownField(file), nullptr);
  EXPECT_EQ(description->findUnknownField(file.network(0)), nullptr);
  EXPECT_EQ(description->findUnknownField(file.network(0).function(0)), nullptr);
  const UnknownField *field = description->findUnknownField(file.network(0).function(1));
  ASSERT_NE(field, nullptr);
  EXPECT_THAT(field->message, HasSubstr("has no field named \"odd\""));
  EXPECT_NE(description->findUnknownField(file.network(1).variable(0)), nullptr);
}

// A list has one place for all of its elements. Its unknown fields belong to what is around the
// list.
TEST(NNPDescription, AssignsUnknownFieldsOfLists) {
  auto description = parse("network [{ name: 'a' }, { function { odd: 1 } }]\nnetwork { }");
  EXPECT_NE(description->findUnknownField(description->getProto()), nullptr);
  description = parse("network { function [{ }, { odd: 1 }] function { } }");
  EXPECT_NE(description->findUnknownField(description->getProto().network(0)), nullptr);
}

TEST(NNPDescription, ReportsTheFirstError) {
  EXPECT_EQ(getError("network {\n  name: 3\n}"), "2:9: expected string, got: 3");
  EXPECT_THAT(getError("network {"), HasSubstr("1:10: "));
  EXPECT_THAT(getError("network { name: 'a' name: 'b' }"), HasSubstr("specified multiple times"));
}

TEST(NNPDescription, BoundsDepth) {
  std::string text = "network { function { ";
  for (int i = 0; i < 100000; ++i)
    text += "x { ";
  EXPECT_THAT(getError(text), HasSubstr("recursion limit"));
  EXPECT_THAT(getError("x: " + std::string(1000000, '[')), HasSubstr("recursion limit"));
}

TEST(NNPDescription, BoundsMessagesAndText) {
  NNPLimits limits;
  limits.maxMessages = 3;
  EXPECT_EQ(getError("network { name: '{{{' # {{{\n } network < > executor { }", limits), "");
  EXPECT_THAT(getError("network { name: '\\'' } network { } network { } network { }", limits),
              HasSubstr("at most 3 messages but got 4"));
  limits.maxTextBytes = 10;
  EXPECT_THAT(getError("network { }", limits), HasSubstr("at most 10 bytes but got 11"));
}

TEST(NNPDescription, ReadsParameters) {
  auto description = parse("parameter { variable_name: 'W' shape { dim: 2 } data: 1 data: -inf }");
  ParameterTable table;
  ASSERT_EQ(llvm::toString(description->readParameters(table)), "");
  std::vector<float> elements(2);
  table.find("W")->read(elements);
  EXPECT_EQ(elements[0], 1.0f);
  EXPECT_EQ(elements[1], -std::numeric_limits<float>::infinity());
  description = parse("parameter { variable_name: 'W' shape { dim: 2 } data: 1 }");
  ParameterTable other;
  EXPECT_THAT(llvm::toString(description->readParameters(other)), HasSubstr("expected 2 elements"));
}

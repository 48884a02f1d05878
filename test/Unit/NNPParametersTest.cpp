//===- NNPParametersTest.cpp - Reading the parameters of .nnp files -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "NNPFiles.h"
#include "Parameters.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/bit.h"
#include "llvm/Support/Endian.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include <cmath>

using namespace fpw;
using namespace fpw::nnp;
using namespace fpw::test;
using testing::ElementsAre;
using testing::HasSubstr;

static std::vector<float> read(const ParameterTable &table, StringRef name) {
  const Parameter *parameter = table.find(name);
  if (!parameter)
    return {};
  std::vector<float> elements(*countElements(parameter->shape));
  parameter->read(elements);
  return elements;
}

//===----------------------------------------------------------------------===//
// Shapes
//===----------------------------------------------------------------------===//

TEST(NNPParameters, CountsElements) {
  EXPECT_EQ(countElements({}), 1);
  EXPECT_EQ(countElements({2, 3}), 6);
  EXPECT_EQ(countElements({int64_t(1) << 40}), int64_t(1) << 40);
  EXPECT_EQ(countElements({int64_t(1) << 40, 2}), std::nullopt);
  EXPECT_EQ(countElements({int64_t(1) << 62, 4}), std::nullopt);
  EXPECT_EQ(countElements({2, 0}), std::nullopt);
  EXPECT_EQ(countElements({-1}), std::nullopt);
  EXPECT_EQ(countElements(SmallVector<int64_t>(33, 1)), std::nullopt);
}

//===----------------------------------------------------------------------===//
// Protobuf
//===----------------------------------------------------------------------===//

static std::string varint(uint64_t value) {
  std::string bytes;
  for (; value >= 0x80; value >>= 7)
    bytes += char(value | 0x80);
  return bytes + char(value);
}
static std::string field(unsigned number, const std::string &bytes) {
  return varint(number << 3 | 2) + varint(bytes.size()) + bytes;
}
static std::string field(unsigned number, uint64_t value) {
  return varint(number << 3) + varint(value);
}
static std::string floats(ArrayRef<float> values) {
  std::string bytes(4 * values.size(), '\0');
  for (auto [i, value] : llvm::enumerate(values))
    llvm::support::endian::write32le(&bytes[4 * i], llvm::bit_cast<uint32_t>(value));
  return bytes;
}
static std::string unpacked(float value) { return varint(100 << 3 | 5) + floats(value); }
static std::string shape(ArrayRef<uint64_t> sizes) {
  std::string packed;
  for (uint64_t size : sizes)
    packed += varint(size);
  return field(20, field(1, packed));
}

static std::string getProtobufError(const std::string &bytes) {
  ParameterTable table;
  return llvm::toString(readProtobufParameters(bytes, table));
}

TEST(NNPParameters, ReadsPackedAndUnpackedElements) {
  std::string bytes = field(1, std::string("0.1")) +
                      field(200, field(1, std::string("a/W")) + shape({2, 2}) +
                                     field(100, floats({1, 2, 3, 4})) + field(101, uint64_t(1))) +
                      field(200, field(1, std::string("b")) + field(20, field(1, uint64_t(3))) +
                                     unpacked(5) + field(100, floats({6})) + unpacked(7)) +
                      field(200, field(1, std::string("s")) + unpacked(-0.0f));
  ParameterTable table;
  ASSERT_EQ(llvm::toString(readProtobufParameters(bytes, table)), "");
  EXPECT_THAT(table.find("a/W")->shape, ElementsAre(2, 2));
  EXPECT_THAT(read(table, "a/W"), ElementsAre(1, 2, 3, 4));
  EXPECT_THAT(read(table, "b"), ElementsAre(5, 6, 7));
  EXPECT_TRUE(table.find("s")->shape.empty());
  EXPECT_TRUE(std::signbit(read(table, "s")[0]));
  EXPECT_EQ(table.find("nobody"), nullptr);
}

TEST(NNPParameters, RefusesWrongProtobuf) {
  std::string name = field(1, std::string("W"));
  EXPECT_THAT(getProtobufError(field(200, name + shape({3}) + field(100, floats({1, 2})))),
              HasSubstr("parameter 'W': expected 3 elements (3) but got 2"));
  EXPECT_THAT(getProtobufError(field(200, name + shape({uint64_t(1) << 62, 16}))),
              HasSubstr("at most 2^40 elements, but got 4611686018427387904x16"));
  EXPECT_THAT(getProtobufError(field(200, name + shape({uint64_t(-1)}))), HasSubstr("got -1"));
  EXPECT_THAT(getProtobufError(field(200, name + field(100, std::string("abc")))),
              HasSubstr("expected whole f32 elements but got 3 bytes"));
  EXPECT_THAT(getProtobufError(field(200, unpacked(1))), HasSubstr("to have a name"));
  EXPECT_THAT(getProtobufError(field(200, name + unpacked(1)) + field(200, name + unpacked(1))),
              HasSubstr("parameter 'W' is there twice"));
  EXPECT_THAT(getProtobufError(field(200, name + field(99, uint64_t(1)))),
              HasSubstr("parameter 'W': unknown field 99"));
  EXPECT_THAT(getProtobufError(field(100, std::string())), HasSubstr("network in binary form"));
  EXPECT_THAT(getProtobufError("\x0b"), HasSubstr("wire type 3"));
  EXPECT_NE(getProtobufError(field(200, name + varint(100 << 3 | 2) + varint(uint64_t(1) << 62))),
            "");
  EXPECT_NE(getProtobufError(std::string(11, '\xff')), "");
}

TEST(NNPParameters, SurvivesTruncatedProtobuf) {
  std::string bytes =
      field(200, field(1, std::string("W")) + shape({2}) + field(100, floats({1, 2})));
  EXPECT_EQ(getProtobufError(bytes), "");
  for (size_t size = 1; size < bytes.size(); ++size)
    EXPECT_NE(getProtobufError(bytes.substr(0, size)), "") << size;
}

//===----------------------------------------------------------------------===//
// HDF5
//===----------------------------------------------------------------------===//

static std::string getHDF5Error(StringRef bytes) {
  ParameterTable table;
  return llvm::toString(readHDF5Parameters(bytes, table));
}

/// A file with one data set of f32, conv/W, 3x4x3x3.
static const char *const kConvolution = "layers/conv_cl_note.nnp";

/// Puts `bytes` at the place of the nth `pattern`.
static std::string patch(std::string file, StringRef pattern, size_t offset, StringRef bytes,
                         size_t n = 0) {
  size_t at = file.find(pattern.str());
  while (n--)
    at = file.find(pattern.str(), at + 1);
  EXPECT_NE(at, std::string::npos);
  return file.replace(at + offset, bytes.size(), bytes.str());
}

static const StringRef kF32("\x11\x20\x1f\x00\x04\x00\x00\x00", 8);
static const StringRef kF64("\x11\x20\x3f\x00\x08\x00\x00\x00", 8);
static const StringRef kLayout("\x08\x00\x18\x00\x00\x00\x00\x00\x03\x01", 10);

TEST(NNPParameters, ReadsHDF5) {
  std::string file = readHDF5(kConvolution);
  ParameterTable table;
  ASSERT_EQ(llvm::toString(readHDF5Parameters(file, table)), "");
  EXPECT_EQ(table.size(), 2u);
  EXPECT_THAT(table.find("conv/W")->shape, ElementsAre(3, 4, 3, 3));
  EXPECT_THAT(table.find("conv/b")->shape, ElementsAre(3));
  std::vector<float> weights = read(table, "conv/W");
  EXPECT_EQ(weights[0], llvm::bit_cast<float>(0x3e961538u));
  EXPECT_EQ(weights[1], llvm::bit_cast<float>(0xbe3fcd92u));
}

TEST(NNPParameters, ReadsEitherByteOrder) {
  std::string file = readHDF5(kConvolution);
  ParameterTable little;
  ASSERT_EQ(llvm::toString(readHDF5Parameters(file, little)), "");
  std::vector<float> expected = read(little, "conv/W");
  std::string swapped = patch(file, kF32, 1, "\x21");
  size_t data = swapped.find("\x38\x15\x96\x3e");
  for (size_t i = 0; i < expected.size(); ++i)
    std::reverse(&swapped[data + 4 * i], &swapped[data + 4 * i] + 4);
  ParameterTable big;
  ASSERT_EQ(llvm::toString(readHDF5Parameters(swapped, big)), "");
  EXPECT_EQ(read(big, "conv/W"), expected);
}

TEST(NNPParameters, RoundsF64ToNearest) {
  // The largest f64 below the middle of 1 and the next f32; the middle; the smallest above it; too
  // large.
  std::string file = readHDF5("models/edge_names/edge_names.nnp");
  ParameterTable table;
  ASSERT_EQ(llvm::toString(readHDF5Parameters(file, table)), "");
  std::vector<float> before = read(table, "NEW/W");
  ASSERT_GE(before.size(), 4u);
  size_t data = std::string::npos;
  for (size_t i = 0; i + 8 <= file.size() && data == std::string::npos; i += 8)
    if (float(llvm::bit_cast<double>(llvm::support::endian::read64le(&file[i]))) == before[0] &&
        before[0] != 0)
      data = i;
  ASSERT_NE(data, std::string::npos);
  double middle = 1.0 + std::ldexp(1.0, -24);
  double values[] = {std::nextafter(middle, 0.0), middle, std::nextafter(middle, 2.0), 1e300};
  for (auto [i, value] : llvm::enumerate(values))
    llvm::support::endian::write64le(&file[data + 8 * i], llvm::bit_cast<uint64_t>(value));
  ParameterTable patched;
  ASSERT_EQ(llvm::toString(readHDF5Parameters(file, patched)), "");
  std::vector<float> after = read(patched, "NEW/W");
  EXPECT_EQ(after[0], 1.0f);
  EXPECT_EQ(after[1], 1.0f);
  EXPECT_EQ(after[2], 1.0f + 1.1920929e-7f);
  EXPECT_TRUE(std::isinf(after[3]));
}

TEST(NNPParameters, RefusesOtherHDF5) {
  std::string file = readHDF5(kConvolution);
  StringRef filters("\x0b\x00", 2), integers("\x10", 1), chunked("\x02", 1);
  EXPECT_THAT(getHDF5Error(patch(file, "\x89HDF", 8, "\x02")),
              HasSubstr("superblock version 0 or 1 but got 2"));
  EXPECT_THAT(getHDF5Error(patch(file, kF32, 0, integers)),
              HasSubstr("expected HDF5 elements of type f32 or f64"));
  EXPECT_THAT(getHDF5Error(patch(file, kF32, 2, "\x3f")),
              HasSubstr("expected HDF5 elements of type f32 or f64"));
  EXPECT_THAT(getHDF5Error(patch(file, kLayout, 9, chunked)),
              HasSubstr("chunked HDF5 data sets are not read"));
  EXPECT_THAT(getHDF5Error(patch(file, kLayout, 0, filters)),
              HasSubstr("compressed or filtered HDF5 data sets"));
  EXPECT_THAT(getHDF5Error(patch(file, kLayout, 0, StringRef("\x07\x00", 2))),
              HasSubstr("HDF5 data in other files"));
  EXPECT_THAT(getHDF5Error(patch(file, kLayout, 15, "\x7f")), HasSubstr("outside of the file"));
  EXPECT_THAT(getHDF5Error(patch(file, kLayout, 18, "\xb4")),
              HasSubstr("expected 108 elements (3x4x3x3) but got 109"));
  EXPECT_THAT(getHDF5Error(patch(file, kLayout, 18, "\xb1")), HasSubstr("ends inside an element"));
  EXPECT_THAT(getHDF5Error(""), HasSubstr("expected an HDF5 file"));
}

TEST(NNPParameters, RefusesLinksAndCyclesInHDF5) {
  std::string file = readHDF5(kConvolution);
  // The entry of group conv in the root's symbol table: name, object header, kind.
  size_t entry = file.find("SNOD") + 8;
  std::string link = file;
  link[entry + 16] = 2;
  EXPECT_THAT(getHDF5Error(link), HasSubstr("HDF5 link 'conv' is symbolic"));
  // The group as its own member.
  size_t inner = file.find("SNOD", entry) + 8;
  std::string cycle = file;
  cycle.replace(inner + 8, 8, file, entry + 8, 8);
  EXPECT_THAT(getHDF5Error(cycle), HasSubstr("the HDF5 object has two names"));
  // A tree as its own child.
  size_t tree = file.find("TREE");
  std::string loop = file;
  loop[tree + 5] = 1;
  llvm::support::endian::write64le(&loop[tree + 32], tree);
  EXPECT_THAT(getHDF5Error(loop), HasSubstr("is there twice"));
}

TEST(NNPParameters, SurvivesCorruptHDF5) {
  std::string file = readHDF5(kConvolution);
  for (size_t size = 0; size < file.size(); size += 3)
    getHDF5Error(StringRef(file).take_front(size));
  for (size_t i = 0; i < file.size(); ++i)
    for (unsigned char mask : {0x01, 0x02, 0x10, 0x80, 0xff}) {
      std::string corrupt = file;
      corrupt[i] = char(corrupt[i] ^ mask);
      ParameterTable table;
      if (Error error = readHDF5Parameters(corrupt, table))
        llvm::consumeError(std::move(error));
      for (const auto &[name, parameter] : table.getParameters())
        read(table, name);
    }
}

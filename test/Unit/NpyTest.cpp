//===- NpyTest.cpp - Tensors in .npy files ---------------------*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "fpw/Support/Npy.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include <cmath>
#include <gtest/gtest.h>

using namespace fpw;

namespace {

/// A .npy file with this header text and data.
std::string makeNpy(StringRef header, StringRef data, char version = 1) {
  std::string file = "\x93NUMPY";
  file += {version, 0};
  size_t width = version == 1 ? 2 : 4;
  for (size_t i = 0; i < width; ++i)
    file += char(header.size() >> (8 * i));
  return file + header.str() + data.str();
}

/// A header as numpy writes it.
std::string makeHeader(StringRef descr, StringRef shape, StringRef fortran = "False") {
  return ("{'descr': '" + descr + "', 'fortran_order': " + fortran + ", 'shape': " + shape +
          ", }    \n")
      .str();
}

FloatTensor parse(StringRef bytes) {
  Expected<FloatTensor> tensor = parseNpy(bytes);
  if (!tensor) {
    ADD_FAILURE() << llvm::toString(tensor.takeError());
    return {};
  }
  return std::move(*tensor);
}

std::string parseError(StringRef bytes) {
  Expected<FloatTensor> tensor = parseNpy(bytes);
  return tensor ? "no error" : llvm::toString(tensor.takeError());
}

template <typename T> std::string bytesOf(std::vector<T> values, bool swap = false) {
  std::string bytes;
  for (T value : values) {
    std::string one(reinterpret_cast<const char *>(&value), sizeof(T));
    if (swap)
      std::reverse(one.begin(), one.end());
    bytes += one;
  }
  return bytes;
}

template <typename T> void expectReads(StringRef kind, std::vector<T> values) {
  std::vector<float> expected(values.begin(), values.end());
  std::string shape = "(" + std::to_string(values.size()) + ",)";
  for (bool big : {false, true}) {
    std::string descr = ((big ? ">" : "<") + kind + Twine(sizeof(T))).str();
    FloatTensor tensor = parse(makeNpy(makeHeader(descr, shape), bytesOf(values, big)));
    EXPECT_EQ(tensor.data, expected) << descr;
  }
}

TEST(Npy, ReadsEveryType) {
  expectReads<float>("f", {1.5f, -2.0f, 3e38f, 1e-45f});
  expectReads<double>("f", {1.5, -2.0, 1e-300});
  expectReads<int8_t>("i", {1, -128, 127});
  expectReads<int16_t>("i", {1, -32768, 32767});
  expectReads<int32_t>("i", {1, -5, 2147483647});
  expectReads<int64_t>("i", {1, -5, INT64_MAX});
  expectReads<uint8_t>("u", {1, 255});
  expectReads<uint16_t>("u", {1, 65535});
  expectReads<uint32_t>("u", {1, 4294967295});
  expectReads<uint64_t>("u", {1, UINT64_MAX});
  EXPECT_EQ(parse(makeNpy(makeHeader("|b1", "(3,)"), StringRef("\0\1\2", 3))).data,
            (std::vector<float>{0, 1, 1}));
  EXPECT_EQ(parse(makeNpy(makeHeader("|u1", "(1,)"), "\xff")).data, std::vector<float>{255});
}

TEST(Npy, ReadsHalf) {
  std::vector<uint16_t> halves = {0x3c00, 0xc000, 0x7bff, 0x0001, 0x8000, 0x03ff, 0x7c00, 0xfc00};
  std::vector<float> expected = {1.0f,  -2.0f,           65504.0f, 0x1p-24f,
                                 -0.0f, 1023 * 0x1p-24f, INFINITY, -INFINITY};
  for (bool big : {false, true}) {
    FloatTensor tensor =
        parse(makeNpy(makeHeader(big ? ">f2" : "<f2", "(8,)"), bytesOf(halves, big)));
    EXPECT_EQ(tensor.data, expected);
  }
  EXPECT_TRUE(std::isnan(
      parse(makeNpy(makeHeader("<f2", "()"), bytesOf<uint16_t>({0x7e01}))).data.front()));
}

TEST(Npy, ReadsFortranOrder) {
  std::string header = makeHeader("|u1", "(2, 3, 2)", "True");
  std::string data = bytesOf<uint8_t>({0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11});
  FloatTensor tensor = parse(makeNpy(header, data));
  EXPECT_EQ(tensor.shape, (SmallVector<int64_t>{2, 3, 2}));
  EXPECT_EQ(tensor.data, (std::vector<float>{0, 6, 2, 8, 4, 10, 1, 7, 3, 9, 5, 11}));
}

TEST(Npy, ReadsEveryVersionAndSpelling) {
  std::string one = bytesOf<float>({2.0f});
  for (char version : {1, 2, 3})
    EXPECT_EQ(parse(makeNpy(makeHeader("<f4", "()"), one, version)).data, std::vector<float>{2.0f});
  EXPECT_EQ(parse(makeNpy("{\"shape\":(1,1),\"descr\":\"<f4\",\"fortran_order\":True}", one)).shape,
            (SmallVector<int64_t>{1, 1}));
  EXPECT_EQ(parse(makeNpy(makeHeader("<f4", "(0, 3)"), "")).shape, (SmallVector<int64_t>{0, 3}));
  EXPECT_TRUE(parse(makeNpy(makeHeader("<f4", "(3, 0)", "True"), "")).data.empty());
}

TEST(Npy, RefusesBadFiles) {
  std::string good = makeNpy(makeHeader("<f4", "(2, 3)"), std::string(24, '\0'));
  EXPECT_EQ(parseError(good), "no error");
  EXPECT_EQ(parseError(""), "expected a .npy file but got something else");
  EXPECT_EQ(parseError("PK\3\4 an archive"), "expected a .npy file but got something else");
  EXPECT_EQ(parseError(makeNpy("{}", "", 4)), "expected .npy version 1.0, 2.0 or 3.0 but got 4.0");
  EXPECT_EQ(parseError(good + "x"), "expected 24 bytes of .npy data but got 25");
  for (size_t length = 0; length < good.size(); ++length)
    EXPECT_NE(parseError(StringRef(good).take_front(length)), "no error") << length;
}

TEST(Npy, RefusesBadHeaders) {
  std::string one(4, '\0');
  for (StringRef header :
       {"", "{", "{}", "{'descr': '<f4'}", "{'descr': '<f4', 'fortran_order': False, 'shape': (1)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (1 1)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (-1,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (1,)} x",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), 'more': 1}",
        "{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (1,)}",
        "{'descr': '<f4' 'fortran_order': False, 'shape': (1,)}",
        "{'descr': '<f4, 'fortran_order': False, 'shape': (1,)}",
        "{'descr': '<f4', 'fortran_order': Maybe, 'shape': (1,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,)}"})
    EXPECT_EQ(parseError(makeNpy(header, one)), "expected a .npy header with 'descr', "
                                                "'fortran_order' and 'shape', each once")
        << header.str();
  for (StringRef descr :
       {"", "<", "<f", "f4", "|f4", "<f3", "<f16", "<c8", "|S4", "|O", "=f4", "<x"})
    EXPECT_NE(parseError(makeNpy(makeHeader(descr, "(1,)"), one)), "no error") << descr.str();
  EXPECT_EQ(parseError(makeNpy(makeHeader("\x1b[f4", "(1,)"), one)),
            "expected elements of type b1, i1 to i8, u1 to u8 or f2 to f8 but got '\\1B[f4'");
}

TEST(Npy, RefusesShapesBeyondTheFile) {
  EXPECT_EQ(parseError(makeNpy(makeHeader("<f4", "(1000000000000,)"), "")),
            "expected 4000000000000 bytes of .npy data but got 0");
  for (StringRef shape : {"(4294967296, 4294967296)", "(0, 4294967296, 4294967296)"})
    EXPECT_EQ(parseError(makeNpy(makeHeader("<f4", shape), "")),
              "expected a .npy shape that fits the memory");
}

TEST(Npy, WritesWhatItReads) {
  SmallString<128> path;
  ASSERT_FALSE(llvm::sys::fs::createTemporaryFile("fpw-npy-test", "npy", path));
  for (SmallVector<int64_t> shape :
       {SmallVector<int64_t>{}, {1}, {7}, {2, 3}, {0, 4}, {1, 2, 1, 5}}) {
    std::vector<float> data;
    int64_t count = 1;
    for (int64_t size : shape)
      count *= size;
    for (int64_t i = 0; i < count; ++i)
      data.push_back(float(i) * -0.1f);
    ASSERT_FALSE(writeNpy(path, shape, data));
    FloatTensor tensor = llvm::cantFail(readNpy(path));
    EXPECT_EQ(tensor.shape, shape);
    EXPECT_EQ(tensor.data, data);
    auto buffer = llvm::MemoryBuffer::getFile(path);
    EXPECT_EQ(((*buffer)->getBufferSize() - data.size() * sizeof(float)) % 64, 0u);
  }
  llvm::sys::fs::remove(path);
}

TEST(Npy, NamesTheFileInErrors) {
  Expected<FloatTensor> tensor = readNpy("no-such-file.npy");
  ASSERT_FALSE(tensor);
  EXPECT_TRUE(StringRef(llvm::toString(tensor.takeError())).contains("no-such-file.npy"));
}

} // namespace

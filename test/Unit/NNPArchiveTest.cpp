//===- NNPArchiveTest.cpp - Reading .nnp archives -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "NNPFiles.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

using namespace fpw;
using namespace fpw::nnp;
using namespace fpw::test;
using testing::HasSubstr;

static std::string getError(StringRef file, const NNPLimits &limits = {}) {
  Expected<Archive> archive = Archive::read(file, limits);
  return archive ? "" : llvm::toString(archive.takeError());
}

TEST(NNPArchive, StoredMembersStayWhereTheyAre) {
  std::string file =
      makeZip({{"network.nntxt", "text"}, {"parameter.h5", std::string(1 << 22, 'x')}});
  Archive archive = llvm::cantFail(Archive::read(file, {}));
  ASSERT_EQ(archive.getMembers().size(), 2u);
  EXPECT_EQ(archive.getMembers()[0].name, "network.nntxt");
  EXPECT_EQ(archive.getMembers()[0].content, "text");
  StringRef content = archive.getMembers()[1].content;
  EXPECT_EQ(content.size(), size_t(1) << 22);
  EXPECT_GE(content.begin(), file.data());
  EXPECT_LE(content.end(), file.data() + file.size());
}

TEST(NNPArchive, CompressedMembersAreExpanded) {
  std::string text(100000, 'x');
  Archive archive = llvm::cantFail(Archive::read(makeZip({{"a.prototxt", text}}, true), {}));
  EXPECT_EQ(archive.getMembers()[0].content, text);
}

TEST(NNPArchive, OtherMembersAreIgnored) {
  std::string file = makeZip({{"nnp_version.txt", "0.1"},
                              {"sgd_0_optimizer.h5.optimizer", "state"},
                              {"folder/parameter.protobuf", ""}});
  Archive archive = llvm::cantFail(Archive::read(file, {}));
  ASSERT_EQ(archive.getMembers().size(), 1u);
  EXPECT_EQ(archive.getMembers()[0].name, "folder/parameter.protobuf");
}

TEST(NNPArchive, RefusesBombs) {
  std::string bomb = makeZip({{"parameter.h5", std::string((64 << 20) + 1, '\0')}}, true);
  EXPECT_LT(bomb.size(), size_t(1) << 17);
  EXPECT_THAT(getError(bomb), HasSubstr("expands to more than the 67108864 bytes"));
  // Many small members count as one large one.
  std::string part(10000, '\0');
  NNPLimits limits;
  limits.maxExpandedBytes = 25000;
  EXPECT_EQ(getError(makeZip({{"a.h5", part}, {"b.h5", part}}, true), limits), "");
  EXPECT_THAT(getError(makeZip({{"a.h5", part}, {"b.h5", part}, {"c.h5", part}}, true), limits),
              HasSubstr("expands to more than the 25000 bytes"));
  // What is stored does not expand.
  EXPECT_EQ(getError(makeZip({{"a.h5", std::string(30000, 'x')}}), limits), "");
}

TEST(NNPArchive, RefusesTwoMembersOfOneName) {
  EXPECT_THAT(getError(makeZip({{"a.h5", ""}, {"a.h5", ""}})), HasSubstr("two members 'a.h5'"));
}

TEST(NNPArchive, RefusesWhatIsNoZip) {
  EXPECT_NE(getError(""), "");
  EXPECT_NE(getError("PK"), "");
  EXPECT_NE(getError("Rar!\x1a\x07\x01"), "");
}

TEST(NNPArchive, RefusesOtherCompression) {
  // The method's number in the local header and in the central directory: 8 becomes 14.
  std::string file = makeZip({{"a.h5", std::string(1000, 'x')}}, true);
  file[8] = 14;
  file[file.find("PK\x01\x02") + 10] = 14;
  EXPECT_THAT(getError(file), HasSubstr("expected it stored or deflated but got ZIP 2.0 (lzma)"));
}

TEST(NNPArchive, RefusesWrongChecksums) {
  std::string file = makeZip({{"a.h5", std::string(1000, 'x')}});
  file[file.find("xxxx") + 500] = 'y';
  EXPECT_THAT(getError(file), HasSubstr("cannot read member 'a.h5'"));
}

TEST(NNPArchive, SurvivesTruncation) {
  std::string file = readData("models/edge_zero/edge_zero.nnp");
  for (size_t size = 0; size < file.size(); size += 7)
    getError(StringRef(file).take_front(size));
}

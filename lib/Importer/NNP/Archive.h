//===- Archive.h - The members of a .nnp archive -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_LIB_IMPORTER_NNP_ARCHIVE_H
#define FPW_LIB_IMPORTER_NNP_ARCHIVE_H

#include "fpw/Importer/NNP.h"
#include "llvm/Support/Error.h"
#include <deque>
#include <vector>

namespace fpw::nnp {

/// A member of interest: a description or parameters.
struct Member {
  std::string name;
  StringRef content;
};

/// The members of an archive that matter here. Their content points into the file where it is
/// stored as it is, so that large parameters are not copied.
class Archive {
public:
  static Expected<Archive> read(StringRef file, const NNPLimits &limits);

  ArrayRef<Member> getMembers() const { return members; }

private:
  std::vector<Member> members;
  /// The content of compressed members.
  std::deque<std::vector<char>> expanded;
};

bool isDescriptionName(StringRef name);
bool isProtobufName(StringRef name);
bool isHDF5Name(StringRef name);

} // namespace fpw::nnp

#endif // FPW_LIB_IMPORTER_NNP_ARCHIVE_H

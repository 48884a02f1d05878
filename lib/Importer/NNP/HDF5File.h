//===- HDF5File.h - The groups and data sets of an HDF5 file -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Reads what nnabla writes, the oldest and simplest form of HDF5: superblock version 0 or 1, groups
// as B-trees of symbol tables, object headers version 1, contiguous or compact data sets of f32 or
// f64.
//
// This is not done with the HDF5 library because it allocates what a file states before it looks at
// what the file holds: a few changed bits in a file of 3 KB make it ask for many gigabytes.
//
//===----------------------------------------------------------------------===//

#ifndef FPW_LIB_IMPORTER_NNP_HDF5FILE_H
#define FPW_LIB_IMPORTER_NNP_HDF5FILE_H

#include "fpw/Support/LLVM.h"
#include "llvm/Support/DataExtractor.h"
#include "llvm/Support/Error.h"
#include <optional>

namespace fpw::nnp {

/// A floating-point data set: its elements are `bytes`.
struct HDF5DataSet {
  SmallVector<int64_t> shape;
  unsigned elementBytes = 0;
  bool isLittleEndian = true;
  StringRef bytes;
};

/// A group: where its members are listed, and where their names are.
struct HDF5Group {
  uint64_t treeAddress = 0;
  uint64_t heapAddress = 0;
};

/// What an object header describes: one of the two.
struct HDF5Object {
  std::optional<HDF5Group> group;
  std::optional<HDF5DataSet> dataSet;
};

/// A file in memory. All addresses come from the file and are checked before use.
class HDF5File {
public:
  /// Checks the superblock.
  static Expected<HDF5File> open(StringRef bytes);

  uint64_t getRootAddress() const { return rootAddress; }
  /// Reads the object header at this address.
  Expected<HDF5Object> readObject(uint64_t address) const;
  /// Calls `visit` with the name and the address of the object header of each member.
  Error visitMembers(const HDF5Group &group,
                     function_ref<Error(StringRef name, uint64_t address)> visit) const;

private:
  explicit HDF5File(StringRef bytes) : bytes(bytes) {}

  uint64_t getLength(const llvm::DataExtractor &data, llvm::DataExtractor::Cursor &cursor) const {
    return data.getUnsigned(cursor, lengthSize);
  }
  uint64_t getAddress(const llvm::DataExtractor &data, llvm::DataExtractor::Cursor &cursor) const {
    return data.getUnsigned(cursor, addressSize);
  }
  llvm::DataExtractor extract(StringRef part) const {
    return llvm::DataExtractor(part, /*IsLittleEndian=*/true, addressSize);
  }
  /// The `size` bytes at an address.
  Expected<StringRef> getBytes(uint64_t address, uint64_t size) const;
  Expected<StringRef> readNames(uint64_t heapAddress) const;

  class ObjectReader;
  class TreeWalker;

  StringRef bytes;
  uint8_t addressSize = 8;
  uint8_t lengthSize = 8;
  uint64_t rootAddress = 0;
};

} // namespace fpw::nnp

#endif // FPW_LIB_IMPORTER_NNP_HDF5FILE_H

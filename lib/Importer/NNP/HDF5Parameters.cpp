//===- HDF5Parameters.cpp - Parameters in an HDF5 file -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// nnabla splits the name of a parameter at each slash into groups; the last part names the data
// set.
//
//===----------------------------------------------------------------------===//

#include "HDF5File.h"
#include "Parameters.h"
#include "llvm/ADT/bit.h"
#include "llvm/Support/Endian.h"
#include <set>

using namespace fpw;
using namespace fpw::nnp;
using llvm::createStringError;

//===----------------------------------------------------------------------===//
// Elements
//===----------------------------------------------------------------------===//

template <typename Float, typename Bits>
static void convertElements(const HDF5DataSet &dataSet, MutableArrayRef<float> elements) {
  auto order = dataSet.isLittleEndian ? llvm::endianness::little : llvm::endianness::big;
  const char *next = dataSet.bytes.data();
  for (float &element : elements) {
    Bits bits = llvm::support::endian::read<Bits, llvm::support::unaligned>(next, order);
    element = static_cast<float>(llvm::bit_cast<Float>(bits));
    next += sizeof(Bits);
  }
}

/// Writes the elements as f32, rounded to the nearest.
static void readElements(const HDF5DataSet &dataSet, MutableArrayRef<float> elements) {
  bool isNative = dataSet.isLittleEndian == (llvm::endianness::native == llvm::endianness::little);
  if (dataSet.elementBytes == 8)
    convertElements<double, uint64_t>(dataSet, elements);
  else if (isNative)
    std::memcpy(elements.data(), dataSet.bytes.data(), elements.size() * sizeof(float));
  else
    convertElements<float, uint32_t>(dataSet, elements);
}

//===----------------------------------------------------------------------===//
// Names
//===----------------------------------------------------------------------===//

namespace {
/// Adds the data sets of a group and of the groups in it.
class ParameterReader {
public:
  ParameterReader(const HDF5File &file, uint64_t fileSize, ParameterTable &table)
      : file(file), elementBytesLeft(fileSize), table(table) {}

  Error readMembers(const HDF5Group &group, const Twine &prefix, unsigned depth);

private:
  Error readMember(const std::string &name, uint64_t address, unsigned depth);
  Error addDataSet(StringRef name, HDF5DataSet dataSet);

  const HDF5File &file;
  /// Data sets that share their elements could ask for any amount of memory.
  uint64_t elementBytesLeft;
  ParameterTable &table;
  /// The addresses of all objects seen: a group that contains itself would never end.
  std::set<uint64_t> visited;
};
} // namespace

Error ParameterReader::readMembers(const HDF5Group &group, const Twine &prefix, unsigned depth) {
  constexpr unsigned maxDepth = 64;
  if (depth > maxDepth)
    return createStringError("HDF5 groups are nested deeper than " + Twine(maxDepth));
  return file.visitMembers(group, [&](StringRef name, uint64_t address) {
    return readMember((prefix + name).str(), address, depth);
  });
}

Error ParameterReader::readMember(const std::string &name, uint64_t address, unsigned depth) {
  constexpr size_t maxLength = 1024;
  if (name.size() > maxLength)
    return createStringError("expected parameter names of at most " + Twine(maxLength) + " bytes");
  if (!visited.insert(address).second)
    return createStringError("'" + name + "': the HDF5 object has two names");
  Expected<HDF5Object> object = file.readObject(address);
  if (!object)
    return createStringError("'" + name + "': " + llvm::toString(object.takeError()));
  return object->group ? readMembers(*object->group, name + "/", depth + 1)
                       : addDataSet(name, std::move(*object->dataSet));
}

Error ParameterReader::addDataSet(StringRef name, HDF5DataSet dataSet) {
  if (dataSet.bytes.size() > elementBytesLeft)
    return createStringError("'" + name + "': HDF5 data sets overlap");
  elementBytesLeft -= dataSet.bytes.size();
  if (dataSet.bytes.size() % dataSet.elementBytes)
    return createStringError("'" + name + "': the HDF5 data set ends inside an element");
  uint64_t storedElements = dataSet.bytes.size() / dataSet.elementBytes;
  Parameter parameter;
  parameter.shape = dataSet.shape;
  parameter.read = [dataSet = std::move(dataSet)](MutableArrayRef<float> elements) {
    readElements(dataSet, elements);
  };
  return table.add(name, std::move(parameter), storedElements);
}

Error nnp::readHDF5Parameters(StringRef bytes, ParameterTable &table) {
  Expected<HDF5File> file = HDF5File::open(bytes);
  if (!file)
    return file.takeError();
  Expected<HDF5Object> root = file->readObject(file->getRootAddress());
  if (!root)
    return root.takeError();
  if (!root->group)
    return createStringError("expected the HDF5 root to be a group");
  return ParameterReader(*file, bytes.size(), table).readMembers(*root->group, "", 0);
}

//===- Source.cpp - A file, read and parsed -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Source.h"
#include "mlir/IR/Diagnostics.h"
#include "llvm/ADT/STLExtras.h"

using namespace fpw;
using namespace fpw::nnp;

LogicalResult Source::check(Error error) const {
  if (!error)
    return success();
  return mlir::emitError(getLoc(Position())) << llvm::toString(std::move(error));
}

LogicalResult Source::readDescription(StringRef text, const NNPLimits &limits) {
  description = Description::parse(text, limits, [&](Position position, const Twine &message) {
    mlir::emitError(getLoc(position)) << message;
  });
  return success(description && succeeded(check(description->readParameters(parameters))));
}

LogicalResult Source::readArchive(StringRef file, const NNPLimits &limits) {
  Expected<Archive> members = Archive::read(file, limits);
  if (!members)
    return check(members.takeError());
  archive = std::move(*members);
  StringAttr fileName = name;
  auto nameMember = [&](StringRef member) {
    name = StringAttr::get(name.getContext(), fileName.getValue() + "/" + member);
  };
  for (const Member &member : archive.getMembers()) {
    nameMember(member.name);
    if (isProtobufName(member.name) &&
        failed(check(readProtobufParameters(member.content, parameters))))
      return failure();
    if (isHDF5Name(member.name) && failed(check(readHDF5Parameters(member.content, parameters))))
      return failure();
  }
  for (const Member &member : archive.getMembers()) {
    if (!isDescriptionName(member.name))
      continue;
    nameMember(member.name);
    if (description)
      return mlir::emitError(getLoc(Position())) << "expected one description in the archive";
    if (failed(readDescription(member.content, limits)))
      return failure();
  }
  if (description)
    return success();
  name = fileName;
  return mlir::emitError(getLoc(Position()))
         << "expected a description (.nntxt) in the archive but found none";
}

/// Whether a file holds text: binary forms have control characters close to their beginning.
static bool isText(StringRef file) {
  constexpr size_t inspected = 256;
  return llvm::all_of(file.take_front(inspected), [](unsigned char c) {
    return c >= ' ' || llvm::is_contained(StringRef("\t\n\v\f\r"), char(c));
  });
}

std::unique_ptr<Source> Source::read(llvm::MemoryBufferRef file, MLIRContext *context,
                                     const NNPLimits &limits) {
  StringRef content = file.getBuffer();
  std::unique_ptr<Source> source(new Source(StringAttr::get(context, file.getBufferIdentifier())));
  LogicalResult result = failure();
  if (content.starts_with("PK"))
    result = source->readArchive(content, limits);
  else if (isText(content))
    result = source->readDescription(content, limits);
  else
    mlir::emitError(source->getLoc(Position()))
        << "expected a .nnp archive or a .nntxt description; parameters alone are no network";
  return succeeded(result) ? std::move(source) : nullptr;
}

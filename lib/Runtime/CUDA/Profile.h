//===- Profile.h - Takes the times of what a stream does ---------*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_LIB_RUNTIME_CUDA_PROFILE_H
#define FPW_LIB_RUNTIME_CUDA_PROFILE_H

#include "Driver.h"

namespace fpw::cuda {

/// An operation on a stream, whose time is taken while this thread profiles.
class ProfiledOperation {
public:
  ProfiledOperation(const Driver &driver, Stream stream);
  ~ProfiledOperation();

private:
  const Driver &driver;
  Stream stream;
};

/// Adds up the times of a stream that is done, and ends the thread's profile.
void finishProfile(const Driver &driver);

} // namespace fpw::cuda

#endif // FPW_LIB_RUNTIME_CUDA_PROFILE_H

//===- Profile.cpp - Takes the times of what a stream does -------*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

//
// An event on the stream behind each operation: what lies between two of them is the time of the
// later one. Times are known when the stream is done.
//
//===----------------------------------------------------------------------===//

#include "Profile.h"
#include "fpw/Runtime/Device.h"
#include "fpw/Runtime/Runtime.h"
#include <cstdlib>

namespace fpw::cuda {

namespace {
/// An event, and the slot of the operation in front of it.
struct Stamp {
  Event event;
  int64_t slot;
  Stamp *following;
};

/// Of a thread, which runs one network at a time.
struct Profile {
  bool isOn;
  int64_t slot;
  Stamp *first, *last;
};
} // namespace

static thread_local Profile profile;

static void addStamp(const Driver &driver, Stream stream, int64_t slot) {
  constexpr unsigned kTimed = 0;
  auto *stamp = static_cast<Stamp *>(std::calloc(1, sizeof(Stamp)));
  if (!stamp)
    return report(FPW_OUT_OF_MEMORY, "out of memory for a profile");
  if (!check(driver.cuEventCreate(&stamp->event, kTimed), "making an event") ||
      !check(driver.cuEventRecord(stamp->event, stream), "recording an event")) {
    std::free(stamp);
    return;
  }
  stamp->slot = slot;
  (profile.last ? profile.last->following : profile.first) = stamp;
  profile.last = stamp;
}

ProfiledOperation::ProfiledOperation(const Driver &driver, Stream stream)
    : driver(driver), stream(stream) {
  if (profile.isOn && !profile.first)
    addStamp(driver, stream, FPW_PROFILE_NO_SLOT);
}

ProfiledOperation::~ProfiledOperation() {
  if (profile.isOn)
    addStamp(driver, stream, profile.slot);
}

static void addTime(const Driver &driver, const Stamp &from, const Stamp &to) {
  float milliseconds = 0;
  if (check(driver.cuEventElapsedTime(&milliseconds, from.event, to.event), "taking times"))
    fpw_profile_add(to.slot, uint64_t(double(milliseconds) * 1e6));
}

void finishProfile(const Driver &driver) {
  while (Stamp *stamp = profile.first) {
    if (stamp->following)
      addTime(driver, *stamp, *stamp->following);
    driver.cuEventDestroy_v2(stamp->event);
    profile.first = stamp->following;
    std::free(stamp);
  }
  profile = Profile{};
}

} // namespace fpw::cuda

extern "C" void fpw_device_profile(int64_t slot) {
  fpw::cuda::profile.isOn = true;
  fpw::cuda::profile.slot = slot;
}

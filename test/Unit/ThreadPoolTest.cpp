//===- ThreadPoolTest.cpp - The threads behind fpw_parallel_for -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "fpw/Runtime/Runtime.h"

#include <algorithm>
#include <atomic>
#include <gtest/gtest.h>
#include <thread>
#include <vector>

namespace {

/// Counts how often each iteration is done.
struct Counts {
  explicit Counts(size_t count) : values(count) {}
  std::vector<std::atomic<int>> values;

  static void run(void *context, int64_t begin, int64_t end) {
    auto &counts = *static_cast<Counts *>(context);
    for (int64_t i = begin; i < end; ++i)
      ++counts.values[i];
  }
  void expectOnce() {
    for (std::atomic<int> &value : values)
      EXPECT_EQ(value, 1);
  }
};

/// Asks for threads while it lives.
struct Threads {
  explicit Threads(uint32_t count) : before(fpw_set_num_threads(count)) {}
  ~Threads() { fpw_set_num_threads(before); }
  uint32_t before;
};

TEST(ThreadPool, DoesEachIterationOnce) {
  for (uint32_t threads : {1, 2, 3, 7}) {
    Threads scope(threads);
    for (int64_t count : {0, 1, 2, 5, 64, 1000}) {
      Counts counts(count);
      fpw_parallel_for(Counts::run, &counts, count, 1);
      counts.expectOnce();
    }
  }
}

TEST(ThreadPool, GivesTheWorkToTheHostProgram) {
  struct Host {
    int64_t most = 0;
    /// One task after the other; the last is left out.
    static void loop(void *host, int64_t count, void (*task)(void *work, int64_t index),
                     void *work) {
      static_cast<Host *>(host)->most = count;
      for (int64_t i = 0; i + 1 < count; ++i)
        task(work, i);
    }
  } host;
  Threads scope(3);
  fpw_host_loop before = fpw_set_host_loop({Host::loop, &host});
  for (int64_t count : {2, 5, 1000}) {
    Counts counts(count);
    fpw_parallel_for(Counts::run, &counts, count, 1);
    counts.expectOnce();
    EXPECT_EQ(host.most, std::min<int64_t>(count, 3));
    EXPECT_EQ(fpw_get_worker(), 0);
  }
  fpw_set_host_loop(before);
}

TEST(ThreadPool, KeepsRangesAboveTheGrain) {
  Threads scope(4);
  struct Ranges {
    std::atomic<int> number{0};
    static void run(void *context, int64_t begin, int64_t end) {
      EXPECT_GE(end - begin, 10);
      ++static_cast<Ranges *>(context)->number;
    }
  } ranges;
  fpw_parallel_for(Ranges::run, &ranges, 25, 10);
  EXPECT_LE(ranges.number, 2);
  fpw_parallel_for([](void *, int64_t begin, int64_t end) { EXPECT_EQ(end - begin, 3); }, nullptr,
                   3, 10);
}

TEST(ThreadPool, RunsCallsFromInsideInPlace) {
  Threads scope(3);
  Counts outer(100);
  fpw_parallel_for(
      [](void *context, int64_t begin, int64_t end) {
        Counts inner(50);
        auto caller = std::this_thread::get_id();
        fpw_parallel_for(
            [](void *caller, int64_t, int64_t) {
              EXPECT_EQ(*static_cast<std::thread::id *>(caller), std::this_thread::get_id());
            },
            &caller, 50, 1);
        fpw_parallel_for(Counts::run, &inner, 50, 1);
        inner.expectOnce();
        Counts::run(context, begin, end);
      },
      &outer, 100, 1);
  outer.expectOnce();
}

TEST(ThreadPool, ServesSeveralCallersAtOnce) {
  std::vector<std::thread> callers;
  for (int caller = 0; caller < 4; ++caller)
    callers.emplace_back([] {
      Threads scope(3);
      for (int round = 0; round < 200; ++round) {
        Counts counts(37);
        fpw_parallel_for(Counts::run, &counts, 37, 1);
        counts.expectOnce();
      }
    });
  for (std::thread &caller : callers)
    caller.join();
}

TEST(ThreadPool, RemembersTheNumberOfThreadsPerCaller) {
  EXPECT_EQ(fpw_set_num_threads(5), 1u);
  std::thread([] { EXPECT_EQ(fpw_set_num_threads(2), 1u); }).join();
  EXPECT_EQ(fpw_set_num_threads(0), 5u);
  EXPECT_GE(fpw_set_num_threads(1), 1u);
}

} // namespace

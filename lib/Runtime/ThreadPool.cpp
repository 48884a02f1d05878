//===- ThreadPool.cpp - The threads behind fpw_parallel_for -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "fpw/Runtime/Runtime.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace {

/// Waits some tens of microseconds, as long as the condition does not hold. The processor is not
/// given away: others would keep it for milliseconds, and a layer takes less.
template <typename Condition> void spin(Condition condition) {
  for (int i = 0; i < 2000 && !condition(); ++i) {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#endif
  }
}

/// One call of fpw_parallel_for. It lives on the caller's stack until no thread works on it.
class Job {
public:
  Job(fpw_range_function function, void *context, int64_t count, int64_t chunks)
      : function(function), context(context), count(count), chunks(chunks) {}

  /// Takes chunks until none is left.
  void work() {
    for (int64_t chunk; (chunk = next.fetch_add(1, std::memory_order_relaxed)) < chunks;)
      function(context, begin(chunk), begin(chunk + 1));
  }

  std::atomic<int> helpers{0}; ///< threads at work besides the caller; set under the pool's mutex

private:
  int64_t begin(int64_t chunk) const {
    return count / chunks * chunk + std::min(chunk, count % chunks);
  }

  fpw_range_function function;
  void *context;
  int64_t count, chunks;
  std::atomic<int64_t> next{0};
};

/// The threads of the process. They start when they are first wanted and wait for jobs.
class ThreadPool {
public:
  static ThreadPool &get() {
    static ThreadPool pool;
    return pool;
  }

  ~ThreadPool() {
    {
      std::lock_guard<std::mutex> lock(mutex);
      stopping = true;
    }
    wakeUp.notify_all();
    for (std::thread &thread : threads)
      thread.join();
  }

  void run(Job &job, unsigned helpers) {
    {
      std::lock_guard<std::mutex> lock(mutex);
      while (threads.size() < helpers)
        threads.emplace_back([this] { serve(); });
      for (unsigned i = 0; i < helpers; ++i)
        queue.push_back(&job);
    }
    pending.fetch_add(helpers, std::memory_order_release);
    helpers == 1 ? wakeUp.notify_one() : wakeUp.notify_all();
    job.work();
    spin([&] { return job.helpers == 0; });
    std::unique_lock<std::mutex> lock(mutex);
    auto end = std::remove(queue.begin(), queue.end(), &job); // nobody need come any more
    pending.fetch_sub(queue.end() - end, std::memory_order_relaxed);
    queue.erase(end, queue.end());
    done.wait(lock, [&] { return job.helpers == 0; });
  }

private:
  void serve();

  std::mutex mutex;
  std::condition_variable wakeUp, done;
  std::deque<Job *> queue; ///< one entry for each thread that a job still wants
  std::atomic<int64_t> pending{0};
  std::vector<std::thread> threads;
  bool stopping = false;
};

thread_local unsigned numThreads = 1;
thread_local bool insideRange = false;

void ThreadPool::serve() {
  insideRange = true;
  std::unique_lock<std::mutex> lock(mutex);
  while (true) {
    if (queue.empty() && !stopping) {
      // Layers follow each other within microseconds: look again for a while before going to sleep.
      lock.unlock();
      spin([&] { return pending.load(std::memory_order_acquire) > 0; });
      lock.lock();
      wakeUp.wait(lock, [&] { return stopping || !queue.empty(); });
    }
    if (stopping)
      return;
    Job *job = queue.front();
    queue.pop_front();
    pending.fetch_sub(1, std::memory_order_relaxed);
    ++job->helpers;
    lock.unlock();
    job->work();
    lock.lock();
    if (--job->helpers == 0)
      done.notify_all();
  }
}

} // namespace

extern "C" uint32_t fpw_set_num_threads(uint32_t threads) {
  if (threads == 0)
    threads = std::max(1u, std::thread::hardware_concurrency());
  return std::exchange(numThreads, std::min(threads, 1024u));
}

extern "C" void fpw_parallel_for(fpw_range_function function, void *context, int64_t count,
                                 int64_t grain) {
  if (count <= 0)
    return;
  int64_t most = std::max<int64_t>(1, count / std::max<int64_t>(grain, 1));
  if (numThreads == 1 || insideRange || most == 1)
    return function(context, 0, count);
  // A few chunks per thread even out threads of different speed.
  Job job(function, context, count, std::min<int64_t>(most, 4 * int64_t(numThreads)));
  insideRange = true;
  ThreadPool::get().run(job, std::min<int64_t>(numThreads, most) - 1);
  insideRange = false;
}

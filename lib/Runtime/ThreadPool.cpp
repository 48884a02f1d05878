//===- ThreadPool.cpp - The threads behind fpw_parallel_for -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

//
// POSIX threads and no containers: what ships with a network needs nothing but the C library.
//
//===----------------------------------------------------------------------===//

#include "FloatControl.h"
#include "fpw/Runtime/Runtime.h"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <pthread.h>
#include <unistd.h>
#include <utility>

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

/// Holds a mutex while it lives.
class Lock {
public:
  explicit Lock(pthread_mutex_t &mutex) : mutex(mutex) { pthread_mutex_lock(&mutex); }
  ~Lock() { pthread_mutex_unlock(&mutex); }
  Lock(const Lock &) = delete;

private:
  pthread_mutex_t &mutex;
};

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

  std::atomic<int> helpers{0};     ///< threads at work besides the caller
  std::atomic<unsigned> wanted{0}; ///< threads that may still come; set under the pool's mutex
  unsigned workers = 1;            ///< threads that came, the caller included; under that mutex
  Job *following = nullptr;        ///< in the pool's queue

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
  void run(Job &job, unsigned helpers);
  void stop();

private:
  struct Thread {
    pthread_t handle;
    Thread *following;
  };

  void start();
  void serve();
  Job *takeJob();
  Job *waitForJob();
  void removeJob(Job &job);

  pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
  pthread_cond_t wakeUp = PTHREAD_COND_INITIALIZER, done = PTHREAD_COND_INITIALIZER;
  Job *first = nullptr, **last = &first; ///< jobs that want threads, the oldest first
  std::atomic<int64_t> pending{0};       ///< threads that they want
  std::atomic<unsigned> sleeping{0};     ///< callers that may wait for `done`
  Thread *threads = nullptr;
  unsigned numStarted = 0;
  bool stopping = false;
};

ThreadPool pool; // without constructor and destructor: other global objects may run networks
thread_local unsigned numThreads = 1;
thread_local fpw_host_loop hostLoop = {nullptr, nullptr};
thread_local bool insideRange = false;
thread_local int64_t worker = 0;

/// Another thread, if the system gives it.
void ThreadPool::start() {
  auto *thread = static_cast<Thread *>(std::malloc(sizeof(Thread)));
  auto main = [](void *pool) -> void * {
    return static_cast<ThreadPool *>(pool)->serve(), nullptr;
  };
  if (thread && pthread_create(&thread->handle, nullptr, main, this) == 0) {
    thread->following = std::exchange(threads, thread);
    ++numStarted;
  } else {
    std::free(thread);
  }
}

void ThreadPool::stop() {
  {
    Lock lock(mutex);
    stopping = true;
    pthread_cond_broadcast(&wakeUp);
  }
  while (threads) {
    pthread_join(threads->handle, nullptr);
    std::free(std::exchange(threads, threads->following));
  }
}

void ThreadPool::run(Job &job, unsigned helpers) {
  {
    Lock lock(mutex);
    for (unsigned i = numStarted; i < helpers; ++i)
      start();
    job.wanted = helpers;
    *last = &job;
    last = &job.following;
  }
  // Threads that look for work come at once, and find the mutex free.
  pending.fetch_add(helpers, std::memory_order_release);
  helpers == 1 ? pthread_cond_signal(&wakeUp) : pthread_cond_broadcast(&wakeUp);
  job.work();
  spin([&] { return job.helpers == 0; });
  // Usually all came and left: the job is in nobody's hands.
  if (job.wanted == 0 && job.helpers == 0)
    return;
  Lock lock(mutex);
  removeJob(job); // nobody need come any more
  ++sleeping;
  while (job.helpers != 0)
    pthread_cond_wait(&done, &mutex);
  --sleeping;
}

Job *ThreadPool::takeJob() {
  Job *job = first;
  ++job->helpers;
  pending.fetch_sub(1, std::memory_order_relaxed);
  if (--job->wanted == 0)
    removeJob(*job);
  return job;
}

/// Does nothing with a job that is not in the queue.
void ThreadPool::removeJob(Job &job) {
  for (Job **place = &first; *place; place = &(*place)->following)
    if (*place == &job) {
      *place = job.following;
      if (last == &job.following)
        last = place;
      pending.fetch_sub(job.wanted, std::memory_order_relaxed);
      return;
    }
}

/// A job for this thread, or null when the pool stops.
Job *ThreadPool::waitForJob() {
  // Layers follow each other within microseconds: look for a while before going to sleep.
  spin([&] { return pending.load(std::memory_order_acquire) > 0; });
  Lock lock(mutex);
  while (!stopping && !first)
    pthread_cond_wait(&wakeUp, &mutex);
  if (stopping)
    return nullptr;
  Job *job = takeJob();
  worker = job->workers++;
  return job;
}

void ThreadPool::serve() {
  FloatControl rounding;
  insideRange = true;
  while (Job *job = waitForJob()) {
    job->work();
    // Now the job is the caller's alone, who may sleep.
    if (--job->helpers == 0 && sleeping != 0) {
      Lock lock(mutex);
      pthread_cond_broadcast(&done);
    }
  }
}

/// When the program ends, or lets go of the library that carries this pool.
__attribute__((destructor)) void stopThreads() { pool.stop(); }

/// One of the workers on a job, in whatever thread the host program calls it.
void workInHost(void *job, int64_t number) {
  FloatControl rounding;
  bool wasInside = std::exchange(insideRange, true);
  int64_t before = std::exchange(worker, number);
  static_cast<Job *>(job)->work();
  insideRange = wasInside;
  worker = before;
}

constexpr unsigned kMostThreads = 1024;

} // namespace

extern "C" uint32_t fpw_count_processors(void) {
  return uint32_t(std::clamp(sysconf(_SC_NPROCESSORS_ONLN), 1l, long(kMostThreads)));
}

extern "C" uint32_t fpw_set_num_threads(uint32_t threads) {
  if (threads == 0)
    threads = fpw_count_processors();
  return std::exchange(numThreads, std::min(threads, kMostThreads));
}

extern "C" fpw_host_loop fpw_set_host_loop(fpw_host_loop loop) {
  return std::exchange(hostLoop, loop);
}

extern "C" int64_t fpw_get_worker(void) { return worker; }

extern "C" void fpw_parallel_for(fpw_range_function function, void *context, int64_t count,
                                 int64_t grain) {
  if (count <= 0)
    return;
  int64_t most = std::max<int64_t>(1, count / std::max<int64_t>(grain, 1));
  if (numThreads == 1 || insideRange || most == 1)
    return function(context, 0, count);
  // A few chunks per thread even out threads of different speed.
  Job job(function, context, count, std::min<int64_t>(most, 4 * int64_t(numThreads)));
  int64_t workers = std::min<int64_t>(numThreads, most);
  if (hostLoop.loop) {
    hostLoop.loop(hostLoop.host, workers, workInHost, &job);
    workInHost(&job, 0); // what the host left undone, which is nothing
    return;
  }
  insideRange = true;
  pool.run(job, workers - 1);
  insideRange = false;
}

//===- Memory.cpp - The memory of intermediate values -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

//
// A network asks for the same sizes in the same order each time it runs. Blocks that were freed are
// kept per thread and handed out again: the system's allocator would give large ones back and fault
// their pages in anew for every run.
//
//===----------------------------------------------------------------------===//

#include "HugePages.h"
#include "fpw/Runtime/Runtime.h"

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <pthread.h>

namespace {

constexpr size_t kAlignment = 64;
/// Bytes behind each block that may be read: kernels of the matrix unit load, and never use, up to
/// 15 rows behind the last one. Nobody touches these pages otherwise, so that they cost addresses
/// only.
constexpr size_t kReadAhead = size_t(1) << 20;
constexpr size_t kMaxCached = size_t(256) << 20; ///< bytes that a thread keeps

/// What stands in front of a block, as long as its alignment.
struct alignas(kAlignment) Header {
  size_t bytes; ///< of the block
  unsigned sizeClass;
  Header *following; ///< in a list of free blocks
};

/// Classes of sizes, four per power of two: at most a quarter of a block is unused.
unsigned getSizeClass(size_t bytes) {
  unsigned bits = 6; // 64 bytes
  while (bits < 63 && (size_t(1) << (bits + 1)) <= bytes)
    ++bits;
  size_t quarter = size_t(1) << (bits - 2);
  size_t extra =
      bytes > (size_t(1) << bits) ? (bytes - (size_t(1) << bits) + quarter - 1) / quarter : 0;
  return 4 * bits + unsigned(extra);
}

size_t getClassBytes(unsigned sizeClass) {
  unsigned bits = sizeClass / 4;
  return (size_t(1) << bits) + (sizeClass % 4) * (size_t(1) << (bits - 2));
}

/// The free blocks of a thread.
class Cache {
public:
  Header *take(unsigned sizeClass) {
    Header *header = free[sizeClass];
    if (header) {
      free[sizeClass] = header->following;
      cached -= header->bytes;
    }
    return header;
  }

  /// Keeps the block, unless the thread has enough.
  bool put(Header *header) {
    if (cached + header->bytes > kMaxCached || !isEmptiedAtExit())
      return false;
    header->following = free[header->sizeClass];
    free[header->sizeClass] = header;
    cached += header->bytes;
    return true;
  }

private:
  /// Asks POSIX to empty the cache with its thread: C++ would want its library for that.
  bool isEmptiedAtExit() {
    static pthread_key_t key;
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    static bool created = false;
    pthread_once(&once, [] {
      auto empty = [](void *cache) { static_cast<Cache *>(cache)->empty(); };
      created = pthread_key_create(&key, empty) == 0;
    });
    registered = registered || (created && pthread_setspecific(key, this) == 0);
    return registered;
  }

  void empty() {
    for (unsigned sizeClass = 0; sizeClass < kSizeClasses; ++sizeClass)
      while (Header *header = take(sizeClass))
        std::free(header);
    registered = false;
  }

  static constexpr unsigned kSizeClasses = 4 * 64;
  Header *free[kSizeClasses] = {};
  size_t cached = 0;
  bool registered = false;
};

thread_local Cache cache;

} // namespace

extern "C" void *fpw_allocate(size_t bytes) {
  constexpr size_t kMost = size_t(1) << 48;
  unsigned sizeClass = bytes < kMost ? getSizeClass(bytes) : 0;
  Header *header = bytes < kMost ? cache.take(sizeClass) : nullptr;
  if (!header && bytes < kMost) {
    size_t all = getClassBytes(sizeClass);
    header = static_cast<Header *>(fpw::allocatePages(sizeof(Header) + all + kReadAhead));
    if (header)
      *header = {all, sizeClass, nullptr};
  }
  if (!header) {
    std::fprintf(stderr, "fpw: error: out of memory for a value of %zu bytes\n", bytes);
    std::_Exit(1); // compiled code has no way back
  }
  return header + 1;
}

extern "C" void fpw_free(void *memory) {
  if (!memory)
    return;
  Header *header = static_cast<Header *>(memory) - 1;
  if (!cache.put(header))
    std::free(header);
}

// The names that MLIR gives to allocations.
extern "C" void *_mlir_memref_to_llvm_aligned_alloc(size_t, size_t bytes) {
  return fpw_allocate(bytes);
}
extern "C" void _mlir_memref_to_llvm_free(void *memory) { fpw_free(memory); }

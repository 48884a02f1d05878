//===- Memory.cpp - Checks each access of a kernel -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Memory.h"
#include "llvm/Support/ErrorHandling.h"
#include "llvm/Support/MathExtras.h"
#include <cstdlib>
#include <cstring>
#include <sys/mman.h>

namespace fpw::simt {

/// What memory holds before it is written.
static constexpr int kPoison = 0xff;

//===----------------------------------------------------------------------===//
// Shared memory
//===----------------------------------------------------------------------===//

SharedMemory::SharedMemory() : marks(kSharedLimit) {
  void *memory = mmap(nullptr, 2 * kSharedAlignment, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED)
    llvm::report_fatal_error("out of memory for the shared memory of a block");
  base = reinterpret_cast<char *>(
      llvm::alignTo(reinterpret_cast<uintptr_t>(memory), kSharedAlignment));
}

void SharedMemory::reset(size_t newSize) {
  size = newSize;
  epoch = 1;
  std::memset(base, kPoison, size);
  std::memset(static_cast<void *>(marks.data()), 0, size * sizeof(Mark));
}

const char *SharedMemory::locate(const void *pointer, size_t bytes, size_t &offset) const {
  offset = static_cast<const char *>(pointer) - base;
  return offset <= size && bytes <= size - offset ? nullptr : "leaves the block's shared memory";
}

const char *SharedMemory::read(const void *pointer, size_t bytes, unsigned warp) {
  size_t offset;
  if (const char *fault = locate(pointer, bytes, offset))
    return fault;
  for (Mark *mark = &marks[offset], *end = mark + bytes; mark != end; ++mark) {
    if (mark->isPending)
      return "reads shared memory that an asynchronous copy is still writing";
    if (mark->writeEpoch == 0)
      return "reads shared memory that nothing has written";
    if (mark->writeEpoch == epoch && mark->writer != warp)
      return "reads shared memory that another warp has written since the last barrier";
    mark->readByMany = mark->readEpoch == epoch && (mark->readByMany || mark->reader != warp);
    mark->readEpoch = epoch;
    mark->reader = warp;
  }
  return nullptr;
}

const char *SharedMemory::checkWrite(size_t offset, size_t bytes, unsigned warp) const {
  for (const Mark *mark = &marks[offset], *end = mark + bytes; mark != end; ++mark) {
    if (mark->isPending)
      return "writes shared memory that an asynchronous copy is still writing";
    if (mark->writeEpoch == epoch && mark->writer != warp)
      return "writes shared memory that another warp has written since the last barrier";
    if (mark->readEpoch == epoch && (mark->readByMany || mark->reader != warp))
      return "writes shared memory that another warp has read since the last barrier";
  }
  return nullptr;
}

const char *SharedMemory::write(const void *pointer, size_t bytes, unsigned warp) {
  size_t offset;
  if (const char *fault = locate(pointer, bytes, offset))
    return fault;
  if (const char *fault = checkWrite(offset, bytes, warp))
    return fault;
  endCopy(pointer, bytes, warp);
  return nullptr;
}

const char *SharedMemory::beginCopy(const void *pointer, size_t bytes, unsigned warp) {
  size_t offset;
  if (const char *fault = locate(pointer, bytes, offset))
    return fault;
  if (const char *fault = checkWrite(offset, bytes, warp))
    return fault;
  for (size_t i = offset; i < offset + bytes; ++i)
    marks[i].isPending = true;
  return nullptr;
}

void SharedMemory::endCopy(const void *pointer, size_t bytes, unsigned warp) {
  size_t offset = static_cast<const char *>(pointer) - base;
  for (Mark *mark = &marks[offset], *end = mark + bytes; mark != end; ++mark) {
    mark->isPending = false;
    mark->writeEpoch = epoch;
    mark->writer = warp;
  }
}

//===----------------------------------------------------------------------===//
// Device memory
//===----------------------------------------------------------------------===//

DeviceMemory &DeviceMemory::get() {
  static DeviceMemory memory;
  return memory;
}

void *DeviceMemory::allocate(size_t bytes) {
  constexpr size_t kAlignment = 256; // as cuMemAlloc
  // No two allocations touch, so that an access beyond one is in none.
  size_t allocated = llvm::alignTo(bytes + 1, kAlignment);
  void *pointer = allocated < bytes ? nullptr : std::aligned_alloc(kAlignment, allocated);
  if (!pointer)
    return nullptr;
  std::memset(pointer, kPoison, bytes);
  std::lock_guard<std::mutex> lock(mutex);
  auto begin = reinterpret_cast<uintptr_t>(pointer);
  ranges[begin] = begin + bytes;
  return pointer;
}

bool DeviceMemory::free(void *pointer) {
  std::lock_guard<std::mutex> lock(mutex);
  if (!ranges.erase(reinterpret_cast<uintptr_t>(pointer)))
    return false;
  last = {};
  std::free(pointer);
  return true;
}

bool DeviceMemory::find(uintptr_t address, Range &range) {
  std::lock_guard<std::mutex> lock(mutex);
  auto it = ranges.upper_bound(address);
  if (it == ranges.begin())
    return false;
  --it;
  range = {it->first, it->second};
  return address < range.end;
}

bool DeviceMemory::contains(const void *pointer, size_t bytes) {
  auto address = reinterpret_cast<uintptr_t>(pointer);
  if (address - last.begin >= last.end - last.begin && !find(address, last)) {
    last = {};
    return false;
  }
  return bytes <= last.end - address;
}

bool DeviceMemory::isDevice(const void *pointer) {
  Range range;
  return find(reinterpret_cast<uintptr_t>(pointer), range);
}

} // namespace fpw::simt

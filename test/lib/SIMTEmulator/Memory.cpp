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
  std::fill_n(marks.begin(), size, Mark{});
}

const char *SharedMemory::locate(const void *pointer, size_t bytes, size_t &offset) const {
  offset = static_cast<const char *>(pointer) - base;
  return offset <= size && bytes <= size - offset ? nullptr : "leaves the block's shared memory";
}

/// Whether an access of the present epoch happened before what this one does now.
static bool isOrdered(const Accessor &before, const Accessor &now) {
  if (before.warp != now.warp || now.warp == Accessor::kAnyWarp)
    return false;
  bool isSameThread = before.thread == now.thread && now.thread != Accessor::kAnyThread;
  return isSameThread || before.warpEpoch < now.warpEpoch;
}

/// Who stands for two accessors that nothing orders.
static Accessor join(const Accessor &a, const Accessor &b) {
  Accessor joined = b;
  if (a.warp != b.warp)
    joined.warp = Accessor::kAnyWarp;
  if (a.thread != b.thread)
    joined.thread = Accessor::kAnyThread;
  return joined;
}

const char *SharedMemory::checkRead(const Mark &mark, const Accessor &by) const {
  if (mark.isPending)
    return "reads shared memory that an asynchronous copy is still writing";
  if (mark.writeEpoch == 0)
    return "reads shared memory that nothing has written";
  if (mark.writeEpoch == epoch && !isOrdered(mark.writer, by))
    return mark.writer.warp == by.warp
               ? "reads shared memory that another thread has written since the last barrier"
               : "reads shared memory that another warp has written since the last barrier";
  return nullptr;
}

const char *SharedMemory::read(const void *pointer, size_t bytes, const Accessor &by) {
  size_t offset;
  if (const char *fault = locate(pointer, bytes, offset))
    return fault;
  for (Mark *mark = &marks[offset], *end = mark + bytes; mark != end; ++mark) {
    if (const char *fault = checkRead(*mark, by))
      return fault;
    bool isAlone = mark->readEpoch != epoch || isOrdered(mark->reader, by);
    mark->reader = isAlone ? by : join(mark->reader, by);
    mark->readEpoch = epoch;
  }
  return nullptr;
}

const char *SharedMemory::checkWrite(size_t offset, size_t bytes, const Accessor &by) const {
  for (const Mark *mark = &marks[offset], *end = mark + bytes; mark != end; ++mark) {
    if (mark->isPending)
      return "writes shared memory that an asynchronous copy is still writing";
    if (mark->asyncReads > 0)
      return "writes shared memory that a multiplication is still reading";
    if (mark->writeEpoch == epoch && !isOrdered(mark->writer, by))
      return "writes shared memory that another thread has written since the last barrier";
    if (mark->readEpoch == epoch && !isOrdered(mark->reader, by))
      return "writes shared memory that another thread has read since the last barrier";
  }
  return nullptr;
}

const char *SharedMemory::write(const void *pointer, size_t bytes, const Accessor &by) {
  size_t offset;
  if (const char *fault = locate(pointer, bytes, offset))
    return fault;
  if (const char *fault = checkWrite(offset, bytes, by))
    return fault;
  endCopy(pointer, bytes, by);
  return nullptr;
}

const char *SharedMemory::beginCopy(const void *pointer, size_t bytes, const Accessor &by) {
  size_t offset;
  if (const char *fault = locate(pointer, bytes, offset))
    return fault;
  if (const char *fault = checkWrite(offset, bytes, by))
    return fault;
  for (size_t i = offset; i < offset + bytes; ++i)
    marks[i].isPending = true;
  return nullptr;
}

void SharedMemory::endCopy(const void *pointer, size_t bytes, const Accessor &by) {
  size_t offset = static_cast<const char *>(pointer) - base;
  for (Mark *mark = &marks[offset], *end = mark + bytes; mark != end; ++mark) {
    mark->isPending = false;
    mark->writeEpoch = epoch;
    mark->writer = by;
  }
}

const char *
SharedMemory::beginAsyncRead(const void *pointer, size_t bytes,
                             llvm::function_ref<uint32_t(uint16_t thread)> countFences) {
  size_t offset;
  if (const char *fault = locate(pointer, bytes, offset))
    return fault;
  for (Mark *mark = &marks[offset], *end = mark + bytes; mark != end; ++mark) {
    if (const char *fault = checkRead(*mark, Accessor()))
      return fault;
    if (countFences(mark->writer.thread) <= mark->writer.fences)
      return "multiplies shared memory that was written without a proxy fence before the barrier";
    ++mark->asyncReads;
  }
  return nullptr;
}

void SharedMemory::endAsyncRead(const void *pointer, size_t bytes) {
  size_t offset = static_cast<const char *>(pointer) - base;
  for (Mark *mark = &marks[offset], *end = mark + bytes; mark != end; ++mark) {
    --mark->asyncReads;
    mark->readEpoch = epoch;
    mark->reader = Accessor();
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

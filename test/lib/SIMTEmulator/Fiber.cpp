//===- Fiber.cpp - Stacks that take turns on one thread -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The C library would take a jump to another stack for an error.
#undef _FORTIFY_SOURCE

#include "Fiber.h"
#include "llvm/Support/ErrorHandling.h"
#include <sys/mman.h>
#include <unistd.h>

namespace fpw::simt {

static constexpr size_t kStackBytes = 64 * 1024;

/// How a jump back to the scheduler came about; 0 is setjmp's own.
enum { kYielded = 1, kReturned, kAbandoned };

/// The fibers that main() belongs to: a start takes no argument of the size of a pointer.
static thread_local Fibers *starting;

Fibers::~Fibers() {
  for (Fiber *fiber : fibers) {
    munmap(fiber->stack - getpagesize(), kStackBytes + getpagesize());
    delete fiber;
  }
}

void Fibers::reserve(unsigned count) {
  while (fibers.size() < count) {
    size_t guard = getpagesize();
    void *memory = mmap(nullptr, kStackBytes + guard, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED || mprotect(memory, guard, PROT_NONE) != 0)
      llvm::report_fatal_error("out of memory for the stacks of a block");
    fibers.push_back(new Fiber);
    fibers.back()->stack = static_cast<char *>(memory) + guard;
  }
}

void Fibers::main() {
  Fibers &self = *starting;
  Fiber &fiber = *self.running;
  for (;;) {
    self.function(self.argument);
    if (_setjmp(fiber.jump) == 0)
      _longjmp(self.scheduler, kReturned);
  }
}

void Fibers::begin(Fiber &fiber) {
  fiber.started = true;
  getcontext(&fiber.start);
  fiber.start.uc_stack.ss_sp = fiber.stack;
  fiber.start.uc_stack.ss_size = kStackBytes;
  fiber.start.uc_link = nullptr;
  makecontext(&fiber.start, main, 0);
  starting = this;
  setcontext(&fiber.start);
}

bool Fibers::resume(unsigned index, void (*newFunction)(void *), void *newArgument) {
  reserve(index + 1);
  running = fibers[index];
  function = newFunction;
  argument = newArgument;
  switch (_setjmp(scheduler)) {
  case 0:
    if (!running->started)
      begin(*running);
    _longjmp(running->jump, 1);
  case kReturned:
    return true;
  default:
    return false;
  }
}

void Fibers::yield() {
  if (_setjmp(running->jump) == 0)
    _longjmp(scheduler, kYielded);
}

void Fibers::forgetAll() {
  for (Fiber *fiber : fibers)
    fiber->started = false;
}

bool Fibers::isOnStack(const void *pointer) const {
  const char *address = static_cast<const char *>(pointer);
  const char *frame = static_cast<const char *>(__builtin_frame_address(0));
  return size_t(address - frame) < kStackBytes;
}

void Fibers::abandonAll() {
  forgetAll();
  _longjmp(scheduler, kAbandoned);
}

bool Fibers::runGuarded(void (*newFunction)(void *), void *newArgument) {
  if (_setjmp(scheduler) != 0)
    return false;
  newFunction(newArgument);
  return true;
}

} // namespace fpw::simt

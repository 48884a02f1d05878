//===- Fiber.h - Stacks that take turns on one thread -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_TEST_LIB_SIMTEMULATOR_FIBER_H
#define FPW_TEST_LIB_SIMTEMULATOR_FIBER_H

#include <csetjmp>
#include <cstddef>
#include <ucontext.h>
#include <vector>

namespace fpw::simt {

/// Fibers, each of which calls a function again and again, and a scheduler that resumes them. A
/// ucontext only starts a fiber: swapcontext is a system call, a jump is not.
class Fibers {
public:
  ~Fibers();

  /// Runs the fiber until it yields or its function returns; true if it returned. The next resume
  /// then calls the function given to it.
  bool resume(unsigned fiber, void (*function)(void *), void *argument);
  /// Back to resume(), from the running fiber.
  void yield();
  /// Back to resume(), or runGuarded(), never to return; all fibers begin anew.
  [[noreturn]] void abandonAll();
  /// All fibers begin anew. Not from a fiber.
  void forgetAll();
  /// Whether the address is in a frame below that of the caller, as locals of a kernel are.
  bool isOnStack(const void *pointer) const;
  /// Calls the function on the stack of the caller; false if it abandoned.
  bool runGuarded(void (*function)(void *), void *argument);

private:
  struct Fiber {
    ucontext_t start;
    jmp_buf jump;
    char *stack = nullptr;
    bool started = false;
  };
  static void main();
  void begin(Fiber &fiber);
  void reserve(unsigned count);

  std::vector<Fiber *> fibers;
  Fiber *running = nullptr;
  jmp_buf scheduler;
  void (*function)(void *) = nullptr;
  void *argument = nullptr;
};

} // namespace fpw::simt

#endif // FPW_TEST_LIB_SIMTEMULATOR_FIBER_H

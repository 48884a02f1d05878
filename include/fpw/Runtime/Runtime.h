//===- Runtime.h - What compiled networks call -*- C -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// A C interface that compiled code and this project use. Each library that `fpw compile` writes
// carries a runtime of its own, whose names nobody outside sees. Programs use fpw-c/Model.h.

#ifndef FPW_RUNTIME_RUNTIME_H
#define FPW_RUNTIME_RUNTIME_H

#include "fpw-c/Model.h"
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

//===----------------------------------------------------------------------===//
// Models: what fpw_model's functions are
//===----------------------------------------------------------------------===//

fpw_status fpw_runtime_create_context(const fpw_model *model, uint32_t threads,
                                      fpw_context **context);
void fpw_runtime_destroy_context(fpw_context *context);
void fpw_runtime_set_parallel_for(fpw_context *context, fpw_parallel_for_function loop, void *host);
fpw_status fpw_runtime_prepare(fpw_context *context, int64_t batch);
fpw_status fpw_runtime_run(fpw_context *context, int64_t batch, const void *const *inputs,
                           void *const *outputs);
const char *fpw_runtime_get_error(void);

//===----------------------------------------------------------------------===//
// Threads
//===----------------------------------------------------------------------===//

/// Does the iterations begin ... end - 1.
typedef void (*fpw_range_function)(void *context, int64_t begin, int64_t end);

/// Does `count` iterations, in ranges of at least `grain`, on the threads that the calling thread
/// asked for. Returns when all are done. Calls from inside of a range run in place.
void fpw_parallel_for(fpw_range_function function, void *context, int64_t count, int64_t grain);

/// The number of the calling thread among those that serve the same caller: less than the number of
/// threads that it asked for, and 0 outside of ranges. Loops inside of a range do not change it.
int64_t fpw_get_worker(void);

/// Sets how many threads serve calls from this thread: 1 (the default) is the thread alone, 0 is
/// one thread per processor. Returns the former number.
uint32_t fpw_set_num_threads(uint32_t threads);

/// A loop of the host program, and its argument.
typedef struct fpw_host_loop {
  fpw_parallel_for_function loop; ///< null: the threads are this library's
  void *host;
} fpw_host_loop;

/// Sets whose threads serve calls from this thread. Returns what it was.
fpw_host_loop fpw_set_host_loop(fpw_host_loop loop);

//===----------------------------------------------------------------------===//
// The processor
//===----------------------------------------------------------------------===//

uint32_t fpw_count_processors(void);

/// Asks the system to let this process use the AMX matrix unit. Returns 1 if it may, and 0 if the
/// processor or the system does not have the unit; code with AMX instructions crashes then.
int32_t fpw_request_amx(void);

/// Looks for features, "avx2,fma", that the processor or the system lacks. Returns the number of
/// bytes of the first such name, which `missing` points to then, or 0.
size_t fpw_find_missing_feature(const char *features, const char **missing);

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

/// Memory for a value, aligned to 64 bytes. The mebibyte behind it may be read. Without memory the
/// program ends with an error.
void *fpw_allocate(size_t bytes);

/// Gives memory back, in any thread. The thread keeps it for its next value of the size.
void fpw_free(void *memory);

/// Slots for the times of layers, and the number that stands for none of them.
#define FPW_PROFILE_SLOTS 8192
#define FPW_PROFILE_NO_SLOT (-1)

/// A time, in units of the machine.
uint64_t fpw_profile_now(void);

/// Adds the time since this thread's last stamp to a slot. Networks compiled for profiling call it.
void fpw_profile_stamp(int64_t slot);

/// Adds a time, in any unit, to a slot.
void fpw_profile_add(int64_t slot, uint64_t time);

/// What a slot has come to, over all threads; it starts from 0 again.
uint64_t fpw_profile_take(int64_t slot);

/// What compiled code calls for memory: the names come from MLIR. The alignment is at most 64.
void *_mlir_memref_to_llvm_aligned_alloc(size_t alignment, size_t bytes);
void _mlir_memref_to_llvm_free(void *memory);

#ifdef __cplusplus
}
#endif

#endif // FPW_RUNTIME_RUNTIME_H

//===- Model.h - How a program runs a compiled network -*- C -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// `fpw compile` makes a library or an object file of a network. It has one function, whose name the
// header of the network gives: `const fpw_model *fpw_model_NAME(void)`. A library has it under the
// name `fpw_model` too, for dlsym.
//
// A model never changes: all threads of a program share it. A context holds the memory of a run, so
// that each thread wants one of its own. Running allocates nothing.
//
//   fpw_context *context = NULL;
//   const void *inputs[] = {image};
//   void *outputs[] = {scores};
//   const fpw_model *model = fpw_model_lenet();
//   if (fpw_create_context(model, 1, &context) || fpw_prepare(context, batch) ||
//       fpw_run(context, batch, inputs, outputs))
//     fprintf(stderr, "%s\n", fpw_get_error(model));
//   fpw_destroy_context(context);
//
//===----------------------------------------------------------------------===//

#ifndef FPW_C_MODEL_H
#define FPW_C_MODEL_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Changes whenever this file changes what a compiled network looks like.
#define FPW_MODEL_VERSION 2

typedef enum fpw_status {
  FPW_OK = 0,
  FPW_INVALID_ARGUMENT = 1, ///< a batch that was not prepared for, a missing buffer
  FPW_UNSUPPORTED_CPU = 2,  ///< the processor, or the system, lacks what the code uses
  FPW_OUT_OF_MEMORY = 3,
  FPW_WRONG_VERSION = 4, ///< the library was made by another version of FPW
  FPW_INVALID_FILE = 5,  ///< a model file that cannot be read, compiled or written
  FPW_NO_DEVICE = 6,     ///< no GPU, or none that the code is for, or no driver
  FPW_DEVICE_FAILED = 7  ///< the GPU or its driver stopped working
} fpw_status;

typedef enum fpw_type {
  FPW_F32 = 0, ///< 32 bits, IEEE 754
  FPW_I32 = 1,
  FPW_I64 = 2,
  FPW_BOOL = 3 ///< a byte, 0 or 1
} fpw_type;

/// An input or an output: its elements lie one behind the other, the last dimension first.
typedef struct fpw_tensor {
  const char *name;
  fpw_type type;
  uint32_t rank;
  const int64_t *shape; ///< -1: the batch
} fpw_tensor;

typedef struct fpw_model fpw_model;

/// Code of a network, for processors that have certain features.
typedef struct fpw_code {
  const char *features; ///< what it uses of the processor, "avx2,fma"

  // For the functions of the model: a run, and the bytes of memory that it takes.
  void (*run)(const void *const *inputs, void *const *outputs, void *arena, int64_t batch,
              int64_t workers);
  int64_t (*arena_size)(int64_t batch, int64_t workers);
} fpw_code;

typedef struct fpw_context {
  const fpw_model *model;
  const fpw_code *code; ///< what its runs execute: the first of the model's that this machine can
  // The rest is the library's.
} fpw_context;

/// A loop of the program: calls `task(work, i)` once for each i from 0 to count - 1, in whatever
/// order and threads, at the same time or not, and returns when all calls have returned.
typedef void (*fpw_parallel_for_function)(void *host, int64_t count,
                                          void (*task)(void *work, int64_t index), void *work);

struct fpw_model {
  uint32_t version; ///< FPW_MODEL_VERSION
  uint32_t num_inputs, num_outputs, num_codes;
  const fpw_tensor *inputs, *outputs;
  const char *name;
  const char *target;    ///< the triple of the machines that the code is for
  const fpw_code *codes; ///< which ask for less and less of the processor

  // What the functions below call.
  fpw_status (*create_context)(const fpw_model *model, uint32_t threads, fpw_context **context);
  void (*destroy_context)(fpw_context *context);
  void (*set_parallel_for)(fpw_context *context, fpw_parallel_for_function loop, void *host);
  fpw_status (*prepare)(fpw_context *context, int64_t batch);
  fpw_status (*run)(fpw_context *context, int64_t batch, const void *const *inputs,
                    void *const *outputs);
  const char *(*get_error)(void);
};

/// Makes a context for one thread of the program. Its runs take `threads` threads, this one
/// included (0: one per processor); their number does not change a bit of the results.
static inline fpw_status fpw_create_context(const fpw_model *model, uint32_t threads,
                                            fpw_context **context) {
  return model->version == FPW_MODEL_VERSION ? model->create_context(model, threads, context)
                                             : FPW_WRONG_VERSION;
}

/// Frees a context, if there is one.
static inline void fpw_destroy_context(fpw_context *context) {
  if (context)
    context->model->destroy_context(context);
}

/// Runs of the context compute in threads of the program, by this loop with `host` as its argument,
/// and not in the library's own. Its count is at most the context's number of threads. Null: as
/// before.
static inline void fpw_set_parallel_for(fpw_context *context, fpw_parallel_for_function loop,
                                        void *host) {
  context->model->set_parallel_for(context, loop, host);
}

/// Gets the memory for runs of up to `batch` samples.
static inline fpw_status fpw_prepare(fpw_context *context, int64_t batch) {
  return context->model->prepare(context, batch);
}

/// Runs the network on `batch` samples. Each input and output has a buffer, of any alignment. Those
/// of the outputs are written; they overlap with no other.
static inline fpw_status fpw_run(fpw_context *context, int64_t batch, const void *const *inputs,
                                 void *const *outputs) {
  return context->model->run(context, batch, inputs, outputs);
}

/// What went wrong in the calling thread's last failed call.
static inline const char *fpw_get_error(const fpw_model *model) {
  return model->version == FPW_MODEL_VERSION ? model->get_error()
                                             : "the library was made by another version of FPW";
}

#ifdef __cplusplus
}
#endif

#endif // FPW_C_MODEL_H

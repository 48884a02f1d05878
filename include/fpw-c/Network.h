//===- Network.h - How a program gets networks -*- C -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The library fpw-c compiles model files in the process, or loads what `fpw compile` made of them.
// Either way comes an fpw_model, which the functions of Model.h ask, prepare and run.
//
//   fpw_network *network = NULL;
//   if (fpw_compile_file("lenet.nnp", NULL, &network))
//     fprintf(stderr, "%s\n", fpw_get_network_error());
//   const fpw_model *model = fpw_get_model(network);
//
// All threads of a program may share a network.
//
//===----------------------------------------------------------------------===//

#ifndef FPW_C_NETWORK_H
#define FPW_C_NETWORK_H

#include "fpw-c/Model.h"
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define FPW_EXPORTED __attribute__((visibility("default")))
#else
#define FPW_EXPORTED
#endif

typedef struct fpw_network fpw_network;

typedef enum fpw_arithmetic {
  FPW_ARITHMETIC_DEFAULT = 0, ///< digits, if layers have fixed-point weights
  FPW_ARITHMETIC_FLOAT = 1,   ///< f32
  FPW_ARITHMETIC_DIGITS = 2   ///< exact integers, the same bits everywhere
} fpw_arithmetic;

/// How to compile. Zero in a member stands for what is usual.
typedef struct fpw_compile_options {
  size_t size;   ///< sizeof(fpw_compile_options)
  uint32_t bits; ///< convert weights to fixed point of so many bits; 0: take them as they are
  uint32_t activation_bits; ///< of activations in digits: 8, 16, 24 or 32; 0: 24
  fpw_arithmetic arithmetic;
  const char *processors; ///< "x86-64-v3", or several with commas; null: this one
  const char *device;     ///< a GPU, "cuda" or "cuda:1"; null: the network computes on processors
  const char *architectures; ///< with a device, for libraries: "sm_90a,sm_80"; null: that device's
} fpw_compile_options;

/// Reads a model file of any kind that `fpw convert` reads, and compiles it. Null options are
/// zeroes.
FPW_EXPORTED fpw_status fpw_compile_file(const char *path, const fpw_compile_options *options,
                                         fpw_network **network);

/// Loads a library that `fpw compile` made. Its code is trusted.
FPW_EXPORTED fpw_status fpw_load_library(const char *path, fpw_network **network);

/// Writes a network that fpw_compile_file compiled: a shared library, or an object if the name ends
/// with ".o".
FPW_EXPORTED fpw_status fpw_write_library(const fpw_network *network, const char *path);

/// What the network is and does. It lives as long as the network.
FPW_EXPORTED const fpw_model *fpw_get_model(const fpw_network *network);

/// Frees a network, if there is one. Its contexts are destroyed before.
FPW_EXPORTED void fpw_destroy_network(fpw_network *network);

/// What went wrong in the calling thread's last call of a function above that failed.
FPW_EXPORTED const char *fpw_get_network_error(void);

/// The version of this library, "0.1.0".
FPW_EXPORTED const char *fpw_get_version(void);

#ifdef __cplusplus
}
#endif

#endif // FPW_C_NETWORK_H

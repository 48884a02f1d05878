//===- HugePages.h - Memory in large pages -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A network goes through megabytes of weights once per run. In pages of 4 KB each has its entry in
// the processor's tables, which do not hold so many: a fifth of the time of a ResNet-50 was spent
// on looking them up. In pages of 2 MB they fit.
//
//===----------------------------------------------------------------------===//

#ifndef FPW_LIB_RUNTIME_HUGEPAGES_H
#define FPW_LIB_RUNTIME_HUGEPAGES_H

#include <cstddef>

namespace fpw {

/// Memory of any size, aligned to cache lines, in large pages where they pay; null if there is not
/// enough. std::free gives it back.
void *allocatePages(size_t bytes);

/// Moves the parameters of this library or program, which come from its file, to large pages. The
/// first call does so; no network may run before it returns.
void moveParametersToHugePages();

} // namespace fpw

#endif // FPW_LIB_RUNTIME_HUGEPAGES_H

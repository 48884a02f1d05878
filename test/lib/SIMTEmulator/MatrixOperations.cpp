//===- MatrixOperations.cpp - What the matrix units of a GPU do -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Which lane holds which element: PTX ISA, "Matrix Fragments for mma.m16n8k32", "ldmatrix",
// "Register Fragments and Shared Memory Matrix Layouts" of wgmma.
//
//===----------------------------------------------------------------------===//

#include "Machine.h"
#include "Operations.h"
#include "llvm/ADT/StringExtras.h"
#include <array>
#include <cstring>
#include <vector>

namespace fpw::simt {

//===----------------------------------------------------------------------===//
// ldmatrix
//===----------------------------------------------------------------------===//

/// The variant: the number of matrices of 8 rows of 16 bytes. Lane 8 * i + r has the address of row
/// r of matrix i; lane l gets bytes 4 * (l mod 4) of row l / 4 of each.
static void loadMatrices(llvm::ArrayRef<ThreadCall> lanes, uint64_t count) {
  for (unsigned matrix = 0; matrix < count; ++matrix)
    for (unsigned lane = 0; lane < kWarpSize; ++lane) {
      const uint64_t *operands = lanes[8 * matrix + lane / 4].operands;
      const char *row = reinterpret_cast<const char *>(operands[0]);
      std::memcpy(static_cast<char *>(lanes[lane].result) + 4 * matrix, row + lane % 4 * 4, 4);
    }
}

static void runLoadMatrices(void *result, const uint64_t *operands, uint64_t count, uint32_t site) {
  Machine &machine = Machine::get();
  unsigned lane = simt_registers[kLaneId];
  if (lane < 8 * count) {
    if (operands[0] % 16 != 0)
      machine.fail("loads a row of a matrix from an address that is not a multiple of 16");
    machine.checkSharedByWarp(reinterpret_cast<const void *>(operands[0]), 16);
  }
  machine.meetWarp(~0u, site, loadMatrices, count, {result, operands});
}

//===----------------------------------------------------------------------===//
// mma.sync m16n8k32
//===----------------------------------------------------------------------===//

namespace {
enum : uint64_t { kUnsignedA = 1, kUnsignedB = 2, kSaturate = 4 };
} // namespace

static int32_t getByte(uint64_t word, unsigned byte, bool isUnsigned) {
  auto bits = static_cast<uint8_t>(word >> 8 * byte);
  return isUnsigned ? bits : static_cast<int8_t>(bits);
}

static uint32_t addUp(int64_t sum, bool saturate) {
  if (saturate)
    sum = std::clamp<int64_t>(sum, INT32_MIN, INT32_MAX);
  return static_cast<uint32_t>(sum);
}

/// Operands: four words of A, two of B, four of C. With g = lane / 4 and t = lane mod 4, word r of
/// A is row g + 8 * (r mod 2) from column 4 * t + 16 * (r / 2); word r of B is column g from row 4
/// * t + 16 * r; word i of C is row g + 8 * (i / 2), column 2 * t + i mod 2.
static void multiplyBytes(llvm::ArrayRef<ThreadCall> lanes, uint64_t variant) {
  int32_t a[16][32], b[8][32];
  for (unsigned lane = 0; lane < kWarpSize; ++lane) {
    const uint64_t *words = lanes[lane].operands;
    unsigned g = lane / 4, t = lane % 4;
    for (unsigned byte = 0; byte < 4; ++byte) {
      for (unsigned r = 0; r < 4; ++r)
        a[g + 8 * (r & 1)][4 * t + byte + 16 * (r >> 1)] =
            getByte(words[r], byte, variant & kUnsignedA);
      for (unsigned r = 0; r < 2; ++r)
        b[g][4 * t + byte + 16 * r] = getByte(words[4 + r], byte, variant & kUnsignedB);
    }
  }
  for (unsigned lane = 0; lane < kWarpSize; ++lane) {
    uint32_t results[4];
    for (unsigned i = 0; i < 4; ++i) {
      unsigned row = lane / 4 + 8 * (i >> 1), column = lane % 4 * 2 + (i & 1);
      int32_t sum = 0; // at most 32 * 255 * 255
      for (unsigned k = 0; k < 32; ++k)
        sum += a[row][k] * b[column][k];
      auto addend = static_cast<int32_t>(lanes[lane].operands[6 + i]);
      results[i] = addUp(int64_t(addend) + sum, variant & kSaturate);
    }
    std::memcpy(lanes[lane].result, results, sizeof(results));
  }
}

static void runMultiplyBytes(void *result, const uint64_t *operands, uint64_t variant,
                             uint32_t site) {
  Machine::get().meetWarp(~0u, site, multiplyBytes, variant, {result, operands});
}

//===----------------------------------------------------------------------===//
// wgmma m64nNk32
//===----------------------------------------------------------------------===//

namespace {
/// A matrix in shared memory, by its descriptor: rows of one swizzled row of 128, 64 or 32 bytes,
/// eight of which are a block.
struct SharedMatrix {
  uint64_t start, blockStride, mode;

  explicit SharedMatrix(uint64_t descriptor)
      : start((descriptor & 0x3fff) << 4), blockStride((descriptor >> 32 & 0x3fff) << 4),
        mode(descriptor >> 62) {}

  /// Where byte k of a row is: bits 4 to 6 of its place are exclusive-or'ed with bits 7 to 9, or
  /// with fewer of them for shorter rows.
  uint64_t getOffset(unsigned row, unsigned k) const {
    uint64_t rowBytes = 256 >> mode;
    uint64_t offset = start + row / 8 * blockStride + row % 8 * rowBytes + k;
    return offset ^ (offset >> 7 & (rowBytes / 16 - 1)) << 4;
  }

  /// 32 bytes of each row.
  std::vector<std::array<int32_t, 32>> read(AsyncProduct &product, unsigned rows,
                                            bool isUnsigned) const {
    Machine &machine = Machine::get();
    if (mode == 0)
      machine.fail("multiplies a matrix whose rows are not swizzled, which the emulator lacks");
    const char *base = machine.getSharedMemory().getBase();
    std::vector<std::array<int32_t, 32>> elements(rows);
    for (unsigned row = 0; row < rows; ++row)
      for (unsigned k = 0; k < 32; k += 16) {
        const char *bytes = base + getOffset(row, k);
        machine.readAsync(product, bytes, 16);
        for (unsigned i = 0; i < 16; ++i)
          elements[row][k + i] = getByte(static_cast<uint8_t>(bytes[i]), 0, isUnsigned);
      }
    return elements;
  }
};
} // namespace

/// Operands: the accumulators, the descriptors of both factors, and whether to add. The variant: N
/// in the bits above those of mma. Warp w of the four has rows 16 * w to 16 * w + 15, with columns
/// as in mma for each eight.
static void multiplyShared(llvm::ArrayRef<ThreadCall> threads, uint64_t variant) {
  AsyncProduct product;
  unsigned columns = variant >> 3, words = columns / 2;
  const uint64_t *first = threads[0].operands;
  for (const ThreadCall &thread : threads)
    if (!std::equal(first + words, first + words + 3, thread.operands + words))
      Machine::get().fail("multiplies by other descriptors than threads of its warpgroup");
  auto a = SharedMatrix(first[words]).read(product, 64, variant & kUnsignedA);
  auto b = SharedMatrix(first[words + 1]).read(product, columns, variant & kUnsignedB);
  for (unsigned thread = 0; thread < kWarpgroupSize; ++thread) {
    const uint64_t *operands = threads[thread].operands;
    unsigned warp = thread / kWarpSize, lane = thread % kWarpSize;
    for (unsigned i = 0; i < words; ++i) {
      unsigned row = warp * 16 + lane / 4 + (i % 4 >= 2 ? 8 : 0);
      unsigned column = i / 4 * 8 + lane % 4 * 2 + i % 2;
      int32_t sum = 0;
      for (unsigned k = 0; k < 32; ++k)
        sum += a[row][k] * b[column][k];
      auto addend = operands[words + 2] ? static_cast<int32_t>(operands[i]) : 0;
      uint32_t result = addUp(int64_t(addend) + sum, variant & kSaturate);
      std::memcpy(static_cast<char *>(threads[thread].result) + 4 * i, &result, 4);
    }
  }
  Machine::get().startProduct(std::move(product), threads);
}

static void runMultiplyShared(void *result, const uint64_t *operands, uint64_t variant,
                              uint32_t site) {
  Machine &machine = Machine::get();
  machine.checkFence();
  machine.meetWarpgroup(site, multiplyShared, variant, {result, operands});
}

/// What the threads of a warp do at the same place, each for itself.
static void meetWarp(const uint64_t *operands, uint32_t site) {
  auto nothing = [](llvm::ArrayRef<ThreadCall>, uint64_t) {};
  Machine::get().meetWarp(~0u, site, nothing, 0, {nullptr, operands});
}

static void fenceRegisters(void *, const uint64_t *operands, uint64_t, uint32_t site) {
  meetWarp(operands, site);
  Machine::get().fenceRegisters();
}

static void commitProducts(void *, const uint64_t *operands, uint64_t, uint32_t site) {
  meetWarp(operands, site);
  Machine::get().commitProducts();
}

static void waitForProducts(void *, const uint64_t *operands, uint64_t, uint32_t site) {
  meetWarp(operands, site);
  Machine::get().waitForProducts(operands[0]);
}

static void checkSums(void *result, const uint64_t *, uint64_t, uint32_t) {
  Machine::get().checkSums(result);
}

//===----------------------------------------------------------------------===//
// Names
//===----------------------------------------------------------------------===//

namespace {
enum : unsigned {
  kCheckSums,
  kLoadMatrices,
  kMultiplyBytes,
  kMultiplyShared,
  kFenceRegisters,
  kCommitProducts,
  kWaitForProducts
};
} // namespace

static const Operation kMatrixOperations[] = {
    {"simt_check_sums", checkSums, false},
    {"simt_load_matrices", runLoadMatrices, true},
    {"simt_multiply_bytes", runMultiplyBytes, true},
    {"simt_multiply_shared", runMultiplyShared, true},
    {"simt_fence_registers", fenceRegisters, true},
    {"simt_commit_products", commitProducts, true},
    {"simt_wait_for_products", waitForProducts, true},
};

llvm::ArrayRef<Operation> getMatrixOperations() { return kMatrixOperations; }

static Meaning make(unsigned operation, uint64_t variant = 0) {
  return {&kMatrixOperations[operation], variant};
}

/// x{1,2,4}.b16.p{0,3}
static std::optional<Meaning> findLoadMatrices(llvm::StringRef name) {
  unsigned count;
  if (!name.consume_front("x") || name.consumeInteger(10, count) || !name.starts_with(".b16.p"))
    return std::nullopt;
  return make(kLoadMatrices, count);
}

/// [satfinite.]{s8,u8}[.{s8,u8}]: the second type is that of B where it differs.
static std::optional<Meaning> findMultiplyBytes(llvm::StringRef name) {
  uint64_t variant = name.consume_front("satfinite.") ? kSaturate : 0;
  auto [a, b] = name.split('.');
  if (b.empty())
    b = a;
  if ((a != "s8" && a != "u8") || (b != "s8" && b != "u8"))
    return std::nullopt;
  variant |= (a == "u8" ? kUnsignedA : 0) | (b == "u8" ? kUnsignedB : 0);
  return make(kMultiplyBytes, variant);
}

/// Inline assembly around wgmma.mma_async.sync.aligned.m64nNk32.s32.{s8,u8}.{s8,u8}[.satfinite]
static std::optional<Meaning> findMultiplyShared(llvm::StringRef name) {
  name = name.split("wgmma.mma_async.sync.aligned.m64n").second;
  uint64_t columns;
  if (name.consumeInteger(10, columns) || !name.consume_front("k32.s32."))
    return std::nullopt;
  llvm::StringRef a = name.take_front(2), b = name.substr(3, 2);
  if ((a != "s8" && a != "u8") || (b != "s8" && b != "u8"))
    return std::nullopt;
  uint64_t variant = columns << 3 | (a == "u8" ? kUnsignedA : 0) | (b == "u8" ? kUnsignedB : 0) |
                     (name.substr(5).starts_with(".satfinite") ? kSaturate : 0);
  return make(kMultiplyShared, variant);
}

std::optional<Meaning> findMatrixInstruction(llvm::StringRef name) {
  if (name.contains("wgmma.mma_async"))
    return findMultiplyShared(name);
  if (name.starts_with("wgmma.fence."))
    return make(kFenceRegisters);
  if (name.starts_with("wgmma.commit_group."))
    return make(kCommitProducts);
  if (name.starts_with("wgmma.wait_group."))
    return make(kWaitForProducts);
  if (name.consume_front("ldmatrix.sync.aligned.m8n8."))
    return findLoadMatrices(name);
  if (name.consume_front("mma.m16n8k32.row.col."))
    return findMultiplyBytes(name);
  return std::nullopt;
}

} // namespace fpw::simt

//===- SIMTEmulatorTest.cpp - Kernels on the emulator, and faults that it must find -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "SIMTEmulator/Emulator.h"
#include "SIMTEmulator/Memory.h"

#include "llvm/Support/FormatVariadic.h"
#include <gmock/gmock.h>
#include <numeric>

using namespace fpw::simt;
using testing::HasSubstr;

namespace {

/// What kernels are made of.
constexpr const char *kDeclarations = R"(
target datalayout = "e-p6:32:32-i64:64-i128:128-i256:256-v16:16-v32:32-n16:32:64"
target triple = "nvptx64-nvidia-cuda"
@tile = internal addrspace(3) global [256 x i32] undef, align 16
@dynamic = external addrspace(3) global [0 x i8], align 16
declare i32 @llvm.nvvm.read.ptx.sreg.tid.x()
declare i32 @llvm.nvvm.read.ptx.sreg.ctaid.x()
declare i32 @llvm.nvvm.read.ptx.sreg.ntid.x()
declare void @llvm.nvvm.barrier.cta.sync.aligned.all(i32)
declare void @llvm.nvvm.bar.warp.sync(i32)
declare i32 @llvm.nvvm.shfl.sync.bfly.i32(i32, i32, i32, i32)
declare i32 @llvm.nvvm.redux.sync.umax(i32, i32)
declare void @llvm.nvvm.cp.async.ca.shared.global.4(ptr addrspace(3), ptr addrspace(1))
declare void @llvm.nvvm.cp.async.ca.shared.global.4.s(ptr addrspace(3), ptr addrspace(1), i32)
declare void @llvm.nvvm.cp.async.commit.group()
declare void @llvm.nvvm.cp.async.wait.group(i32 immarg)
declare void @llvm.nvvm.fence.proxy.async.shared_cta()
declare void @llvm.nvvm.wgmma.fence.sync.aligned()
declare void @llvm.nvvm.wgmma.commit_group.sync.aligned()
declare void @llvm.nvvm.wgmma.wait_group.sync.aligned(i64 immarg)
)";

/// A buffer of the device, full of 0, 1, 2, ...
class Buffer {
public:
  explicit Buffer(unsigned count) : count(count) {
    data = static_cast<uint32_t *>(DeviceMemory::get().allocate(count * 4));
    std::iota(data, data + count, 0);
  }
  ~Buffer() { DeviceMemory::get().free(data); }
  uint32_t &operator[](unsigned i) { return data[i]; }
  uint32_t *data;
  unsigned count;
};

struct SIMTEmulator : testing::Test {
  /// Runs kernel k(buffer) on the given blocks of threads; the error, or nothing.
  static std::string run(const std::string &body, Buffer &buffer, unsigned blocks, unsigned threads,
                         size_t dynamicBytes = 0) {
    std::string code = kDeclarations + body;
    auto program = Program::load(llvm::MemoryBufferRef(code, "kernel"));
    if (!program)
      return toString(program.takeError());
    void *parameters[] = {&buffer.data};
    return toString(launch(*(*program)->find("k"), {blocks}, {threads}, dynamicBytes, parameters));
  }
};

/// Each thread adds 1 to its element.
const std::string kIncrement = R"(
define ptx_kernel void @k(ptr %data) {
  %t = call i32 @llvm.nvvm.read.ptx.sreg.tid.x()
  %b = call i32 @llvm.nvvm.read.ptx.sreg.ctaid.x()
  %n = call i32 @llvm.nvvm.read.ptx.sreg.ntid.x()
  %base = mul i32 %b, %n
  %i = add i32 %base, %t
  %p = getelementptr i32, ptr %data, i32 %i
  %x = load i32, ptr %p
  %y = add i32 %x, 1
  store i32 %y, ptr %p
  ret void
})";

TEST_F(SIMTEmulator, RunsEveryThreadOfEveryBlock) {
  Buffer buffer(4 * 96);
  ASSERT_EQ(run(kIncrement, buffer, 4, 96), "");
  for (unsigned i = 0; i < buffer.count; ++i)
    EXPECT_EQ(buffer[i], i + 1);
}

TEST_F(SIMTEmulator, FindsTheElementBeyondTheEnd) {
  Buffer buffer(4 * 96 - 1);
  EXPECT_THAT(run(kIncrement, buffer, 4, 96),
              HasSubstr("thread (95, 0, 0) of block (3, 0, 0) reads 4 bytes that are not in one"));
}

/// Reverses the elements of a block through shared memory.
std::string reverse(const char *barrier) {
  return std::string(R"(
define ptx_kernel void @k(ptr %data) {
  %t = call i32 @llvm.nvvm.read.ptx.sreg.tid.x()
  %n = call i32 @llvm.nvvm.read.ptx.sreg.ntid.x()
  %p = getelementptr i32, ptr %data, i32 %t
  %x = load i32, ptr %p
  %s = getelementptr i32, ptr addrspace(3) @tile, i32 %t
  store i32 %x, ptr addrspace(3) %s
)") + barrier +
         R"(
  %last = sub i32 %n, 1
  %other = sub i32 %last, %t
  %r = getelementptr i32, ptr addrspace(3) @tile, i32 %other
  %y = load i32, ptr addrspace(3) %r
  store i32 %y, ptr %p
  ret void
})";
}

const char *kBarrier = "call void @llvm.nvvm.barrier.cta.sync.aligned.all(i32 0)";

TEST_F(SIMTEmulator, WaitsAtBarriers) {
  Buffer buffer(256);
  ASSERT_EQ(run(reverse(kBarrier), buffer, 1, 256), "");
  for (unsigned i = 0; i < buffer.count; ++i)
    EXPECT_EQ(buffer[i], 255 - i);
}

TEST_F(SIMTEmulator, WaitsAtBarriersOfAWarp) {
  Buffer buffer(32);
  ASSERT_EQ(run(reverse("call void @llvm.nvvm.bar.warp.sync(i32 -1)"), buffer, 1, 32), "");
  EXPECT_EQ(buffer[0], 31u);
}

TEST_F(SIMTEmulator, FindsTheBarrierThatIsOnlyOfAWarp) {
  Buffer buffer(64);
  EXPECT_THAT(run(reverse("call void @llvm.nvvm.bar.warp.sync(i32 -1)"), buffer, 1, 64),
              HasSubstr("that nothing has written"));
}

/// A shuffle lets threads meet, but orders no memory.
TEST_F(SIMTEmulator, FindsTheShuffleInThePlaceOfABarrier) {
  Buffer buffer(32);
  EXPECT_THAT(
      run(reverse("%m = call i32 @llvm.nvvm.redux.sync.umax(i32 %x, i32 -1)"), buffer, 1, 32),
      HasSubstr("another thread has written since the last barrier"));
}

TEST_F(SIMTEmulator, FindsTheWarpAtTwoBarriers) {
  Buffer buffer(64);
  EXPECT_THAT(run(R"(
define ptx_kernel void @k(ptr %data) {
  %t = call i32 @llvm.nvvm.read.ptx.sreg.tid.x()
  %c = icmp ult i32 %t, 16
  br i1 %c, label %some, label %others
some:
  call void @llvm.nvvm.barrier.cta.sync.aligned.all(i32 0)
  br label %leave
others:
  call void @llvm.nvvm.barrier.cta.sync.aligned.all(i32 0)
  br label %leave
leave:
  ret void
})",
                  buffer, 1, 64),
              HasSubstr("is at another barrier than threads of its warp"));
}

TEST_F(SIMTEmulator, FindsTheMissingBarrier) {
  Buffer buffer(256);
  EXPECT_THAT(run(reverse(""), buffer, 1, 256), HasSubstr("that nothing has written"));
}

TEST_F(SIMTEmulator, FindsTheEndOfSharedMemory) {
  Buffer buffer(512);
  EXPECT_THAT(run(reverse(kBarrier), buffer, 1, 512),
              HasSubstr("thread (256, 0, 0) of block (0, 0, 0) leaves the block's shared memory (4 "
                        "bytes at offset 1024)"));
}

TEST_F(SIMTEmulator, FindsTheBarrierThatSomeThreadsMiss) {
  Buffer buffer(64);
  EXPECT_THAT(run(R"(
define ptx_kernel void @k(ptr %data) {
  %t = call i32 @llvm.nvvm.read.ptx.sreg.tid.x()
  %c = icmp ult i32 %t, 40
  br i1 %c, label %meet, label %leave
meet:
  call void @llvm.nvvm.barrier.cta.sync.aligned.all(i32 0)
  br label %leave
leave:
  ret void
})",
                  buffer, 1, 64),
              HasSubstr("40 threads of block (0, 0, 0) wait at a barrier and 0 for their warp, but "
                        "24 have left"));
}

/// Writes a tile, reads it, and lets others write it anew without a barrier between.
TEST_F(SIMTEmulator, FindsTheWriteOfWhatOthersStillRead) {
  Buffer buffer(64);
  std::string code = reverse(kBarrier);
  std::string again = "store i32 0, ptr addrspace(3) %s\n  ret void\n}";
  code.replace(code.rfind("ret void"), std::string::npos, again);
  EXPECT_THAT(run(code, buffer, 1, 64), HasSubstr("since the last barrier"));
}

/// Copies 64 elements to shared memory and back.
std::string copyThrough(const char *copy, const char *wait) {
  return std::string(R"(
define ptx_kernel void @k(ptr %data) {
  %t = call i32 @llvm.nvvm.read.ptx.sreg.tid.x()
  %p = getelementptr i32, ptr %data, i32 %t
  %g = addrspacecast ptr %p to ptr addrspace(1)
  %s = getelementptr i32, ptr addrspace(3) @dynamic, i32 %t
)") + copy +
         "\n  call void @llvm.nvvm.cp.async.commit.group()\n" + wait + R"(
  %y = load i32, ptr addrspace(3) %s
  %z = add i32 %y, 5
  store i32 %z, ptr %p
  ret void
})";
}

const char *kCopy = "call void @llvm.nvvm.cp.async.ca.shared.global.4(ptr addrspace(3) %s, "
                    "ptr addrspace(1) %g)";
const char *kCopyNothing = "call void @llvm.nvvm.cp.async.ca.shared.global.4.s(ptr addrspace(3) "
                           "%s, ptr addrspace(1) %g, i32 0)";
const char *kWait = "call void @llvm.nvvm.cp.async.wait.group(i32 0)";
const char *kWaitTooFew = "call void @llvm.nvvm.cp.async.wait.group(i32 1)";

TEST_F(SIMTEmulator, CopiesAsynchronously) {
  Buffer buffer(64);
  ASSERT_EQ(run(copyThrough(kCopy, kWait), buffer, 1, 64, 256), "");
  EXPECT_EQ(buffer[63], 68u);
}

TEST_F(SIMTEmulator, FillsTheRestOfACopyWithZeros) {
  Buffer buffer(64);
  ASSERT_EQ(run(copyThrough(kCopyNothing, kWait), buffer, 1, 64, 256), "");
  EXPECT_EQ(buffer[63], 5u);
}

TEST_F(SIMTEmulator, FindsTheWaitForTooFewCopies) {
  Buffer buffer(64);
  EXPECT_THAT(run(copyThrough(kCopy, kWaitTooFew), buffer, 1, 64, 256),
              HasSubstr("an asynchronous copy is still writing"));
}

TEST_F(SIMTEmulator, FindsTheMissingWaitForCopies) {
  Buffer buffer(64);
  EXPECT_THAT(run(copyThrough(kCopy, ""), buffer, 1, 64, 256),
              HasSubstr("an asynchronous copy is still writing"));
}

/// A kernel of a warpgroup that multiplies 64 x 32 ones by 32 x 8 ones, 32-byte rows of which lie
/// in shared memory, and stores each thread's first sum.
struct Multiplication {
  const char *proxyFence = "call void @llvm.nvvm.fence.proxy.async.shared_cta()";
  const char *barrier = kBarrier;
  const char *fence = "call void @llvm.nvvm.wgmma.fence.sync.aligned()";
  const char *descriptor = "%first";
  const char *commit = "call void @llvm.nvvm.wgmma.commit_group.sync.aligned()";
  const char *meanwhile = "";
  const char *wait = "call void @llvm.nvvm.wgmma.wait_group.sync.aligned(i64 0)";
  const char *sum = "%sum";

  std::string write() const {
    return llvm::formatv(R"(
define ptx_kernel void @k(ptr %data) {{
  %t = call i32 @llvm.nvvm.read.ptx.sreg.tid.x()
  %s = getelementptr [5 x i32], ptr addrspace(3) @dynamic, i32 %t
  store <5 x i32> splat (i32 u0x01010101), ptr addrspace(3) %s, align 4
  {0}
  {1}
  %address = ptrtoint ptr addrspace(3) @dynamic to i64
  %low = and i64 %address, 262143
  %chunk = lshr i64 %low, 4
  %first = or i64 %chunk, u0xC000001000010000
  %second = add i64 %first, 128
  %wide = zext i32 %t to i64
  %odd = add i64 %first, %wide
  {2}
  %sums = call {{ i32, i32, i32, i32 } asm sideeffect
    "wgmma.mma_async.sync.aligned.m64n8k32.s32.s8.s8 {{$0, $1, $2, $3}, $8, $9, p;",
    "=r,=r,=r,=r,0,1,2,3,l,l,n"(i32 0, i32 0, i32 0, i32 0, i64 {3}, i64 %second, i32 1)
  %sum = extractvalue {{ i32, i32, i32, i32 } %sums, 0
  {4}
  {5}
  {6}
  %p = getelementptr i32, ptr %data, i32 %t
  store i32 {7}, ptr %p
  ret void
})",
                         proxyFence, barrier, fence, descriptor, commit, meanwhile, wait, sum)
        .str();
  }
};

struct WarpgroupEmulator : SIMTEmulator {
  static std::string run(const Multiplication &multiplication, Buffer &buffer) {
    return SIMTEmulator::run(multiplication.write(), buffer, 1, 128, 128 * 20);
  }
  Buffer buffer{128};
};

TEST_F(WarpgroupEmulator, Multiplies) {
  ASSERT_EQ(run({}, buffer), "");
  EXPECT_EQ(buffer[0], 32u);
  EXPECT_EQ(buffer[127], 32u);
}

TEST_F(WarpgroupEmulator, FindsTheMissingFenceOfProxies) {
  EXPECT_THAT(run({.proxyFence = ""}, buffer), HasSubstr("written without a proxy fence"));
}

TEST_F(WarpgroupEmulator, FindsTheFenceOfProxiesAfterTheBarrier) {
  Multiplication swapped;
  std::swap(swapped.proxyFence, swapped.barrier);
  EXPECT_THAT(run(swapped, buffer), HasSubstr("written without a proxy fence"));
}

TEST_F(WarpgroupEmulator, FindsTheMissingBarrier) {
  EXPECT_THAT(run({.barrier = ""}, buffer), HasSubstr("has written since the last barrier"));
}

TEST_F(WarpgroupEmulator, FindsTheMissingFenceOfRegisters) {
  EXPECT_THAT(run({.fence = ""}, buffer), HasSubstr("without wgmma.fence"));
}

TEST_F(WarpgroupEmulator, FindsSumsThatAreNotWaitedFor) {
  const char *fault = "uses sums of a multiplication that it has not waited for";
  EXPECT_THAT(run({.wait = ""}, buffer), HasSubstr(fault));
  EXPECT_THAT(run({.commit = ""}, buffer), HasSubstr(fault));
  EXPECT_THAT(run({.wait = "call void @llvm.nvvm.wgmma.wait_group.sync.aligned(i64 1)"}, buffer),
              HasSubstr(fault));
  EXPECT_THAT(run({.meanwhile = "%more = add i32 %sum, 1"}, buffer), HasSubstr(fault));
}

TEST_F(WarpgroupEmulator, FindsTheWriteOfWhatIsMultiplied) {
  EXPECT_THAT(run({.meanwhile = "store i32 0, ptr addrspace(3) %s"}, buffer),
              HasSubstr("writes shared memory that a multiplication is still reading"));
}

TEST_F(WarpgroupEmulator, FindsTheMultiplicationThatNobodyWaitsFor) {
  EXPECT_THAT(run({.wait = "", .sum = "0"}, buffer),
              HasSubstr("leaves while multiplications are going on"));
}

TEST_F(WarpgroupEmulator, FindsDescriptorsThatDiffer) {
  EXPECT_THAT(run({.descriptor = "%odd"}, buffer), HasSubstr("by other descriptors than threads"));
}

TEST_F(SIMTEmulator, ExchangesWithinAWarp) {
  Buffer buffer(64);
  ASSERT_EQ(run(R"(
define ptx_kernel void @k(ptr %data) {
  %t = call i32 @llvm.nvvm.read.ptx.sreg.tid.x()
  %p = getelementptr i32, ptr %data, i32 %t
  %x = load i32, ptr %p
  %y = call i32 @llvm.nvvm.shfl.sync.bfly.i32(i32 -1, i32 %x, i32 3, i32 31)
  %m = call i32 @llvm.nvvm.redux.sync.umax(i32 %x, i32 -1)
  %s = mul i32 %m, 1000
  %z = add i32 %s, %y
  store i32 %z, ptr %p
  ret void
})",
                buffer, 1, 64),
            "");
  for (unsigned i = 0; i < 64; ++i)
    EXPECT_EQ(buffer[i], (i < 32 ? 31u : 63u) * 1000 + (i ^ 3));
}

TEST_F(SIMTEmulator, RefusesWhatItDoesNotKnow) {
  Buffer buffer(1);
  EXPECT_THAT(run(R"(
declare i32 @llvm.nvvm.read.ptx.sreg.clock()
define ptx_kernel void @k(ptr %data) {
  %t = call i32 @llvm.nvvm.read.ptx.sreg.clock()
  ret void
})",
                  buffer, 1, 1),
              HasSubstr("but got 'clock' in kernel 'k'"));
}

TEST_F(SIMTEmulator, RefusesBlocksThatAreTooLarge) {
  Buffer buffer(1);
  EXPECT_EQ(run(kIncrement, buffer, 1, 1025),
            "expected at most 1024 threads in a block but got 1025");
}

} // namespace

//===- AsyncOperations.cpp - What goes on beside the threads of a block -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Copies arrive, and multiplications end, as late as the waits of the code allow: what relies on
// less is a fault. The rules: PTX ISA, "Data Movement and Conversion Instructions: Asynchronous
// copy", "Asynchronous Warpgroup Level Matrix Instructions".
//
//===----------------------------------------------------------------------===//

#include "Machine.h"
#include "llvm/ADT/STLExtras.h"
#include <cstring>

namespace fpw::simt {

//===----------------------------------------------------------------------===//
// Copies
//===----------------------------------------------------------------------===//

void Machine::startCopy(const AsyncCopy &copy) {
  if (!DeviceMemory::get().contains(copy.source, copy.sourceBytes) && copy.sourceBytes > 0)
    fail("copies " + llvm::Twine(copy.sourceBytes) +
         " bytes that are not in one buffer of the device");
  failIf(shared.beginCopy(copy.target, copy.bytes, getAccessor()), copy.target, copy.bytes);
  threads[current].copies.open.push_back(copy);
}

void Machine::commitCopies() { threads[current].copies.commit(); }

void Machine::waitForCopies(size_t pending) {
  auto &groups = threads[current].copies.groups;
  for (; groups.size() > pending; groups.pop_front())
    for (const AsyncCopy &copy : groups.front()) {
      std::memcpy(copy.target, copy.source, copy.sourceBytes);
      std::memset(copy.target + copy.sourceBytes, 0, copy.bytes - copy.sourceBytes);
      shared.endCopy(copy.target, copy.bytes, getAccessor());
    }
}

//===----------------------------------------------------------------------===//
// Multiplications
//===----------------------------------------------------------------------===//

void Machine::checkFence() {
  if (!threads[current].isFenced)
    fail("begins a group of multiplications without wgmma.fence");
}

void Machine::readAsync(AsyncProduct &product, const void *pointer, size_t bytes) {
  auto countFences = [&](uint16_t thread) { return threads[thread].fencesAtBarrier; };
  failIf(shared.beginAsyncRead(pointer, bytes, countFences), pointer, bytes);
  product.sources.emplace_back(pointer, bytes);
}

void Machine::startProduct(AsyncProduct product, llvm::ArrayRef<ThreadCall> calls) {
  auto shared = std::make_shared<AsyncProduct>(std::move(product));
  Thread *first = &threads[current / kWarpgroupSize * kWarpgroupSize];
  for (auto [thread, call] : llvm::zip(llvm::MutableArrayRef(first, calls.size()), calls))
    thread.products.open.push_back({shared, call.result});
}

void Machine::commitProducts() {
  threads[current].products.commit();
  threads[current].isFenced = false;
}

void Machine::waitForProducts(size_t pending) {
  auto &groups = threads[current].products.groups;
  for (; groups.size() > pending; groups.pop_front())
    for (const PendingProduct &pendingProduct : groups.front())
      if (AsyncProduct &product = *pendingProduct.product; --product.waiting == 0)
        for (auto [pointer, bytes] : product.sources)
          shared.endAsyncRead(pointer, bytes);
}

void Machine::checkSums(const void *result) {
  const AsyncGroups<PendingProduct> &products = threads[current].products;
  auto check = [&](const std::vector<PendingProduct> &group) {
    for (const PendingProduct &product : group)
      if (product.result == result)
        fail("uses sums of a multiplication that it has not waited for");
  };
  for (const std::vector<PendingProduct> &group : products.groups)
    check(group);
  check(products.open);
}

} // namespace fpw::simt

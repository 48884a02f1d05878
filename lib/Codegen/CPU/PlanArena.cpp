//===- PlanArena.cpp - Gives the buffers of a network places in one block of memory -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A frame is what has buffers of its own: the network, and each parallel loop, whose workers each
// have a copy of the loop's frame. In a frame, buffers that do not live at the same time share a
// slot.
//
//===----------------------------------------------------------------------===//

#include "ArenaSizes.h"
#include "fpw/Codegen/CPU/Passes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Bufferization/Transforms/BufferViewFlowAnalysis.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/SymbolTable.h"
#include <deque>

namespace fpw::cpu {
#define GEN_PASS_DEF_FPWCPUPLANARENA
#include "fpw/Codegen/CPU/Passes.h.inc"

using namespace mlir;

namespace {

/// The ops of a frame's block, by their number, between which something lives.
struct Lifetime {
  int64_t first, last;
  bool overlaps(const Lifetime &other) const { return first <= other.last && other.first <= last; }
};

/// Something that needs a place: a buffer, or the frames of a loop's workers.
struct Tenant {
  memref::AllocOp alloc; ///< null for frames
  Lifetime lifetime;
  Value bytes;      ///< in the arena's function
  int64_t estimate; ///< of the bytes, for comparisons
  unsigned slot = 0;
};

struct Frame {
  Block *block;
  scf::ForallOp loop; ///< null for the network
  SmallVector<Tenant> tenants;
  SmallVector<Value> offsets = {}; ///< of the slots; in the arena's function, then in the network
  Value bytes = {};                ///< of one frame
  unsigned place = 0;              ///< of a loop's frames among the tenants of the network
};

/// The largest tenants choose first; each takes the first slot that is free while it lives.
/// Returns the number of slots.
unsigned assignSlots(MutableArrayRef<Tenant> tenants) {
  auto order = llvm::map_to_vector(tenants, [](Tenant &tenant) { return &tenant; });
  llvm::stable_sort(order, [](Tenant *a, Tenant *b) { return a->estimate > b->estimate; });
  SmallVector<SmallVector<Lifetime>> slots;
  for (Tenant *tenant : order) {
    auto isFree = [&](ArrayRef<Lifetime> slot) {
      return llvm::none_of(slot,
                           [&](const Lifetime &other) { return other.overlaps(tenant->lifetime); });
    };
    tenant->slot = llvm::find_if(slots, isFree) - slots.begin();
    if (tenant->slot == slots.size())
      slots.emplace_back();
    slots[tenant->slot].push_back(tenant->lifetime);
  }
  return slots.size();
}

class ArenaPlanner {
public:
  ArenaPlanner(func::FuncOp network, SymbolTable &symbols)
      : network(network), symbols(symbols), views(network), sizes(network, symbols) {}

  void run() {
    frames.push_back({&network.front(), nullptr, {}});
    collectBuffers();
    for (Frame &frame : llvm::drop_begin(frames)) {
      planFrame(frame);
      addFrames(frame);
    }
    planFrame(frames.front());
    placeFrames();
    passArena();
    placeBuffers();
  }

private:
  //===--------------------------------------------------------------------===//
  // Lifetimes
  //===--------------------------------------------------------------------===//

  Frame &getFrame(memref::AllocOp alloc) {
    auto loop = alloc->getParentOfType<scf::ForallOp>();
    Block *block = loop ? loop.getBody() : &network.front();
    auto it = llvm::find_if(frames, [&](Frame &frame) { return frame.block == block; });
    if (it != frames.end())
      return *it;
    frames.push_back({block, loop, {}});
    return frames.back();
  }

  int64_t getNumber(Block &block, Operation *op) {
    Operation *ancestor = block.findAncestorOpInBlock(*op);
    auto [it, isNew] = numbers.try_emplace(ancestor);
    if (isNew)
      for (auto [i, other] : llvm::enumerate(block))
        numbers[&other] = i;
    return numbers[ancestor];
  }

  /// When the buffer and its views are used; nothing if that cannot be told.
  std::optional<Lifetime> getLifetime(memref::AllocOp alloc, Block &block) {
    Lifetime lifetime{INT64_MAX, -1};
    for (Value alias : views.resolve(alloc))
      for (Operation *user : alias.getUsers()) {
        // A kernel of a GPU may take the address: it ends before the next op of its stream.
        bool leaves =
            isa<UnrealizedConversionCastOp, memref::ExtractAlignedPointerAsIndexOp>(user) &&
            !user->getParentOfType<gpu::LaunchOp>();
        bool isLoopCarried = user->hasTrait<OpTrait::IsTerminator>();
        if (leaves || isLoopCarried || !block.findAncestorOpInBlock(*user))
          return std::nullopt;
        int64_t number = getNumber(block, user);
        lifetime = {std::min(lifetime.first, number), std::max(lifetime.last, number)};
      }
    return lifetime;
  }

  void collectBuffers() {
    network.walk([&](memref::AllocOp alloc) {
      Frame &frame = getFrame(alloc);
      std::optional<Lifetime> lifetime = getLifetime(alloc, *frame.block);
      std::optional<ArenaSizes::Size> size = lifetime ? sizes.getBytes(alloc) : std::nullopt;
      if (size)
        frame.tenants.push_back({alloc, *lifetime, size->bytes, size->estimate});
    });
  }

  //===--------------------------------------------------------------------===//
  // Places
  //===--------------------------------------------------------------------===//

  /// Gives the tenants slots, one behind the other.
  void planFrame(Frame &frame) {
    SmallVector<Value> slots(assignSlots(frame.tenants));
    for (Tenant &tenant : frame.tenants)
      slots[tenant.slot] =
          slots[tenant.slot] ? sizes.max(slots[tenant.slot], tenant.bytes) : tenant.bytes;
    frame.bytes = sizes.constant(0);
    for (Value slot : slots) {
      frame.offsets.push_back(frame.bytes);
      frame.bytes = sizes.add(frame.bytes, slot);
    }
  }

  /// Makes room in the network's frame for those of a loop's workers. Loops inside of other loops
  /// have theirs there too: the number of a worker is its own among all of the network.
  void addFrames(Frame &frame) {
    int64_t number = getNumber(network.front(), frame.loop);
    frame.place = frames.front().tenants.size();
    Value bytes = sizes.multiply(frame.bytes, sizes.getWorkers());
    frames.front().tenants.push_back({nullptr, {number, number}, bytes, sizes.estimate(bytes)});
  }

  /// Makes the offsets of loops' slots those in the first worker's frame.
  void placeFrames() {
    Frame &top = frames.front();
    for (Frame &frame : llvm::drop_begin(frames))
      for (Value &offset : frame.offsets)
        offset = sizes.add(offset, top.offsets[top.tenants[frame.place].slot]);
  }

  //===--------------------------------------------------------------------===//
  // The network
  //===--------------------------------------------------------------------===//

  /// Gives the network the arena and the number of workers, and lets it compute the places.
  void passArena() {
    Builder types(network.getContext());
    Location loc = network.getLoc();
    unsigned number = network.getNumArguments();
    OpBuilder builder = OpBuilder::atBlockBegin(&network.front());
    Value batch = sizes.getBatch(builder, loc);
    (void)network.insertArgument(number, MemRefType::get(ShapedType::kDynamic, types.getI8Type()),
                                 {}, loc);
    (void)network.insertArgument(number + 1, types.getIndexType(), {}, loc);
    arena = network.getArgument(number);

    SmallVector<Value *> values;
    for (Frame &frame : llvm::reverse(frames)) { // the size of the whole comes last
      llvm::append_range(values, llvm::make_pointer_range(frame.offsets));
      values.push_back(&frame.bytes);
    }
    func::FuncOp function =
        sizes.finish(llvm::map_to_vector(values, [](Value *value) { return *value; }));
    network->setAttr(kArenaAttr, FlatSymbolRefAttr::get(function));
    auto call = func::CallOp::create(builder, loc, function,
                                     ValueRange{batch, network.getArgument(number + 1)});
    for (auto [value, result] : llvm::zip(values, call.getResults()))
      *value = result;
  }

  void placeBuffers() {
    for (Frame &frame : frames) {
      Value position = frame.loop && !frame.tenants.empty() ? findPosition(frame) : Value();
      for (Tenant &tenant : frame.tenants)
        if (tenant.alloc)
          place(tenant.alloc, frame.offsets[tenant.slot], position);
    }
  }

  /// Where the frame of the worker lies behind the first one's.
  Value findPosition(Frame &frame) {
    OpBuilder builder = OpBuilder::atBlockBegin(frame.block);
    Location loc = frame.loop.getLoc();
    if (!symbols.lookup(kGetWorker)) {
      auto declaration = func::FuncOp::create(loc, kGetWorker,
                                              builder.getFunctionType({}, builder.getIndexType()));
      declaration.setPrivate();
      symbols.insert(declaration, network->getParentOfType<ModuleOp>().getBody()->begin());
    }
    Value worker =
        func::CallOp::create(builder, loc, kGetWorker, builder.getIndexType()).getResult(0);
    return arith::MulIOp::create(builder, loc, worker, frame.bytes);
  }

  void place(memref::AllocOp alloc, Value offset, Value position) {
    OpBuilder builder(alloc);
    Location loc = alloc.getLoc();
    if (position)
      offset = arith::AddIOp::create(builder, loc, offset, position);
    alloc.replaceAllUsesWith(memref::ViewOp::create(builder, loc, alloc.getType(), arena, offset,
                                                    alloc.getDynamicSizes())
                                 .getResult());
    alloc.erase();
  }

  func::FuncOp network;
  SymbolTable &symbols;
  BufferViewFlowAnalysis views;
  ArenaSizes sizes;
  std::deque<Frame> frames; ///< the network's, then those of loops
  DenseMap<Operation *, int64_t> numbers;
  Value arena;
};

struct PlanArena : impl::FPWCPUPlanArenaBase<PlanArena> {
  void runOnOperation() override {
    SymbolTable symbols(getOperation());
    SmallVector<func::FuncOp> functions(getOperation().getOps<func::FuncOp>());
    for (func::FuncOp function : functions)
      if (function->hasAttr(kInputsAttr))
        ArenaPlanner(function, symbols).run();
  }
};

} // namespace
} // namespace fpw::cpu

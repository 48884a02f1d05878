//===- Rewrite.cpp - From NVPTX kernels to host functions -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Rewrite.h"
#include "Machine.h"
#include "Operations.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/Analysis/ValueTracking.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InlineAsm.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/ReplaceConstant.h"
#include "llvm/IR/Verifier.h"
#include "llvm/Support/MathExtras.h"

using namespace llvm;

namespace fpw::simt {

namespace {
constexpr unsigned kSharedSpace = 3;

/// Rewrites one function.
class FunctionRewriter {
public:
  explicit FunctionRewriter(Function &function)
      : function(function), builder(function.getContext()) {}

  Expected<Kernel> run();

private:
  Error rewriteCall(CallInst *call);
  Error rewriteInstruction(CallInst *call, StringRef name);
  bool rewriteRegister(CallInst *call, StringRef name);
  bool rewriteArithmetic(CallInst *call, StringRef name);
  bool rewriteNothing(CallInst *call);
  void checkAccess(Instruction *access, Value *pointer, Type *type, bool isWrite);
  void checkAccesses();
  void checkSums(CallInst *multiplication);
  void placeArray(GlobalVariable &array);
  void placeSharedMemory();
  void callOperation(const Operation &operation, Value *result, Value *operands, uint64_t variant);
  AllocaInst *createLocal(Type *type);

  Function &function;
  IRBuilder<> builder;
  Kernel kernel;
  unsigned numSites = 0;
  DenseMap<CallInst *, AllocaInst *> sums; ///< where multiplications put their results
};
} // namespace

//===----------------------------------------------------------------------===//
// Instructions of the GPU
//===----------------------------------------------------------------------===//

AllocaInst *FunctionRewriter::createLocal(Type *type) {
  IRBuilder<>::InsertPointGuard guard(builder);
  builder.SetInsertPoint(&*function.getEntryBlock().getFirstInsertionPt());
  return builder.CreateAlloca(type);
}

void FunctionRewriter::callOperation(const Operation &operation, Value *result, Value *operands,
                                     uint64_t variant) {
  Type *pointer = builder.getPtrTy();
  FunctionCallee callee = function.getParent()->getOrInsertFunction(
      operation.symbol, builder.getVoidTy(), pointer, pointer, builder.getInt64Ty(),
      builder.getInt32Ty());
  builder.CreateCall(callee,
                     {result, operands, builder.getInt64(variant), builder.getInt32(++numSites)});
  kernel.waits |= operation.waits;
}

/// tid.x and the like are loads from simt_registers.
bool FunctionRewriter::rewriteRegister(CallInst *call, StringRef name) {
  static const std::pair<StringLiteral, unsigned> kTriples[] = {
      {"tid.", kThreadId}, {"ctaid.", kBlockId}, {"ntid.", kBlockSize}, {"nctaid.", kGridSize}};
  std::optional<unsigned> number;
  if (name == "laneid")
    number = kLaneId;
  else if (name == "warpid")
    number = kWarpId;
  for (auto [prefix, first] : kTriples)
    if (name.size() == prefix.size() + 1 && name.starts_with(prefix) && name.back() >= 'x')
      number = first + (name.back() - 'x');
  if (name == "warpsize") {
    call->replaceAllUsesWith(builder.getInt32(kWarpSize));
    return true;
  }
  if (!number)
    return false;
  auto *type = ArrayType::get(builder.getInt32Ty(), kNumRegisters);
  Constant *registers = function.getParent()->getOrInsertGlobal("simt_registers", type);
  Value *address = builder.CreateConstInBoundsGEP2_32(type, registers, 0, *number);
  call->replaceAllUsesWith(builder.CreateLoad(builder.getInt32Ty(), address));
  return true;
}

/// Operations that round to nearest even are LLVM's own.
bool FunctionRewriter::rewriteArithmetic(CallInst *call, StringRef name) {
  auto operand = [&](unsigned i) { return call->getArgOperand(i); };
  Value *result = nullptr;
  if (name == "fma.rn.f" || name == "fma.rn.d")
    result = builder.CreateIntrinsic(Intrinsic::fma, {call->getType()},
                                     {operand(0), operand(1), operand(2)});
  else if (name == "sqrt.rn.f" || name == "sqrt.rn.d")
    result = builder.CreateUnaryIntrinsic(Intrinsic::sqrt, operand(0));
  else if (name == "add.rn.f" || name == "add.rn.d")
    result = builder.CreateFAdd(operand(0), operand(1));
  else if (name == "mul.rn.f" || name == "mul.rn.d")
    result = builder.CreateFMul(operand(0), operand(1));
  else if (name == "div.rn.f" || name == "div.rn.d")
    result = builder.CreateFDiv(operand(0), operand(1));
  if (result)
    call->replaceAllUsesWith(result);
  return result;
}

Error FunctionRewriter::rewriteInstruction(CallInst *call, StringRef name) {
  std::optional<Meaning> meaning = findInstruction(name);
  if (!meaning)
    return createStringError("expected instructions that the emulator knows but got '" + name +
                             "' in kernel '" + function.getName() + "'");
  Type *word = builder.getInt64Ty();
  Value *operands = createLocal(ArrayType::get(word, std::max(1u, call->arg_size())));
  for (unsigned i = 0; i < call->arg_size(); ++i) {
    Value *operand = call->getArgOperand(i);
    if (operand->getType()->isPointerTy())
      operand = builder.CreatePtrToInt(operand, word);
    else if (operand->getType()->isFloatTy())
      operand = builder.CreateBitCast(operand, builder.getInt32Ty());
    if (operand->getType()->isIntegerTy())
      operand = builder.CreateZExtOrTrunc(operand, word);
    builder.CreateStore(operand, builder.CreateConstGEP1_32(word, operands, i));
  }
  if (call->getType()->isVoidTy()) {
    callOperation(*meaning->operation, ConstantPointerNull::get(builder.getPtrTy()), operands,
                  meaning->variant);
    return Error::success();
  }
  AllocaInst *result = sums.lookup(call);
  if (!result)
    result = createLocal(call->getType());
  callOperation(*meaning->operation, result, operands, meaning->variant);
  call->replaceAllUsesWith(builder.CreateLoad(call->getType(), result));
  return Error::success();
}

Error FunctionRewriter::rewriteCall(CallInst *call) {
  builder.SetInsertPoint(call);
  if (auto *assembly = dyn_cast<InlineAsm>(call->getCalledOperand())) {
    StringRef text = assembly->getAsmString();
    if (!text.empty() || !rewriteNothing(call))
      if (Error error = rewriteInstruction(call, text))
        return error;
    call->eraseFromParent();
    return Error::success();
  }
  Function *callee = call->getCalledFunction();
  if (!callee)
    return createStringError("expected direct calls but got an indirect one in kernel '" +
                             function.getName() + "'");
  StringRef name = callee->getName();
  if (!name.consume_front("llvm.nvvm.")) {
    if (callee->isIntrinsic() || !callee->isDeclaration())
      return Error::success();
    return createStringError("expected functions with a body but got '" + name + "' in kernel '" +
                             function.getName() + "'");
  }
  bool isRegister = name.consume_front("read.ptx.sreg.");
  if (isRegister ? !rewriteRegister(call, name) : !rewriteArithmetic(call, name))
    if (Error error = rewriteInstruction(call, name))
      return error;
  call->eraseFromParent();
  return Error::success();
}

/// An assembly of no instructions, which gives back its operands.
bool FunctionRewriter::rewriteNothing(CallInst *call) {
  auto *type = dyn_cast<StructType>(call->getType());
  if (call->arg_size() != (type ? type->getNumElements() : 1))
    return false;
  Value *result = call->getArgOperand(0);
  if (type) {
    result = PoisonValue::get(type);
    for (unsigned i = 0; i < call->arg_size(); ++i)
      result = builder.CreateInsertValue(result, call->getArgOperand(i), i);
  }
  call->replaceAllUsesWith(result);
  return true;
}

//===----------------------------------------------------------------------===//
// Asynchronous multiplications
//===----------------------------------------------------------------------===//

static bool isAsyncMultiplication(const Instruction *instruction) {
  auto *call = dyn_cast<CallInst>(instruction);
  auto *assembly = call ? dyn_cast<InlineAsm>(call->getCalledOperand()) : nullptr;
  return assembly && StringRef(assembly->getAsmString()).contains("wgmma.mma_async");
}

/// What uses the registers of a multiplication: other multiplications may before it is done, and
/// what only names them anew is no use.
static SetVector<Instruction *> findUsers(Instruction *multiplication) {
  SetVector<Instruction *> names, users;
  names.insert(multiplication);
  for (unsigned i = 0; i < names.size(); ++i)
    for (User *user : names[i]->users()) {
      auto *instruction = cast<Instruction>(user);
      if (isa<PHINode, ExtractValueInst, InsertValueInst>(instruction))
        names.insert(instruction);
      else if (!isAsyncMultiplication(instruction))
        users.insert(instruction);
    }
  return users;
}

/// Whoever uses the result has to have waited for it.
void FunctionRewriter::checkSums(CallInst *multiplication) {
  AllocaInst *result = sums[multiplication] = createLocal(multiplication->getType());
  for (Instruction *user : findUsers(multiplication)) {
    builder.SetInsertPoint(user);
    callOperation(getMatrixOperations().front(), result,
                  ConstantPointerNull::get(builder.getPtrTy()), 0);
  }
}

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

void FunctionRewriter::checkAccess(Instruction *access, Value *pointer, Type *type, bool isWrite) {
  const Value *object = getUnderlyingObject(pointer);
  bool isShared = pointer->getType()->getPointerAddressSpace() == kSharedSpace;
  if (isa<AllocaInst>(object) || (isa<GlobalVariable>(object) && !isShared))
    return;
  builder.SetInsertPoint(access);
  uint64_t bytes = function.getDataLayout().getTypeStoreSize(type);
  const Operation &check = getOperations()[isShared];
  callOperation(check, builder.CreatePointerBitCastOrAddrSpaceCast(pointer, builder.getPtrTy()),
                ConstantPointerNull::get(builder.getPtrTy()), bytes << 1 | isWrite);
}

void FunctionRewriter::checkAccesses() {
  for (Instruction &instruction : make_early_inc_range(instructions(function))) {
    if (auto *load = dyn_cast<LoadInst>(&instruction))
      checkAccess(load, load->getPointerOperand(), load->getType(), false);
    else if (auto *store = dyn_cast<StoreInst>(&instruction))
      checkAccess(store, store->getPointerOperand(), store->getValueOperand()->getType(), true);
    else if (auto *update = dyn_cast<AtomicRMWInst>(&instruction))
      checkAccess(update, update->getPointerOperand(), update->getType(), true);
  }
}

void FunctionRewriter::placeArray(GlobalVariable &array) {
  auto isHere = [&](Use &use) {
    auto *user = dyn_cast<Instruction>(use.getUser());
    return user && user->getFunction() == &function;
  };
  if (none_of(array.uses(), isHere))
    return;
  kernel.sharedBytes = alignTo(kernel.sharedBytes, array.getAlign().valueOrOne());
  auto base = reinterpret_cast<uintptr_t>(Machine::get().getSharedMemory().getBase());
  Constant *address =
      ConstantExpr::getIntToPtr(builder.getInt64(base + kernel.sharedBytes), array.getType());
  array.replaceUsesWithIf(address, isHere);
  kernel.sharedBytes += function.getDataLayout().getTypeAllocSize(array.getValueType());
}

/// Gives the arrays in shared memory that the function uses their addresses, the dynamic one last.
void FunctionRewriter::placeSharedMemory() {
  const DataLayout &layout = function.getDataLayout();
  SmallVector<GlobalVariable *> fixed, dynamic;
  for (GlobalVariable &array : function.getParent()->globals())
    if (array.getAddressSpace() == kSharedSpace)
      (layout.getTypeAllocSize(array.getValueType()).isZero() ? dynamic : fixed).push_back(&array);
  for (ArrayRef<GlobalVariable *> arrays : {ArrayRef(fixed), ArrayRef(dynamic)}) {
    convertUsersOfConstantsToInstructions(SmallVector<Constant *>(arrays.begin(), arrays.end()),
                                          &function);
    for (GlobalVariable *array : arrays)
      placeArray(*array);
  }
}

//===----------------------------------------------------------------------===//
// Functions
//===----------------------------------------------------------------------===//

Expected<Kernel> FunctionRewriter::run() {
  placeSharedMemory();
  SmallVector<CallInst *> calls;
  for (Instruction &instruction : instructions(function))
    if (auto *call = dyn_cast<CallInst>(&instruction))
      calls.push_back(call);
  checkAccesses();
  for (CallInst *call : calls)
    if (isAsyncMultiplication(call))
      checkSums(call);
  for (CallInst *call : calls)
    if (Error error = rewriteCall(call))
      return error;
  return kernel;
}

/// void simt_entry_K(ptr parameters), which loads the arguments from where the parameters point.
static Error addEntry(Function &kernel) {
  Module &module = *kernel.getParent();
  IRBuilder<> builder(module.getContext());
  auto *type = FunctionType::get(builder.getVoidTy(), {builder.getPtrTy()}, false);
  auto *entry =
      Function::Create(type, GlobalValue::ExternalLinkage, kEntryPrefix + kernel.getName(), module);
  builder.SetInsertPoint(BasicBlock::Create(module.getContext(), "", entry));
  SmallVector<Value *> arguments;
  for (Argument &argument : kernel.args()) {
    if (argument.hasByValAttr())
      return createStringError("expected arguments by value but got one in memory of kernel '" +
                               kernel.getName() + "'");
    Value *slot =
        builder.CreateConstGEP1_32(builder.getPtrTy(), entry->getArg(0), argument.getArgNo());
    Value *address = builder.CreateLoad(builder.getPtrTy(), slot);
    arguments.push_back(builder.CreateLoad(argument.getType(), address));
  }
  builder.CreateCall(&kernel, arguments);
  builder.CreateRetVoid();
  return Error::success();
}

/// What only the compiler for GPUs understands.
static void dropTarget(Function &function) {
  function.setCallingConv(CallingConv::C);
  function.setAttributes({});
  for (Instruction &instruction : instructions(function))
    if (auto *call = dyn_cast<CallInst>(&instruction))
      call->setAttributes({});
}

Expected<StringMap<Kernel>> rewriteForHost(Module &module) {
  StringMap<Kernel> kernels;
  SmallVector<Function *> functions;
  for (Function &function : module)
    if (!function.isDeclaration())
      functions.push_back(&function);
  for (Function *function : functions) {
    bool isKernel = function->getCallingConv() == CallingConv::PTX_Kernel;
    Expected<Kernel> kernel = FunctionRewriter(*function).run();
    if (!kernel)
      return kernel.takeError();
    if (!isKernel)
      return createStringError("expected kernels alone but got function '" + function->getName() +
                               "'");
    if (Error error = addEntry(*function))
      return error;
    dropTarget(*function);
    kernels[function->getName()] = *kernel;
  }
  for (GlobalVariable &global : make_early_inc_range(module.globals()))
    if (global.getAddressSpace() == kSharedSpace && global.use_empty())
      global.eraseFromParent();
  std::string problem;
  raw_string_ostream os(problem);
  if (verifyModule(module, &os))
    return createStringError("rewritten kernels are not valid: " + problem);
  return kernels;
}

} // namespace fpw::simt

//===- Band.h - Layers that take an image band by band ----------*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A layer whose outputs at a line need no other line of its input can follow the layer before line
// by line: a pointwise convolution (whose step belongs to the pixel), what is element by element,
// the digits of such an input. The images of a band of lines then stay in the second-level cache
// from layer to layer, where whole images would go through memory.
//
// A band starts at a contraction and its element-wise end, of any kind of window, or at the steps
// of pixels: the images that they read exist. Digits that only the windows of that contraction read
// are made band by band, too, those between two bands twice. Ops join in their order, if they read
// what is in the band line by line and depend on nothing else that comes from it. Of the largest
// magnitude of an image the band finds that of its lines.
//
//===----------------------------------------------------------------------===//

#ifndef FPW_LIB_CODEGEN_CPU_BAND_H
#define FPW_LIB_CODEGEN_CPU_BAND_H

#include "fpw/Dialect/NN/IR/NN.h"
#include "fpw/Support/LLVM.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/ADT/SetVector.h"
#include <optional>

namespace fpw::cpu {

/// Where samples and lines are: dimensions of a tensor, or loops of an op.
struct Axes {
  unsigned sample, line;

  bool operator==(const Axes &other) const { return sample == other.sample && line == other.line; }
  bool operator!=(const Axes &other) const { return !(*this == other); }
};

/// The digits that the windows of a band's first contraction read.
struct BandHead {
  mlir::linalg::GenericOp split; ///< one result, of which only `pad` and the contraction know
  mlir::tensor::PadOp pad;       ///< may be none

  Value getImage() { return pad ? Value(pad.getResult()) : Value(split->getResult(0)); }
  /// The op that makes the image of which these are the digits.
  mlir::Operation *getProducer() { return split.getDpsInputs()[0].getDefiningOp(); }
};

/// The ops that take an image band by band.
class Band {
public:
  /// Starts with the op that ends a contraction, if it makes an image, or with the op that finds
  /// the largest magnitudes of an image's pixels: what follows reads the image again.
  bool start(mlir::linalg::GenericOp op);
  /// Lets an op that comes later join, or remembers that it waits for the band.
  void visit(mlir::Operation *op);
  /// The lines to take at once; nothing if bands do not pay.
  std::optional<int64_t> chooseLines() const;

  /// In an order in which each comes behind what it reads: ops of linalg, and pads of channels.
  ArrayRef<mlir::Operation *> getOps() const { return ops.getArrayRef(); }
  const std::optional<BandHead> &getHead() const { return head; }
  /// Ops that find the largest magnitude of each sample of the band's images.
  ArrayRef<mlir::linalg::GenericOp> getMaxima() const { return maxima; }
  bool contains(mlir::Operation *op) const { return ops.contains(op); }
  Axes getLoops(mlir::Operation *op) const { return loops.lookup(op); }
  Axes getDims(Value value) const { return dims.lookup(value); }
  int64_t getImageLines() const { return imageLines; }

  /// Whether each band can compute the op for itself: it starts sums, from constants.
  static bool isStart(mlir::linalg::GenericOp op);

private:
  bool startAtEnd(mlir::linalg::GenericOp end);
  bool startAtMaximum(mlir::linalg::GenericOp maximum);
  void findHead(mlir::linalg::GenericOp contraction, Axes opLoops);
  std::optional<Axes> findLoops(mlir::linalg::GenericOp op) const;
  bool add(mlir::linalg::GenericOp op, Axes opLoops);
  bool addStart(mlir::linalg::GenericOp op, Axes opLoops);
  void addPads(mlir::linalg::GenericOp op);
  bool addMaximum(mlir::linalg::GenericOp op);
  std::optional<Axes> getDimsOfOperand(Value operand) const;

  llvm::SetVector<mlir::Operation *> ops;
  llvm::SmallPtrSet<mlir::Operation *, 16> waiting; ///< ops outside that need the band's values
  llvm::SmallPtrSet<mlir::Operation *, 4> pads;     ///< join with the op that reads them
  llvm::DenseMap<mlir::Operation *, Axes> loops;
  llvm::DenseMap<Value, Axes> dims;
  std::optional<BandHead> head;
  SmallVector<mlir::linalg::GenericOp> maxima;
  int64_t imageLines = 0;
  int64_t weightBytes = 0;
  unsigned numContractions = 0;
  Value readAgain; ///< an image from outside that several ops of the band read
};

} // namespace fpw::cpu

#endif // FPW_LIB_CODEGEN_CPU_BAND_H

//===- LayerSlots.h - Numbers of layers whose times are taken ----*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_CODEGEN_CPU_LAYERSLOTS_H
#define FPW_CODEGEN_CPU_LAYERSLOTS_H

#include "fpw/Codegen/CPU/Passes.h"
#include "fpw/Runtime/Runtime.h"
#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/STLExtras.h"

namespace fpw::cpu {

/// Numbers layers, which the ops that come from them name in their locations.
class LayerSlots {
public:
  /// The layer that an op comes from, or null.
  static mlir::StringAttr getLayer(mlir::Operation *op) {
    auto name = op->getLoc()->findInstanceOf<mlir::NameLoc>();
    return name ? name.getName() : mlir::StringAttr();
  }

  /// A layer's slot in the profile, or that of none.
  int64_t getSlot(mlir::StringAttr layer) {
    return layer ? slots.try_emplace(layer, slots.size()).first->second : FPW_PROFILE_NO_SLOT;
  }

  bool empty() const { return slots.empty(); }
  void clear() { slots.clear(); }

  /// Writes the layers' names into the module, in the order of their slots.
  void writeTo(mlir::ModuleOp module) const {
    SmallVector<StringRef> names =
        llvm::map_to_vector(slots, [](const auto &slot) { return slot.first.getValue(); });
    module->setAttr(kProfiledLayersAttr, mlir::Builder(module.getContext()).getStrArrayAttr(names));
  }

private:
  llvm::MapVector<mlir::StringAttr, int64_t> slots;
};

} // namespace fpw::cpu

#endif // FPW_CODEGEN_CPU_LAYERSLOTS_H

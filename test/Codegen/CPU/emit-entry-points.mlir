// RUN: fpw-opt %s --fpw-cpu-emit-entry-points | FileCheck %s

// CHECK: llvm.func @fpw_entry_net(%[[ARGS:.*]]: !llvm.ptr)
// CHECK: %[[P0:.*]] = llvm.getelementptr %[[ARGS]][0]
// CHECK: %[[A0:.*]] = llvm.load %[[P0]]
// CHECK: %[[P1:.*]] = llvm.getelementptr %[[ARGS]][1]
// CHECK: %[[A1:.*]] = llvm.load %[[P1]]
// CHECK: llvm.call @_mlir_ciface_net(%[[A0]], %[[A1]])
llvm.func @_mlir_ciface_net(%result: !llvm.ptr, %x: !llvm.ptr) {
  llvm.return
}
// CHECK-NOT: @fpw_entry_other
llvm.func @_mlir_ciface_other(!llvm.ptr)
llvm.func @other() {
  llvm.return
}

// Linalg on tensors becomes functions of the LLVM dialect. Each option changes the code.

// RUN: fpw-opt %s --fpw-to-linalg --fpw-cpu | FileCheck %s
// RUN: fpw-opt %s --fpw-to-linalg --fpw-cpu=vector-bits=256 | FileCheck %s --check-prefix=NARROW
// RUN: fpw-opt %s --fpw-to-linalg --fpw-cpu=pack-weights=false | FileCheck %s --check-prefix=PLAIN
// RUN: fpw-opt %s --fpw-to-linalg --fpw-cpu=max-samples=7 | FileCheck %s --check-prefix=SEVEN
// RUN: fpw-opt %s --fpw-to-linalg --fpw-cpu=fma=false | FileCheck %s --check-prefix=EXACT
// RUN: fpw-opt %s --fpw-to-linalg --fpw-cpu=grain=1 | FileCheck %s --check-prefix=FINE
// RUN: fpw-opt %s --fpw-to-linalg --fpw-cpu=grain=1000000000000 | FileCheck %s --check-prefix=COARSE

// The weight is an external symbol, in the order in which vectors read it.
// CHECK:      fpw.parameters = {[[W:.*]] = dense<5.000000e-01> : tensor<1x64x48xf32>}
// CHECK:      llvm.mlir.global external @[[W]]() {{.*}}array<1 x array<64 x array<48 x f32>>>
// CHECK-DAG:  llvm.mlir.constant(24 : index)
// CHECK-DAG:  vector<16xf32>
// CHECK-DAG:  llvm.intr.fma
// CHECK-DAG:  llvm.func @fpw_entry_net

// NARROW-NOT: vector<16xf32>
// NARROW:     vector<8xf32>

// EXACT-NOT:  llvm.intr.fma
// EXACT:      llvm.fptrunc {{.*}} : vector<16xf64> to vector<16xf32>

// PLAIN:      fpw.parameters = {{.*}} : tensor<64x40xf32>}

// SEVEN-NOT:  llvm.mlir.constant(24 : index)
// SEVEN:      llvm.mlir.constant(7 : index)

// Where little is worth a thread, a thread gets many elements.
// FINE-NOT:   llvm.mlir.constant({{[0-9][0-9][0-9][0-9][0-9][0-9]+}} : i64)
// COARSE:     llvm.mlir.constant({{[0-9][0-9][0-9][0-9][0-9][0-9]+}} : i64)

func.func @net(%x: tensor<?x64xf32> {nn.name = "x"}) -> (tensor<?x40xf32> {nn.name = "y"}) {
  %w = nn.parameter "fc/W" = dense<0.5> : tensor<64x40xf32>
  %0 = nn.affine %x, %w : (tensor<?x64xf32>, tensor<64x40xf32>) -> tensor<?x40xf32>
  %1 = nn.relu %0 : (tensor<?x40xf32>) -> tensor<?x40xf32>
  return %1 : tensor<?x40xf32>
}

// RUN: fpw-opt %s --allow-unregistered-dialect --fpw-cpu-plan-arena --canonicalize --cse --split-input-file | FileCheck %s

// Of three buffers, the first and the last do not live together: two slots. The larger is the last one's.

// CHECK: func.func private @chain_arena(%[[BATCH:.*]]: index, %{{.*}}: index)
// CHECK-DAG: %[[LARGE:.*]] = arith.muli %[[BATCH]], %c512
// CHECK-DAG: %[[SMALL:.*]] = arith.muli %[[BATCH]], %c128
// CHECK-DAG: %[[SHARED:.*]] = arith.maxsi
// CHECK: %[[SIZE:.*]] = arith.addi %[[SHARED]],
// CHECK: return %c0, %[[SHARED]], %[[SIZE]]

// CHECK: func.func @chain(%[[X:.*]]: memref<?x16xf32>, %[[Y:.*]]: memref<?x16x2x4xf32>, %[[ARENA:.*]]: memref<?xi8>, %[[WORKERS:.*]]: index)
// CHECK-SAME: attributes {fpw.arena = @chain_arena, fpw.inputs = 1
// CHECK: %[[N:.*]] = memref.dim %[[X]], %c0
// CHECK: %[[PLAN:.*]]:3 = call @chain_arena(%[[N]], %[[WORKERS]])
// CHECK-NOT: memref.alloc
// CHECK-DAG: %[[A:.*]] = memref.view %[[ARENA]][%[[PLAN]]#0][%[[N]]] : memref<?xi8> to memref<?x16xf32>
// CHECK-DAG: %[[B:.*]] = memref.view %[[ARENA]][%[[PLAN]]#1][%[[N]]] : memref<?xi8> to memref<?x16x2xf32>
// CHECK-DAG: %[[C:.*]] = memref.view %[[ARENA]][%[[PLAN]]#0][%[[N]]] : memref<?xi8> to memref<?x16x2x4xf32>
// CHECK: linalg.exp ins(%[[X]] : {{.*}}) outs(%[[A]]
// CHECK: linalg.broadcast ins(%[[A]] : {{.*}}) outs(%[[B]]
// CHECK: linalg.broadcast ins(%[[B]] : {{.*}}) outs(%[[C]]
func.func @chain(%x: memref<?x16xf32>, %y: memref<?x16x2x4xf32>) attributes {fpw.inputs = 1} {
  %c0 = arith.constant 0 : index
  %n = memref.dim %x, %c0 : memref<?x16xf32>
  %a = memref.alloc(%n) : memref<?x16xf32>
  %b = memref.alloc(%n) : memref<?x16x2xf32>
  %c = memref.alloc(%n) : memref<?x16x2x4xf32>
  linalg.exp ins(%x : memref<?x16xf32>) outs(%a : memref<?x16xf32>)
  linalg.broadcast ins(%a : memref<?x16xf32>) outs(%b : memref<?x16x2xf32>) dimensions = [2]
  linalg.broadcast ins(%b : memref<?x16x2xf32>) outs(%c : memref<?x16x2x4xf32>) dimensions = [3]
  linalg.exp ins(%c : memref<?x16x2x4xf32>) outs(%y : memref<?x16x2x4xf32>)
  return
}

// -----

// A view keeps its buffer alive.

// CHECK-LABEL: func.func private @views_arena
// CHECK: return %c0, %c64, %c128
func.func @views(%y: memref<16xf32>) attributes {fpw.inputs = 0} {
  %a = memref.alloc() : memref<16xf32>
  %b = memref.alloc() : memref<16xf32>
  %part = memref.subview %a[4] [4] [1] : memref<16xf32> to memref<4xf32, strided<[1], offset: 4>>
  "test.layer"(%a) : (memref<16xf32>) -> ()
  "test.layer"(%b) : (memref<16xf32>) -> ()
  "test.layer"(%part) : (memref<4xf32, strided<[1], offset: 4>>) -> ()
  return
}

// -----

// Each worker of a parallel loop has a frame, large enough for the first group of samples. Frames lie
// beside what lives across the loop, and a loop inside of another one has frames of its own.

// CHECK-LABEL: func.func private @groups_arena
// CHECK-SAME: (%[[BATCH:.*]]: index, %[[WORKERS:.*]]: index)
// CHECK: affine.min
// CHECK: arith.muli %{{.*}}, %[[WORKERS]]
// CHECK: arith.muli %[[WORKERS]], %c448

// CHECK-LABEL: func.func @groups
// CHECK: scf.forall
// CHECK: %[[W:.*]] = func.call @fpw_get_worker() : () -> index
// CHECK: %[[BEHIND:.*]] = arith.muli %[[W]],
// CHECK: %[[PLACE:.*]] = arith.addi %{{.*}}, %[[BEHIND]]
// CHECK: memref.view %{{.*}}[%[[PLACE]]]
// CHECK: scf.forall
// CHECK: call @fpw_get_worker()
// CHECK: memref.view
#rest = affine_map<(d0)[s0] -> (8, s0 - d0)>
func.func @groups(%x: memref<?x16xf32>, %y: memref<?x16xf32>) attributes {fpw.inputs = 1} {
  %c0 = arith.constant 0 : index
  %n = memref.dim %x, %c0 : memref<?x16xf32>
  %all = memref.alloc(%n) : memref<?x16xf32>
  "test.layer"(%x, %all) : (memref<?x16xf32>, memref<?x16xf32>) -> ()
  scf.forall (%i) = (0) to (%n) step (8) {
    %count = affine.min #rest(%i)[%n]
    %a = memref.alloc(%count) : memref<?x16xf32>
    "test.layer"(%x, %a) : (memref<?x16xf32>, memref<?x16xf32>) -> ()
    scf.forall (%j) in (4) {
      %b = memref.alloc() : memref<100xf32>
      "test.layer"(%a, %b) : (memref<?x16xf32>, memref<100xf32>) -> ()
    }
  }
  "test.layer"(%all, %y) : (memref<?x16xf32>, memref<?x16xf32>) -> ()
  return
}

// -----

// What does not follow from the batch stays an allocation: sizes that grow from iteration to iteration,
// sizes of data, and buffers that one iteration hands to the next.

// CHECK-LABEL: func.func @unknown
// CHECK-COUNT-3: memref.alloc
func.func @unknown(%x: memref<?xf32>, %sizes: memref<1xindex>) attributes {fpw.inputs = 2} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %n = memref.dim %x, %c0 : memref<?xf32>
  scf.forall (%i) in (%n) {
    %size = affine.apply affine_map<(d0) -> (d0 + 1)>(%i)
    %a = memref.alloc(%size) : memref<?xf32>
    "test.layer"(%a) : (memref<?xf32>) -> ()
  }
  %size = memref.load %sizes[%c0] : memref<1xindex>
  %b = memref.alloc(%size) : memref<?xf32>
  "test.layer"(%b) : (memref<?xf32>) -> ()
  scf.for %i = %c0 to %n step %c1 iter_args(%last = %b) -> memref<?xf32> {
    %next = memref.alloc(%n) : memref<?xf32>
    "test.layer"(%last, %next) : (memref<?xf32>, memref<?xf32>) -> ()
    scf.yield %next : memref<?xf32>
  }
  return
}

//===- NNAttributes.td - Attributes of the nn dialect ---------*- tablegen -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FPW_DIALECT_NN_IR_NNATTRIBUTES
#define FPW_DIALECT_NN_IR_NNATTRIBUTES

include "fpw/Dialect/NN/IR/NNDialect.td"
include "mlir/IR/AttrTypeBase.td"

class NN_Attr<string name, string attrMnemonic> : AttrDef<NN_Dialect, name> {
  let mnemonic = attrMnemonic;
}

def NN_FixedPointAttr : NN_Attr<"FixedPoint", "fixed_point"> {
  let summary = "the format of fixed-point numbers";
  let description = [{
    A number of this format is `k * delta` with an integer code `k` of `bits`
    bits. Signed codes are symmetric, `-(2^(bits-1)-1) ... 2^(bits-1)-1`;
    unsigned codes are `0 ... 2^bits-1`. `delta` is one step, or one step per
    output channel of the layer (a list).

    Constraints:
    * (C1) `bits` is 1 to 24, and at least 2 when signed.
    * (C2) every step is positive and finite.
    * (C3) there is at least one step.

    ```mlir
    #nn.fixed_point<bits = 8, signed, delta = 2.000000e-04>
    #nn.fixed_point<bits = 4, unsigned, delta = [5.000000e-01, 2.500000e-01]>
    ```
  }];
  let parameters = (ins
    "unsigned":$bits,
    "bool":$isSigned,
    "::mlir::DenseF32ArrayAttr":$steps
  );
  let builders = [
    AttrBuilder<(ins "unsigned":$bits, "bool":$isSigned, "::llvm::ArrayRef<float>":$deltas), [{
      return $_get($_ctxt, bits, isSigned, ::mlir::DenseF32ArrayAttr::get($_ctxt, deltas));
    }]>
  ];
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    /// The steps: one for the whole tensor, or one per output channel.
    ::llvm::ArrayRef<float> getDeltas() const { return getSteps().asArrayRef(); }
    bool isPerChannel() const { return getDeltas().size() > 1; }
    /// The largest code: 2^(bits-1)-1 if signed, else 2^bits-1.
    int64_t getMaxCode() const;
    /// The smallest code: -getMaxCode() if signed, else 0.
    int64_t getMinCode() const;
    /// The step of an output channel.
    float getDelta(int64_t channel) const {
      return getDeltas()[isPerChannel() ? channel : 0];
    }
    /// The type of a stored code: si8/ui8 up to 8 bits, si16/ui16 above.
    ::mlir::IntegerType getStorageType() const;
  }];
}

def NN_ConversionAttr : NN_Attr<"Conversion", "conversion"> {
  let summary = "where fixed-point codes come from";
  let description = [{
    What a conversion did to a float tensor: its name, its largest magnitude,
    how many of its elements were clipped to the range of the format, and the
    sums over all elements of `(w - k * delta)^2` and of `w^2`. Reports read
    these numbers; nothing else depends on them.

    Constraints:
    * (C1) the numbers are finite and not negative.

    ```mlir
    #nn.conversion<source = "conv1/conv/W", absmax = 1.250000e-01, clipped = 0, error = 1.000000e-06, energy = 2.500000e-01>
    ```
  }];
  let parameters = (ins
    StringRefParameter<"name of the float tensor">:$source,
    APFloatParameter<"largest magnitude, an f32">:$absmax,
    "int64_t":$clipped,
    APFloatParameter<"sum of squared differences, an f64">:$error,
    APFloatParameter<"sum of squares, an f64">:$energy
  );
  let builders = [
    AttrBuilder<(ins "::llvm::StringRef":$source, "float":$absmax, "int64_t":$clipped,
                     "double":$error, "double":$energy), [{
      return $_get($_ctxt, source, ::llvm::APFloat(absmax), clipped, ::llvm::APFloat(error),
                   ::llvm::APFloat(energy));
    }]>
  ];
  let genAccessors = 0;
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    ::llvm::StringRef getSource() const;
    float getAbsmax() const;
    int64_t getClipped() const;
    double getError() const;
    double getEnergy() const;
  }];
  let hasCustomAssemblyFormat = 1;
}

#endif // FPW_DIALECT_NN_IR_NNATTRIBUTES

//===- FunctionParameters.cpp - The parameters of a function of nnabla -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FunctionParameters.h"

#include "fpw/Dialect/NN/IR/NN.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace fpw;
using namespace fpw::nnp;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

InFlightDiagnostic nnp::refuse(Operation *op) {
  return op->emitOpError("cannot be written as .nnp: ");
}

//===----------------------------------------------------------------------===//
// Attributes as nnabla has them
//===----------------------------------------------------------------------===//

// Where the dialect has a default or a short form, nnabla's files have the values themselves.

namespace {
/// The attributes of an op, as they get changed.
class Attributes {
public:
  explicit Attributes(Operation *op) : builder(op->getContext()) {
    for (NamedAttribute attribute : op->getAttrDictionary())
      if (!attribute.getName().getValue().contains('.'))
        list.set(attribute.getName(), attribute.getValue());
    // What says how codes are held, and how operands are grouped.
    for (StringRef name : {"weight_format", "bias_format", "non_negative", "activation_maximum",
                           "operandSegmentSizes"})
      list.erase(name);
  }

  void set(StringRef name, ArrayRef<int64_t> values) {
    list.set(name, builder.getDenseI64ArrayAttr(values));
  }
  void set(StringRef name, int64_t value) { list.set(name, builder.getI64IntegerAttr(value)); }
  void set(StringRef name, bool value) { list.set(name, builder.getBoolAttr(value)); }
  void set(StringRef name, Attribute value) { list.set(name, value); }
  void erase(StringRef name) { list.erase(name); }

  /// Lists that are empty get a value for each of `count` dimensions.
  void fill(StringRef name, int64_t count, int64_t value) {
    set(name, nn::withDefault(get(name), count, value));
  }
  ArrayRef<int64_t> get(StringRef name) const {
    return cast<DenseI64ArrayAttr>(list.get(name)).asArrayRef();
  }
  /// An axis that counts from the end gets to count from the beginning.
  void normalizeAxis(StringRef name, int64_t rank) {
    if (auto axis = dyn_cast_or_null<IntegerAttr>(list.get(name)))
      if (axis.getInt() < 0)
        set(name, axis.getInt() + rank);
  }

  ArrayRef<NamedAttribute> getAll() const { return list.getAttrs(); }

private:
  Builder builder;
  NamedAttrList list;
};
} // namespace

/// The result's shape, with -1 for the batch.
static SmallVector<int64_t> getFileShape(Value value) {
  SmallVector<int64_t> shape(cast<RankedTensorType>(value.getType()).getShape());
  std::replace(shape.begin(), shape.end(), ShapedType::kDynamic, int64_t(-1));
  return shape;
}

static int64_t rankOf(Value value) { return cast<RankedTensorType>(value.getType()).getRank(); }

static void completeWindow(nn::LayerOpInterface layer, Attributes &attributes,
                           int64_t spatialRank) {
  attributes.fill("pad", spatialRank, 0);
  attributes.fill("stride", spatialRank, 1);
  attributes.fill("dilation", spatialRank, 1);
}

template <typename OpT> static void completePooling(OpT op, Attributes &attributes) {
  if (op.getStride().empty())
    attributes.set("stride", op.getKernel());
  attributes.fill("pad", op.getKernel().size(), 0);
}

template <typename OpT> static void completeReduction(OpT op, Attributes &attributes) {
  int64_t rank = rankOf(op.getInput());
  SmallVector<int64_t> axes(op.getAxes());
  if (axes.empty())
    axes = llvm::to_vector(llvm::seq(rank));
  for (int64_t &axis : axes)
    axis += axis < 0 ? rank : 0;
  attributes.set("axes", ArrayRef<int64_t>(axes));
}

/// Bounds within the tensor; the batch is taken whole, whatever its size.
static LogicalResult completeSlice(nn::SliceOp op, Attributes &attributes) {
  SmallVector<int64_t> start, stop;
  for (auto [from, to, step, size] : llvm::zip_equal(op.getStart(), op.getStop(), op.getStep(),
                                                     op.getInput().getType().getShape())) {
    if (step < 0)
      return refuse(op) << "expected positive steps";
    if (ShapedType::isDynamic(size)) {
      start.push_back(0);
      stop.push_back(std::numeric_limits<int32_t>::max());
      continue;
    }
    auto clamp = [size = size](int64_t bound) {
      return std::clamp<int64_t>(bound < 0 && bound >= -size ? bound + size : bound, 0, size);
    };
    start.push_back(clamp(from));
    stop.push_back(clamp(to));
  }
  attributes.set("start", ArrayRef<int64_t>(start));
  attributes.set("stop", ArrayRef<int64_t>(stop));
  return success();
}

/// In nnabla's files -1 is the batch, and not any size.
static LogicalResult completeReshape(nn::ReshapeOp op, Attributes &attributes) {
  auto countStatic = [](RankedTensorType type) {
    int64_t count = 1;
    for (int64_t size : type.getShape())
      count *= ShapedType::isDynamic(size) ? 1 : size;
    return count;
  };
  if (countStatic(op.getInput().getType()) != countStatic(op.getType()))
    return refuse(op) << "expected as many elements per sample as before";
  attributes.set("shape", ArrayRef<int64_t>(getFileShape(op.getResult())));
  return success();
}

static void completeNormalization(nn::BatchNormalizationOp op, Attributes &attributes) {
  attributes.set("no_bias", !op.getBeta());
  attributes.set("no_scale", !op.getGamma());
}

static void completeQuantize(nn::FixedPointQuantizeOp op, Attributes &attributes) {
  nn::FixedPointAttr format = op.getFormat();
  attributes.erase("format");
  attributes.set("sign", format.getIsSigned());
  attributes.set("n", int64_t(format.getBits()));
  attributes.set("delta", Builder(op.getContext()).getF32FloatAttr(format.getDelta(0)));
  attributes.set("ste_fine_grained", true);
}

/// Puts what the dialect leaves open.
static LogicalResult complete(Operation *op, Attributes &attributes) {
  attributes.normalizeAxis("axis", rankOf(op->getOperand(0)) + isa<nn::StackOp>(op));
  attributes.normalizeAxis("base_axis", rankOf(op->getOperand(0)));
  return llvm::TypeSwitch<Operation *, LogicalResult>(op)
      .Case<nn::AffineOp, nn::FixedPointQuantizedAffineOp>([](auto) { return success(); })
      .Case([&](nn::LayerOpInterface layer) {
        bool isDepthwise = StringRef(layer.getFunctionName()).starts_with("Depthwise");
        completeWindow(layer, attributes, rankOf(layer.getWeight()) - (isDepthwise ? 1 : 2));
        return success();
      })
      .Case<nn::AveragePoolingOp, nn::MaxPoolingOp, nn::SumPoolingOp>([&](auto op) {
        completePooling(op, attributes);
        return success();
      })
      .Case<nn::MaxOp, nn::MeanOp, nn::MinOp, nn::ProdOp, nn::SumOp>([&](auto op) {
        completeReduction(op, attributes);
        return success();
      })
      .Case([&](nn::BatchNormalizationOp op) {
        completeNormalization(op, attributes);
        return success();
      })
      .Case([&](nn::FixedPointQuantizeOp op) {
        completeQuantize(op, attributes);
        return success();
      })
      .Case([&](nn::BroadcastOp op) {
        attributes.set("shape", ArrayRef<int64_t>(getFileShape(op.getResult())));
        return success();
      })
      .Case([&](nn::ReshapeOp op) { return completeReshape(op, attributes); })
      .Case([&](nn::SliceOp op) { return completeSlice(op, attributes); })
      .Default(success());
}

//===----------------------------------------------------------------------===//
// Fields
//===----------------------------------------------------------------------===//

/// Writes a list into a field, which is repeated or a Shape.
static void setList(Message &message, const FieldDescriptor *field, ArrayRef<int64_t> values) {
  const auto *reflection = message.GetReflection();
  if (field->is_repeated()) {
    for (int64_t value : values)
      reflection->AddInt64(&message, field, value);
    return;
  }
  Message *shape = reflection->MutableMessage(&message, field);
  setList(*shape, shape->GetDescriptor()->FindFieldByName("dim"), values);
}

/// Writes an attribute into the field of its name.
static void setField(Message &message, const FieldDescriptor *field, Attribute value) {
  const auto *reflection = message.GetReflection();
  llvm::TypeSwitch<Attribute>(value)
      .Case([&](DenseI64ArrayAttr list) { setList(message, field, list.asArrayRef()); })
      .Case([&](UnitAttr) { reflection->SetBool(&message, field, true); })
      .Case([&](BoolAttr flag) { reflection->SetBool(&message, field, flag.getValue()); })
      .Case([&](IntegerAttr number) { reflection->SetInt64(&message, field, number.getInt()); })
      .Case([&](StringAttr text) { reflection->SetString(&message, field, text.str()); })
      .Case([&](FloatAttr number) {
        float value = number.getValue().convertToFloat();
        if (field->cpp_type() == FieldDescriptor::CPPTYPE_DOUBLE)
          reflection->SetDouble(&message, field, value);
        else
          reflection->SetFloat(&message, field, value);
      });
}

static bool isFalse(Attribute value) {
  auto flag = dyn_cast<BoolAttr>(value);
  return flag && !flag.getValue();
}

LogicalResult nnp::setParameters(Operation *op, proto::Function &function) {
  Attributes attributes(op);
  if (failed(complete(op, attributes)))
    return failure();
  StringRef mnemonic = op->getName().stripDialect();
  if (!isa<nn::FixedPointQuantizeOp>(op))
    mnemonic.consume_front("fixed_point_quantized_");
  const FieldDescriptor *parameters =
      function.GetDescriptor()->FindFieldByName((mnemonic + "_param").str());
  Message *message =
      parameters ? function.GetReflection()->MutableMessage(&function, parameters) : nullptr;
  for (NamedAttribute attribute : attributes.getAll()) {
    const FieldDescriptor *field =
        message ? message->GetDescriptor()->FindFieldByName(attribute.getName().str()) : nullptr;
    if (field)
      setField(*message, field, attribute.getValue());
    else if (!isFalse(attribute.getValue()))
      return refuse(op) << "nnabla's function has no '" << attribute.getName().getValue() << "'";
  }
  return success();
}

//===- NNElementwiseOps.td - Element-wise ops, one table -*- tablegen -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// One row per op: its mnemonic, its nnabla function (empty if there is none), what it is, its formula, and the formula again as
// code over `Scalar` (see ScalarExpr.h). ODS, lowering, importer and documentation all read this table:
// a new element-wise function is a new row here and nothing else.

#ifndef FPW_DIALECT_NN_IR_NNELEMENTWISEOPS
#define FPW_DIALECT_NN_IR_NNELEMENTWISEOPS

include "fpw/Dialect/NN/IR/NNDialect.td"
include "fpw/Dialect/NN/IR/NNInterfaces.td"

/// `tensors` are the names of the operands and `numbers` those of the attributes, in formula and code.
class NN_ElementwiseOp<string mnemonic, string function, string what, string formula,
                       list<string> tensors, list<string> numbers, list<string> defaults,
                       string example, code scalar>
    : NN_PureOp<mnemonic, [DeclareOpInterfaceMethods<NN_ElementwiseOpInterface>], [{
    ::llvm::StringRef $cppClass::getFunctionName() { return "}] # function # [{"; }
    ::llvm::LogicalResult $cppClass::inferReturnTypes(
        ::mlir::MLIRContext *, ::std::optional<::mlir::Location> loc, Adaptor adaptor,
        ::llvm::SmallVectorImpl<::mlir::Type> &types) {
      return inferElementwise(loc, adaptor.getOperands(), types);
    }
    ::mlir::Value $cppClass::buildScalar(::mlir::OpBuilder &builder, ::mlir::Location loc,
                                         ::mlir::ValueRange elements) {
      ScalarBuilder s(builder, loc);
}] # !interleave(!foreach(i, !range(tensors), "      Scalar " # tensors[i] # " = s(elements[" # i # "]);\n"), "")
   # !interleave(!foreach(n, numbers, "      [[maybe_unused]] float " # n # " = get" # !toupper(!substr(n, 0, 1)) #
                          !substr(n, 1) # "().convertToFloat();\n"), "")
   # "      return Scalar(" # scalar # ").value();\n    }\n"> {
  let summary = what;
  let description = "\n        y = " # formula # "\n\n" #
    !if(!empty(function), "", "    nnabla's `" # function # "`.") # !if(!gt(!size(tensors), 1), [{

    Constraints:
    * (C1) the operands have the same rank.
    * (C2) sizes agree, or one of them is 1 and repeats.
}], "\n") # [{
    ```mlir
    }] # example # [{
    ```
  }];
  let arguments = !dag(ins,
      !listconcat(!listsplat(NN_Tensor, !size(tensors)),
                  !foreach(i, !range(numbers), NN_FloatDefault<defaults[i]>)),
      !listconcat(tensors, numbers));
  let results = (outs NN_Tensor:$result);
  let assemblyFormat = !interleave(!foreach(t, tensors, "$" # t), " `,` ") #
                       !interleave(!foreach(n, numbers, " (`" # n # "` $" # n # "^)?"), "") #
                       " attr-dict `:` functional-type(operands, results)";
}

/// An op with one operand x, and numbers with defaults.
class NN_UnaryOp<string mnemonic, string function, string what, string formula, code scalar,
                 list<string> numbers = [], list<string> defaults = []>
    : NN_ElementwiseOp<mnemonic, function, what, formula, ["x"], numbers, defaults,
                       "%y = nn." # mnemonic # " %x : (tensor<?x4xf32>) -> tensor<?x4xf32>", scalar>;

/// An op with operands a and b, which broadcast.
class NN_BinaryOp<string mnemonic, string function, string what, string formula, code scalar>
    : NN_ElementwiseOp<mnemonic, function, what, formula, ["a", "b"], [], [],
                       "%y = nn." # mnemonic # " %a, %b : (tensor<?x3x4xf32>, tensor<1x3x1xf32>) -> tensor<?x3x4xf32>",
                       scalar>;

/// An op with one operand x and one number val.
class NN_ScalarOp<string mnemonic, string function, string what, string formula, code scalar>
    : NN_ElementwiseOp<mnemonic, function, what, formula, ["x"], ["val"], ["1.0f"],
                       "%y = nn." # mnemonic # " %x val 2.000000e+00 : (tensor<?x4xf32>) -> tensor<?x4xf32>", scalar>;

//===----------------------------------------------------------------------===//
// Activations
//===----------------------------------------------------------------------===//

def NN_ReLUOp : NN_UnaryOp<"relu", "ReLU", "the positive part", "x > 0 ? x : 0",
    [{select(x > 0.0f, x, s(0.0f))}]> { let hasFolder = 1; }
def NN_ReLU6Op : NN_UnaryOp<"relu6", "ReLU6", "the positive part up to 6", "min(max(x, 0), 6)",
    [{min(max(x, s(0.0f)), s(6.0f))}]>;
def NN_LeakyReLUOp : NN_UnaryOp<"leaky_relu", "LeakyReLU", "a rectifier with a slope below 0",
    "x > 0 ? x : alpha * x", [{select(x > 0.0f, x, alpha * x)}], ["alpha"], ["0.1f"]>;
def NN_ELUOp : NN_UnaryOp<"elu", "ELU", "a rectifier with an exponential below 0",
    "x >= 0 ? x : alpha * (exp(x) - 1)", [{select(x >= 0.0f, x, alpha * expm1(x))}], ["alpha"], ["1.0f"]>;
def NN_SELUOp : NN_UnaryOp<"selu", "SELU", "a scaled exponential rectifier",
    "x > 0 ? scale * x : scale * alpha * (exp(x) - 1)",
    [{select(x > 0.0f, scale * x, (scale * alpha) * expm1(x))}],
    ["scale", "alpha"], ["1.05070098735548f", "1.673263242354377f"]>;
def NN_GELUOp : NN_UnaryOp<"gelu", "GELU", "a Gaussian error linear unit",
    "x / 2 * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x^3)))",
    [{0.5f * x * (1.0f + tanh(0.7978845608f * (x + 0.044715f * (x * x * x))))}]>;
def NN_MishOp : NN_UnaryOp<"mish", "Mish", "x times the hyperbolic tangent of softplus",
    "x * tanh(log(1 + exp(x)))", [{x * tanh(softplus(x, 1.0f))}]>;
def NN_SwishOp : NN_UnaryOp<"swish", "Swish", "x times its sigmoid", "x / (1 + exp(-x))",
    [{x * sigmoid(x)}]>;
def NN_SigmoidOp : NN_UnaryOp<"sigmoid", "Sigmoid", "the logistic function", "1 / (1 + exp(-x))",
    [{sigmoid(x)}]>;
def NN_LogSigmoidOp : NN_UnaryOp<"log_sigmoid", "LogSigmoid", "the logarithm of the logistic function",
    "-log(1 + exp(-x))", [{-softplus(-x, 1.0f)}]>;
def NN_HardSigmoidOp : NN_UnaryOp<"hard_sigmoid", "HardSigmoid", "a piecewise linear sigmoid",
    "min(max(0.2 * x + 0.5, 0), 1)", [{min(max(0.2f * x + 0.5f, s(0.0f)), s(1.0f))}]>;
def NN_TanhOp : NN_UnaryOp<"tanh", "Tanh", "the hyperbolic tangent", "tanh(x)", [{tanh(x)}]>;
def NN_HardTanhOp : NN_UnaryOp<"hard_tanh", "HardTanh", "x cut to [-1, 1]", "min(max(x, -1), 1)",
    [{min(max(x, s(-1.0f)), s(1.0f))}]>;
def NN_TanhShrinkOp : NN_UnaryOp<"tanh_shrink", "TanhShrink", "x less its hyperbolic tangent", "x - tanh(x)",
    [{x - tanh(x)}]>;
def NN_SoftPlusOp : NN_UnaryOp<"softplus", "SoftPlus", "a smooth rectifier", "log(1 + exp(beta * x)) / beta",
    [{softplus(x, beta)}], ["beta"], ["1.0f"]>;
def NN_SoftSignOp : NN_UnaryOp<"softsign", "SoftSign", "x over one plus its magnitude", "x / (1 + |x|)",
    [{x / (1.0f + abs(x))}]>;
def NN_SincOp : NN_UnaryOp<"sinc", "Sinc", "sin(x) / x", "x == 0 ? 1 : sin(x) / x",
    [{select(x == 0.0f, s(1.0f), sin(x) / x)}]>;

//===----------------------------------------------------------------------===//
// Functions of one tensor
//===----------------------------------------------------------------------===//

def NN_IdentityOp : NN_UnaryOp<"identity", "Identity", "x itself", "x", [{x}]> { let hasFolder = 1; }
def NN_DropoutOp : NN_UnaryOp<"dropout", "Dropout", "x itself: dropout acts in training only", "x", [{x}],
    ["p"], ["0.5f"]> { let hasFolder = 1; }
def NN_AbsOp : NN_UnaryOp<"abs", "Abs", "the magnitude", "|x|", [{abs(x)}]> { let hasFolder = 1; }
def NN_ExpOp : NN_UnaryOp<"exp", "Exp", "the exponential", "exp(x)", [{exp(x)}]>;
def NN_LogOp : NN_UnaryOp<"log", "Log", "the natural logarithm", "log(x)", [{log(x)}]>;
def NN_SinOp : NN_UnaryOp<"sin", "Sin", "the sine", "sin(x)", [{sin(x)}]>;
def NN_CosOp : NN_UnaryOp<"cos", "Cos", "the cosine", "cos(x)", [{cos(x)}]>;
def NN_SinhOp : NN_UnaryOp<"sinh", "Sinh", "the hyperbolic sine", "(exp(x) - exp(-x)) / 2",
    [{0.5f * (exp(x) - exp(-x))}]>;
def NN_CoshOp : NN_UnaryOp<"cosh", "Cosh", "the hyperbolic cosine", "(exp(x) + exp(-x)) / 2",
    [{0.5f * (exp(x) + exp(-x))}]>;
def NN_ATanOp : NN_UnaryOp<"atan", "ATan", "the inverse tangent", "atan(x)", [{atan(x)}]>;
def NN_ErfOp : NN_UnaryOp<"erf", "Erf", "the error function", "erf(x)", [{erf(x)}]>;
def NN_FloorOp : NN_UnaryOp<"floor", "Floor", "the largest integer up to x", "floor(x)", [{floor(x)}]>;
def NN_CeilOp : NN_UnaryOp<"ceil", "Ceil", "the smallest integer from x on", "ceil(x)", [{ceil(x)}]>;
def NN_RoundEvenOp : NN_UnaryOp<"round_even", "", "the nearest integer, ties to the even one", "round(x)",
    [{roundEven(x)}]>;
def NN_RoundOp : NN_UnaryOp<"round", "Round", "the nearest integer, ties away from 0", "round(x)", [{round(x)}]>;
def NN_SignOp : NN_UnaryOp<"sign", "Sign", "the sign, alpha at 0", "x > 0 ? 1 : x < 0 ? -1 : alpha",
    [{select(x > 0.0f, s(1.0f), select(x < 0.0f, s(-1.0f), s(alpha)))}], ["alpha"], ["1.0f"]>;

def NN_IsNaNOp : NN_UnaryOp<"is_nan", "IsNaN", "whether x is no number", "x is NaN ? 1 : 0", [{truth(x != x)}]>;
def NN_LogicalNotOp : NN_UnaryOp<"logical_not", "LogicalNot", "whether x is 0", "x == 0 ? 1 : 0", [{truth(x == 0.0f)}]>;

//===----------------------------------------------------------------------===//
// A tensor and a number
//===----------------------------------------------------------------------===//

def NN_AddScalarOp : NN_ScalarOp<"add_scalar", "AddScalar", "x plus a number", "x + val", [{x + val}]>;
def NN_MulScalarOp : NN_ScalarOp<"mul_scalar", "MulScalar", "x times a number", "x * val",
    [{x * val}]> { let hasFolder = 1; }
def NN_PowScalarOp : NN_ScalarOp<"pow_scalar", "PowScalar", "x to a power", "x ^ val",
    [{powScalar(x, val)}]> { let hasFolder = 1; }
def NN_RSubScalarOp : NN_ScalarOp<"r_sub_scalar", "RSubScalar", "a number less x", "val - x", [{val - x}]>;
def NN_RDivScalarOp : NN_ScalarOp<"r_div_scalar", "RDivScalar", "a number over x", "val / x", [{val / x}]>;
def NN_RPowScalarOp : NN_ScalarOp<"r_pow_scalar", "RPowScalar", "a number to the power x", "val ^ x",
    [{pow(s(val), x)}]>;
def NN_MaximumScalarOp : NN_ScalarOp<"maximum_scalar", "MaximumScalar", "the larger of x and a number",
    "max(x, val)", [{max(x, s(val))}]>;
def NN_MinimumScalarOp : NN_ScalarOp<"minimum_scalar", "MinimumScalar", "the smaller of x and a number",
    "min(x, val)", [{min(x, s(val))}]>;

//===----------------------------------------------------------------------===//
// Two tensors
//===----------------------------------------------------------------------===//

def NN_Add2Op : NN_BinaryOp<"add2", "Add2", "the sum", "a + b", [{a + b}]>;
def NN_Sub2Op : NN_BinaryOp<"sub2", "Sub2", "the difference", "a - b", [{a - b}]>;
def NN_Mul2Op : NN_BinaryOp<"mul2", "Mul2", "the product", "a * b", [{a * b}]>;
def NN_Div2Op : NN_BinaryOp<"div2", "Div2", "the quotient", "a / b", [{a / b}]>;
def NN_Pow2Op : NN_BinaryOp<"pow2", "Pow2", "the power", "a ^ b", [{pow(a, b)}]>;
def NN_Maximum2Op : NN_BinaryOp<"maximum2", "Maximum2", "the larger one", "max(a, b)", [{max(a, b)}]>;
def NN_Minimum2Op : NN_BinaryOp<"minimum2", "Minimum2", "the smaller one", "min(a, b)", [{min(a, b)}]>;

// Truth is 1 and falsehood 0. As operands, all numbers but 0 are true.

def NN_EqualOp : NN_BinaryOp<"equal", "Equal", "whether both are equal", "a == b ? 1 : 0", [{truth(a == b)}]>;
def NN_NotEqualOp : NN_BinaryOp<"not_equal", "NotEqual", "whether both differ", "a != b ? 1 : 0", [{truth(a != b)}]>;
def NN_GreaterOp : NN_BinaryOp<"greater", "Greater", "whether the first is larger", "a > b ? 1 : 0", [{truth(a > b)}]>;
def NN_GreaterEqualOp : NN_BinaryOp<"greater_equal", "GreaterEqual", "whether the first is as large", "a >= b ? 1 : 0",
    [{truth(a >= b)}]>;
def NN_LessOp : NN_BinaryOp<"less", "Less", "whether the first is smaller", "a < b ? 1 : 0", [{truth(a < b)}]>;
def NN_LessEqualOp : NN_BinaryOp<"less_equal", "LessEqual", "whether the first is as small", "a <= b ? 1 : 0",
    [{truth(a <= b)}]>;
def NN_LogicalAndOp : NN_BinaryOp<"logical_and", "LogicalAnd", "whether both are true", "a && b ? 1 : 0",
    [{select(a != 0.0f, truth(b != 0.0f), s(0.0f))}]>;
def NN_LogicalOrOp : NN_BinaryOp<"logical_or", "LogicalOr", "whether one is true", "a || b ? 1 : 0",
    [{select(a != 0.0f, s(1.0f), truth(b != 0.0f))}]>;
def NN_LogicalXorOp : NN_BinaryOp<"logical_xor", "LogicalXor", "whether just one is true", "!a != !b ? 1 : 0",
    [{select(a != 0.0f, truth(b == 0.0f), truth(b != 0.0f))}]>;

//===----------------------------------------------------------------------===//
// Three tensors
//===----------------------------------------------------------------------===//

def NN_WhereOp : NN_ElementwiseOp<"where", "Where", "one of two elements", "condition ? yes : no",
    ["condition", "yes", "no"], [], [],
    "%y = nn.where %c, %a, %b : (tensor<?x3xf32>, tensor<?x3xf32>, tensor<1x1xf32>) -> tensor<?x3xf32>",
    [{select(condition != 0.0f, yes, no)}]>;

#endif // FPW_DIALECT_NN_IR_NNELEMENTWISEOPS

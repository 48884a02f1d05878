#!/usr/bin/env python3
"""Makes the skeleton of an element-wise function, an op, an importer function or a pass.

What it makes builds and passes the tests; what it computes is still yours to write. An op gets an
attribute `axis`, to show where attributes go. docs/Contributing.md says what the files are for.

    new.py elementwise NAME FUNCTION SUMMARY FORMULA CODE [--operands x|ab|val]
    new.py op NAME FAMILY SUMMARY
    new.py importer NAME FUNCTION FAMILY
    new.py pass NAME SUMMARY
"""

import argparse
import pathlib
import re
import sys

BANNER = """\
//===- {file} - {what} -*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
"""

# The row, and what stands behind the section it belongs to.
ELEMENTWISE = {
    "x": ("""\
def NN_{function}Op : NN_UnaryOp<"{name}", "{function}", "{summary}", "{formula}",
    [{{{code}}}]>;
""", "\n//===----------------------------------------------------------------------===//\n// A tensor and a number"),
    "val": ("""\
def NN_{function}Op : NN_ScalarOp<"{name}", "{function}", "{summary}", "{formula}",
    [{{{code}}}]>;
""", "\n//===----------------------------------------------------------------------===//\n// Two tensors"),
    "ab": ("""\
def NN_{function}Op : NN_BinaryOp<"{name}", "{function}", "{summary}", "{formula}",
    [{{{code}}}]>;
""", "\n#endif // FPW_DIALECT_NN_IR_NNELEMENTWISEOPS"),
}

OP_DEFINITION = """\
def NN_{camel}Op : NN_PureOp<"{name}"> {{
  let summary = "{summary}";
  let description = [{{
        y[...] = x[...]

    Constraints:
    * (C1) `axis` is in `[-rank, rank)`.

    ```mlir
    %y = nn.{name} %x axis -1 : (tensor<?x4xf32>) -> tensor<?x4xf32>
    ```
  }}];
  let arguments = (ins NN_Tensor:$input, NN_IntDefault<"1">:$axis);
  let results = (outs NN_Tensor:$result);
  let assemblyFormat = "$input (`axis` $axis^)? attr-dict `:` functional-type(operands, results)";
}}

"""

OP_INFERENCE = """\
LogicalResult {camel}Op::inferReturnTypes(MLIRContext *context, OptionalLocation loc,
                                          Adaptor adaptor, Types &types) {{
  RankedTensorType input = tensorTypeOf(adaptor.getInput());
  FailureOr<int64_t> axis = normalizeAxis(loc, "axis", adaptor.getAxis(), input.getRank());
  if (failed(axis))
    return failure();
  return inferTensor(context, loc, input.getShape(), types);
}}

"""

OP_LOWERING = """\
static Value lower{camel}(nn::{camel}Op, nn::{camel}Op::Adaptor operands, TensorBuilder &) {{
  return operands.getInput();
}}

"""

OP_TEST = """\
// CHECK-LABEL: func.func @{name}
// CHECK: nn.{name} %{{{{.*}}}} axis -1 : (tensor<?x4xf32>) -> tensor<?x4xf32>
func.func @{name}(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {{
  %y = nn.{name} %x axis -1 : (tensor<?x4xf32>) -> tensor<?x4xf32>
  return %y : tensor<?x4xf32>
}}
"""

OP_INVALID_TEST = """\
func.func @{name}_c1(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {{
  // expected-error @+1 {{{{expected axis in [-2, 2) but got 2 (C1)}}}}
  %y = nn.{name} %x axis 2 : (tensor<?x4xf32>) -> tensor<?x4xf32>
  return %y : tensor<?x4xf32>
}}
"""

OP_LOWERING_TEST = """\
// CHECK-LABEL: func.func @{name}
// CHECK-SAME: %[[X:.*]]: tensor<?x4xf32>
// CHECK: return %[[X]]
func.func @{name}(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {{
  %y = nn.{name} %x : (tensor<?x4xf32>) -> tensor<?x4xf32>
  return %y : tensor<?x4xf32>
}}
"""

IMPORTER_FUNCTION = """\
static LogicalResult import{function}(FunctionImporter &importer) {{
  nn::{camel}Op::Properties properties;
  properties.axis = importer.getInteger(importer.getFunction().{name}_param().axis());
  return importer.create<nn::{camel}Op>(properties);
}}

"""

IMPORTER_TEST = """\
# CHECK-LABEL: func.func @{name}(
# CHECK: nn.{name} %{{{{.*}}}} axis -1 :
network {{
  name: "{name}" batch_size: 4
  variable {{ name: "x" type: "Buffer" shape {{ dim: -1 dim: 4 }} }}
  variable {{ name: "y" type: "Buffer" shape {{ dim: -1 dim: 4 }} }}
  function {{
    name: "f" type: "{function}"
    input: "x"
    output: "y"
    {name}_param {{ axis: -1 }}
  }}
}}
"""

PASS_DEFINITION = """\
def {name}Pass : Pass<"nn-{kebab}"> {{
  let summary = "{summary}";
  let description = [{{
    What it does, and why.

    Example: test/Dialect/NN/Transforms/{kebab}.mlir
  }}];
}}

"""

PASS_SOURCE = BANNER + """
#include "fpw/Dialect/NN/Transforms/Passes.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace fpw::nn {{
#define GEN_PASS_DEF_{upper}PASS
#include "fpw/Dialect/NN/Transforms/Passes.h.inc"
}} // namespace fpw::nn

using namespace mlir;

namespace {{
struct {name}Pass : fpw::nn::impl::{name}PassBase<{name}Pass> {{
  void runOnOperation() override {{
    RewritePatternSet patterns(&getContext());
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }}
}};
}} // namespace
"""

PASS_TEST = """\
// RUN: fpw-opt %s --nn-{kebab} | FileCheck %s

// CHECK-LABEL: func.func @relu
// CHECK: nn.relu
func.func @relu(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {{
  %y = nn.relu %x : (tensor<?x4xf32>) -> tensor<?x4xf32>
  return %y : tensor<?x4xf32>
}}
"""


class Tree:
    """A repository that skeletons are put into, all of one or nothing."""

    def __init__(self, root):
        self.root = root
        self.changed = {}

    def read(self, path):
        if path not in self.changed:
            if not (self.root / path).exists():
                sys.exit(f"error: no such file: {path}")
            self.changed[path] = (self.root / path).read_text()
        return self.changed[path]

    def create(self, path, text):
        if (self.root / path).exists():
            sys.exit(f"error: {path} exists")
        self.changed[path] = text

    def insert(self, path, anchor, text, after=False):
        """Puts text before, or after, the last occurrence of the anchor."""
        old = self.read(path)
        place = old.rfind(anchor)
        if place < 0:
            sys.exit(f"error: {path} has no '{anchor.strip()}'")
        place += len(anchor) if after else 0
        self.changed[path] = old[:place] + text + old[place:]

    def append_test(self, path, run_line, text):
        """Adds a case to a test that splits its input, or begins that test."""
        comment, separator = ("//", "// -----") if path.endswith(".mlir") else ("#", "# // -----")
        if (self.root / path).exists():
            self.changed[path] = self.read(path).rstrip("\n") + f"\n\n{separator}\n\n{text}"
        else:
            self.changed[path] = f"{comment} RUN: {run_line}\n\n{text}"

    def write(self):
        for path, text in self.changed.items():
            (self.root / path).parent.mkdir(parents=True, exist_ok=True)
            (self.root / path).write_text(text)
            print(f"wrote {path}")


def camel_case(name):
    return "".join(part[:1].upper() + part[1:] for part in name.split("_"))


def kebab_case(name):
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "-", name).lower()


def list_function(tree, function, name):
    """Adds a function to the importer's documentation, in ASCII order."""
    page = "docs/Importers/NNP.md"
    row = f"| {function} | `nn.{name}` |\n"
    rows = re.findall(r"^\| \w+ \| `nn\.\w+` \|\n", tree.read(page), re.MULTILINE)
    before = max((other for other in rows if other < row), default=None)
    if not before:
        sys.exit(f"error: {page} has no place for '{row.strip()}'")
    tree.insert(page, before, row, after=True)


def new_elementwise(tree, options):
    row, anchor = ELEMENTWISE[options.operands]
    tree.insert("include/fpw/Dialect/NN/IR/NNElementwiseOps.td", anchor, row.format(**vars(options)))
    list_function(tree, options.function, options.name)


def new_op(tree, options):
    fill = {"name": options.name, "camel": camel_case(options.name), "summary": options.summary}
    family, stem = options.family, options.family.lower()
    tree.insert(f"include/fpw/Dialect/NN/IR/NN{family}Ops.td", "#endif", OP_DEFINITION.format(**fill))
    tree.insert(f"lib/Dialect/NN/IR/NN{family}Ops.cpp", "} // namespace fpw::nn", OP_INFERENCE.format(**fill))
    lowering, populate = f"lib/Conversion/NNToLinalg/{family}.cpp", f"void fpw::populate{family}Patterns("
    tree.insert(lowering, populate, OP_LOWERING.format(**fill))
    tree.insert(lowering, populate + "RewritePatternSet &patterns) {\n",
                "  addLowering<nn::{camel}Op>(patterns, lower{camel});\n".format(**fill), after=True)
    tree.append_test(f"test/Dialect/NN/IR/{stem}.mlir",
                     "fpw-opt %s --split-input-file --verify-roundtrip | FileCheck %s", OP_TEST.format(**fill))
    tree.append_test(f"test/Dialect/NN/IR/{stem}-invalid.mlir",
                     "fpw-opt %s --split-input-file --verify-diagnostics", OP_INVALID_TEST.format(**fill))
    tree.append_test(f"test/Conversion/NNToLinalg/{stem}.mlir",
                     "fpw-opt %s --convert-nn-to-linalg --split-input-file | FileCheck %s",
                     OP_LOWERING_TEST.format(**fill))


def new_importer(tree, options):
    fill = {"name": options.name, "camel": camel_case(options.name), "function": options.function}
    source = f"lib/Importer/NNP/{options.family}.cpp"
    add_functions = f"void nnp::add{options.family}Functions("
    tree.insert(source, add_functions, IMPORTER_FUNCTION.format(**fill))
    tree.insert(source, add_functions + "FunctionTable &table) {\n",
                '  table.add<nn::{camel}Op>("{function}", 1, 1, import{function});\n'.format(**fill), after=True)
    schema = "lib/Importer/NNP/nnp.proto"
    fields = re.findall(r"^    \w+ \w+_param = (\d+);\n", tree.read(schema), re.MULTILINE)
    tree.insert(schema, f" = {fields[-1]};\n",
                f"    AxisParameter {options.name}_param = {max(map(int, fields)) + 1};\n", after=True)
    list_function(tree, options.function, options.name)
    tree.append_test(f"test/Importer/NNP/{options.family.lower()}.test",
                     "fpw-translate --import-nnp --split-input-file %s | FileCheck %s",
                     IMPORTER_TEST.format(**fill))


def new_pass(tree, options):
    name = options.name
    fill = {"name": name, "kebab": kebab_case(name), "upper": name.upper(), "summary": options.summary}
    folder = "Dialect/NN/Transforms"
    tree.insert(f"include/fpw/{folder}/Passes.td", "#endif", PASS_DEFINITION.format(**fill))
    what = options.summary[:1].upper() + options.summary[1:]
    tree.create(f"lib/{folder}/{name}.cpp", PASS_SOURCE.format(file=f"{name}.cpp", what=what, **fill))
    tree.insert(f"lib/{folder}/CMakeLists.txt", "\n  LINK", f"\n  {name}.cpp")
    tree.create(f"test/{folder}/{fill['kebab']}.mlir", PASS_TEST.format(**fill))


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--root", type=pathlib.Path, default=pathlib.Path(__file__).resolve().parents[2],
                        help="the tree to change")
    kinds = parser.add_subparsers(required=True)

    elementwise = kinds.add_parser("elementwise", help="a row of the table of element-wise ops")
    elementwise.add_argument("name", help="its name in nn, such as leaky_relu")
    elementwise.add_argument("function", help="nnabla's name, such as LeakyReLU")
    elementwise.add_argument("summary")
    elementwise.add_argument("formula", help="for readers, such as 'x > 0 ? x : 0'")
    elementwise.add_argument("code", help="over Scalar, such as 'select(x > 0.0f, x, s(0.0f))'")
    elementwise.add_argument("--operands", choices=ELEMENTWISE, default="x",
                             help="one tensor x, two tensors a and b, or x and a number val")
    elementwise.set_defaults(make=new_elementwise)

    op = kinds.add_parser("op", help="an op with its shape inference, lowering and tests")
    op.add_argument("name", help="its name in nn, such as depth_to_space")
    op.add_argument("family", help="whose files it goes to, such as Shape")
    op.add_argument("summary")
    op.set_defaults(make=new_op)

    importer = kinds.add_parser("importer", help="the import of a function of nnabla as an op")
    importer.add_argument("name", help="the op's name in nn, such as depth_to_space")
    importer.add_argument("function", help="nnabla's name, such as DepthToSpace")
    importer.add_argument("family", help="whose file it goes to, such as Shape")
    importer.set_defaults(make=new_importer)

    new = kinds.add_parser("pass", help="a pass on the nn dialect with its test")
    new.add_argument("name", help="such as FoldBatchNormalization")
    new.add_argument("summary")
    new.set_defaults(make=new_pass)
    return parser.parse_args()


def main():
    options = parse_arguments()
    tree = Tree(options.root)
    options.make(tree, options)
    tree.write()


main()

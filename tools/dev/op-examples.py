#!/usr/bin/env python3
"""Prints the examples of the nn dialect's documentation as a module each, for fpw-opt to check.

The example of an op becomes the body of a function whose arguments and results are typed by the type
at the end of the example; the example of an attribute becomes an attribute of a function. An op or
attribute without an example is an error. The modules are split by `// -----`.
"""

import re
import sys

import tablegen

VALUE = r"%[A-Za-z_0-9]+"
STATEMENT = re.compile(rf"^ *((?:{VALUE}(?::\d+)?[, ]*)+)= (.*?)(?=^ *{VALUE}|\Z)",
                       flags=re.MULTILINE | re.DOTALL)


def documented(reference):
    """Yields (name, texts of its examples) for each op and attribute of the dialect reference."""
    for section in re.split(r"^###? ", reference, flags=re.MULTILINE)[1:]:
        title = re.match(r"`(nn\.[a-z0-9_]+)`|(\w+)Attr$", section.split("\n", 1)[0])
        if title:
            yield (title[1] or title[2],
                   re.findall(r"^```mlir\n(.*?)^```", section, flags=re.MULTILINE | re.DOTALL))


def split_types(text):
    """Splits a list of types at the commas that stand outside of brackets."""
    types, depth = [""], 0
    for letter in text:
        depth += letter in "<([{"
        depth -= letter in ">)]}"
        if letter == "," and depth == 0:
            types.append("")
        else:
            types[-1] += letter
    return [one.strip() for one in types if one.strip()]


def argument_types(example):
    """The types of the values that an example uses and does not define, by name."""
    types, defined = {}, set()
    for results, body in STATEMENT.findall(example):
        functional = re.search(r":\s*\(([^)]*)\)\s*->", body)
        if functional:
            operands = re.findall(VALUE, body[: functional.start()])
            types.update((operand, kind) for operand, kind in zip(operands, split_types(functional[1]))
                         if operand not in defined)
        defined |= set(re.findall(VALUE, results))
    return types


def returned(example):
    """The values of the last statement, and their types."""
    values, body = STATEMENT.findall(example)[-1]
    _, arrow, types = body.rpartition("->")
    types = types if arrow else body.rpartition(" : ")[2]
    return ", ".join(re.findall(VALUE, values)), types.strip().strip("()")


def op_module(symbol, example):
    arguments = ", ".join(f"{name}: {kind}" for name, kind in argument_types(example).items())
    body = "".join(f"  {line}\n" for line in example.rstrip().split("\n"))
    values, types = returned(example)
    return f"func.func @{symbol}({arguments}) -> ({types}) {{\n{body}  return {values} : {types}\n}}\n"


def attribute_module(symbol, example):
    attributes = re.findall(r"^#.*?(?=^#|\Z)", example, flags=re.MULTILINE | re.DOTALL)
    entries = ", ".join(f"example_{i} = {text.strip()}" for i, text in enumerate(attributes))
    return f"func.func private @{symbol}() attributes {{{entries}}}\n"


def main():
    missing, modules = [], []
    for name, examples in documented(tablegen.generate("gen-dialect-doc", tablegen.OPS, "-dialect=nn")):
        if not examples:
            missing.append(name)
        make = op_module if name.startswith("nn.") else attribute_module
        modules += [make(name.replace(".", "_"), example) for example in examples]
    print("\n// -----\n\n".join(modules), end="")
    if missing:
        sys.exit("error: no example in the description of " + ", ".join(missing))


main()

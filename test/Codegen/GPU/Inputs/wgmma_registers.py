"""Follows the registers of asynchronous multiplications through PTX.

    wgmma_registers.py FPW-OPT [--bits BITS...]

The emulator runs LLVM IR, whose values no one can touch too early or too late; this reads what LLVM made of it. Between
wgmma.fence and a multiplication nothing may touch its accumulators, and until wgmma.wait_group covers it nothing but another
multiplication may. Prints how many multiplications each kernel has; exit code 1 if one breaks the rules.
"""
import argparse
import re
import sys
import typing

from ptxas import kernels_as_ptx


class State(typing.NamedTuple):
    """What is known of a thread's registers at one place of a kernel."""
    isFenced: bool = False
    touched: frozenset = frozenset()  # since the fence
    open: frozenset = frozenset()  # accumulators of multiplications in no group
    groups: tuple = ()

    def multiply(self, registers):
        if not self.isFenced or registers & self.touched:
            raise ValueError("multiplies without a fence for its registers")
        return self._replace(open=self.open | registers)

    def step(self, line, registers):
        """The state after an instruction that names these accumulators."""
        if "wgmma.mma_async" in line:
            return self.multiply(registers)
        if "wgmma.fence" in line:
            return self._replace(isFenced=True, touched=frozenset())
        if "wgmma.commit_group" in line:
            return self._replace(isFenced=False, open=frozenset(), groups=(*self.groups, self.open))
        if wait := re.search(r"wgmma.wait_group\S*\s+(\d+)", line):
            return self._replace(groups=self.groups[max(0, len(self.groups) - int(wait[1])):])
        if not registers:
            return self
        if registers & self.open.union(*self.groups):
            raise ValueError("touches registers of a multiplication that goes on")
        return self._replace(touched=self.touched | registers)


def follow(lines):
    """Every path of a kernel; where a path comes to a label in a state that is known, it ends."""
    labels = {line[:-1]: number for number, line in enumerate(lines) if re.fullmatch(r"\$\w+:", line)}
    multiplications = filter(lambda line: "wgmma.mma_async" in line, lines)
    accumulators = set(re.findall(r"%r\d+", "".join(line[:line.index("}")] for line in multiplications)))
    registers = [accumulators.intersection(re.findall(r"%r\d+", line)) for line in lines]
    paths, seen = [(0, State())], set()
    while paths:
        number, state = paths.pop()
        while number < len(lines) and (number, state) not in seen:
            line = lines[number]
            if line.endswith(":"):
                seen.add((number, state))
            try:
                state = state.step(line, registers[number])
            except ValueError as fault:
                sys.exit(f"{fault}: {line}")
            if jump := re.search(r"\bbra(\.uni)?\s+(\S+);", line):
                paths.append((labels[jump[2]], state))
            number = len(lines) if line == "ret;" or jump and not line.startswith("@") else number + 1


def check(ptx):
    for entry in ptx.split(".entry ")[1:]:
        name, body = entry.split("(", 1)
        lines = [line for line in map(str.strip, re.sub("//.*", "", body).splitlines()) if line]
        if multiplications := sum("wgmma.mma_async" in line for line in lines):
            follow(lines)
            print(name, multiplications)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("fpw_opt")
    parser.add_argument("--bits", type=int, nargs="+", default=[8, 16, 24, 32])
    arguments = parser.parse_args()
    for bits in arguments.bits:
        check(kernels_as_ptx(arguments.fpw_opt, bits, "sm_90a"))


main()

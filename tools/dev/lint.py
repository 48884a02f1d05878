#!/usr/bin/env python3
"""Checks the rules of this repository that a script can see (docs/Contributing.md names them).

Prints `file:line: error|note: what`, and fails when there is an error. Notes do not fail.
"""

import argparse
import collections
import os
import pathlib
import re
import subprocess
import sys

SOFT_LINES, HARD_LINES = 400, 800
EXEMPT = ("test/data/", "test/Tools/lint.test")  # golden data; examples of what is wrong
FLAG_PREFIXES = ("nn-", "convert-nn-", "fpw-")
SPDX = "SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception"
CXX = (".cpp", ".h", ".td")
COUNTED = CXX + (".mlir", ".py", ".sh")

Finding = collections.namedtuple("Finding", "path line kind message")
RULES = []


class File:
    """A file of the repository: its path from the root, and its lines."""

    def __init__(self, root, path):
        self.path = path
        self.text = (root / path).read_text(errors="replace")
        self.lines = self.text.split("\n")

    def error(self, line, message):
        return Finding(self.path, line, "error", message)

    def note(self, line, message):
        return Finding(self.path, line, "note", message)

    def find(self, pattern, message, flags=0):
        """An error for each match; `message` may refer to groups as in str.format."""
        for match in re.finditer(pattern, self.text, flags):
            line = self.text.count("\n", 0, match.start()) + 1
            yield self.error(line, message.format(*([match[0]] + list(match.groups()))))


def rule(*suffixes, under=("",)):
    """Registers a rule for the files with these suffixes below these folders."""

    def register(check):
        RULES.append((check, suffixes, under))
        return check

    return register


@rule(*COUNTED)
def length(file, _):
    count = len(file.lines) - 1
    if count > HARD_LINES:
        yield file.error(count, f"{count} lines, expected at most {HARD_LINES}; split it by topic")
    elif count > SOFT_LINES:
        yield file.note(count, f"{count} lines, better at most {SOFT_LINES}")


@rule(*COUNTED, ".md", ".txt", ".cmake", ".test", ".nntxt", "run")
def whitespace(file, _):
    yield from file.find(r"[ \t]+$", "white space at the end of the line", re.MULTILINE)
    yield from file.find(r"\t", "a tab; indent with spaces")
    if file.text and not file.text.endswith("\n"):
        yield file.error(len(file.lines), "no newline at the end of the file")


@rule(".mlir", ".test")
def check_without_colon(file, _):
    prefixes = {"CHECK"}
    for names in re.findall(r"--?check-prefix(?:es)?[= ]([\w,-]+)", file.text):
        prefixes |= set(names.split(","))
    names = "|".join(map(re.escape, sorted(prefixes)))
    yield from file.find(rf"^\s*//\s*(?:{names})(?:-[A-Z]+)*\s+[^:\s].*$",
                         "a check without a colon, which FileCheck ignores", re.MULTILINE)


@rule(*CXX)
def banner(file, _):
    name = os.path.basename(file.path)
    first = re.match(r"//===- (\S+) - .*-===//$", file.lines[0])
    if not first:
        yield file.error(1, f"expected a banner '//===- {name} - what it is ---===//'")
    elif first[1] != name:
        yield file.error(1, f"the banner names {first[1]}")
    if SPDX not in "\n".join(file.lines[:8]):
        yield file.error(1, f"expected '{SPDX}' in the banner")


@rule(".h", ".td")
def include_guard(file, _):
    words = re.sub(r"^include/", "", file.path)
    words = re.sub(r"\.td$", "", words)
    guard = re.sub(r"[^A-Za-z0-9]", "_", words).upper()
    if guard.startswith(("LIB_", "TOOLS_", "TEST_")):
        guard = "FPW_" + guard
    if f"#ifndef {guard}\n#define {guard}\n" not in file.text:
        yield file.error(1, f"expected the include guard {guard}")


@rule("")
def dumping_ground(file, _):
    if re.search(r"(^|/)(Utils?|Common|Misc|Helpers?|Uncategorized)[./]", file.path, re.IGNORECASE):
        yield file.error(1, "a name that says nothing; a helper lives with its user or gets a noun")


@rule(*COUNTED, ".md", ".txt", ".cmake", ".test", ".in", "run")
def unfinished(file, _):
    # Spelled apart, so that this rule does not find itself.
    yield from file.find(r"\b(" + "|".join(["TO" "DO", "FIX" "ME", "XX" "X", "HA" "CK"]) + r")\b",
                         "'{1}' left behind; finish it or open an issue")


@rule(".cpp", ".h", under=("lib/", "include/"))
def command_line_in_library(file, _):
    yield from file.find(r"\bcl::(opt|list|bits)<", "cl::{1} in a library; pass a struct of options")


@rule(*COUNTED, ".md", ".txt", ".cmake", ".test", ".in", ".json", "run")
def machine_path(file, _):
    yield from file.find(r"(?<=[\s\"'(=])/(?:home|root|work|Users|tmp)/[\w.]*", "a path of one machine: {0}")


@rule(".cpp", ".h", under=("lib/", "include/", "tools/"))
def diagnostic_style(file, _):
    """Diagnostics begin in lower case and end without a full stop, as LLVM's do."""
    statement = r"\b(?:emit\w*(?:Error|Warning|Remark)|notifyMatchFailure|createStringError)\b[^;{}]*;"
    for match in re.finditer(statement, file.text):
        literals = re.findall(r'"((?:[^"\\]|\\.)*)"', match[0])
        line = file.text.count("\n", 0, match.start()) + 1
        if literals and re.match(r"[A-Z][a-z]", literals[0]):
            yield file.error(line, f"a diagnostic begins in lower case: \"{literals[0]}\"")
        if literals and re.search(r"\w(\.|\\n)$", literals[-1]):
            yield file.error(line, f"a diagnostic ends without a full stop: \"{literals[-1]}\"")


@rule(".md")
def dead_path(file, repository):
    """Every path that a page names exists; `<name>` and `*` stand for anything."""
    folder = os.path.dirname(file.path)
    text = re.sub(r"^```.*?^```", lambda block: "\n" * block[0].count("\n"), file.text,
                  flags=re.MULTILINE | re.DOTALL)
    for match in re.finditer(r"\]\(([^)#\s]+)(?:#[^)]*)?\)|`((?:include|lib|tools|test|docs|\.ci)/[^`\s]*)`", text):
        line = text.count("\n", 0, match.start()) + 1
        if match[1] and not re.match(r"\w+:", match[1]):
            target = os.path.normpath(os.path.join(folder, match[1]))
        elif match[2]:
            target = match[2].split(":")[0].rstrip("/")
        else:
            continue
        if not repository.exists(target):
            yield file.error(line, f"no such path: {target}")


@rule("Passes.td")
def passes(file, repository):
    tests = repository.texts(("test/",), (".mlir", ".test"))
    for name, flag, body in re.findall(r"^def (\w+) *: *(?:Interface)?Pass<\s*\"([^\"]+)\".*?>\s*\{(.*?)^\}",
                                       file.text, re.MULTILINE | re.DOTALL):
        line = file.text.count("\n", 0, file.text.index(f"def {name}")) + 1
        if not flag.startswith(FLAG_PREFIXES) and not flag.endswith("-to-nn"):
            yield file.error(line, f"the flag {flag} begins with none of {', '.join(FLAG_PREFIXES)}")
        if re.search(r'let summary = "[A-Z][a-z]', body):
            yield file.error(line, f"the summary of {flag} begins in lower case")
        if not re.search(r"^\s*Example: `?test/\S+\.mlir", body, re.MULTILINE):
            yield file.error(line, f"{flag} names no test as its example ('Example: test/....mlir @function')")
        for option in re.findall(r"Option<\s*\"\w+\",\s*\"([\w-]+)\"", body):
            if not re.search(rf"\b{flag}\b[^\n]*\b{option}=|\b{option}=", tests):
                yield file.error(line, f"no test sets the option {option} of {flag}")


@rule(".cpp", ".h", under=("lib/Pipelines/", "include/fpw/Pipelines/"))
def pipelines(file, repository):
    page = repository.texts(("docs/Pipelines.md",), (".md",))
    tests = repository.texts(("test/",), (".mlir", ".test"))
    for flag in re.findall(r"PassPipelineRegistration<[^>]*>\s*\w*\(\s*\"([^\"]+)\"", file.text):
        if not flag.startswith(FLAG_PREFIXES):
            yield file.error(1, f"the flag {flag} begins with none of {', '.join(FLAG_PREFIXES)}")
        if f"`--{flag}`" not in page:
            yield file.error(1, f"docs/Pipelines.md does not name the pipeline `--{flag}`")
    for option in re.findall(r"\*this, \"([^\"]+)\"", file.text):
        if f"`{option}`" not in page:
            yield file.error(1, f"docs/Pipelines.md does not name the option `{option}`")
        if f"{option}=" not in tests:
            yield file.error(1, f"no test sets the option {option}")


class Repository:
    """The files of a tree: what git tracks or would track, or everything where there is no git."""

    def __init__(self, root):
        self.root = root
        self.paths = sorted(path for path in self.listing() if (root / path).is_file())
        self.folders = {os.path.dirname(path) for path in self.paths}
        for folder in list(self.folders):
            while folder := os.path.dirname(folder):
                self.folders.add(folder)

    def listing(self):
        if (self.root / ".git").exists():
            command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
            listed = subprocess.run(command, cwd=self.root, capture_output=True, text=True)
            if listed.returncode == 0:
                return listed.stdout.splitlines()
        found = (path.relative_to(self.root) for path in self.root.rglob("*"))
        return [path.as_posix() for path in found if path.parts[0] not in (".git", "build")]

    def exists(self, path):
        wild = {"**": ".*", "*": "[^/]*"}
        parts = re.split(r"(\*\*|\*|<[^>]*>)", path)
        pattern = "".join(wild.get(part, "[^/]*" if part.startswith("<") else re.escape(part)) for part in parts)
        everything = re.compile(pattern + r"\Z")
        return any(map(everything.match, self.folders)) or any(map(everything.match, self.paths))

    def texts(self, folders, suffixes):
        chosen = (path for path in self.paths if path.startswith(folders) and path.endswith(suffixes))
        return "\n".join((self.root / path).read_text(errors="replace") for path in chosen)


def check(root):
    repository = Repository(root)
    for path in repository.paths:
        if path.startswith(EXEMPT):
            continue
        checks = [run for run, suffixes, under in RULES if path.endswith(suffixes) and path.startswith(under)]
        file = File(root, path) if checks else None
        for run in checks:
            yield from run(file, repository)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("root", nargs="?", type=pathlib.Path,
                        default=pathlib.Path(__file__).resolve().parents[2], help="the tree to check")
    findings = list(check(parser.parse_args().root))
    for finding in findings:
        print(f"{finding.path}:{finding.line}: {finding.kind}: {finding.message}")
    errors = sum(finding.kind == "error" for finding in findings)
    print(f"{errors} errors, {len(findings) - errors} notes")
    sys.exit(1 if errors else 0)


main()

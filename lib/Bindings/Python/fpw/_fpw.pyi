"""The compiled part of the package; nobody else imports it."""

from collections.abc import Sequence
from typing import Any, Optional

version: str

class Error(RuntimeError):
    """What FPW says about a file, a conversion, a compilation or a run."""

class Network:
    @staticmethod
    def load(path: str, network: str, executor: str) -> Network: ...
    def convert(
        self,
        weight_bits: int,
        bias_bits: int,
        weight_delta: Optional[float],
        bias_delta: Optional[float],
        weight_signed: bool,
        bias_signed: bool,
        bias: bool,
        floor: bool,
        per_channel: bool,
        functions: Sequence[str],
        exclude: Sequence[str],
    ) -> tuple[Network, list[str]]: ...
    def report(self) -> tuple[str, str]: ...
    def save(self, path: str) -> None: ...
    def print(self) -> str: ...
    def is_converted(self) -> bool: ...
    def inputs(self) -> list[tuple[str, tuple[Optional[int], ...]]]: ...
    def outputs(self) -> list[tuple[str, tuple[Optional[int], ...]]]: ...
    def compile(
        self,
        threads: int,
        activation_bits: int,
        arithmetic: Optional[str],
        target: str,
        architectures: Sequence[str],
        name: str,
    ) -> Model: ...

class Model:
    threads: int
    @staticmethod
    def load(path: str, threads: int) -> Model: ...
    def run(self, *inputs: Any, out: Any = None, **named: Any) -> Any: ...
    def save(self, path: str) -> None: ...
    def inputs(self) -> list[tuple[str, tuple[Optional[int], ...]]]: ...
    def outputs(self) -> list[tuple[str, tuple[Optional[int], ...]]]: ...
    def target(self) -> str: ...

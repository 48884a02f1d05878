"""Neural networks with fixed-point weights: converted, compiled and run.

    import fpw

    network = fpw.load("lenet.nnp").convert(bits=6)
    print(network.report())
    model = network.compile(threads=4)
    scores = model(images)            # numpy in, numpy out
    model.save("lenet.so")            # for C programs, and for fpw.load
"""

from __future__ import annotations

import json
import os
import typing
import warnings

from . import _fpw
from ._fpw import Error

__all__ = ["ConversionWarning", "Error", "Model", "Network", "Report", "Tensor", "load"]
__version__ = _fpw.version

Path = typing.Union[str, "os.PathLike[str]"]
LIBRARY = ".so"


class ConversionWarning(UserWarning):
    """A conversion that may cost more accuracy than is wanted."""


class Tensor(typing.NamedTuple):
    """An input or an output. A size of None is the batch."""

    name: str
    shape: tuple[int | None, ...]


def _tensors(described) -> tuple[Tensor, ...]:
    return tuple(Tensor(name, shape) for name, shape in described)


class Report(list):
    """What fixed point cost: a list of one dict per tensor of codes.

    `pandas.DataFrame(report)` is a table; `totals` sums up; `str(report)` is a text for people.
    """

    totals: dict

    def __init__(self, document: str, text: str):
        content = json.loads(document)
        super().__init__(content["tensors"])
        self.totals = content["totals"]
        self._text = text

    def to_pandas(self):
        """The same as a pandas.DataFrame."""
        import pandas

        return pandas.DataFrame(list(self))

    def __str__(self) -> str:
        return self._text


class Network:
    """A network as it was read or converted. It never changes."""

    def __init__(self, network: _fpw.Network, name: str):
        self._network, self._name = network, name

    @property
    def inputs(self) -> tuple[Tensor, ...]:
        return _tensors(self._network.inputs())

    @property
    def outputs(self) -> tuple[Tensor, ...]:
        return _tensors(self._network.outputs())

    @property
    def is_converted(self) -> bool:
        """Whether layers have weights in fixed point."""
        return self._network.is_converted()

    def convert(
        self,
        bits: int = 8,
        *,
        weight_bits: int | None = None,
        bias_bits: int | None = None,
        weight_delta: float | None = None,
        bias_delta: float | None = None,
        weight_signed: bool = True,
        bias_signed: bool = True,
        bias: bool = True,
        floor: bool = False,
        per_channel: bool = False,
        functions: typing.Sequence[str] = (),
        exclude: typing.Sequence[str] = (),
    ) -> Network:
        """The network with weights and biases of `bits` bits (1 to 16).

        Without a delta, the step of each tensor is the power of two that just covers its largest
        magnitude; with `floor` it is rounded down, so that some weights clip. `per_channel` gives each
        output channel a step. With `bias=False` biases stay float. `functions` names the kinds of layers
        (all), `exclude` has globs on the names of parameters that stay float.
        """
        converted, messages = self._network.convert(
            weight_bits=bits if weight_bits is None else weight_bits,
            bias_bits=bits if bias_bits is None else bias_bits,
            weight_delta=weight_delta,
            bias_delta=bias_delta,
            weight_signed=weight_signed,
            bias_signed=bias_signed,
            bias=bias,
            floor=floor,
            per_channel=per_channel,
            functions=list(functions),
            exclude=list(exclude),
        )
        for message in messages:
            warnings.warn(message, ConversionWarning, stacklevel=2)
        return Network(converted, self._name)

    def report(self) -> Report:
        """What the conversion cost, tensor by tensor."""
        return Report(*self._network.report())

    def save(self, path: Path) -> None:
        """Writes the network: MLIR bytecode, or text where the name ends in .mlir."""
        self._network.save(os.fspath(path))

    def compile(
        self,
        *,
        threads: int = 1,
        activation_bits: int = 24,
        arithmetic: str | None = None,
        target: str | typing.Sequence[str] = (),
        architectures: typing.Sequence[str] = (),
    ) -> Model:
        """Native code for the network.

        `threads` serve each call (0: one per processor); they change no bit. Converted networks compute in
        digits of activations of 8, 16, 24 or 32 bits, others in float; `arithmetic` says otherwise.
        `target` names one processor or several ("x86-64-v3"), or another kind of machine
        ("aarch64-linux-gnu"), for which a model can only be saved; this machine, where nothing is said.
        "cuda" and "cuda:1" are NVIDIA GPUs of this machine, by their number. `architectures` names
        others (["sm_90a", "sm_80"]), for models that are saved; then no GPU need be here.
        """
        names = target if isinstance(target, str) else ",".join(target)
        return Model(
            self._network.compile(threads, activation_bits, arithmetic, names, list(architectures), self._name)
        )

    def __repr__(self) -> str:
        kind = "converted network" if self.is_converted else "network"
        return f"<fpw {kind} '{self._name}': {_signature(self)}>"

    def __str__(self) -> str:
        """The network in MLIR, without its weights."""
        return self._network.print()


class Model:
    """A compiled network. Threads may call it at the same time; the interpreter's lock is not held."""

    def __init__(self, model: _fpw.Model):
        self._model = model

    @property
    def inputs(self) -> tuple[Tensor, ...]:
        return _tensors(self._model.inputs())

    @property
    def outputs(self) -> tuple[Tensor, ...]:
        return _tensors(self._model.outputs())

    @property
    def target(self) -> str:
        """The kind of machine that it is for."""
        return self._model.target()

    @property
    def threads(self) -> int:
        """How many threads serve each call; 0: one per processor."""
        return self._model.threads

    @threads.setter
    def threads(self, number: int) -> None:
        self._model.threads = number

    def __call__(self, *inputs, out=None, **named):
        """Runs the network on arrays of the types of its inputs, by position or by name.

        Anything with `__array__`, `__dlpack__` or the buffer protocol is taken, without a copy where its
        elements are in order. Returns an array of numpy, or a tuple of several. `out` gives the memory
        for them: one array or a sequence, C-contiguous, in no input's memory.
        """
        return self._model.run(*inputs, out=out, **named)

    def save(self, path: Path) -> None:
        """Writes a shared library, or an object file where the name ends in .o, for C programs."""
        self._model.save(os.fspath(path))

    def __repr__(self) -> str:
        return f"<fpw model for {self.target}: {_signature(self)}>"


def _signature(network: Network | Model) -> str:
    def describe(tensors):
        sizes = lambda shape: "x".join("?" if size is None else str(size) for size in shape)
        return ", ".join(f"{tensor.name} {sizes(tensor.shape)}" for tensor in tensors)

    return f"{describe(network.inputs)} -> {describe(network.outputs)}"


@typing.overload
def load(path: Path, *, network: str = "", executor: str = "") -> Network: ...


@typing.overload
def load(path: Path, *, threads: int) -> Model: ...


def load(path, *, network="", executor="", threads=None):
    """Reads a network, or a library (.so) that `fpw compile` or Model.save made, which gives a Model.

    A .nnp file may hold several networks and executors: `network` and `executor` choose. The code of a
    library is trusted; `threads` serve each call of it (1).
    """
    path = os.fspath(path)
    if path.endswith(LIBRARY):
        if network or executor:
            raise TypeError("expected no network and no executor with a library")
        return Model(_fpw.Model.load(path, 1 if threads is None else threads))
    if threads is not None:
        raise TypeError("expected threads with a library only; Network.compile takes them")
    name = os.path.splitext(os.path.basename(path))[0]
    return Network(_fpw.Network.load(path, network, executor), name)

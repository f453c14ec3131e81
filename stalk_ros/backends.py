"""Finding the engine behind a stage by its name, among this package's and those that others register."""

from __future__ import annotations

import contextlib
import importlib
import inspect
from dataclasses import dataclass
from importlib import metadata
from typing import TYPE_CHECKING, Any, Protocol

from stalk_ros.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterator


class Backend(Protocol):
    """What every backend class offers beside its stage's own protocol.

    Attributes:
        name: the name that parameter ``backend`` chooses it by.
        caveat: what an embedded default cannot do and what to do about it, read after its name; else "".
    """

    name: str
    caveat: str

    @classmethod
    def missing(cls, wanted: Any) -> str:
        """What keeps this engine from running as ``wanted``, and the command that helps; "" when it can run.

        Imports nothing heavy.

        Args:
            wanted: what the class is made from: its stage's parameters, or only the model they name.
        """


@dataclass(frozen=True)
class Backends:
    """The engines of a stage.

    Attributes:
        group: entry point group in which other packages register theirs, see ``docs/engines.md``.
        protocol: what an engine offers, a `Backend`.
        built_in: name to ``"module:Class"``, best first; the last one is the embedded default.
    """

    group: str
    protocol: type
    built_in: dict[str, str]


def backend_class(stage: str, backends: Backends, name: str, wanted: Any = "") -> Any:
    """The backend class called ``name``, sure to be installed.

    For a registered engine it is what makes one and checks it.

    Args:
        stage: what the engine is for, for messages ("asr").
        backends: the stage's engines.
        name: a name of theirs, or ``"auto"`` for the first built-in one that can run. A registered engine is
            somebody's choice by name: what else is installed must not change what a robot does.
        wanted: what the engine shall be made from, see `Backend.missing`.

    Raises:
        UserError: the name is unknown or ambiguous, the engine or its model is missing, or a registered
            engine is broken.
    """
    reasons = []
    for candidate in backends.built_in if name == "auto" else [name]:
        plug_in = None if name == "auto" else _registered(stage, backends, name)
        backend = plug_in or _attribute(backends.built_in[candidate])
        reason = backend.missing(wanted)
        if not reason:
            return backend
        reasons.append(f"backend '{candidate}': {reason}")
    raise UserError(f"{stage}: {'; '.join(reasons)}")


def _attribute(place: str) -> Any:
    module, _, attribute = place.partition(":")
    return getattr(importlib.import_module(module), attribute)


def _registered(stage: str, backends: Backends, name: str) -> _PlugIn | None:
    """The engine of another package; None when it is a built-in one that is called so."""
    points = metadata.entry_points(group=backends.group)
    found = list(points.select(name=name))
    owners = ["stalk_ros"] * (name in backends.built_in) + [_distribution(point) for point in found]
    if not owners:
        known = dict.fromkeys(["auto", *backends.built_in, *sorted(points.names)])
        raise UserError(f"{stage}: unknown backend '{name}'; there are: {', '.join(known)}")
    if len(owners) > 1:
        # Whichever won, an installation could put another engine in the place of the one that was chosen.
        raise UserError(
            f"{stage}: more than one package has a backend '{name}': {', '.join(owners)}; "
            "uninstall what you do not want, or choose another backend"
        )
    return _PlugIn(stage, backends.protocol, found[0]) if found else None


def _distribution(point: metadata.EntryPoint) -> str:
    return f"{point.dist.name} {point.dist.version}" if point.dist else "?"


class _PlugIn:
    """Stands for the class of a registered engine: what goes wrong in it is one line that says whose it is.

    Raises:
        UserError: it cannot be imported.
    """

    def __init__(self, stage: str, protocol: type, point: metadata.EntryPoint) -> None:
        self._stage = stage
        self._protocol = protocol
        self._point = point
        with self._blamed("does not load"):
            self._class = point.load()

    def missing(self, wanted: Any) -> str:
        """See `Backend.missing`."""
        with self._blamed("cannot say whether it can run"):
            reason = self._class.missing(wanted)
        if not isinstance(reason, str):
            raise self._broken(f"its 'missing' must return text, not {reason!r}")
        return " ".join(reason.split())

    def __call__(self, wanted: Any) -> Any:
        """The engine, made from ``wanted`` and sure to offer what its protocol says."""
        with self._blamed("cannot be made"):
            engine = self._class(wanted)
            breach = _breach(engine, self._protocol)
        if not breach and engine.name != self._point.name:
            breach = f"its 'name' is {engine.name!r}, not '{self._point.name}'"
        if breach:
            raise self._broken(breach)
        return engine

    @contextlib.contextmanager
    def _blamed(self, action: str) -> Iterator[None]:
        try:
            yield
        except UserError:
            raise
        except (Exception, SystemExit) as error:
            reason = " ".join(f"{type(error).__name__}: {error}".split()).rstrip(" :")
            raise self._broken(f"it {action}: {reason}") from error

    def _broken(self, reason: str) -> UserError:
        point = f"{self._point.name} = {self._point.value}"
        return UserError(
            f"{self._stage}: backend '{self._point.name}' of {_distribution(self._point)} (entry point "
            f"'{point}') is broken: {reason}; update it, or choose another backend"
        )


def _breach(engine: Any, protocol: type) -> str:
    """Where an engine does not keep to its protocol; "" when it does."""
    for name in _members(protocol):
        if not hasattr(engine, name):
            return f"it has no '{name}'"
        promised = getattr(protocol, name, None)
        if callable(promised) and not _takes(getattr(engine, name), inspect.signature(promised)):
            parameters = ", ".join(_written(parameter) for parameter in _own(inspect.signature(promised)))
            return f"its '{name}' must take ({parameters})"
    return ""


def _members(protocol: type) -> list[str]:
    """The public names of a protocol; attributes are only annotated there."""
    return [
        name
        for part in protocol.__mro__
        for name in (*inspect.get_annotations(part), *vars(part))
        if not name.startswith("_")
    ]


def _takes(method: Any, promised: inspect.Signature) -> bool:
    """Whether a bound method can be called in every way that the protocol allows."""
    required = [item.name for item in _own(promised) if item.default is item.empty]
    optional = {item.name: item.default for item in _own(promised) if item.default is not item.empty}
    try:
        signature = inspect.signature(method)
        signature.bind(*required)
        signature.bind(*required, *optional.values())
        signature.bind(*required, **optional)
    except TypeError:
        return False
    except ValueError:
        # Compiled code need not tell.
        return True
    return True


def _own(signature: inspect.Signature) -> list[inspect.Parameter]:
    return [item for item in signature.parameters.values() if item.name != "self"]


def _written(parameter: inspect.Parameter) -> str:
    has_default = parameter.default is not parameter.empty
    return f"{parameter.name}={parameter.default!r}" if has_default else parameter.name

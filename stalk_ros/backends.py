"""Finding the engine behind a stage by its name."""

from __future__ import annotations

import importlib
from typing import Any, Protocol

from stalk_ros.errors import UserError


class Backend(Protocol):
    """What every backend class offers beside its stage's own protocol.

    Attributes:
        name: its name in the table of backends.
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


def backend_class(stage: str, table: dict[str, str], name: str, wanted: Any = "") -> Any:
    """The backend class called ``name``, sure to be installed.

    Args:
        stage: what the engine is for, for messages ("asr").
        table: backend name to ``"module:Class"``, best first; the last one is the embedded default.
        name: a name of the table, or ``"auto"`` for the first that can run.
        wanted: what the engine shall be made from, see `Backend.missing`.

    Raises:
        UserError: the name is unknown or the engine or its model is missing.
    """
    if name != "auto" and name not in table:
        raise UserError(f"{stage}: unknown backend '{name}'; there are: auto, {', '.join(table)}")
    reasons = []
    for candidate in table if name == "auto" else [name]:
        module, _, attribute = table[candidate].partition(":")
        backend = getattr(importlib.import_module(module), attribute)
        reason = backend.missing(wanted)
        if not reason:
            return backend
        reasons.append(f"backend '{candidate}': {reason}")
    raise UserError(f"{stage}: {'; '.join(reasons)}")

"""Parameters of a stage: one frozen dataclass is the only place that names, bounds and explains them.

The ROS shell declares node parameters from the same fields, the command line checks its options against them.
"""

from __future__ import annotations

import dataclasses
import sys
from typing import Any

from stalk_ros.errors import UserError


@dataclasses.dataclass(frozen=True)
class Range:
    """What a parameter accepts beyond its type."""

    description: str
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[str, ...] = ()
    read_only: bool = False


def parameter(
    default: Any,
    description: str,
    *,
    minimum: float | None = None,
    maximum: float | None = None,
    choices: tuple[str, ...] = (),
    read_only: bool = False,
) -> Any:
    """Declare a parameter as a dataclass field.

    Args:
        default: its default; its type (bool, int, float or str) is the parameter's type.
        description: one sentence with the unit, shown by ``ros2 param describe``.
        minimum: smallest value allowed, for numbers.
        maximum: largest value allowed, for numbers.
        choices: the only values allowed, for strings.
        read_only: read when the node is configured; a change is refused until it is cleaned up.
    """
    spec = Range(description, minimum, maximum, choices, read_only)
    return dataclasses.field(default=default, metadata={"parameter": spec})


@dataclasses.dataclass(frozen=True)
class Parameters:
    """Base of the parameter classes; checks every field when it is made.

    Raises:
        UserError: a value has the wrong type or is out of range.
    """

    def __post_init__(self) -> None:
        for field in dataclasses.fields(self):
            object.__setattr__(self, field.name, checked(field, getattr(self, field.name)))

    @classmethod
    def from_dict(cls, values: dict[str, Any], owner: str) -> Any:
        """Make the parameters from a mapping such as a params file.

        Args:
            values: name to value; what is missing keeps its default.
            owner: whose parameters they are, for error messages.

        Raises:
            UserError: a name is unknown or a value is wrong.
        """
        known = [field.name for field in dataclasses.fields(cls)]
        unknown = sorted(set(values) - set(known), key=str)
        if unknown:
            raise UserError(f"{owner} has no parameter '{unknown[0]}'; it has: {', '.join(known)}")
        try:
            return cls(**values)
        except UserError as error:
            raise UserError(f"{owner}: {error}") from None


@dataclasses.dataclass(frozen=True)
class NodeParameters(Parameters):
    """Parameters that every node has beside those of its stage."""

    autostart: bool = parameter(True, "Configure and activate the node as soon as it runs", read_only=True)


def is_ros_parameter(name: str) -> bool:
    """Whether ROS 2 itself gives every node a parameter of this name."""
    own = ("use_sim_time", "start_type_description_service", "qos_overrides")
    return name in own or name.startswith("qos_overrides.")


def spec_of(field: dataclasses.Field[Any]) -> Range:
    """The description and bounds of a parameter field."""
    spec: Range = field.metadata["parameter"]
    return spec


def checked(field: dataclasses.Field[Any], value: Any) -> Any:
    """``value`` in the field's type, or a `UserError` that says what it should have been."""
    wanted: type[Any] = type(field.default)
    if type(value) is not wanted and not (wanted is float and type(value) is int):
        kind = type(value).__name__
        # To YAML some words are no strings: the language "no", for instance.
        hint = "; put it in quotes" if wanted is str and isinstance(value, (bool, int, float)) else ""
        must = f"must be a {_TYPE_NAMES[wanted]}, not {value!r} ({kind}){hint}"
        raise UserError(f"parameter '{field.name}' {must}")
    spec = spec_of(field)
    if wanted in (int, float):
        low = -sys.float_info.max if spec.minimum is None else spec.minimum
        high = sys.float_info.max if spec.maximum is None else spec.maximum
        if not (low <= value <= high):
            raise UserError(f"parameter '{field.name}' must be {bounds(spec)}, not {value}")
    if spec.choices and value not in spec.choices:
        raise UserError(f"parameter '{field.name}' must be one of {', '.join(spec.choices)}, not '{value}'")
    return wanted(value)


_TYPE_NAMES = {bool: "bool", int: "whole number", float: "number", str: "string"}


def bounds(spec: Range) -> str:
    """The range of a number in words."""
    if spec.minimum is None and spec.maximum is None:
        return "finite"
    if spec.maximum is None:
        return f"at least {spec.minimum}"
    if spec.minimum is None:
        return f"at most {spec.maximum}"
    return f"between {spec.minimum} and {spec.maximum}"

"""Node parameters out of a stage's dataclass."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from rcl_interfaces.msg import FloatingPointRange, IntegerRange, ParameterDescriptor, SetParametersResult

from stalk_ros.errors import UserError
from stalk_ros.parameters import NodeParameters, Parameters, checked, is_ros_parameter, spec_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from rclpy.node import Node
    from rclpy.parameter import Parameter

_UNBOUNDED = 1e12


class DeclaredParameters:
    """Declares the fields of a parameter class on a node, and checks what is set.

    The node must have been made with ``automatically_declare_parameters_from_overrides``: otherwise a
    misspelt name would go unnoticed.

    Args:
        node: whose parameters they are.
        cls: the parameter class.
        configured: whether the node is configured, so that read-only parameters must not change.
        on_change: called with the new parameters when some were changed at run time.
    """

    def __init__(
        self,
        node: Node,
        cls: type[Parameters],
        configured: Callable[[], bool],
        on_change: Callable[[Any], None],
    ) -> None:
        self._node = node
        fields = (*dataclasses.fields(NodeParameters), *dataclasses.fields(cls))
        self._fields = {field.name: field for field in fields}
        self._class = cls
        self._configured = configured
        self._on_change = on_change
        self._problems: dict[str, str] = {}
        self._declare()
        node.add_on_set_parameters_callback(self._set)

    def read(self) -> Any:
        """The parameters as they are now.

        Raises:
            UserError: an override has an unknown name or a wrong value that nobody has mended since.
        """
        if self._problems:
            raise UserError("; ".join(self._problems.values()))
        return self._class(**self._values())

    def _values(self) -> dict[str, Any]:
        return {
            field.name: self._node.get_parameter(field.name).value
            for field in dataclasses.fields(self._class)
        }

    def _declare(self) -> None:
        overrides = {name: item.value for name, item in self._node.get_parameters_by_prefix("").items()}
        for name, field in self._fields.items():
            value = field.default
            if name in overrides:
                self._node.undeclare_parameter(name)
                try:
                    value = checked(field, overrides[name])
                except UserError as error:
                    self._problems[name] = str(error)
            self._node.declare_parameter(name, value, _descriptor(field), ignore_override=True)
        for name in overrides:
            if name not in self._fields and not is_ros_parameter(name):
                known = ", ".join(self._fields)
                self._problems[name] = f"there is no parameter '{name}'; there are: {known}"

    def _set(self, changes: list[Parameter]) -> SetParametersResult:
        own = {change.name: change.value for change in changes if change.name in self._fields}
        if not own:
            return SetParametersResult(successful=True)
        try:
            for name, value in own.items():
                if spec_of(self._fields[name]).read_only and self._configured():
                    raise UserError(
                        f"parameter '{name}' is read when the node is configured: clean it up first"
                    )
                checked(self._fields[name], value)
            values = self._values()
            parameters = self._class(**{**values, **{name: own[name] for name in own if name in values}})
        except UserError as error:
            return SetParametersResult(successful=False, reason=str(error))
        for name in own:
            self._problems.pop(name, None)
        self._on_change(parameters)
        return SetParametersResult(successful=True)


def _descriptor(field: dataclasses.Field[Any]) -> ParameterDescriptor:
    spec = spec_of(field)
    descriptor = ParameterDescriptor(name=field.name, description=spec.description)
    if spec.choices:
        descriptor.additional_constraints = f"one of: {', '.join(spec.choices)}"
    if spec.minimum is not None or spec.maximum is not None:
        low = -_UNBOUNDED if spec.minimum is None else spec.minimum
        high = _UNBOUNDED if spec.maximum is None else spec.maximum
        if isinstance(field.default, int):
            descriptor.integer_range = [IntegerRange(from_value=int(low), to_value=int(high), step=1)]
        else:
            descriptor.floating_point_range = [
                FloatingPointRange(from_value=float(low), to_value=float(high))
            ]
    return descriptor

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import pytest

from stalk_ros.audio import CaptureParameters
from stalk_ros.errors import UserError
from stalk_ros.parameters import Parameters, parameter, spec_of
from stalk_ros.speech import SpeechParameters


@dataclass(frozen=True)
class Tea(Parameters):
    steep_s: float = parameter(180.0, "How long", minimum=1.0, maximum=600.0)
    cups: int = parameter(2, "How many", minimum=0)
    leaf: str = parameter("green", "Which", choices=("green", "black"), read_only=True)
    milk: bool = parameter(False, "Whether with milk")
    cooling_k: float = parameter(0.0, "How much colder")
    debt: int = parameter(-1, "What is owed", maximum=0)


def test_good_values_are_taken_and_the_rest_keeps_its_default() -> None:
    tea = Tea.from_dict({"steep_s": 60, "leaf": "black"}, "kettle")
    assert tea == Tea(steep_s=60.0, leaf="black")
    assert type(tea.steep_s) is float, "a whole number will do for a number"
    assert Tea.from_dict({"steep_s": 1.0, "cups": 0}, "kettle").cups == 0, "bounds are allowed"


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("steep_s", 600.1, "parameter 'steep_s' must be between 1.0 and 600.0, not 600.1"),
        ("steep_s", float("nan"), "parameter 'steep_s' must be between 1.0 and 600.0, not nan"),
        ("steep_s", "60", "parameter 'steep_s' must be a number, not '60' (str)"),
        ("steep_s", True, "parameter 'steep_s' must be a number, not True (bool)"),
        ("steep_s", None, "parameter 'steep_s' must be a number, not None (NoneType)"),
        ("steep_s", 10**400, f"parameter 'steep_s' must be between 1.0 and 600.0, not {10**400}"),
        ("cups", -1, "parameter 'cups' must be at least 0, not -1"),
        ("cups", 2.0, "parameter 'cups' must be a whole number, not 2.0 (float)"),
        ("cups", True, "parameter 'cups' must be a whole number, not True (bool)"),
        ("debt", 1, "parameter 'debt' must be at most 0, not 1"),
        ("cooling_k", float("inf"), "parameter 'cooling_k' must be finite, not inf"),
        ("cooling_k", -float("inf"), "parameter 'cooling_k' must be finite, not -inf"),
        ("cooling_k", float("nan"), "parameter 'cooling_k' must be finite, not nan"),
        ("leaf", "oak", "parameter 'leaf' must be one of green, black, not 'oak'"),
        ("leaf", False, "parameter 'leaf' must be a string, not False (bool); put it in quotes"),
        ("leaf", ["green"], "parameter 'leaf' must be a string, not ['green'] (list)"),
        ("milk", 1, "parameter 'milk' must be a bool, not 1 (int)"),
    ],
)
def test_a_wrong_value_is_told_with_what_it_should_be(name: str, value: object, message: str) -> None:
    with pytest.raises(UserError) as error:
        Tea(**{name: value})
    assert str(error.value) == message
    with pytest.raises(UserError) as error:
        Tea.from_dict({name: value}, "kettle")
    assert str(error.value) == f"kettle: {message}"
    with pytest.raises(UserError):
        dataclasses.replace(Tea(), **{name: value})


@pytest.mark.parametrize("values", [{"sugar": 1}, {"sugar": 1, 7: 2}, {"sugar": 1, None: 2, True: 3}])
def test_an_unknown_name_is_told_with_the_known_ones(values: dict) -> None:
    with pytest.raises(UserError, match=r"^kettle has no parameter '\w+'; it has: steep_s, cups, leaf, milk"):
        Tea.from_dict(values, "kettle")


@pytest.mark.parametrize("cls", [CaptureParameters, SpeechParameters])
def test_every_parameter_says_what_it_means_and_accepts_its_bounds(cls: type[Parameters]) -> None:
    for field in dataclasses.fields(cls):
        spec = spec_of(field)
        assert spec.description[-1] not in ".\n"
        assert not field.name.endswith("_s") or "seconds" in spec.description
        for bound in (spec.minimum, spec.maximum, *spec.choices):
            if bound is not None:
                assert getattr(cls(**{field.name: type(field.default)(bound)}), field.name) == bound

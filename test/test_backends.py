from __future__ import annotations

import sys
from types import ModuleType

import pytest

from stalk_ros.backends import backend_class
from stalk_ros.errors import UserError


class Good:
    asked: tuple[str, ...] = ()

    @classmethod
    def missing(cls, wanted: str) -> str:
        cls.asked += (wanted,)
        return ""


class Missing:
    @classmethod
    def missing(cls, wanted: str) -> str:
        return f"no {wanted or 'engine'} here: pip install it"


TABLE = {"fine": "engines_for_test:Missing", "plain": "engines_for_test:Good"}


@pytest.fixture(autouse=True)
def engines(monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("engines_for_test")
    module.Good, module.Missing = Good, Missing
    monkeypatch.setitem(sys.modules, "engines_for_test", module)
    monkeypatch.setattr(Good, "asked", ())


def test_auto_takes_the_first_that_can_run() -> None:
    assert backend_class("asr", TABLE, "auto", "large") is Good
    assert Good.asked == ("large",)


def test_a_named_backend_never_gives_way_to_another() -> None:
    assert backend_class("asr", TABLE, "plain") is Good
    with pytest.raises(UserError) as error:
        backend_class("asr", TABLE, "fine", "large")
    assert str(error.value) == "asr: backend 'fine': no large here: pip install it"
    assert Good.asked == ("",)


def test_an_unknown_backend_is_told_with_the_known_ones() -> None:
    with pytest.raises(UserError) as error:
        backend_class("asr", TABLE, "whisperer")
    assert str(error.value) == "asr: unknown backend 'whisperer'; there are: auto, fine, plain"


def test_auto_says_what_every_backend_lacks_when_none_can_run() -> None:
    with pytest.raises(UserError) as error:
        backend_class("asr", {**TABLE, "plain": TABLE["fine"]}, "auto")
    reason = "no engine here: pip install it"
    assert str(error.value) == f"asr: backend 'fine': {reason}; backend 'plain': {reason}"


def test_a_named_backend_does_not_import_the_others() -> None:
    table = {"broken": "there_is_no_such_module:Engine", "plain": TABLE["plain"]}
    assert backend_class("asr", table, "plain") is Good

from __future__ import annotations

import importlib
import re
import sys
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Protocol

import pytest
import soundfile

from stalk_ros import cli
from stalk_ros.backends import Backend, Backends, backend_class
from stalk_ros.errors import UserError
from stalk_ros.speakers.backends import BACKENDS as EMBEDDERS
from stalk_ros.speech import SpeechParameters, SpeechStage
from stalk_ros.speech.backends import BACKENDS as TRANSCRIBERS
from stalk_ros.topics.backends import BACKENDS as RECOMMENDERS

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np

    Install = Callable[..., None]

GUIDE = (Path(__file__).parents[1] / "docs/engines.md").read_text(encoding="utf-8")


class Teller(Backend, Protocol):
    pitch: float

    def tell(self, story: str, mood: str = "glad") -> str: ...


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


FINE, PLAIN = "engines_for_test:Missing", "engines_for_test:Good"

OWN = """
class Own:
    name = "own"
    caveat = ""

    def __init__(self, wanted):
        self.wanted = wanted
        self.pitch = 1.0

    @classmethod
    def missing(cls, wanted):
        return "no voice:\\n  pip install voice" if wanted == "song" else ""

    def tell(self, story, mood="glad"):
        return story
"""


def backends(**built_in: str) -> Backends:
    return Backends("stalk_ros.tellers", Teller, built_in)


@pytest.fixture(autouse=True)
def engines(monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("engines_for_test")
    module.Good, module.Missing = Good, Missing
    monkeypatch.setitem(sys.modules, "engines_for_test", module)
    monkeypatch.setattr(Good, "asked", ())


@pytest.fixture
def install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Install:
    """Installs a package with one module that registers an engine."""

    def add(
        package: str = "own-engine",
        source: str = OWN,
        point: str = "own = own_engine:Own",
        group: str = "stalk_ros.tellers",
    ) -> None:
        site = tmp_path / package
        information = site / f"{package.replace('-', '_')}-1.2.dist-info"
        information.mkdir(parents=True)
        (information / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.2\n")
        (information / "entry_points.txt").write_text(f"[{group}]\n{point}\n")
        module = re.split("[=:]", point)[1].strip()
        (site / f"{module}.py").write_text(source)
        # Noted as absent, so that it is absent again after the test.
        monkeypatch.setitem(sys.modules, module, None)
        monkeypatch.delitem(sys.modules, module)
        monkeypatch.syspath_prepend(site)

    return add


def test_auto_takes_the_first_that_can_run() -> None:
    assert backend_class("asr", backends(fine=FINE, plain=PLAIN), "auto", "large") is Good
    assert Good.asked == ("large",)


def test_a_named_backend_never_gives_way_to_another() -> None:
    assert backend_class("asr", backends(fine=FINE, plain=PLAIN), "plain") is Good
    with pytest.raises(UserError) as error:
        backend_class("asr", backends(fine=FINE, plain=PLAIN), "fine", "large")
    assert str(error.value) == "asr: backend 'fine': no large here: pip install it"
    assert Good.asked == ("",)


def test_auto_says_what_every_backend_lacks_when_none_can_run() -> None:
    with pytest.raises(UserError) as error:
        backend_class("asr", backends(fine=FINE, plain=FINE), "auto")
    reason = "no engine here: pip install it"
    assert str(error.value) == f"asr: backend 'fine': {reason}; backend 'plain': {reason}"


def test_a_named_backend_does_not_import_the_others(install: Install) -> None:
    install(source="raise RuntimeError")
    assert (
        backend_class("asr", backends(broken="there_is_no_such_module:Engine", plain=PLAIN), "plain") is Good
    )


def test_an_unknown_backend_is_told_with_the_known_ones(install: Install) -> None:
    install(source="raise RuntimeError")
    with pytest.raises(UserError) as error:
        backend_class("asr", backends(fine=FINE, plain=PLAIN), "whisperer")
    assert str(error.value) == "asr: unknown backend 'whisperer'; there are: auto, fine, plain, own"


def test_a_registered_engine_is_made_when_it_is_named(install: Install) -> None:
    install()
    engine = backend_class("asr", backends(plain=PLAIN), "own", "small")("small")
    assert (type(engine).__name__, engine.wanted) == ("Own", "small")
    assert Good.asked == ()


def test_what_a_registered_engine_misses_is_told_like_a_built_in_ones(install: Install) -> None:
    install()
    with pytest.raises(UserError) as error:
        backend_class("asr", backends(), "own", "song")
    assert str(error.value) == "asr: backend 'own': no voice: pip install voice"


@pytest.mark.parametrize("point", ["own = own_engine:Own", "auto = own_engine:Own"])
def test_auto_never_takes_a_registered_engine(install: Install, point: str) -> None:
    install(point=point)
    with pytest.raises(UserError) as error:
        backend_class("asr", backends(fine=FINE), "auto")
    assert str(error.value) == "asr: backend 'fine': no engine here: pip install it"
    assert "own_engine" not in sys.modules


def test_a_name_that_two_packages_have_is_nobodys(install: Install) -> None:
    install("one-engine")
    install("two-engine")
    with pytest.raises(UserError) as error:
        backend_class("asr", backends(), "own")
    assert str(error.value).startswith("asr: more than one package has a backend 'own': ")
    assert "one-engine 1.2" in str(error.value)
    assert "two-engine 1.2" in str(error.value)


def test_a_built_in_engine_is_not_replaced_and_replaces_none(install: Install) -> None:
    install(point="plain = own_engine:Own")
    with pytest.raises(UserError) as error:
        backend_class("asr", backends(plain=PLAIN), "plain")
    assert "more than one package has a backend 'plain': stalk_ros, own-engine 1.2;" in str(error.value)
    assert backend_class("asr", backends(plain=PLAIN), "auto") is Good


@pytest.mark.parametrize(
    ("right", "wrong", "reason"),
    [
        (
            "class Own:",
            "import no_such_module\nclass Own:",
            "it does not load: ModuleNotFoundError: No module ",
        ),
        ("class Own:", "this is no Python", "it does not load: SyntaxError: "),
        ("class Own:", "import sys; sys.exit(1)\nclass Own:", "it does not load: SystemExit: 1;"),
        ("class Own:", "class Other:", "it does not load: AttributeError: module 'own_engine' has no "),
        ("def missing", "def absent", "it cannot say whether it can run: AttributeError: type object 'Own' "),
        ("@classmethod", "", "it cannot say whether it can run: TypeError: "),
        ("cls, wanted", "cls", "it cannot say whether it can run: TypeError: "),
        ('if wanted == "song"', "if 1 / 0", "it cannot say whether it can run: ZeroDivisionError: division "),
        ('if wanted == "song" else ""', "and None", "its 'missing' must return text, not None;"),
        ("__init__(self, wanted)", "__init__(self)", "it cannot be made: TypeError: "),
        ("self.wanted =", "raise RuntimeError; self.wanted =", "it cannot be made: RuntimeError;"),
        ("def tell", "def say", "it has no 'tell';"),
        ("self.pitch", "self.tone", "it has no 'pitch';"),
        ('    name = "own"\n', "", "it has no 'name';"),
        ('"own"', '"other"', "its 'name' is 'other', not 'own';"),
        ("def tell(", "tell = 1\n    def say(", "its 'tell' must take (story, mood='glad');"),
        ('mood="glad"', "mood", "its 'tell' must take (story, mood='glad');"),
        ('mood="glad"', "*moods", "its 'tell' must take (story, mood='glad');"),
        ('mood="glad"', '*, mood="glad"', "its 'tell' must take (story, mood='glad');"),
        (', mood="glad"', "", "its 'tell' must take (story, mood='glad');"),
        ("self, story", "self", "its 'tell' must take (story, mood='glad');"),
    ],
)
def test_a_broken_engine_is_one_line_that_says_whose_it_is(
    install: Install, right: str, wrong: str, reason: str
) -> None:
    assert right in OWN
    install(source=OWN.replace(right, wrong))
    with pytest.raises(UserError) as error:
        backend_class("asr", backends(plain=PLAIN), "own")("")
    message = str(error.value)
    owner = "asr: backend 'own' of own-engine 1.2 (entry point 'own = own_engine:Own') is broken: "
    assert message.startswith(owner)
    assert reason in message
    assert message.endswith("; update it, or choose another backend")
    assert "\n" not in message


def test_an_engine_may_have_more_than_is_asked_for(install: Install) -> None:
    install(source=OWN.replace('mood="glad"', 'mood="sad", speed=1, **more'))
    assert backend_class("asr", backends(), "own")("").tell("once") == "once"


def test_an_engine_in_compiled_code_is_taken_at_its_word(install: Install) -> None:
    install(source=OWN.replace("def tell(", "tell = staticmethod(max)\n\n    def say("))
    assert backend_class("asr", backends(), "own")("").tell("once") == "o"


def test_what_an_engine_says_to_the_user_is_left_as_it_is(install: Install) -> None:
    source = f"from stalk_ros.errors import UserError\n{OWN}"
    install(source=source.replace("self.pitch", "raise UserError('no such voice'); self.pitch"))
    with pytest.raises(UserError) as error:
        backend_class("asr", backends(), "own")("")
    assert str(error.value) == "no such voice"


@pytest.mark.parametrize("stage", [TRANSCRIBERS, EMBEDDERS, RECOMMENDERS])
def test_the_guide_names_every_group_and_protocol(stage: Backends) -> None:
    row = rf"\| `{stage.group}` \| `stalk_ros\.\w+\.{stage.protocol.__name__}` \|"
    assert re.search(row, GUIDE)


@pytest.mark.parametrize("stage", [TRANSCRIBERS, EMBEDDERS, RECOMMENDERS])
def test_every_built_in_engine_has_the_name_it_is_chosen_by(stage: Backends) -> None:
    for name, place in stage.built_in.items():
        module, _, attribute = place.partition(":")
        assert getattr(importlib.import_module(module), attribute).name == name


@pytest.fixture
def guide(install: Install) -> None:
    """The example of the guide, installed."""
    (source,) = re.findall("```python\n(.*?)```", GUIDE, re.DOTALL)
    ((group, point),) = re.findall(r'\[project\.entry-points\."(.*)"\]\n(.*)\n', GUIDE)
    install("stalk-command", source, point.replace('"', ""), group)


def program(path: Path, code: str) -> Path:
    path.write_text(f"#!{sys.executable}\n{code}")
    path.chmod(0o755)
    return path


@pytest.mark.usefixtures("guide")
def test_the_engine_of_the_guide_takes_part_in_a_conversation(
    sample_audio: np.ndarray, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    soundfile.write(tmp_path / "turn.wav", sample_audio[: 3 * 16_000], 16_000)
    count = (
        "import io, sys, wave; print(wave.open(io.BytesIO(sys.stdin.buffer.read())).getnframes(), 'samples')"
    )
    model = program(tmp_path / "count", count)
    arguments = ["--set", "asr.backend=command", "--set", f"asr.model={model}"]
    assert cli.main(["run", str(tmp_path / "turn.wav"), *arguments]) == 0
    said = re.fullmatch(r"00:00\.8 S1: (\d+) samples\n", capsys.readouterr().out)
    assert said
    assert 1.5 < int(said[1]) / 16_000 < 2.5


@pytest.mark.usefixtures("guide")
def test_the_engine_of_the_guide_says_what_it_misses() -> None:
    with pytest.raises(UserError) as error:
        SpeechStage.load(SpeechParameters(backend="command", model="/nowhere"))
    assert str(error.value).startswith("asr: backend 'command': there is no program '/nowhere';")

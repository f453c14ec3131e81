from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from stalk_ros.audio import Block
from stalk_ros.errors import EngineError
from stalk_ros.events import Utterance
from stalk_ros.speakers import SpeakerParameters, SpeakerStage
from stalk_ros.speakers.answers import CheckedEmbedder

if TYPE_CHECKING:
    from collections.abc import Callable

ROWS = np.eye(4, dtype=np.float64)
WINDOWS = [np.ones(16_000, np.float32)] * 2


@pytest.fixture
def answering(oracle: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[..., CheckedEmbedder]:
    """A checked engine that answers this, one after the other."""

    def make(*answers: Any) -> CheckedEmbedder:
        left = list(answers)
        monkeypatch.setattr(oracle, "embed", lambda windows: left.pop(0))
        return CheckedEmbedder(oracle)

    return make


@pytest.mark.parametrize(
    "answer", [ROWS[:2], ROWS[:2].astype(np.float16), ROWS[:2].tolist(), ROWS[:2] * 1.0005]
)
def test_rows_of_length_one_are_taken_as_float32(answering, answer: Any) -> None:
    embeddings = answering(answer).embed(WINDOWS)
    assert embeddings.dtype == np.float32
    np.testing.assert_allclose(embeddings, ROWS[:2], atol=1e-3)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (None, "answered with shape [] for 2 windows, not [2, D]"),
        ("words", "did not answer with embeddings: could not convert string to float"),
        ([[1.0, 0.0], [1.0]], "did not answer with embeddings: setting an array element with a sequence"),
        (ROWS[0], "answered with shape [4] for 2 windows, not [2, D]"),
        (ROWS[:3], "answered with shape [3, 4] for 2 windows, not [2, D]"),
        (ROWS[:2, None], "answered with shape [2, 1, 4] for 2 windows, not [2, D]"),
        (ROWS[:2, :1], "answered with shape [2, 1] for 2 windows, not [2, D]"),
        (ROWS[:2] * np.nan, "answered with numbers that are not finite"),
        (np.array([[1.0, 0.0], [np.inf, 0.0]]), "answered with numbers that are not finite"),
        (ROWS[:2] * [[1.0], [0.0]], "answered with an embedding of length 0, not 1"),
        (ROWS[:2] * [[1.0], [7.5]], "answered with an embedding of length 7.5, not 1"),
    ],
)
def test_another_answer_is_an_error_that_says_what_and_whose(answering, answer: Any, reason: str) -> None:
    with pytest.raises(EngineError) as error:
        answering(np.array(answer, dtype=object) if answer is None else answer).embed(WINDOWS)
    assert str(error.value).startswith("engine 'oracle' ")
    assert reason in str(error.value)
    assert "\n" not in str(error.value)


def test_the_dimensions_do_not_change(answering) -> None:
    engine = answering(ROWS[:2], np.eye(3)[:2], ROWS[:2])
    engine.embed(WINDOWS)
    with pytest.raises(EngineError, match="engine 'oracle' answered with 3 dimensions, before with 4"):
        engine.embed(WINDOWS)
    engine.embed(WINDOWS)


@pytest.mark.parametrize(
    ("figures", "reason"),
    [
        ({"window_s": 0.0}, "'window_s' is 0.0, it must be above 0 and at most 60"),
        ({"window_s": 1e9}, "'window_s' is 1000000000.0, it must be above 0 and at most 60"),
        ({"cohesion": float("nan")}, "'cohesion' is nan, it must be above -1 and at most 1"),
        ({"same_speaker": 1.5}, "'same_speaker' is 1.5, it must be above -1 and at most 1"),
        ({"scatter": "0.9"}, "'scatter' is '0.9', it must be above -1 and at most 1"),
    ],
)
def test_a_calibration_that_cannot_be_is_an_error(
    oracle: Any, monkeypatch: pytest.MonkeyPatch, figures: dict[str, Any], reason: str
) -> None:
    monkeypatch.setattr(oracle, "calibration", replace(oracle.calibration, **figures), raising=False)
    with pytest.raises(EngineError) as error:
        SpeakerStage(SpeakerParameters(), oracle)
    assert str(error.value) == f"engine 'oracle' has a calibration that cannot be: {reason}"


@pytest.mark.parametrize(
    ("name", "value"), [("model_id", ""), ("model_id", None), ("device", 0), ("model_id", "a\nb")]
)
def test_what_it_says_of_itself_is_text(oracle: Any, monkeypatch, name: str, value: Any) -> None:
    monkeypatch.setattr(oracle, name, value, raising=False)
    with pytest.raises(EngineError, match=f"engine 'oracle' has .* for its '{name}', which must be text"):
        CheckedEmbedder(oracle)


def test_a_calibration_is_one(oracle: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(oracle, "calibration", 0.8, raising=False)
    with pytest.raises(EngineError, match=r"a calibration that cannot be: 0\.8 is no Calibration"):
        CheckedEmbedder(oracle)


def test_the_stage_learns_nothing_from_a_wrong_answer(oracle: Any, speech, monkeypatch) -> None:
    stage = SpeakerStage(SpeakerParameters(), oracle)
    stage.hear(Block(speech((0, 4)), 0, True))
    said = Utterance("u0", 0, 4_000_000_000, "hello", (), "en", 0.9, final=True)
    with monkeypatch.context() as patch, pytest.raises(EngineError, match="not finite"):
        patch.setattr(oracle, "embed", lambda windows: np.full((len(windows), 8), np.nan))
        stage.attribute(said)
    assert [part.speaker_id for part in stage.attribute(said)] == ["S1"]

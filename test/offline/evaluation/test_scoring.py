"""All measures of a recording together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from stalk_ros.clock import seconds_to_ns
from stalk_ros.errors import UserError
from stalk_ros.events import Suggestion, SuggestionStatus, Trigger, Utterance, Word
from stalk_ros.offline.evaluation.heard import Heard, Told
from stalk_ros.offline.evaluation.references import Reference, reference
from stalk_ros.offline.evaluation.scores import RATIOS, TIMES_S, Ratio, Scores
from stalk_ros.offline.evaluation.scoring import score

START_NS = 1_700_000_000_000_000_000


def at_ns(time_s: float) -> int:
    return START_NS + seconds_to_ns(time_s)


@pytest.fixture
def truth(sample: Path) -> Reference:
    found = reference(sample)
    assert found is not None
    return found


@pytest.fixture
def perfect(truth: Reference) -> Heard:
    """What somebody who makes no mistake hears in the sample."""
    told = []
    for turn in truth.turns or ():
        texts = (turn.text or "").split()
        step_s = (turn.end_s - turn.start_s) / len(texts)
        words = tuple(
            Word(text, at_ns(turn.start_s + at * step_s), at_ns(turn.start_s + (at + 1) * step_s), 1.0)
            for at, text in enumerate(texts)
        )
        said = Utterance(
            f"u{at_ns(turn.start_s)}", at_ns(turn.start_s), at_ns(turn.end_s), " ".join(texts), words, "en"
        )
        said = replace(said, speaker_id=f"S-{turn.speaker}")
        told += [Told(replace(said, final=False), at_ns(turn.end_s)), Told(said, at_ns(turn.end_s + 0.5))]
    for number, (start_s, end_s) in enumerate(truth.silences_s or ()):
        offer = Suggestion(
            at_ns(start_s + 4), f"t{number}", SuggestionStatus.OFFERED, "Shall we?", "en", "", "", (),
            Trigger.SILENCE, 1.0, 1.0, "bank", at_ns(end_s),
        )  # fmt: skip
        told.append(Told(offer, offer.time_ns))
        told.append(Told(replace(offer, status=SuggestionStatus.WITHDRAWN), at_ns(end_s + 0.1)))
    written = tuple(item for item in told if isinstance(item.event, Utterance))
    return Heard(START_NS, 69.22, tuple(sorted(told, key=lambda item: item.at_ns)), written, ())


def test_who_makes_no_mistake_has_no_errors(truth: Reference, perfect: Heard) -> None:
    found = score(truth, perfect)
    assert list(found.ratios) == list(RATIOS)
    assert list(found.times_s) == list(TIMES_S)
    right = {"lapse precision": 1.0, "lapse recall": 1.0, "offers": 2.0}
    right |= {"voices": 3.0, "voices found": 3.0, "voices right": 1.0}
    assert {name: ratio.value for name, ratio in found.ratios.items()} == pytest.approx(
        {name: right.get(name, 0.0) for name in RATIOS}
    )
    assert found.times_s["offer after lapse"] == pytest.approx((0.0, 0.0))
    assert found.times_s["final after last word"] == pytest.approx([0.5] * len(truth.turns or ()))
    assert found.times_s["withdrawal after speech"] == pytest.approx((0.1,))


def test_who_hears_nothing_misses_all(truth: Reference) -> None:
    found = score(truth, Heard(START_NS, 69.22, (), (), ()))
    assert {found.ratios[name].value for name in ("WER", "CER", "cpWER", "DER", "JER")} == {1.0}
    assert found.ratios["lapse recall"] == Ratio(0, 2)
    assert found.ratios["lapse precision"].value is None


def test_what_is_not_scored_does_not_count(truth: Reference, perfect: Heard) -> None:
    text = Reference(text="hello", unscored_s=((0.0, 69.22),))
    assert score(text, perfect).ratios["WER"] == Ratio(1, 1)


def test_of_an_unknown_truth_only_offers_and_delays_are_told(perfect: Heard) -> None:
    found = score(Reference(), perfect)
    assert found.ratios == {"offers": Ratio(2, 1)}
    assert found.times_s["final after last word"]


def test_a_missing_package_is_named_with_what_installs_all(uninstall: Callable[..., None]) -> None:
    uninstall("jiwer", "pyannote")
    with pytest.raises(UserError) as error:
        score(Reference(), Heard(START_NS, 1.0, (), (), ()))
    assert str(error.value) == (
        "evaluation needs jiwer, pyannote.metrics: pip install jiwer matplotlib pyannote.metrics scipy"
    )


def test_nothing_heard_and_nothing_known_is_no_error() -> None:
    assert score(Reference(spans=(), turns=(), text=""), Heard(START_NS, 0.0, (), (), ())) != Scores()

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from stalk_ros.clock import seconds_to_ns
from stalk_ros.events import Utterance
from stalk_ros.speakers.backends.ge2e import GE2E
from stalk_ros.speakers.overlap import marked, overlaps
from stalk_ros.speakers.resemblance import Window

START_NS = 7_000_000_000
CALIBRATION = replace(GE2E.calibration, overlap=(-0.5, 1.0, 0.0))
BOTH, ONE = [1.0, 0.0], [0.0, 1.0]


def parts(*ends_s: float) -> list[Utterance]:
    """Parts by S1, S2, S1, … that follow each other and end at these seconds."""
    edges_ns = [START_NS + seconds_to_ns(second) for second in (0.0, *ends_s)]
    return [
        Utterance(f"u{number}", edges_ns[number], edges_ns[number + 1], "w", speaker_id=f"S{number % 2 + 1}")
        for number in range(len(ends_s))
    ]


def heard(result: list[Utterance]) -> list[tuple[bool, tuple[str, ...]]]:
    return [(part.overlapped, part.overlapping_speaker_ids) for part in result]


def test_two_voices_are_where_the_classifier_hears_them() -> None:
    windows = [Window(at_s, at_s + 1.0) for at_s in (0.0, 0.5, 1.0)]
    embeddings = np.array([ONE, BOTH, ONE], np.float32)
    assert overlaps(windows, embeddings, CALIBRATION) == [Window(0.75, 1.25)]


def test_a_window_shorter_than_the_models_is_not_judged() -> None:
    both = np.array([BOTH], np.float32)
    assert overlaps([Window(0.0, 0.9)], both, CALIBRATION) == []
    assert len(overlaps([Window(0.0, 1.0)], both, CALIBRATION)) == 1


def test_a_model_that_cannot_tell_marks_nothing() -> None:
    assert overlaps([Window(0.0, 1.0)], np.array([BOTH], np.float32), replace(CALIBRATION, overlap=())) == []


def test_parts_without_overlap_are_left_as_they_are() -> None:
    assert marked(parts(4.0, 8.0), [], ["S1", "S2"]) == parts(4.0, 8.0)


def test_where_one_voice_takes_over_both_parts_name_the_other() -> None:
    known = ["S1", "S2", "S3"]
    assert heard(marked(parts(4.0, 8.0), [Window(3.9, 4.4)], known)) == [(True, ("S2",)), (True, ("S1",))]


@pytest.mark.parametrize(
    ("known", "others"), [(["S1"], ()), (["S1", "S2"], ("S2",)), (["S1", "S2", "S3"], ())]
)
def test_within_what_one_says_the_other_is_named_where_there_is_only_one_other(
    known: list[str], others: tuple[str, ...]
) -> None:
    assert heard(marked(parts(4.0), [Window(1.0, 1.5)], known)) == [(True, others)]


@pytest.mark.parametrize(
    ("start_s", "first", "second"), [(3.5, True, False), (3.6, True, True), (4.0, False, True)]
)
def test_a_part_is_marked_only_if_the_overlap_reaches_into_it(
    start_s: float, first: bool, second: bool
) -> None:
    one, two = marked(parts(4.0, 8.0), [Window(start_s, start_s + 0.5)], ["S1", "S2"])
    assert (one.overlapped, two.overlapped) == (first, second)

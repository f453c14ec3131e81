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
WINDOWS = [Window(at_s, at_s + 1.0) for at_s in (0.0, 0.5, 1.0, 1.5)]


def parts(*ends_s: float) -> list[Utterance]:
    """Parts by S1, S2, S1, … that follow each other and end at these seconds."""
    edges_ns = [START_NS + seconds_to_ns(second) for second in (0.0, *ends_s)]
    return [
        Utterance(f"u{number}", edges_ns[number], edges_ns[number + 1], "w", speaker_id=f"S{number % 2 + 1}")
        for number in range(len(ends_s))
    ]


def heard(result: list[Utterance]) -> list[tuple[bool, tuple[str, ...]]]:
    return [(part.overlapped, part.overlapping_speaker_ids) for part in result]


def embeddings(*scores: float) -> np.ndarray:
    """Of windows that the classifier of the calibration gives these scores."""
    return np.array([[score + 0.5, 0.0] for score in scores], np.float32)


def test_two_voices_are_where_two_windows_sound_like_it() -> None:
    heard = overlaps(WINDOWS, embeddings(-0.4, 0.3, 0.2, -0.4), CALIBRATION)
    assert heard == [Window(0.75, 1.25), Window(1.25, 1.75)]


@pytest.mark.parametrize(
    "scores", [(-0.4, 0.3, -0.4, -0.4), (-0.4, -0.4, -0.4, 0.3), (-0.4, -0.1, -0.1, -0.4)]
)
def test_one_window_by_itself_proves_nothing(scores: tuple[float, ...]) -> None:
    assert overlaps(WINDOWS, embeddings(*scores), CALIBRATION) == []
    assert overlaps(WINDOWS[:1], embeddings(0.4), CALIBRATION) == []


def test_one_window_may_make_up_for_its_neighbour() -> None:
    assert overlaps(WINDOWS, embeddings(-0.4, 0.4, -0.2, -0.4), CALIBRATION) == [
        Window(0.75, 1.25),
        Window(1.25, 1.75),
    ]


def test_a_model_that_cannot_tell_marks_nothing() -> None:
    assert overlaps(WINDOWS, embeddings(0.4, 0.4, 0.4, 0.4), replace(CALIBRATION, overlap=())) == []


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

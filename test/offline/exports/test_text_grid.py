from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from praatio import textgrid

from stalk_ros.offline.exports import TextGrid, created
from stalk_ros.offline.exports.characters import plain

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture(scope="session")
def grid(heard, tmp_path_factory) -> Callable[..., Any]:
    """What is written of the events, as another program reads it."""
    path = tmp_path_factory.mktemp("grid") / "a.TextGrid"

    def write(*events: Any, length_s: float = 60.0) -> Any:
        export = TextGrid(created(path), heard(length_s))
        for event in events:
            export.write(event)
        export.close()
        return textgrid.openTextgrid(str(path), includeEmptyIntervals=True, duplicateNamesMode="error")

    return write


def told(tier: Any) -> list[tuple[float, float, str]]:
    """The intervals with a text; all of them must cover the whole time."""
    entries = list(tier.entries)
    assert [entries[0].start, entries[-1].end] == [tier.minTimestamp, tier.maxTimestamp]
    assert all(one.end == other.start for one, other in itertools.pairwise(entries))
    assert all(entry.start < entry.end for entry in entries)
    return [(entry.start, entry.end, entry.label) for entry in entries if entry.label]


def test_each_speaker_has_a_tier_of_utterances_and_one_of_words(grid, said) -> None:
    words = [("did", 1.5, 1.7), ("you", 1.7, 2.2)]
    made = grid(said(4, 5, "하하", speaker_id="S2", speaker_name="안나"), said(1.5, 2.25, words=words))
    assert made.tierNames == ("S1", "S1 words", "안나", "suggestions")
    assert told(made.getTier("S1")) == [(1.5, 2.25, "did you")]
    assert told(made.getTier("S1 words")) == [(1.5, 1.7, "did"), (1.7, 2.2, "you")]
    assert told(made.getTier("안나")) == [(4.0, 5.0, "하하")]
    assert (made.minTimestamp, made.maxTimestamp) == (0.0, 60.0)


def test_what_nobody_is_known_to_have_said_has_a_tier_too(grid, said) -> None:
    assert told(grid(said(1, 2, "hm", speaker_id="")).getTier("?")) == [(1.0, 2.0, "hm")]


def test_suggestions_are_points(grid, suggested) -> None:
    points = grid(suggested(33.9), suggested(33.9, 35.5)).getTier("suggestions").entries
    # This reader leaves the doubled quotes of points as they are; Praat does not.
    assert [(point.time, point.label.replace('""', '"')) for point in points] == [
        (33.9, 'And the "lake"?'),
        (35.5, 'withdrawn: And the "lake"?'),
    ]


def test_quotes_are_doubled(tmp_path, heard, said) -> None:
    export = TextGrid(created(tmp_path / "a"), heard(2.0))
    export.write(said(0, 1, 'a "b"', speaker_id='Ann "A"'))
    export.close()
    lines = [line.strip() for line in (tmp_path / "a").read_text(encoding="utf-8").splitlines()]
    assert 'name = "Ann ""A"""' in lines
    assert 'text = "a ""b"""' in lines


def test_of_no_recording_there_is_a_valid_file(grid) -> None:
    assert grid(length_s=0.0).tierNames == ("suggestions",)


def test_partials_and_what_takes_them_back_are_left_out(grid, said) -> None:
    assert grid(said(1, 2, "a", final=False), said(1, 2)).tierNames == ("suggestions",)


def test_what_overlaps_within_a_tier_is_cut_and_none_of_it_lost(grid, said) -> None:
    made = grid(said(1, 4, "one"), said(3, 5, "two"), said(3, 3, "three"), said(7, 6, "four"))
    (first, second, last) = told(made.getTier("S1"))
    assert first == (1.0, 3.0, "one")
    assert second == (3.0, 5.0, "three two")
    assert last == (7.0, 7.001, "four")


def test_names_that_are_alike_have_tiers_of_their_own(grid, said) -> None:
    made = grid(
        said(1, 2, words=[("a", 1, 2)], speaker_id="S1", speaker_name="Ann"),
        said(3, 4, "b", speaker_id="S2", speaker_name="Ann words"),
        said(5, 6, "c", speaker_id="S3", speaker_name="suggestions"),
        said(7, 8, "d", speaker_id="Ann"),
    )
    labels = [told(made.getTier(name))[0][2] for name in made.tierNames[:-1]]
    assert labels == ["a", "a", "b", "c", "d"]


def test_what_ends_after_the_audio_makes_the_file_longer(grid, said) -> None:
    assert grid(said(1, 2.5, "a"), length_s=2.0).maxTimestamp == 2.5


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


@settings(deadline=None)
@given(st.lists(st.tuples(st.floats(0, 50), st.floats(-1, 9), texts, texts), max_size=5))
def test_any_text_comes_back(grid, said, made) -> None:
    events = [
        said(start_s, start_s + length_s, text, speaker_id=name, words=[(text, start_s, start_s + length_s)])
        for start_s, length_s, text, name in made
    ]
    found = grid(*events)
    tiers = [found.getTier(name) for name in found.tierNames[:-1]]
    words = [word for tier in tiers for _, _, label in told(tier) for word in label.split(" ")]
    wanted = [word for event in events for word in plain(event.text).split(" ") if word]
    assert sorted(words) == sorted(wanted * 2)

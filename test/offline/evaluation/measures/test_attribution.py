"""The word error rate that also asks who said each word, counted by hand."""

from __future__ import annotations

from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from stalk_ros.offline.evaluation.measures.attribution import fewest_errors, ratios
from stalk_ros.offline.evaluation.references import Reference, TimedWord, Turn
from stalk_ros.offline.evaluation.scores import Ratio

SPEAKERS = st.lists(st.lists(st.sampled_from("abc"), max_size=6), max_size=4)
TURNS = (
    Turn(0.0, 2.0, "ann", "one two"),
    Turn(2.0, 4.0, "bob", "three four"),
    Turn(4.0, 6.0, "ann", "five six"),
)


def heard(*voices: str) -> list[TimedWord]:
    """A word each second, of these voices."""
    texts = ["one", "two", "three", "four", "five", "six", "seven"]
    return [
        TimedWord(text, at, at + 0.5, voice)
        for at, (text, voice) in enumerate(zip(texts, voices, strict=False))
    ]


def cp_wer(*voices: str) -> Ratio:
    return ratios(Reference(turns=TURNS), heard(*voices), "en")["cpWER"]


def test_names_of_voices_do_not_matter() -> None:
    assert cp_wer(*"AABBAA") == Ratio(0, 6)
    assert cp_wer(*"BBAABB") == Ratio(0, 6)


def test_a_word_of_the_wrong_voice_is_missing_and_too_many() -> None:
    # "three" is missing in "three four", and too many in "one two three five six".
    assert cp_wer(*"AAABAA") == Ratio(2, 6)


def test_a_speaker_without_a_voice_is_missing() -> None:
    # All words in one voice: ann's four are right, bob's two are too many there and missing here.
    assert cp_wer(*"AAAAAA") == Ratio(4, 6)


def test_a_voice_without_a_speaker_is_too_many() -> None:
    # ann is two voices: the second one's two words are too many, and missing in the first.
    assert cp_wer(*"AABBCC") == Ratio(4, 6)


def test_nothing_heard_is_all_missing() -> None:
    assert cp_wer() == Ratio(6, 6)


def test_nobody_speaks_and_something_is_heard() -> None:
    assert ratios(Reference(turns=()), heard("A", "A"), "en")["cpWER"] == Ratio(2, 0)


def test_only_turns_whose_text_is_known_count() -> None:
    turns = (TURNS[0], Turn(2.0, 4.0, "bob", None), TURNS[2])
    assert ratios(Reference(turns=turns), heard(*"AABBAA"), "en")["cpWER"] == Ratio(0, 4)


def test_it_needs_to_be_known_who_said_what() -> None:
    assert ratios(Reference(text="one two"), heard("A"), "en") == {}
    assert ratios(Reference(turns=(Turn(0.0, 2.0, "", "one two"),)), heard("A"), "en") == {}
    assert ratios(Reference(turns=TURNS), heard("A"), "ja") == {}


@given(SPEAKERS)
def test_the_same_words_have_no_errors_in_any_order(said: list[list[str]]) -> None:
    assert fewest_errors(said, said[::-1]).part == 0


@given(SPEAKERS, SPEAKERS)
def test_no_pairs_have_fewer_errors(said: list[list[str]], voices: list[list[str]]) -> None:
    count = max(len(said), len(voices))
    padded = [*said, *[[]] * (count - len(said))]
    tried = [
        sum(map(distance, padded, order)) for order in permutations([*voices, *[[]] * (count - len(voices))])
    ]
    assert fewest_errors(said, voices) == Ratio(min(tried), sum(map(len, said)))


def distance(one: list[str], other: list[str]) -> int:
    """The edit distance by its definition."""
    row = list(range(len(other) + 1))
    for number, word in enumerate(one, start=1):
        before, row[0] = row[0], number
        for at, heard in enumerate(other, start=1):
            before, row[at] = row[at], min(row[at] + 1, row[at - 1] + 1, before + (word != heard))
    return row[-1]

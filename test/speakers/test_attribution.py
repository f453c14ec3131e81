from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stalk_ros.clock import seconds_to_ns
from stalk_ros.events import Utterance, Word
from stalk_ros.speakers.attribution import attributed
from stalk_ros.speakers.clustering import STEP_S, VoicePath

NAMES = {0: "S1", 1: "S2", 2: "S3"}
START_S = 100.0


def ns(seconds: float) -> int:
    return seconds_to_ns(START_S + seconds)


def utterance(words: str, end_s: float, language: str = "en", final: bool = True) -> Utterance:
    """Words as ``text start end`` in seconds of the utterance, separated by commas."""
    listed = []
    for word in filter(None, words.split(",")):
        text, start_s, stop_s = word.split()
        listed.append(Word(text, ns(float(start_s)), ns(float(stop_s)), 0.5 + 0.1 * len(listed)))
    text = " ".join(word.text for word in listed)
    return Utterance("u99990", ns(0), ns(end_s), text, tuple(listed), language, 0.7, final=final)


def path(*runs: tuple[int, float], probabilities: list[list[float]] | None = None) -> VoicePath:
    """A path of voices, each for some seconds; the voice of a step is probable by 0.9 unless it is told."""
    voices = np.concatenate([np.full(round(seconds / STEP_S), voice, np.intp) for voice, seconds in runs])
    table = np.full((len(voices), len(NAMES)), 0.05)
    table[np.arange(len(voices)), voices] = 0.9
    return VoicePath(
        voices, np.arange(len(NAMES)), table if probabilities is None else np.array(probabilities)
    )


def taking_over(change_s: float, end_s: float) -> VoicePath:
    """From the first voice to the second, as gradually as windows of 1 s tell it."""
    times_s = np.arange(round(end_s / STEP_S)) * STEP_S + STEP_S / 2
    second = 1 / (1 + np.exp(-5 * (times_s - change_s)))
    return VoicePath(
        (times_s > change_s).astype(np.intp), np.arange(2), np.stack([1 - second, second], axis=1)
    )


def test_one_voice_leaves_the_utterance_as_it_is() -> None:
    whole = utterance("good 0 0.5,morning 0.5 1.4", 2.0)
    (part,) = attributed(whole, path((1, 2.0)), NAMES)
    assert (part.speaker_id, part.speaker_confidence) == ("S2", pytest.approx(0.9))
    assert (part.text, part.words, part.confidence) == (whole.text, whole.words, whole.confidence)
    assert (part.utterance_id, part.start_ns, part.end_ns) == ("u99990", whole.start_ns, whole.end_ns)


def test_two_voices_are_split_between_words() -> None:
    whole = utterance("how 0.1 0.4,are 0.5 0.9,you 1.0 1.9,fine 2.3 2.8,thanks 2.8 3.6", 4.0)
    one, two = attributed(whole, path((0, 2.0), (2, 2.0)), NAMES)
    assert (one.speaker_id, one.text) == ("S1", "how are you")
    assert (two.speaker_id, two.text) == ("S3", "fine thanks")
    assert one.words + two.words == whole.words
    assert (one.start_ns, two.end_ns) == (whole.start_ns, whole.end_ns)
    assert one.end_ns == two.start_ns == ns(2.1)
    assert (one.utterance_id, two.utterance_id) == ("u99990", "u102100")
    assert one.confidence == pytest.approx(0.6)
    assert two.confidence == pytest.approx(0.85)
    assert one.final
    assert two.final


@pytest.mark.parametrize("change_s", [1.25, 1.75])
def test_a_word_is_never_cut(change_s: float) -> None:
    whole = utterance("one 0.1 0.8,overlapping 1.0 2.0,three 2.1 2.9", 3.0)
    one, two = attributed(whole, path((0, change_s), (1, 3 - change_s)), NAMES)
    assert one.words + two.words == whole.words
    for part in (one, two):
        assert all(part.start_ns <= word.start_ns and word.end_ns <= part.end_ns for word in part.words)
    assert ("overlapping" in one.text) == (change_s >= 1.5)


@pytest.mark.parametrize("end", [".", "?", "!", "…", "。", '."', "。」"])
@pytest.mark.parametrize("heard_s", [1.5, 2.0, 2.5])
def test_the_voice_changes_after_the_sentence_that_ends_within_half_a_second(
    heard_s: float, end: str
) -> None:
    whole = utterance(f"last 1.0 1.5,month{end} 1.5 2,That 2 2.5,is 2.5 3,wonderful. 3 4", 4.0)
    one, two = attributed(whole, taking_over(heard_s, 4.0), NAMES)
    assert (one.text, two.text) == (f"last month{end}", "That is wonderful.")
    assert one.end_ns == two.start_ns == ns(2.0)


def test_two_voices_of_one_speaker_are_one() -> None:
    whole = utterance("a 0 1,b 1 2,c 2 3", 3.0)
    same = VoicePath(
        np.array([3] * 4 + [7] * 4 + [9] * 4), np.array([3, 7, 9]), np.eye(3).repeat(4, axis=0) * 0.9
    )
    one, two = attributed(whole, same, {3: "S1", 7: "S1", 9: "S2"})
    assert [(part.speaker_id, part.text) for part in (one, two)] == [("S1", "a b"), ("S2", "c")]
    assert one.speaker_confidence == pytest.approx(0.9)


@pytest.mark.parametrize("heard_s", [1.6, 2.4])
def test_the_voice_changes_in_the_pause_that_is_near(heard_s: float) -> None:
    whole = utterance("a 0 0.5,b 0.5 1,c 1 1.5,x 1.5 1.8,y 2.2 2.5,d 2.5 3,e 3 4", 4.0)
    one, two = attributed(whole, taking_over(heard_s, 4.0), NAMES)
    assert (one.text, two.text) == ("a b c x", "y d e")


@pytest.mark.parametrize("heard_s", [1.0, 3.0])
def test_no_end_of_a_sentence_farther_away_moves_the_change(heard_s: float) -> None:
    whole = utterance("a 0 0.5,b 0.5 1,c 1 1.5,d. 1.5 1.8,e 2.2 2.5,f 2.5 3,g 3 3.5,h 3.5 4", 4.0)
    one, two = attributed(whole, taking_over(heard_s, 4.0), NAMES)
    assert (one.end_ns, two.start_ns) == (ns(heard_s), ns(heard_s))


def test_where_many_sentences_end_the_voice_changes_once() -> None:
    whole = utterance("a. 0 1.6,b. 1.6 1.9,c. 1.9 2.2,d. 2.2 4", 4.0)
    one, two = attributed(whole, taking_over(1.9, 4.0), NAMES)
    assert (one.text, two.text) == ("a. b.", "c. d.")


def test_a_word_of_somebody_else_is_kept_where_nobody_writes_punctuation() -> None:
    voices = path((0, 1.0), (1, 0.5), (0, 1.5))
    parts = attributed(utterance("a 0 1,b 1 1.5,c 1.5 3", 3.0), voices, NAMES)
    assert [part.speaker_id for part in parts] == ["S1", "S2", "S1"]
    (part,) = attributed(utterance("a 0 1,b 1 1.5,c. 1.5 3", 3.0), voices, NAMES)
    assert part.speaker_id == "S1"


def test_a_short_sentence_of_somebody_else_keeps_its_voice() -> None:
    whole = utterance("last 0 0.5,month. 0.5 1,Really? 1 1.5,Yes. 1.5 2,We 2 2.5,did. 2.5 3", 3.0)
    parts = attributed(whole, path((0, 1.0), (1, 0.5), (0, 1.5)), NAMES)
    assert [(part.speaker_id, part.text) for part in parts] == [
        ("S1", "last month."),
        ("S2", "Really?"),
        ("S1", "Yes. We did."),
    ]


@pytest.mark.parametrize("change_s", [0.75, 1.0, 1.25, 1.5])
def test_the_edge_is_in_the_middle_of_a_pause_too_short_for_the_path(change_s: float) -> None:
    whole = utterance("one 0.1 0.9,two 1.3 2.9", 3.0)
    one, two = attributed(whole, path((0, change_s), (1, 3 - change_s)), NAMES)
    assert one.end_ns == two.start_ns == ns(1.1)


def test_the_edge_is_where_the_voice_changes_in_the_pause() -> None:
    whole = utterance("one 0.1 0.9,two 2.1 2.9", 3.0)
    for change_s, edge_s in ((1.0, 1.0), (1.5, 1.5), (2.0, 2.0), (0.75, 0.9), (2.25, 2.1)):
        one, two = attributed(whole, path((0, change_s), (1, 3 - change_s)), NAMES)
        assert one.end_ns == two.start_ns == ns(edge_s)


def test_a_voice_between_words_is_not_an_utterance() -> None:
    whole = utterance("one 0.1 0.9,two 2.1 2.9", 3.0)
    (part,) = attributed(whole, path((0, 1.25), (1, 0.5), (0, 1.25)), NAMES)
    assert (part.speaker_id, part.text) == ("S1", "one two")


def test_three_parts_cover_the_whole() -> None:
    whole = utterance("a 0 1,b 1 2,c 2 3,d 3 4", 4.0)
    parts = attributed(whole, path((0, 1.0), (1, 2.0), (0, 1.0)), NAMES)
    assert [(part.speaker_id, part.text) for part in parts] == [("S1", "a"), ("S2", "b c"), ("S1", "d")]
    edges = [whole.start_ns, *(part.end_ns for part in parts)]
    assert edges[1:-1] == [part.start_ns for part in parts[1:]]
    assert edges[-1] == whole.end_ns
    assert len({part.utterance_id for part in parts}) == 3


def test_an_utterance_without_words_has_the_voice_that_lasts_longest() -> None:
    (part,) = attributed(utterance("", 3.0), path((0, 1.0), (1, 2.0)), NAMES)
    assert part.speaker_id == "S2"


def test_a_partial_stays_one_and_has_the_voice_of_its_end() -> None:
    partial = utterance("a 0 1,b 1 2,c 2 3,d 3 4", 4.0, final=False)
    (part,) = attributed(partial, path((0, 3.0), (1, 1.0)), NAMES)
    assert (part.speaker_id, part.text, part.final) == ("S2", "a b c d", False)


def test_a_short_utterance_is_less_certain_than_a_long_one() -> None:
    def confidence(seconds: float) -> float:
        steps = path((0, max(STEP_S, seconds)))
        return attributed(utterance("", seconds), steps, NAMES)[0].speaker_confidence

    assert confidence(0.25) < confidence(0.75) < confidence(2.0) == confidence(10.0)


@pytest.mark.parametrize(
    ("before", "speaker"), [("S1", "S1"), ("S2", "S2"), ("S3", "S1"), ("", "S1"), ("S9", "S1")]
)
def test_something_short_that_could_be_either_is_by_who_spoke_before(before: str, speaker: str) -> None:
    alike = path((0, 0.5), probabilities=[[0.41, 0.40, 0.10]] * 2)
    (part,) = attributed(utterance("mhm 0 0.3", 0.3), alike, NAMES, before)
    assert part.speaker_id == speaker
    assert part.speaker_confidence < 0.15


def test_who_spoke_before_does_not_matter_to_what_is_heard_well() -> None:
    (short,) = attributed(utterance("mhm 0 0.3", 0.3), path((0, 0.5)), NAMES, "S2")
    alike = path((0, 1.5), probabilities=[[0.41, 0.40, 0.10]] * 6)
    (long,) = attributed(utterance("well 0 0.3", 1.5), alike, NAMES, "S2")
    assert (short.speaker_id, long.speaker_id) == ("S1", "S1")


@pytest.mark.parametrize(("language", "text"), [("ja", "ab"), ("zh-TW", "ab"), ("ko", "a b"), ("", "a b")])
def test_words_are_joined_as_the_language_writes_them(language: str, text: str) -> None:
    whole = utterance("a 0 1,b 1 2,c 2 4", 4.0, language)
    one, _ = attributed(whole, path((0, 2.0), (1, 2.0)), NAMES)
    assert one.text == text


def test_words_outside_the_path_belong_to_its_ends() -> None:
    whole = utterance("early -0.4 -0.1,late 4.2 4.6", 4.0)
    one, two = attributed(whole, path((0, 2.0), (1, 2.0)), NAMES)
    assert (one.text, two.text) == ("early", "late")


TIMES_S = st.integers(-10, 70).map(lambda tenths: tenths / 10)


@given(
    times_s=st.lists(st.tuples(TIMES_S, TIMES_S), max_size=8),
    voices=st.lists(st.integers(0, 2), min_size=1, max_size=24),
)
def test_parts_cover_the_whole_whatever_the_times_of_words(
    times_s: list[tuple[float, float]], voices: list[int]
) -> None:
    words = ",".join(f"w{number} {start_s} {end_s}" for number, (start_s, end_s) in enumerate(times_s))
    whole = utterance(words, 6.0)
    parts = attributed(whole, path(*((voice, STEP_S) for voice in voices)), NAMES)
    edges = [whole.start_ns, *(part.end_ns for part in parts)]
    assert edges[-1] == whole.end_ns
    assert edges[:-1] == [part.start_ns for part in parts]
    assert all(part.start_ns < part.end_ns for part in parts)
    assert sum((part.words for part in parts), ()) == whole.words
    assert len({part.utterance_id for part in parts}) == len(parts)
    neighbours = pairwise(parts)
    assert all(one.speaker_id != two.speaker_id for one, two in neighbours)


@pytest.mark.parametrize("change_s", [0.25, 2.0, 3.75])
def test_one_word_is_never_split(change_s: float) -> None:
    whole = utterance("supercalifragilistic 0.1 3.9", 4.0)
    (part,) = attributed(whole, path((0, change_s), (1, 4 - change_s)), NAMES)
    assert part.speaker_id == ("S2" if change_s < 2 else "S1")
    assert (part.text, part.end_ns) == (whole.text, whole.end_ns)


@pytest.mark.parametrize("words", ["x 0 0,long 0 4", "long 0 4,x 4 4"])
def test_a_word_without_length_at_an_end_is_no_part_of_its_own(words: str) -> None:
    whole = utterance(words, 4.0)
    for voices in (path((0, 0.75), (1, 3.25)), path((0, 3.25), (1, 0.75))):
        (part,) = attributed(whole, voices, NAMES)
        assert (part.text, part.end_ns) == (whole.text, whole.end_ns)


@pytest.mark.parametrize("at_s", [0.0, 1.0, 1.25, 4.0])
def test_a_word_without_length_between_others_is_no_part_of_its_own(at_s: float) -> None:
    listed = [("a", 0.0, 1.0), ("b", 1.0, 2.5), ("c", 2.5, 4.0), ("x", at_s, at_s)]
    listed.sort(key=lambda word: (word[1], word[2]))
    whole = utterance(",".join(f"{text} {start} {end}" for text, start, end in listed), 4.0)
    strange = path((0, at_s), (1, 0.25), (0, 4.25 - at_s))
    (part,) = attributed(whole, strange, NAMES)
    assert (part.speaker_id, part.text) == ("S1", whole.text)

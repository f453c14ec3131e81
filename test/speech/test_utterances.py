from __future__ import annotations

import unicodedata
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from stalk_ros.clock import seconds_to_ns
from stalk_ros.errors import EngineError, UserError
from stalk_ros.speech import Removal, Segment, SpeechParameters, TranscribedWord, Transcript
from stalk_ros.speech.utterances import UtteranceWriter

if TYPE_CHECKING:
    from typing import Any

START_NS = 10_000_000_000
SEGMENT = Segment(
    "u10000", START_NS, START_NS + seconds_to_ns(2), START_NS - seconds_to_ns(0.3), np.zeros(40_000)
)


class Script:
    """A `Transcriber` that says what it is told to."""

    name = "script"
    caveat = ""
    overhead_s = 0.0

    def __init__(self, *texts: str) -> None:
        self.texts = list(texts)
        self.contexts: list[str] = []

    @classmethod
    def missing(cls, parameters: SpeechParameters) -> str:
        return ""

    def transcribe(self, audio: np.ndarray, context: str = "") -> Transcript:
        self.contexts.append(context)
        text = self.texts.pop(0)
        words = [
            TranscribedWord(word, 0.3 + number / 10, 0.4 + number / 10, 0.9)
            for number, word in enumerate(text.split())
        ]
        return Transcript(text, tuple(words), "en", 0.8)


def part(length: int, **fields: Any) -> Segment:
    """The segment while the speech goes on, with so many samples beyond the first two seconds."""
    return replace(SEGMENT, final=False, audio=np.zeros(32_000 + length), **fields)


def partials(*texts: str) -> list[str | None]:
    writer = UtteranceWriter(Script(*texts))
    written = [writer.write(part(number)) for number in range(2, 2 + len(texts))]
    return [utterance and utterance.text for utterance in written]


def test_a_partial_in_japanese_has_no_spaces_between_its_characters() -> None:
    class Japanese(Script):
        def transcribe(self, audio: np.ndarray, context: str = "") -> Transcript:
            return replace(super().transcribe(audio, context), text="今日は", language="ja")

    writer = UtteranceWriter(Japanese("今 日 は", "今 日 は"))
    _, utterance = [writer.write(part(length)) for length in (2, 3)]
    assert utterance is not None
    assert utterance.text == "今日は"


def test_a_final_is_what_the_engine_understood() -> None:
    utterance = UtteranceWriter(Script(" so it was ")).write(SEGMENT)
    assert utterance is not None
    assert (utterance.text, utterance.language, utterance.confidence) == ("so it was", "en", 0.8)
    assert (utterance.utterance_id, utterance.final, utterance.speaker_id) == ("u10000", True, "")
    assert (utterance.start_ns, utterance.end_ns) == (SEGMENT.start_ns, SEGMENT.end_ns)
    starts = [word.start_ns - START_NS for word in utterance.words]
    assert starts == pytest.approx([0, seconds_to_ns(0.1), seconds_to_ns(0.2)], abs=1)


@pytest.mark.parametrize("text", ["", "  "])
def test_nothing_understood_is_no_utterance(text: str) -> None:
    assert UtteranceWriter(Script(text)).write(SEGMENT) is None


def test_words_stay_within_the_speech() -> None:
    class Sloppy(Script):
        def transcribe(self, audio: np.ndarray, context: str = "") -> Transcript:
            words = (TranscribedWord("a", -1.0, 0.4, 0.5), TranscribedWord("b", 2.2, 9.0, 0.5))
            return Transcript("a b", words, "en", 0.5)

    utterance = UtteranceWriter(Sloppy()).write(SEGMENT)
    assert utterance is not None
    a, b = utterance.words
    assert (a.start_ns, a.end_ns) == (START_NS, START_NS + seconds_to_ns(0.1))
    assert (b.start_ns, b.end_ns) == (START_NS + seconds_to_ns(1.9), SEGMENT.end_ns)


@pytest.mark.parametrize("final", [True, False])
def test_text_is_composed_unicode(final: bool) -> None:
    decomposed = unicodedata.normalize("NFD", "café 안녕하세요")
    writer = UtteranceWriter(Script(decomposed, decomposed))
    writer.write(part(2))
    utterance = writer.write(replace(part(3), final=final))
    assert utterance is not None
    assert utterance.text == "café 안녕하세요"
    assert [word.text for word in utterance.words] == ["café", "안녕하세요"]


def test_a_partial_is_what_two_passes_agree_on() -> None:
    assert partials("so", "so it", "so it was") == [None, "so", "so it"]
    assert partials("so what", "saw it", "saw it was") == [None, None, "saw it"]


def test_a_partial_tells_only_something_new() -> None:
    assert partials("so it", "so it", "so it", "so it was", "so it was") == [
        None,
        "so it",
        None,
        None,
        "so it was",
    ]
    assert partials("", "", "so", "so") == [None, None, None, "so"]


def test_a_partial_takes_nothing_back() -> None:
    said = partials("so it", "so it", "saw it was", "saw it was good", "saw it was good")
    assert said == [None, "so it", None, "so it was", "so it was good"]


def test_a_partial_is_marked_as_such_and_has_the_words_and_the_id_of_its_final() -> None:
    writer = UtteranceWriter(Script("so it was", "so it is", "so it is"))
    assert writer.write(part(2)) is None
    partial = writer.write(part(3, end_ns=START_NS + seconds_to_ns(1)))
    final = writer.write(SEGMENT)
    assert partial is not None
    assert final is not None
    assert (partial.final, final.final) == (False, True)
    assert partial.utterance_id == final.utterance_id
    assert [word.text for word in partial.words] == ["so", "it"]
    assert final.text == "so it is"


def test_utterances_do_not_agree_with_each_other() -> None:
    writer = UtteranceWriter(Script("so it was", "so it was", "so it was"))
    assert writer.write(part(2)) is None
    assert writer.write(part(3, utterance_id="u99")) is None
    agreed = writer.write(part(4, utterance_id="u99"))
    assert agreed is not None
    assert agreed.text == "so it was"


def test_a_final_takes_over_what_a_partial_heard() -> None:
    script = Script("so it", "so it was", "something else")
    writer = UtteranceWriter(script)
    writer.write(part(2))
    writer.write(part(3))
    same = writer.write(replace(part(3), final=True))
    assert same is not None
    assert (same.text, same.final) == ("so it was", True)
    assert len(script.contexts) == 2
    other = writer.write(replace(part(3), final=True))
    assert other is not None
    assert other.text == "something else", "only once, and only the latest"


@pytest.mark.parametrize(
    ("other", "passes"),
    [
        ({}, 1),
        ({"utterance_id": "u99"}, 2),
        ({"audio_start_ns": SEGMENT.audio_start_ns - 1}, 2),
        ({"audio": np.zeros(40_001)}, 2),
        ({"continues": False}, 2),
    ],
    ids=["the same", "utterance", "start", "length", "context"],
)
def test_a_final_takes_over_only_the_answer_to_what_it_would_ask(other: dict[str, Any], passes: int) -> None:
    script = Script("well", "so it", "so it was")
    writer = UtteranceWriter(script)
    writer.write(replace(SEGMENT, cut=True))
    writer.write(replace(SEGMENT, final=False, continues=True))
    writer.write(replace(SEGMENT, **{"continues": True, **other}))
    assert len(script.contexts) == 1 + passes


def test_a_final_without_words_takes_back_the_partials_of_its_utterance() -> None:
    writer = UtteranceWriter(Script("so it", "so it", "", "", "so", ""))
    for length in (2, 3):
        writer.write(part(length))
    taken_back = writer.write(SEGMENT)
    assert taken_back is not None
    assert (taken_back.text, taken_back.words, taken_back.final) == ("", (), True)
    assert taken_back.utterance_id == SEGMENT.utterance_id
    assert writer.write(replace(SEGMENT, utterance_id="u99")) is None
    assert writer.write(part(2, utterance_id="u100")) is None
    assert writer.write(replace(SEGMENT, utterance_id="u100")) is None, "nothing was out"


@pytest.mark.parametrize("understood", ["so it", ""])
def test_after_a_final_the_partials_of_the_same_id_start_anew(understood: str) -> None:
    writer = UtteranceWriter(Script("so it", "so it", understood, "so it", "so it"))
    for length in (2, 3):
        writer.write(part(length))
    writer.write(SEGMENT)
    assert writer.write(part(4)) is None
    again = writer.write(part(5))
    assert again is not None
    assert again.text == "so it"


def test_a_final_that_the_engine_failed_on_takes_back_its_partials_once() -> None:
    writer = UtteranceWriter(Script("so it", "so it", "so it", "so it"))
    for length in (2, 3):
        writer.write(part(length))
    taken_back = writer.taken_back(SEGMENT)
    assert taken_back is not None
    assert (taken_back.text, taken_back.words, taken_back.final) == ("", (), True)
    assert (taken_back.utterance_id, taken_back.end_ns) == (SEGMENT.utterance_id, SEGMENT.end_ns)
    assert writer.taken_back(SEGMENT) is None
    assert writer.write(part(4)) is None
    assert writer.write(part(5)) is not None, "they start anew"


def test_a_final_that_the_engine_failed_on_has_nothing_to_take_back_of_another_utterance() -> None:
    writer = UtteranceWriter(Script("so it", "so it"))
    assert writer.taken_back(SEGMENT) is None
    for length in (2, 3):
        writer.write(part(length))
    assert writer.taken_back(replace(SEGMENT, utterance_id="u99")) is None


class Broken(Script):
    """An engine that fails."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error

    def transcribe(self, audio: np.ndarray, context: str = "") -> Transcript:
        raise self.error


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (RuntimeError("out of\n  memory"), "RuntimeError: out of memory"),
        (ValueError("bad shape"), "ValueError: bad shape"),
        (KeyError("<|ko|>"), "KeyError: '<|ko|>'"),
        (OSError(5, "gone"), "OSError: [Errno 5] gone"),
    ],
)
@pytest.mark.parametrize("final", [True, False])
def test_whatever_an_engine_raises_becomes_one_line_that_names_it(
    error: Exception, reason: str, final: bool
) -> None:
    with pytest.raises(EngineError) as raised:
        UtteranceWriter(Broken(error)).write(replace(SEGMENT, final=final))
    assert str(raised.value) == f"engine 'script' failed: {reason}"
    assert raised.value.__cause__ is error


@pytest.mark.parametrize("error", [UserError("get the model"), EngineError("engine 'script' has lost it")])
def test_what_an_engine_says_of_itself_stays_as_it_is(error: Exception) -> None:
    with pytest.raises(type(error)) as raised:
        UtteranceWriter(Broken(error)).write(SEGMENT)
    assert raised.value is error


def cut_at(seconds: float, overlap_s: float) -> tuple[Segment, Segment]:
    """The two parts of a long utterance."""
    cut_ns = START_NS + seconds_to_ns(seconds)
    begin = replace(SEGMENT, end_ns=cut_ns, cut=True)
    audio_start_ns = cut_ns - seconds_to_ns(overlap_s)
    rest = Segment("u11", cut_ns, cut_ns + seconds_to_ns(1), audio_start_ns, np.zeros(40_000), continues=True)
    return begin, rest


class Timed(Script):
    """Says words at given times of the audio."""

    def transcribe(self, audio: np.ndarray, context: str = "") -> Transcript:
        text = super().transcribe(audio, context).text
        words = []
        for item in text.split():
            word, start_s, end_s = item.split(":")
            words.append(TranscribedWord(word, float(start_s), float(end_s), 0.9))
        return Transcript(" ".join(word.text for word in words), tuple(words), "en", 0.8)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("so:0.3:0.6 it:0.9:1.2 wa:1.4:1.8", "it:0.1:0.4 was:0.6:1.0 good:1.1:1.3"),  # middle after the cut
        ("so:0.3:0.6 it:0.9:1.2 was:1.2:1.5", "t:0.0:0.3 was:0.35:0.75 good:1.1:1.3"),  # middle before it
        ("so:0.3:0.6 it:0.9:1.2 was:1.21:1.61", "it:0.0:0.3 was:0.29:0.69 good:1.1:1.3"),  # in doubt: lost?
        ("so:0.3:0.6 it:0.9:1.2 was:1.19:1.59", "it:0.0:0.3 was:0.31:0.71 good:1.1:1.3"),  # in doubt: twice?
    ],
)
def test_a_word_at_a_cut_is_said_once(before: str, after: str) -> None:
    """The cut is 1.4 s after the start of the first part's audio, and the other's begins 0.5 s before it."""
    writer = UtteranceWriter(Timed(before, after))
    said = [writer.write(segment) for segment in cut_at(1.1, overlap_s=0.5)]
    assert " ".join(utterance.text for utterance in said if utterance) == "so it was good"
    for utterance in said:
        assert utterance is not None
        assert utterance.text == " ".join(word.text for word in utterance.words)
        assert all(
            utterance.start_ns <= word.start_ns <= word.end_ns <= utterance.end_ns for word in utterance.words
        )


def test_a_word_that_comes_late_is_kept_where_no_other_part_hears_it() -> None:
    """Speech is cut in a pause: the audio ends there, and so does a word of no length."""
    begin, rest = cut_at(1.1, overlap_s=0.0)
    begin = replace(begin, audio=SEGMENT.audio[:22_400])
    assert begin.audio_start_ns + begin.audio_ns == begin.end_ns
    writer = UtteranceWriter(Timed("so:0.3:0.6 it:0.9:1.2 was:1.4:1.5", "good:0.1:0.3"))
    said = [writer.write(segment) for segment in (begin, rest)]
    assert [utterance and utterance.text for utterance in said] == ["so it was", "good"]


@pytest.mark.parametrize(
    ("first", "then", "out"),
    [
        ("so:0.3:0.5 it:0.5:0.7", "oh:0.2:0.3 so:0.3:0.5 it:0.5:0.7 was:0.7:0.9", "so it was"),
        ("oh:0.2:0.3 so:0.3:0.5 it:0.5:0.7", "so:0.3:0.5 it:0.5:0.7 was:0.7:0.9", "oh so it was"),
        ("so:0.3:0.5 it:0.5:0.7", "soy:0.3:0.7 was:0.7:0.9 good:0.9:1.1", "so it was good"),
        ("so:0.3:0.5 it:0.5:0.7", "saw:0.3:0.5 it:0.52:0.75 was:0.75:0.9", "so it was"),
        ("so:0.3:0.5 it:0.5:0.7", "saw:0.3:0.5 it:0.5:0.65 was:0.65:0.9", "so it was"),
    ],
    ids=["one more before", "one less before", "two become one", "a little later", "a little earlier"],
)
def test_an_agreement_that_shifts_by_a_word_says_no_word_twice(first: str, then: str, out: str) -> None:
    writer = UtteranceWriter(Timed(first, first, then, then))
    said = [writer.write(part(length)) for length in range(2, 6)]
    assert [utterance is None for utterance in said] == [True, False, True, False]
    assert said[-1] is not None
    assert said[-1].text == " ".join(word.text for word in said[-1].words) == out


def test_what_continues_a_cut_is_understood_in_its_context() -> None:
    begin, rest = cut_at(1.1, overlap_s=0.0)
    script = Script("so it", "was good", "other")
    writer = UtteranceWriter(script)
    for segment in (begin, rest, replace(SEGMENT, utterance_id="u99")):
        writer.write(segment)
    assert script.contexts == ["", "so it", ""]


def test_after_an_engine_failed_nobody_has_its_context() -> None:
    class Failing(Script):
        def transcribe(self, audio: np.ndarray, context: str = "") -> Transcript:
            transcript = super().transcribe(audio, context)
            if transcript.text == "!":
                raise RuntimeError
            return transcript

    begin, rest = cut_at(1.1, overlap_s=0.0)
    script = Failing("so it", "!", "was good")
    writer = UtteranceWriter(script)
    writer.write(begin)
    with pytest.raises(RuntimeError):
        writer.write(replace(rest, cut=True, utterance_id="u12"))
    writer.write(rest)
    assert script.contexts == ["", "so it", ""]


def test_what_finals_leave_out_is_counted_by_kind() -> None:
    class Inventing(Script):
        def transcribe(self, audio: np.ndarray, context: str = "") -> Transcript:
            removed = (Removal("loop", "it it"), Removal("phantom", "thanks for watching"))
            return replace(super().transcribe(audio, context), removed=removed)

    writer = UtteranceWriter(Inventing("so it", "so it", "", "so"))
    for length in (2, 3):
        writer.write(part(length))
    for segment in (replace(part(3), final=True), SEGMENT):
        writer.write(segment)
    assert writer.removed == {"loop": 2, "phantom": 2}

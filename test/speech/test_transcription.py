from __future__ import annotations

import unicodedata
from dataclasses import replace

import numpy as np
import pytest

from stalk_ros.clock import seconds_to_ns
from stalk_ros.speech import Segment, SpeechParameters, TranscribedWord, Transcript
from stalk_ros.speech.transcription import UtteranceWriter

START_NS = 10_000_000_000
SEGMENT = Segment("u10000", START_NS, START_NS + seconds_to_ns(2), START_NS - seconds_to_ns(0.3), np.zeros(1))


class Script:
    """A `Transcriber` that says what it is told to."""

    name = "script"
    caveat = ""
    window_s = 0.0

    def __init__(self, *texts: str) -> None:
        self.texts = list(texts)

    @classmethod
    def missing(cls, parameters: SpeechParameters) -> str:
        return ""

    def transcribe(self, audio: np.ndarray, context: str = "") -> Transcript:
        text = self.texts.pop(0)
        words = [
            TranscribedWord(word, 0.3 + number / 10, 0.4 + number / 10, 0.9)
            for number, word in enumerate(text.split())
        ]
        return Transcript(text, tuple(words), "en", 0.8)


def partials(*texts: str, segment: Segment = SEGMENT) -> list[str | None]:
    writer = UtteranceWriter(Script(*texts))
    written = [writer.write(replace(segment, final=False)) for _ in texts]
    return [utterance and utterance.text for utterance in written]


def test_a_partial_in_japanese_has_no_spaces_between_its_characters() -> None:
    class Japanese(Script):
        def transcribe(self, audio: np.ndarray, context: str = "") -> Transcript:
            return replace(super().transcribe(audio, context), text="今日は", language="ja")

    writer = UtteranceWriter(Japanese("今 日 は", "今 日 は"))
    _, utterance = [writer.write(replace(SEGMENT, final=False)) for _ in range(2)]
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
    writer.write(replace(SEGMENT, final=False))
    utterance = writer.write(replace(SEGMENT, final=final))
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
    assert writer.write(replace(SEGMENT, final=False)) is None
    partial = writer.write(replace(SEGMENT, final=False, end_ns=START_NS + seconds_to_ns(1)))
    final = writer.write(SEGMENT)
    assert partial is not None
    assert final is not None
    assert (partial.final, final.final) == (False, True)
    assert partial.utterance_id == final.utterance_id
    assert [word.text for word in partial.words] == ["so", "it"]
    assert final.text == "so it is"


def test_utterances_do_not_agree_with_each_other() -> None:
    writer = UtteranceWriter(Script("so it was", "so it was", "so it was"))
    first, second = replace(SEGMENT, final=False), replace(SEGMENT, final=False, utterance_id="u99")
    assert writer.write(first) is None
    assert writer.write(second) is None
    agreed = writer.write(second)
    assert agreed is not None
    assert agreed.text == "so it was"

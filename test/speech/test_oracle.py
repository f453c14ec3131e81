"""The stage with the real voice activity detector on real audio, and an engine that knows the truth.

The engine finds the audio it is given in the recording and returns the words whose middle lies in there.
"""

from __future__ import annotations

from collections import deque
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from stalk_ros.audio import SAMPLE_RATE_HZ, Block
from stalk_ros.clock import ns_to_seconds, samples_to_ns
from stalk_ros.speech import Segment, SpeechParameters, SpeechStage, TranscribedWord, Transcript
from stalk_ros.speech.backends.silero import SileroVad

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    from stalk_ros.events import Utterance

Word = tuple[float, float]
"""Start and end in seconds; its text is its number."""


class Oracle:
    name = "oracle"
    caveat = ""
    overhead_s = 0.0

    def __init__(self, audio: npt.NDArray[np.float32], words: list[Word]) -> None:
        self._recording, self._words = audio.tobytes(), words

    @classmethod
    def missing(cls, parameters: SpeechParameters) -> str:
        return ""

    def transcribe(self, audio: npt.NDArray[np.float32], context: str = "") -> Transcript:
        at = self._recording.find(audio.tobytes())
        assert at >= 0, "the audio of an utterance is in one piece"
        begun_s = at / audio.itemsize / SAMPLE_RATE_HZ
        ended_s = begun_s + len(audio) / SAMPLE_RATE_HZ
        words = tuple(
            TranscribedWord(str(number), start_s - begun_s, end_s - begun_s, 1.0)
            for number, (start_s, end_s) in enumerate(self._words)
            if begun_s <= (start_s + end_s) / 2 < ended_s
        )
        return Transcript(" ".join(word.text for word in words), words, "en", 1.0)


@pytest.fixture(scope="module")
def words(sample_truth: dict[str, Any]) -> list[Word]:
    """Those of each turn share its time by their lengths."""
    shared = []
    for turn in sample_truth["turns"]:
        bounds = np.cumsum([0, *(len(text) for text in turn["text"].split())])
        times_s = turn["start"] + bounds / bounds[-1] * (turn["end"] - turn["start"])
        shared += list(pairwise(float(time_s) for time_s in times_s))
    return shared


Written = list[tuple[float, Segment, "Utterance | None"]]


@pytest.fixture(scope="module")
def play(
    sample_audio: npt.NDArray[np.float32], words: list[Word], pieces: Callable[..., Any]
) -> Callable[..., Written]:
    """Plays the sample from sample ``first`` on; the engine is ``lag`` items behind.

    Returns the time at which each segment was yielded, the segment and its utterance.
    """

    def played(size: int | tuple[int, ...], first: int = 0, lag: int = 0) -> Written:
        stage = SpeechStage(SpeechParameters(), SileroVad(), Oracle(sample_audio, words))
        waiting: deque[tuple[float, int, Segment]] = deque()
        written: Written = []
        at, yielded = first, 0

        def write() -> None:
            at_s, _, segment = waiting.popleft()
            utterance = stage.transcribe(segment)
            if segment.final:
                stage.finish(segment, utterance)
            written.append((at_s, segment, utterance))

        sizes = (size,) if isinstance(size, int) else size
        for samples in [*pieces(sample_audio[first:], sizes), sample_audio[:0]]:
            block = Block(samples, samples_to_ns(at, SAMPLE_RATE_HZ), restart=at == first or not len(samples))
            at += len(samples)
            for item in stage.listen(block):
                yielded += 1
                if isinstance(item, Segment):
                    waiting.append((ns_to_seconds(block.end_ns), yielded, item))
                while waiting and waiting[0][1] + lag <= yielded:
                    write()
        while waiting:
            write()
        return written

    return played


def finals(written: Written) -> list[Utterance]:
    return [utterance for _, segment, utterance in written if segment.final and utterance]


@pytest.mark.parametrize("first", [0, 200, 511])
@pytest.mark.parametrize(("size", "lag"), [(160, 0), (512, 7), (8_000, 30), ((7, 333, 1_999), 100)])
def test_every_word_of_a_real_conversation_is_heard_once_however_the_audio_is_cut(
    play, words, size, lag, first
) -> None:
    heard = [word.text for utterance in finals(play(size, first, lag)) for word in utterance.words]
    assert heard == [str(number) for number in range(len(words))]


def test_the_text_of_a_real_conversation_does_not_depend_on_the_cut_of_the_audio_nor_on_the_lag(play) -> None:
    whole = finals(play(10**7))
    assert len(whole) > 10
    assert finals(play((333, 1_999), lag=12)) == whole
    assert finals(play(160)) == whole


def test_a_final_comes_soon_after_the_true_end_of_its_last_word(play, words) -> None:
    """End of turn is 0.6 s of silence; real voice activity adds its own delay."""
    waits_s = []
    for at_s, segment, utterance in play(160):
        if segment.final:
            assert utterance is not None
            waits_s.append(at_s - words[int(utterance.words[-1].text)][1])
    assert float(np.median(waits_s)) <= 0.7
    assert max(waits_s) <= 0.8


def test_the_first_partial_comes_within_a_second_of_the_true_start_of_speech(play, words) -> None:
    begun: dict[str, float] = {}
    waits_s = []
    for at_s, segment, utterance in play(160):
        if utterance is None:
            continue
        if segment.final:
            start_s = words[int(utterance.words[0].text)][0]
            waits_s.append(begun[segment.utterance_id] - start_s)
        else:
            begun.setdefault(segment.utterance_id, at_s)
    assert float(np.median(waits_s)) <= 1.0

"""The stage with the real voice activity detector, on sounds and recorded speech."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from bench.sounds import SOUNDS, at_level
from stalk_ros.audio import SAMPLE_RATE_HZ, Block
from stalk_ros.clock import samples_to_ns
from stalk_ros.speech import Segment, SpeechParameters, SpeechStage, Transcript
from stalk_ros.speech.backends.silero import SileroVad
from stalk_ros.speech.voice_activity import WINDOW

if TYPE_CHECKING:
    import numpy.typing as npt

TONES = ("chords", "arpeggios", "melody with vibrato")
LEVELS_DBFS = (-60, -40, -30, -20)
TALK_S = 20


class Deaf:
    """An engine that nobody asks."""

    name = "deaf"
    caveat = ""
    overhead_s = 0.0

    @classmethod
    def missing(cls, parameters: SpeechParameters) -> str:
        return ""

    def transcribe(self, audio: np.ndarray, context: str = "") -> Transcript:
        raise AssertionError


def segments(*pieces: npt.NDArray[np.float32]) -> list[Segment]:
    """What the engine would be given of a stream."""
    stage = SpeechStage(SpeechParameters(), SileroVad(), Deaf())
    blocks = Block(np.concatenate(pieces), 0, restart=True), Block(np.zeros(0, np.float32), 0, restart=True)
    items = [item for block in blocks for item in stage.listen(block)]
    return [item for item in items if isinstance(item, Segment) and item.final]


def sound(kind: str, level_dbfs: int) -> npt.NDArray[np.float32]:
    """Ten seconds of it after a second of silence."""
    made = SOUNDS[kind](np.random.default_rng(0), 10 * SAMPLE_RATE_HZ)
    return np.pad(at_level(made, level_dbfs), (SAMPLE_RATE_HZ, 0))


@pytest.mark.parametrize("level_dbfs", LEVELS_DBFS)
@pytest.mark.parametrize("kind", [kind for kind in SOUNDS if kind not in TONES])
def test_a_noise_is_not_taken_for_speech(kind: str, level_dbfs: int) -> None:
    assert segments(sound(kind, level_dbfs)) == []


def test_a_minute_of_silence_is_not_taken_for_speech() -> None:
    assert segments(np.zeros(60 * SAMPLE_RATE_HZ, np.float32)) == []


@pytest.mark.parametrize("kind", TONES)
def test_music_after_talk_is_not_taken_for_speech(kind: str, sample_audio: npt.NDArray[np.float32]) -> None:
    """Silero may mistake the first notes for a voice where it has heard nothing but silence before."""
    talk = sample_audio[: TALK_S * SAMPLE_RATE_HZ]
    for level_dbfs in LEVELS_DBFS:
        found = segments(talk, sound(kind, level_dbfs))
        assert found
        assert [segment for segment in found if segment.start_ns > TALK_S * 1e9] == []


def test_after_minutes_of_silence_speech_is_heard_as_ever(sample_audio: npt.NDArray[np.float32]) -> None:
    talk = sample_audio[: 10 * SAMPLE_RATE_HZ]
    silence = np.zeros(3 * 60 * SAMPLE_RATE_HZ // WINDOW * WINDOW, np.float32)
    late, at_once = segments(silence, talk), segments(talk)
    after_ns = samples_to_ns(len(silence), SAMPLE_RATE_HZ)
    tolerance_ns = samples_to_ns(2 * WINDOW, SAMPLE_RATE_HZ)
    assert len(late) == len(at_once) == 3
    for one, other in zip(late, at_once, strict=True):
        assert one.start_ns - after_ns == pytest.approx(other.start_ns, abs=tolerance_ns)
        assert one.end_ns - after_ns == pytest.approx(other.end_ns, abs=tolerance_ns)

"""An engine that knows what is said: each error in its text is the work of what is around the engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stalk_ros.audio import SAMPLE_RATE_HZ
from stalk_ros.speech import SpeechParameters, SpeechStage, TranscribedWord, Transcript
from stalk_ros.speech.backends.silero import SileroVad

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from stalk_ros.offline.evaluation.references import TimedWord


class Oracle:
    """A `Transcriber` that finds the audio it is given in the recording, and returns the words in there.

    It returns the words whose middle lies in the audio, each as its number in the recording, so that no word
    can stand for another one.
    """

    name = "oracle"
    caveat = ""
    overhead_s = 0.0

    def __init__(self, audio: npt.NDArray[np.float32], words: list[TimedWord]) -> None:
        self._recording = audio.tobytes()
        self._item = audio.itemsize
        self._words = words

    @classmethod
    def missing(cls, parameters: SpeechParameters) -> str:
        """See `stalk_ros.backends.Backend.missing`."""
        return ""

    def transcribe(self, audio: npt.NDArray[np.float32], context: str = "") -> Transcript:
        """See `stalk_ros.speech.transcription.Transcriber.transcribe`."""
        at = self._recording.find(audio.tobytes())
        if at < 0:
            raise RuntimeError("the engine is given audio that is not in the recording in one piece")
        start_s = at / self._item / SAMPLE_RATE_HZ
        end_s = start_s + len(audio) / SAMPLE_RATE_HZ
        words = tuple(
            TranscribedWord(str(number), word.start_s - start_s, word.end_s - start_s, 1.0)
            for number, word in enumerate(self._words)
            if start_s <= word.middle_s < end_s
        )
        return Transcript(" ".join(word.text for word in words), words, "en", 1.0)


def oracle_stage(
    audio: npt.NDArray[np.float32], words: list[TimedWord], parameters: SpeechParameters
) -> SpeechStage:
    """The stage with the real voice activity detector and an engine that knows the words."""
    return SpeechStage(parameters, SileroVad(parameters.vad_model), Oracle(audio, words))

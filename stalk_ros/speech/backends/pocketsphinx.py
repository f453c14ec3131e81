"""PocketSphinx (BSD, https://github.com/cmusphinx/pocketsphinx) with the US English model in its wheel."""

from __future__ import annotations

import importlib.util
import re
from typing import TYPE_CHECKING, Any

import numpy as np

from stalk_ros.errors import UserError
from stalk_ros.speech.transcription import TranscribedWord, Transcript

if TYPE_CHECKING:
    import numpy.typing as npt

_FRAME_S = 0.01
_INSTALL = "pip install pocketsphinx"
_VARIANT = re.compile(r"\(\d+\)$")


class PocketSphinx:
    """A `Transcriber` that needs no download: right on clear speech, poor on noisy or accented one.

    Args:
        model: must be "": the engine uses the model in its wheel.

    Raises:
        UserError: PocketSphinx is missing, or ``model`` names another model.
    """

    name = "pocketsphinx"
    caveat = (
        "is for demonstrations: it understands clear English, and little of noisy, distant or accented speech"
    )

    def __init__(self, model: str = "") -> None:
        reason = self.missing(model)
        if reason:
            raise UserError(f"backend 'pocketsphinx': {reason}")
        from pocketsphinx import Decoder

        self._decoder: Any = Decoder(samprate=16000, loglevel="FATAL")

    @classmethod
    def missing(cls, model: str) -> str:
        """See `stalk_ros.backends.Backend.missing`."""
        if model:
            return f"it has its own model and cannot load '{model}'; leave parameter 'model' empty"
        if importlib.util.find_spec("pocketsphinx") is None:
            return f"PocketSphinx is not installed: {_INSTALL}"
        return ""

    def transcribe(self, audio: npt.NDArray[np.float32]) -> Transcript:
        """See `stalk_ros.speech.transcription.Transcriber.transcribe`."""
        pcm = np.clip(np.rint(audio * 32768.0), -32768, 32767).astype(np.int16)
        # Nothing of earlier utterances is left, and this one is normalised by its own mean.
        self._decoder.reinit_feat()
        self._decoder.start_utt()
        self._decoder.process_raw(pcm.tobytes(), no_search=False, full_utt=True)
        self._decoder.end_utt()
        words = tuple(self._words())
        confidence = float(np.mean([word.probability for word in words])) if words else 0.0
        return Transcript(" ".join(word.text for word in words), words, "en", confidence)

    def _words(self) -> list[TranscribedWord]:
        words = []
        for item in self._decoder.seg() or ():
            if item.word.startswith(("<", "[", "+")):
                continue
            text = _VARIANT.sub("", item.word)
            probability = min(1.0, item.prob)
            words.append(
                TranscribedWord(
                    text, item.start_frame * _FRAME_S, (item.end_frame + 1) * _FRAME_S, probability
                )
            )
        return words

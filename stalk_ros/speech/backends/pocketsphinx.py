"""PocketSphinx (BSD, https://github.com/cmusphinx/pocketsphinx) with the US English model in its wheel."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import subprocess
import sys
import weakref
from typing import TYPE_CHECKING

import numpy as np

from stalk_ros.errors import UserError
from stalk_ros.speech.backends.faster_whisper import SETUP
from stalk_ros.speech.transcription import TranscribedWord, Transcript

if TYPE_CHECKING:
    import numpy.typing as npt

    from stalk_ros.speech.parameters import SpeechParameters

_INSTALL = "pip install pocketsphinx"


class PocketSphinx:
    """A `Transcriber` that needs no download: right on clear speech, poor on noisy or accented one.

    PocketSphinx keeps Python's global lock for as long as it decodes, which is seconds for a long utterance.
    It runs in a process of its own, so that nothing else in this one has to wait.

    Args:
        parameters: must name no model and no other language: the engine uses the model in its wheel.

    Raises:
        UserError: PocketSphinx is missing or does not start, or another model or language is wanted.
    """

    name = "pocketsphinx"
    overhead_s = 0.0
    caveat = (
        "is for demonstrations: it understands clear English, and little of noisy, distant or accented "
        f"speech; for a robot: {SETUP}"
    )

    def __init__(self, parameters: SpeechParameters) -> None:
        reason = self.missing(parameters)
        if reason:
            raise UserError(f"backend 'pocketsphinx': {reason}")
        self._start()

    @classmethod
    def missing(cls, parameters: SpeechParameters) -> str:
        """See `stalk_ros.backends.Backend.missing`."""
        if parameters.model:
            return f"it has its own model and cannot load '{parameters.model}'; leave parameter 'model' empty"
        if parameters.language.replace("_", "-").partition("-")[0].lower() not in ("", "en"):
            return f"it understands English, not '{parameters.language}' as parameter 'language' says"
        if importlib.util.find_spec("pocketsphinx") is None:
            return f"PocketSphinx is not installed: {_INSTALL}"
        return ""

    def transcribe(self, audio: npt.NDArray[np.float32], context: str = "") -> Transcript:
        """See `stalk_ros.speech.transcription.Transcriber.transcribe`; the context does not help."""
        pcm = np.clip(np.rint(audio * 32768.0), -32768, 32767).astype("<i2").tobytes()
        answer = self._ask(len(pcm).to_bytes(8, "little") + pcm)
        words = tuple(TranscribedWord(*word) for word in json.loads(answer))
        confidence = float(np.mean([word.probability for word in words])) if words else 0.0
        return Transcript(" ".join(word.text for word in words), words, "en", confidence)

    def _ask(self, question: bytes) -> bytes:
        if self._process.poll() is not None:
            self._start()
        assert self._process.stdin
        assert self._process.stdout
        answer = b""
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write(question)
            self._process.stdin.flush()
            answer = self._process.stdout.readline()
        if not answer:
            raise RuntimeError(f"PocketSphinx ended with code {self._process.wait()}; it is started again")
        return answer

    def _start(self) -> None:
        # It imports what this process would; with "-m" modules in the current folder would come first.
        run = f"from {__package__}.pocketsphinx_process import main; main()"
        # A session of its own keeps Ctrl-C away from it; it ends with its standard input.
        self._process = process = subprocess.Popen(
            [sys.executable, "-c", f"import sys; sys.path[:] = {sys.path!r}; {run}"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        assert process.stdout
        weakref.finalize(self, _end, process)
        if not process.stdout.readline():
            raise UserError(f"PocketSphinx does not start, exit code {process.wait()}; try: {_INSTALL}")


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    # Closes the pipes too.
    process.communicate()

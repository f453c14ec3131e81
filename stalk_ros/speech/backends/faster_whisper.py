"""Whisper (MIT, https://github.com/openai/whisper) by faster-whisper on CTranslate2 (both MIT)."""

from __future__ import annotations

import importlib.util
import json
import re
from typing import TYPE_CHECKING, Any

import numpy as np

from stalk_ros.audio import SAMPLE_RATE_HZ
from stalk_ros.errors import UserError
from stalk_ros.events import joined
from stalk_ros.speech.backends import whisper_models
from stalk_ros.speech.backends.whisper_inventions import heard_nothing, without_inventions
from stalk_ros.speech.transcription import TranscribedWord, Transcript

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    import numpy.typing as npt

    from stalk_ros.speech.parameters import SpeechParameters

SETUP = f"pip install faster-whisper && stalk models pull {whisper_models.DEFAULT}"

_CUDA = "on a GPU it needs cuBLAS 12 and cuDNN 9 in LD_LIBRARY_PATH; parameter 'device' may be 'cpu' instead"

_SHORTEST = SAMPLE_RATE_HZ // 10
"""No word is shorter than this, in samples; what the engine makes of less is invented."""

_STRIDE = 320
"""Samples that the encoder makes one vector of. The engine fails on audio that leaves half of it over."""

_FRAMES_PER_S = 100
"""In which the engine counts where a window begins."""

_PROMPT_TOKENS = 223
"""Half of Whisper's context of 448 tokens less its own: more leaves no room for what is said."""

_UNKNOWN = "und"

_CODES = {"jv": "jw", "nb": "no", "fil": "tl", "cmn": "zh"}
"""Languages that Whisper calls otherwise than BCP 47."""


class FasterWhisper:
    """A `Transcriber` for about a hundred languages.

    Every utterance is understood for itself: nothing is carried over from the one before. It is decoded once,
    by beam search. Whisper's usual second attempts at higher temperatures draw lots, so the same audio would
    not give the same text again, and they take up to six times as long where there is little to understand.
    What they are for, and the engine's own rule of skipping silence, is done afterwards and counted: see
    `stalk_ros.speech.backends.whisper_inventions`.
    The engine's own voice activity detector stays off, since this package has cut the audio by its own.

    Args:
        parameters: which model on which device, and how it listens.

    Raises:
        UserError: faster-whisper or the model is missing, incomplete or damaged, or cannot do what is asked.
    """

    name = "faster_whisper"
    caveat = ""
    overhead_s = 20.0  # it always encodes 30 s: measured 4 on a GPU, up to 20 on two processor cores

    def __init__(self, parameters: SpeechParameters) -> None:
        reason = self.missing(parameters)
        if reason:
            raise UserError(f"backend 'faster_whisper': {reason}")
        folder = whisper_models.located(parameters.model)
        self._model = _loaded(folder, parameters)
        self._language = self._code("language", parameters.language)
        self._fallback = self._code("language_fallback", parameters.language_fallback)
        self._confidence = parameters.language_confidence
        self._options = {
            "beam_size": parameters.beam_size,
            "temperature": 0.0,
            "condition_on_previous_text": False,
            "word_timestamps": True,
            "vad_filter": False,
            "no_speech_threshold": None,
            "hotwords": parameters.hotwords.strip() or None,
        }
        self._prompt = parameters.initial_prompt.strip()
        self._room = self._room_for_context(parameters.hotwords.strip())

    @classmethod
    def missing(cls, parameters: SpeechParameters) -> str:
        """See `stalk_ros.backends.Backend.missing`."""
        if importlib.util.find_spec("faster_whisper") is None:
            return f"faster-whisper is not installed: {SETUP}"
        try:
            whisper_models.located(parameters.model)
        except UserError as error:
            return str(error)
        return ""

    def transcribe(self, audio: npt.NDArray[np.float32], context: str = "") -> Transcript:
        """See `stalk_ros.speech.transcription.Transcriber.transcribe`."""
        if len(audio) < _SHORTEST:
            return Transcript("", (), _UNKNOWN, 0.0)
        padded = np.pad(audio, (0, -len(audio) % _STRIDE))
        language = self._language or self._detected(padded)
        duration_s = len(audio) / SAMPLE_RATE_HZ
        segments, _ = self._model.transcribe(
            padded, language=language, initial_prompt=self._tokens(self._prompt, context), **self._options
        )
        heard = _until(segments, duration_s - _SHORTEST / SAMPLE_RATE_HZ)
        said, removed = without_inventions(heard, before=(self._prompt, context))
        words = tuple(_words(said, duration_s))
        text = joined((segment.text.strip() for segment in said), language)
        confidence = float(np.mean([word.probability for word in words])) if words else 0.0
        return Transcript(text, words, _tag(language), confidence, removed)

    def _detected(self, audio: npt.NDArray[np.float32]) -> str:
        if not self._model.model.is_multilingual:
            return "en"
        language, probability, _ = self._model.detect_language(audio)
        return self._fallback if self._fallback and probability < self._confidence else str(language)

    def _code(self, parameter: str, tag: str) -> str:
        """What Whisper calls a language; a model that does not know it would understand it as any."""
        primary = tag.replace("_", "-").partition("-")[0].lower()
        code = _CODES.get(primary, primary)
        if not code:
            return ""
        if not self._model.model.is_multilingual:
            known = code == "en"
        else:
            known = self._model.hf_tokenizer.token_to_id(f"<|{code}|>") is not None
        if not known:
            raise UserError(f"parameter '{parameter}': the Whisper model does not know the language '{tag}'")
        return code

    def _room_for_context(self, hotwords: str) -> int:
        """How many tokens of what was said before go with the user's own prompt and hotwords."""
        used = len(self._encoded(self._prompt)) + len(self._encoded(hotwords))
        if used > _PROMPT_TOKENS:
            raise UserError(
                f"parameters 'initial_prompt' and 'hotwords' are too long: {used} tokens together, and "
                f"Whisper takes {_PROMPT_TOKENS}"
            )
        return _PROMPT_TOKENS - used

    def _tokens(self, prompt: str, context: str) -> list[int] | None:
        """What Whisper takes as said before: the prompt, then as much of the end of the context as fits."""
        context = context.strip()
        while len(self._encoded(context)) > self._room:
            context = context.partition(" ")[2] or context[1:]
        return self._encoded(prompt) + self._encoded(context) or None

    def _encoded(self, text: str) -> list[int]:
        """The tokens of a text, as the engine itself encodes a prompt."""
        if not text:
            return []
        return list(self._model.hf_tokenizer.encode(f" {text}", add_special_tokens=False).ids)


def _loaded(folder: Path, parameters: SpeechParameters) -> Any:
    """The model, after it has shown that it works."""
    try:
        from faster_whisper import WhisperModel

        model = WhisperModel(
            str(folder),
            device=parameters.device,
            compute_type=parameters.compute_type,
            cpu_threads=parameters.threads,
        )
        _try(model, folder)
    except UserError:
        raise
    except Exception as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        if re.search("cublas|cudnn|cuda", reason, re.IGNORECASE):
            reason += f"; {_CUDA}"
        raise UserError(
            f"the Whisper model '{folder}' does not load (device {parameters.device}, compute type"
            f" {parameters.compute_type}): {reason}"
        ) from None
    return model


def _try(model: Any, folder: Path) -> None:
    """Use each part once: a missing library or a wrong file shows now, not when somebody speaks."""
    from faster_whisper.tokenizer import Tokenizer

    bands, wanted = len(model.feature_extractor.mel_filters), model.model.n_mels
    if bands != wanted:
        raise UserError(
            f"the Whisper model '{folder}' needs a preprocessor_config.json with feature_size {wanted}, "
            + (f"it has {bands}" if (folder / "preprocessor_config.json").is_file() else "it has none")
        )
    tokens = Tokenizer(model.hf_tokenizer, model.model.is_multilingual, task="transcribe", language="en")
    special = [*tokens.sot_sequence, tokens.sot_prev, tokens.sot_lm, tokens.translate, tokens.transcribe]
    if None in (*special, tokens.eot, tokens.no_speech, tokens.no_timestamps):
        raise UserError(f"'{folder / 'tokenizer.json'}' is not the tokenizer of a Whisper model")
    # Without these the engine does not fail; it reads what is not there.
    needed = ("alignment_heads", "lang_ids") if model.model.is_multilingual else ("alignment_heads",)
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    lacking = [key for key in needed if not config.get(key)]
    if lacking:
        raise UserError(f"'{folder / 'config.json'}' lacks {', '.join(lacking)}; convert the model again")
    frames = model.feature_extractor.nb_max_frames
    encoded = model.encode(np.zeros((wanted, frames), np.float32))
    if model.model.is_multilingual:
        model.model.detect_language(encoded)
    model.model.align(encoded, tokens.sot_sequence, [[0]], frames)


def _until(segments: Iterable[Any], end_s: float) -> Iterator[Any]:
    """The segments with words; the engine goes on with what is left of the audio, however little that is.

    Where it has heard nothing up to the end, it would look for more in the same silence.
    """
    for segment in segments:
        if segment.words:
            yield segment
        window_end_s = segment.seek / _FRAMES_PER_S + FasterWhisper.overhead_s
        if segment.end > end_s or (heard_nothing(segment) and window_end_s > end_s):
            return


def _words(segments: Iterable[Any], duration_s: float) -> Iterator[TranscribedWord]:
    """Words in order and within the audio: the engine moves words at the borders of its segments."""
    at_s = 0.0
    for segment in segments:
        for word in segment.words:
            text = word.word.strip()
            if text:
                start_s = min(max(float(word.start), at_s), duration_s)
                at_s = min(max(float(word.end), start_s), duration_s)
                yield TranscribedWord(text, start_s, at_s, min(float(word.probability), 1.0))


def _tag(code: str) -> str:
    return "jv" if code == "jw" else code

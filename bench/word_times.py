"""When each word of a recording is said.

Where the truth has no word times they come from forced alignment by PocketSphinx, within about 0.1 s on a
read sentence whose word times are known. Where the next voice covers the end of a turn, or nobody wrote the
text down, words are spread over the stretches in which somebody is heard.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import recordings
import truth

from stalk_ros.audio import SAMPLE_RATE_HZ
from stalk_ros.offline.evaluation.measures.words import normal
from stalk_ros.offline.evaluation.references import TimedWord

if TYPE_CHECKING:
    from pathlib import Path

    import numpy.typing as npt

_FRAME = SAMPLE_RATE_HZ // 100
_FRAME_S = _FRAME / SAMPLE_RATE_HZ
_VARIANT = re.compile(r"\(\d+\)$")
_MADE_UP_S = 0.3
_BREAK_FRAMES, _SOUND_FRAMES = 10, 6
_OVER_FLOOR_DB, _UNDER_PEAK_DB = 6.0, 30.0

_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_SOUNDS = "AE B K D EH F G HH IH JH K L M N AA P K R S T AH V W K IY Z"
_PHONES = dict(zip(_LETTERS, _SOUNDS.split(), strict=True))
"""How a letter may sound, in ARPAbet: enough to find a word that the dictionary lacks."""


@cache
def words(recording: Path) -> list[TimedWord]:
    """The words of all voices, in the order of their middles; empty where the truth knows no turns.

    The text of a word that nobody wrote down is "".
    """
    known = [replace(word, text=normal(word.text)) for word in truth.known(recording).words or ()]
    if not known and truth.language(recording) == "en":
        known = _placed(recording)
    return sorted(known, key=lambda word: word.middle_s)


def _placed(recording: Path) -> list[TimedWord]:
    audio = recordings.samples(recording)
    levels, aligner, known = _levels(audio), _Aligner(), []
    for turn in truth.turns(recording, len(audio) / SAMPLE_RATE_HZ):
        first, last = round(turn.start_s / _FRAME_S), round(turn.end_s / _FRAME_S)
        voiced = _voiced(levels, first, last)
        if turn.text is None:
            placed = _made_up(voiced)
        else:
            placed = aligner.words(normal(turn.text).split(), audio, (first, last), voiced)
        known += [
            TimedWord(text, start * _FRAME_S, stop * _FRAME_S, turn.speaker) for text, start, stop in placed
        ]
    return known


class _Aligner:
    """Finds words whose order is known. Times are in frames of 10 ms of the recording."""

    def __init__(self) -> None:
        from pocketsphinx import Decoder

        self._decoder: Any = Decoder(samprate=SAMPLE_RATE_HZ, loglevel="FATAL")

    def words(
        self,
        texts: list[str],
        audio: npt.NDArray[np.float32],
        turn: tuple[int, int],
        voiced: list[tuple[int, int]],
    ) -> list[tuple[str, float, float]]:
        """Each word with its start and end, within the voiced part of the turn."""
        found = self._aligned(texts, audio[turn[0] * _FRAME : turn[1] * _FRAME])
        begin, end = voiced[0][0], voiced[-1][1]
        placed: list[tuple[str, float, float]] = [
            (text, max(turn[0] + start, begin), min(turn[0] + stop, end)) for text, start, stop in found
        ]
        if [text for text, _, _ in placed] != texts[: len(placed)]:
            placed = []
        # The last words are missing where the next voice covers the end of the turn.
        if len(placed) < len(texts):
            kept, last = placed[:-1], placed[-1:]
            rest = [(last[0][1], end)] if last else voiced
            placed = kept + _spread(texts[len(kept) :], rest)
        if not all(start < stop for _, start, stop in placed):
            placed = _spread(texts, voiced)
        assert all(one[2] <= other[1] for one, other in pairwise(placed)), "words follow one another"
        return placed

    def _aligned(self, texts: list[str], audio: npt.NDArray[np.float32]) -> list[tuple[str, int, int]]:
        decoder = self._decoder
        for text in texts:
            if not decoder.lookup_word(text):
                decoder.add_word(text, " ".join(_PHONES[letter] for letter in text if letter in _PHONES))
        decoder.set_align_text(" ".join(texts))
        decoder.reinit_feat()
        decoder.start_utt()
        decoder.process_raw((audio * 32768.0).astype("<i2").tobytes(), full_utt=True)
        decoder.end_utt()
        return [
            (_VARIANT.sub("", item.word), item.start_frame, item.end_frame + 1)
            for item in decoder.seg() or ()
            if not item.word.startswith(("<", "["))
        ]


def _levels(audio: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    frames = audio[: len(audio) - len(audio) % _FRAME].reshape(-1, _FRAME)
    levels: npt.NDArray[np.float32] = 10 * np.log10(np.square(frames).mean(axis=1) + 1e-12)
    return levels


def _voiced(levels: npt.NDArray[np.float32], first: int, last: int) -> list[tuple[int, int]]:
    """The stretches of frames in which somebody is heard; the whole where nobody is."""
    turn = levels[first:last]
    limit = max(np.percentile(levels, 5) + _OVER_FLOOR_DB, np.percentile(turn, 90) - _UNDER_PEAK_DB)
    stretches: list[tuple[int, int]] = []
    for frame in first + np.flatnonzero(turn > limit):
        if stretches and frame - stretches[-1][1] < _BREAK_FRAMES:
            stretches[-1] = (stretches[-1][0], int(frame) + 1)
        else:
            stretches.append((int(frame), int(frame) + 1))
    return [part for part in stretches if part[1] - part[0] >= _SOUND_FRAMES] or [(first, last)]


def _made_up(voiced: list[tuple[int, int]]) -> list[tuple[str, float, float]]:
    placed: list[tuple[str, float, float]] = []
    for start, stop in voiced:
        bounds = np.linspace(start, stop, 1 + max(1, round((stop - start) * _FRAME_S / _MADE_UP_S)))
        placed += [("", float(one), float(other)) for one, other in pairwise(bounds)]
    return placed


def _spread(texts: list[str], stretches: list[tuple[int, int]]) -> list[tuple[str, float, float]]:
    """Words in proportion to their lengths over the stretches, as if nothing lay between these."""
    lengths = np.array([len(text) for text in texts])
    starts = np.cumsum([0, *(stop - start for start, stop in stretches)])
    bounds = np.cumsum([0, *lengths]) / lengths.sum() * starts[-1]

    def placed(at: float, side: Any) -> float:
        number = min(max(int(np.searchsorted(starts, at, side)) - 1, 0), len(stretches) - 1)
        return float(stretches[number][0] + at - starts[number])

    return [
        (text, placed(start, "right"), placed(stop, "left"))
        for text, start, stop in zip(texts, bounds, bounds[1:], strict=False)
    ]

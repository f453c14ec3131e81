"""Whether each word goes to the person who said it, given the words and their times.

Voice activity and embeddings are the real ones and the engine of the asr stage knows the words: each error is
the work of the diarization stage, save words that are not heard. Voices are matched one to one with people so
that most words are right, as the DER matches them.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
import recordings
import tables
import takes
import truth
import word_times
from scipy.optimize import linear_sum_assignment

from stalk_ros.clock import ns_to_seconds
from stalk_ros.speakers import SpeakerParameters, SpeakerStage

if TYPE_CHECKING:
    from argparse import Namespace
    from pathlib import Path

    from stalk_ros.events import Utterance
    from stalk_ros.offline.evaluation.references import TimedWord
    from stalk_ros.speakers import SpeakerEmbedder

RIGHT = "right"
ERRORS = ("not heard", "overlap", "short utterance", "near a change", "another voice")
_SHORT_S = 1.0
_NEAR_S = 0.5


def report(options: Namespace) -> None:
    """Measure, and print a row for each recording and each folder."""
    tables.head("recording", "words", "right %", "of those with text %", *ERRORS)
    engine = takes.engine(options)
    found = [path for path in recordings.recordings(options.data) if spoken(path)]
    tables.by_recording(((path, measure(path, engine)) for path in found), _row)


def spoken(path: Path) -> list[TimedWord]:
    """The words of a recording; none if it is not known who said them."""
    words = word_times.words(path)
    return words if any(word.speaker for word in words) else []


def attributed(path: Path, engine: SpeakerEmbedder) -> list[Utterance]:
    """What the stages make of a recording; each word's text is its number in the truth."""
    (settled,) = takes.attributed(SpeakerStage(SpeakerParameters(), engine), [takes.take(path)])
    return [part.utterance for part in settled]


def measure(path: Path, engine: SpeakerEmbedder) -> Counter[tuple[str, bool]]:
    """What became of the words of a recording, and whether their text is known."""
    utterances = attributed(path, engine)
    matched, holders = people(path, utterances), _holders(utterances)
    outcomes: Counter[tuple[str, bool]] = Counter()
    for number, word in enumerate(spoken(path)):
        holder = holders.get(number)
        right = holder is not None and matched.get(holder.speaker_id) == word.speaker
        outcomes[RIGHT if right else _error(path, word, holder), bool(word.text)] += 1
    return outcomes


def people(path: Path, utterances: list[Utterance]) -> dict[str, str]:
    """The person that each voice stands for."""
    words = spoken(path)
    pairs = Counter(
        (utterance.speaker_id, words[number].speaker) for number, utterance in _holders(utterances).items()
    )
    voices, speakers = sorted({voice for voice, _ in pairs} - {""}), sorted({word.speaker for word in words})
    counts = np.array([[pairs[voice, speaker] for speaker in speakers] for voice in voices])
    return {
        voices[row]: speakers[column] for row, column in zip(*linear_sum_assignment(-counts), strict=True)
    }


def _holders(utterances: list[Utterance]) -> dict[int, Utterance]:
    """The utterance that each word is in, by the number of the word."""
    return {int(word.text): utterance for utterance in utterances for word in utterance.words}


def _error(path: Path, word: TimedWord, holder: Utterance | None) -> str:
    """What is hard about a word that went to somebody else."""
    if holder is None:
        return "not heard"
    others = [
        (start_s, end_s) for start_s, end_s, who in truth.known(path).spans or () if who != word.speaker
    ]
    if any(start_s < word.end_s and word.start_s < end_s for start_s, end_s in others):
        return "overlap"
    if ns_to_seconds(holder.end_ns - holder.start_ns) < _SHORT_S:
        return "short utterance"
    if any(start_s - _NEAR_S < word.end_s and word.start_s < end_s + _NEAR_S for start_s, end_s in others):
        return "near a change"
    return "another voice"


def _row(name: str, results: list[Counter[tuple[str, bool]]]) -> None:
    outcomes: Counter[tuple[str, bool]] = sum(results, Counter())

    def count(outcome: str) -> int:
        return outcomes[outcome, True] + outcomes[outcome, False]

    written = sum(number for (_, known), number in outcomes.items() if known)
    tables.row(
        name,
        outcomes.total(),
        tables.percent(count(RIGHT) / outcomes.total()),
        tables.percent(outcomes[RIGHT, True] / written if written else None),
        *(count(error) for error in ERRORS),
    )

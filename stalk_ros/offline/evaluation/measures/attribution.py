"""Whether the words are right and go to who said them: cpWER.

The concatenated minimum-permutation word error rate joins all that each speaker said, and all that was heard
of each voice, and takes the pairs of speakers and voices with the fewest errors. What a speaker without a
voice said is missing, what a voice without a speaker said is too many (Watanabe et al., "CHiME-6 Challenge:
Tackling multispeaker speech recognition for unsegmented recordings", CHiME 2020).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stalk_ros.events import unspaced
from stalk_ros.offline.evaluation.measures.words import normal
from stalk_ros.offline.evaluation.references import WordsInTime
from stalk_ros.offline.evaluation.scores import Ratio

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from stalk_ros.offline.evaluation.references import Reference, TimedWord


def ratios(reference: Reference, heard: Sequence[TimedWord], language: str) -> dict[str, Ratio]:
    """CpWER, where it is known who said what; where only of some turns, of the words heard in these."""
    turns = [turn for turn in reference.turns or () if turn.text is not None and turn.speaker]
    if (reference.turns and not turns) or reference.turns is None or unspaced(language):
        return {}
    if len(turns) < len(reference.turns):
        words = WordsInTime(heard)
        within = {word for turn in turns for word in words.between(turn.start_s, turn.end_s)}
        heard = [word for word in heard if word in within]
    said = _by_speaker((turn.speaker, turn.text or "") for turn in turns)
    return {"cpWER": fewest_errors(said, _by_speaker((word.speaker, word.text) for word in heard))}


def fewest_errors(said: Sequence[Sequence[str]], heard: Sequence[Sequence[str]]) -> Ratio:
    """The errors of the best pairs, and the words said: the words of each speaker, and of each voice."""
    import numpy as np
    from rapidfuzz.distance import Levenshtein
    from scipy.optimize import linear_sum_assignment

    count = max(len(said), len(heard))
    speakers = [*said, *[()] * (count - len(said))]
    voices = [*heard, *[()] * (count - len(heard))]
    errors = np.array([[Levenshtein.distance(one, other) for other in voices] for one in speakers])
    wrong = errors[linear_sum_assignment(errors)].sum() if count else 0
    return Ratio(float(wrong), float(sum(map(len, said))))


def _by_speaker(pieces: Iterable[tuple[str, str]]) -> list[list[str]]:
    words: dict[str, list[str]] = {}
    for speaker, text in pieces:
        words.setdefault(speaker, []).extend(normal(text).split())
    return list(words.values())

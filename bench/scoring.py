"""Word error rate where words have times."""

from __future__ import annotations

from typing import TYPE_CHECKING

import jiwer
import truth

from stalk_ros.clock import ns_to_seconds

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stalk_ros.events import Utterance


def word_errors(results: Iterable[tuple[list[truth.Turn], list[truth.TimedWord]]]) -> float | None:
    """WER of the turns whose text is known, each against the words that were heard in its time.

    ``results`` are the turns and the words heard of one or more recordings; None where no text is known.
    """
    expected, heard = [], []
    for turns, words in results:
        for turn in turns:
            if turn.text is not None:
                within = [word.text for word in words if turn.start_s <= word.middle_s <= turn.end_s]
                expected.append(truth.normal(turn.text))
                heard.append(truth.normal(" ".join(within)))
    return float(jiwer.wer(expected, heard)) if expected else None


def words_of(utterances: Iterable[Utterance]) -> list[truth.TimedWord]:
    """The words of utterances as those of the truth."""
    return [
        truth.TimedWord(word.text, ns_to_seconds(word.start_ns), ns_to_seconds(word.end_ns))
        for utterance in utterances
        for word in utterance.words
    ]

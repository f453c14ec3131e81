"""Whether the words are right: word and character error rate.

Compared is text in small letters without punctuation, apostrophes aside; numbers and spellings stay as they
are written.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stalk_ros.clock import ns_to_seconds
from stalk_ros.events import joined, unspaced
from stalk_ros.offline.evaluation.references import TimedWord, WordsInTime
from stalk_ros.offline.evaluation.scores import Ratio

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from stalk_ros.events import Utterance
    from stalk_ros.offline.evaluation.references import Reference, Turn

    Pair = tuple[str, str]
    """A text that was said, and what was heard of it."""


@dataclass(frozen=True)
class WordErrors:
    """Words that were said, and what became of some."""

    words: int = 0
    substituted: int = 0
    deleted: int = 0
    inserted: int = 0

    def __add__(self, other: WordErrors) -> WordErrors:
        return WordErrors(
            self.words + other.words,
            self.substituted + other.substituted,
            self.deleted + other.deleted,
            self.inserted + other.inserted,
        )

    @property
    def rate(self) -> float | None:
        """The word error rate; None where nothing was said."""
        return (self.substituted + self.deleted + self.inserted) / self.words if self.words else None


def ratios(reference: Reference, heard: Sequence[TimedWord], language: str) -> dict[str, Ratio]:
    """WER with its parts, and CER, as far as it is known what was said.

    Where the text of only some turns is known, each of them is compared with the words that were heard in its
    time, and no others count. Else all that was said, in the order of time, is compared with all that was
    heard. Languages without spaces between words have no WER.
    """
    pairs = list(_pairs(reference, heard, language))
    if not pairs:
        return {}
    found = {} if unspaced(language) else _word_ratios(word_errors(pairs))
    return {**found, "CER": _character_errors(pairs)}


def word_errors(pairs: Iterable[Pair]) -> WordErrors:
    """The errors in texts of any number of words."""
    import jiwer

    pairs = list(pairs)
    if not pairs:
        return WordErrors()
    found = jiwer.process_words([normal(said) for said, _ in pairs], [normal(heard) for _, heard in pairs])
    words = found.hits + found.substitutions + found.deletions
    return WordErrors(words, found.substitutions, found.deletions, found.insertions)


def by_turn(turns: Iterable[Turn], heard: Iterable[TimedWord], language: str = "en") -> Iterator[Pair]:
    """The turns whose text is known, each with the words that were heard in its time."""
    words = WordsInTime(heard)
    for turn in turns:
        if turn.text is not None:
            within = (word.text for word in words.between(turn.start_s, turn.end_s))
            yield turn.text, joined(within, language)


def words_of(utterances: Iterable[Utterance], start_ns: int = 0) -> list[TimedWord]:
    """The words in the order of time, or the whole text of an utterance whose words have no times.

    ``start_ns`` is when the recording begins.
    """

    def placed(text: str, begin_ns: int, end_ns: int, speaker: str) -> TimedWord:
        return TimedWord(text, ns_to_seconds(begin_ns - start_ns), ns_to_seconds(end_ns - start_ns), speaker)

    found = [
        placed(item.text, item.start_ns, item.end_ns, utterance.speaker_id)
        for utterance in utterances
        for item in utterance.words or (utterance,)
    ]
    return sorted(found, key=lambda word: word.start_s)


def normal(text: str) -> str:
    """Text as it is compared."""
    text = unicodedata.normalize("NFC", text).lower().replace("’", "'")
    return " ".join("".join(char if _is_spoken(char) else " " for char in text).split())


def _is_spoken(char: str) -> bool:
    return char == "'" or unicodedata.category(char)[0] not in "CPSZ"


def _pairs(reference: Reference, heard: Sequence[TimedWord], language: str) -> Iterator[Pair]:
    texts = [turn.text for turn in reference.turns or () if turn.text is not None]
    if reference.turns is not None and len(texts) == len(reference.turns):
        # Where people speak at once, the words of one turn lie between those of another.
        text = " ".join(word.text for word in reference.words) if reference.words else " ".join(texts)
    elif reference.text is not None:
        text = reference.text
    else:
        yield from by_turn(reference.turns or (), heard, language)
        return
    yield text, joined((word.text for word in heard), language)


def _word_ratios(errors: WordErrors) -> dict[str, Ratio]:
    wrong = {
        "WER": errors.substituted + errors.deleted + errors.inserted,
        "WER substituted": errors.substituted,
        "WER deleted": errors.deleted,
        "WER inserted": errors.inserted,
    }
    return {name: Ratio(part, errors.words) for name, part in wrong.items()}


def _character_errors(pairs: Sequence[Pair]) -> Ratio:
    import jiwer

    said, heard = ([normal(text).replace(" ", "") for text in texts] for texts in zip(*pairs, strict=True))
    found = jiwer.process_characters(said, heard)
    wrong = found.substitutions + found.deletions + found.insertions
    return Ratio(wrong, found.hits + found.substitutions + found.deletions)

"""What a conversation is about: the things mentioned, weighed by how often and how lately."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from stalk_ros.events import joined
from stalk_ros.topics.languages import language
from stalk_ros.topics.languages.mention import UNHEARD

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stalk_ros.events import Utterance
    from stalk_ros.topics.languages.mention import Mention

PROBABLE = 0.6
"""Probability from which a word is taken for what was said.

Of the words of four letters and more that PocketSphinx makes of two recordings with noise, half of those
above it were said there (24 words) and one in four of those below (71).
"""

_KEPT_PER_TURN = 0.95
"""Weight of a mention relative to one a turn later: it halves in some 13 turns."""


@dataclass(frozen=True)
class Keyphrase:
    """A thing the conversation is about.

    ``topic`` names it in the shortest form that was used, by its owner if there is one (``own``), ``phrase``
    is how a question to ``speaker_id``, who brought it up so, refers to it. ``mentions`` counts all forms
    ("piano", "old piano"), ``weight`` sums them, each faded with its age in turns.
    """

    topic: str
    phrase: str
    speaker_id: str
    mentions: int = 0
    weight: float = 0.0
    own: bool = False


def keyphrases(turns: Iterable[Utterance], tag: str) -> list[Keyphrase]:
    """The keyphrases of a conversation, the weightiest first, of equal ones the last mentioned first.

    Args:
        turns: utterances, oldest first.
        tag: BCP 47 tag of their language; there are none for a language without word lists.
    """
    words = language(tag)
    found: dict[str, Keyphrase] = {}
    if words is None:
        return []
    for age, turn in enumerate(reversed(tuple(turns))):
        for mention in reversed(words.mentions(probable_text(turn))):
            known = found.get(mention.head)
            found[mention.head] = _counted(known, mention, turn.speaker_id, _KEPT_PER_TURN**age)
    return sorted(found.values(), key=lambda keyphrase: -keyphrase.weight)


def probable_text(turn: Utterance) -> str:
    """What was said as far as it is certain, with "…" for the words that are not.

    Where the engine tells nothing of single words, its confidence in the whole utterance counts.
    """
    if not turn.words:
        return "" if 0 < turn.confidence < PROBABLE else turn.text
    certain = (word.text if word.probability >= PROBABLE else UNHEARD for word in turn.words)
    return joined(certain, turn.language)


def _counted(known: Keyphrase | None, mention: Mention, speaker_id: str, weight: float) -> Keyphrase:
    if known is None:
        return Keyphrase(mention.topic, mention.phrase, speaker_id, 1, weight, mention.own)
    if (not mention.own, len(mention.topic)) <= (not known.own, len(known.topic)):
        known = replace(
            known, topic=mention.topic, phrase=mention.phrase, speaker_id=speaker_id, own=mention.own
        )
    return replace(known, mentions=known.mentions + 1, weight=known.weight + weight)

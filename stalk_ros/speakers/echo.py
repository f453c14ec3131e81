"""What the microphone hears of the robot itself, where nobody says when the robot speaks.

What was offered as a suggestion, the robot may say, and then it is transcribed like any other voice. Three
signs tell it from people:

- The text repeats what was offered. Letters are compared, not words: recognisers mishear words, and Korean is
  not always spaced alike.
- A voice that nobody has heard before, and that is not enrolled, speaks first after an offer, as soon as a
  robot would.
- A voice that was the robot's by these two signs often enough is the robot's.
"""

from __future__ import annotations

import unicodedata
from collections import Counter, deque
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from stalk_ros.clock import ns_to_seconds, seconds_to_ns
from stalk_ros.events import SuggestionStatus
from stalk_ros.speakers.attribution import SURE_AFTER_S, part_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stalk_ros.events import Suggestion, Utterance, VoiceActivity

_OFFERS = 5
"""Only the latest offers are said."""

_SAID_AFTER_NS = seconds_to_ns(20.0)
"""A robot may be slow to say what it was offered, and slow to end it."""

_PROMPT_NS = seconds_to_ns(3.0)
"""A speech synthesizer begins within this; whoever answers the robot has listened for longer."""

_STRANGE = 0.5
"""Confidence below which a voice is rather nobody's that was heard before."""

_KNOWN_NS = seconds_to_ns(10.0)
"""A voice that has said more than this is known; less may have been the robot's."""

_SHARE = 2
"""A voice is the robot's that has said at most so many times as much beside what was offered: robots greet
people, and somebody who was taken for one by mistake goes on talking."""

_ALIKE = 0.6
"""Part of the letters that must be those of the offer: of 400 turns of meetings (AMI) and consultations
(PriMock57) none has more in common with a question of the topic bank, of 54 questions read by a clear
synthetic voice 51 do as PocketSphinx hears them."""

_RUN, _SYLLABLES = 3, 2
"""Fewer letters in a row are alike by chance: in Hangul or Kanji, where each is a syllable or more, fewer."""

_FIRST_SYLLABLE = "\u2e80"
"""The scripts of which a letter is a syllable or more come after those of which it is a sound, in Unicode."""

_WHOLE, _PART = 0.7, 0.3
"""Part of the offer that is repeated: with so much nobody else has said it, and with less it is chance."""


@dataclass(frozen=True)
class _Offer:
    time_ns: int
    until_ns: int
    letters: str


class Echo:
    """Remembers what the robot may be saying and how it sounds; one thread at a time calls it.

    Voices are the numbers of `stalk_ros.speakers.clustering.VoiceClusters`.
    """

    def __init__(self) -> None:
        self._offers: deque[_Offer] = deque(maxlen=_OFFERS)
        self._muted_ns = 0
        self._heard_ns = 0
        self._balance_ns: Counter[int] = Counter()
        self._is_heard = False

    def offered(self, suggestion: Suggestion) -> None:
        """The robot may say this from now on, also if it is withdrawn: that may be because it is heard."""
        if suggestion.status is SuggestionStatus.OFFERED:
            until_ns = suggestion.valid_until_ns + _SAID_AFTER_NS
            self._offers.append(_Offer(suggestion.time_ns, until_ns, _letters(suggestion.text)))

    def new_stream(self) -> None:
        """Time has begun anew: what was offered and heard before, is not in it."""
        self._offers.clear()
        self._muted_ns = self._heard_ns = 0

    def follow(self, activity: VoiceActivity) -> None:
        """Note when the microphone is muted: then the robot is not heard."""
        if activity.muted:
            self._muted_ns = activity.time_ns

    def is_heard(self, utterance: Utterance) -> bool:
        """Whether the robot is heard in an utterance, or was before, so that one voice is no person's."""
        self._is_heard = self._is_heard or self._repeated(utterance, known=True) > 0
        return self._is_heard or any(map(self.is_robot, self._balance_ns))

    def is_robot(self, voice: int) -> bool:
        """Whether a voice is the robot's by what it has said so far."""
        return self._balance_ns[voice] > 0

    def told_apart(
        self, part: Utterance, whole: Utterance, voice: int, enrolled: bool = False
    ) -> list[tuple[Utterance, bool]]:
        """A part of an utterance in pieces, with whether it is the robot that says them.

        Args:
            part: what one voice says, with the confidence that it is this one.
            whole: the utterance, where the part is the end of a partial; else the part.
            voice: the voice.
            enrolled: it is that of somebody who is enrolled.
        """
        known = self._balance_ns[voice] <= -_KNOWN_NS
        # The confidence falls with the length too, and a short answer is nothing strange.
        length_s = ns_to_seconds(part.end_ns - part.start_ns)
        strange = part.speaker_confidence < _STRANGE * min(1.0, length_s / SURE_AFTER_S)
        count, every = self._repeated(whole, known), max(1, len(whole.words))
        prompt = self._is_prompt(whole) and (strange or not (enrolled or voice in self._balance_ns))
        by_itself = prompt or count == every
        if part.final and 0 < count < every and not prompt and not self.is_robot(voice):
            words, cut_ns = part.words, part.words[count].start_ns
            robot = part_of(part, part.start_ns, cut_ns, words[:count])
            person = part_of(part, cut_ns, part.end_ns, words[count:])
            self._learn(person, voice, is_robot=False)
            return [(robot, True), (person, False)]
        is_robot = by_itself or self.is_robot(voice)
        # A voice that is only the nearest one tells nothing about itself.
        if part.final and not (by_itself and (known or strange)):
            self._learn(part, voice, by_itself)
        return [(part, is_robot)]

    def _learn(self, utterance: Utterance, voice: int, is_robot: bool) -> None:
        """Note whose voice it is, by what a final utterance was by itself."""
        duration_ns = utterance.end_ns - utterance.start_ns
        self._balance_ns[voice] += _SHARE * duration_ns if is_robot else -duration_ns
        if not is_robot:
            self._heard_ns = max(self._heard_ns, utterance.end_ns)

    def _repeated(self, utterance: Utterance, known: bool) -> int:
        """How many of the first words repeat what was offered; without words, 1 stands for all of the text.

        Args:
            utterance: what one voice says.
            known: it is surely somebody else's, who may repeat a part of what the robot said.
        """
        words = [_letters(word.text) for word in utterance.words] or [_letters(utterance.text)]
        offers = self._open(utterance)
        count = more = max((_first_words(words, offer.letters, known) for offer in offers), default=0)
        # The robot may say it again, or another offer, in the same breath; a person hardly says all of one.
        while more and count < len(words):
            more = max(_first_words(words[count:], offer.letters, known=True) for offer in offers)
            count += more
        return count

    def _is_prompt(self, utterance: Utterance) -> bool:
        """Whether this is what is heard first after an offer, as soon as a robot would say it."""
        offers = self._open(utterance)
        return (
            bool(offers)
            and utterance.start_ns - offers[-1].time_ns <= _PROMPT_NS
            and max(self._muted_ns, self._heard_ns) <= offers[-1].time_ns
        )

    def _open(self, utterance: Utterance) -> list[_Offer]:
        """The offers that the robot may be saying in it, oldest first."""
        return [offer for offer in self._offers if offer.time_ns <= utterance.start_ns <= offer.until_ns]


def _letters(text: str) -> str:
    normal = unicodedata.normalize("NFKC", text).casefold()
    return "".join(letter for letter in normal if letter.isalnum())


def _first_words(words: Sequence[str], offer: str, known: bool) -> int:
    said = "".join(words)
    run = _SYLLABLES if max(said, default="") >= _FIRST_SYLLABLE else _RUN
    alike = [False] * len(said)
    for match in SequenceMatcher(None, said, offer, autojunk=False).get_matching_blocks():
        if match.size >= run:
            alike[match.a : match.a + match.size] = [True] * match.size
    best, at, matched = 0, 0, 0
    for number, word in enumerate(words, start=1):
        own = sum(alike[at : at + len(word)])
        at, matched = at + len(word), matched + own
        enough = matched >= max(1.0, (_WHOLE if known else _PART) * len(offer))
        # What follows the offer is somebody else's, but its last words may be misheard.
        if enough and matched >= _ALIKE * at and (2 * own >= len(word) or number == len(words)):
            best = number
    return best

"""The signs that a conversation stalls, each a function of what was said lately.

They take the recent turns, oldest first, and answer from their texts and times alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from stalk_ros.topics.awkwardness.lapse import willing_gap_s
from stalk_ros.topics.content import content_words
from stalk_ros.topics.turns import hesitations, is_minimal_response, is_question, last_sentence, length

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stalk_ros.events import Utterance

_WORTH_NAMING = 0.5

_CIRCLING_TURNS = 4
_COMPARED_TURNS = 8
_ENOUGH_WORDS = 8
_USUAL_NOVELTY = 0.5
"""`repetition_cue`: of so many last turns with something to say, with at least so many content words in
all, the share that neither the so many turns before them had nor they themselves had before. In
consultations (primock57, day 1) it is below a half after 7 % of the turns, below a quarter after 0.1 %."""

_ENOUGH_TURNS = 8
"""`one_sided_cue`: before so many turns nobody has had a chance to take part."""

_HESITANT_TURNS = 3
_USUAL_RATE = 0.06
_HESITANT_RATE = 0.3
"""`hesitation_cue`: six false starts and fillers in a hundred words are usual (Fox Tree 1995, "The effects
of false starts and repetitions on the processing of subsequent words in spontaneous speech"); that five
times as many, over the last turns, are full hesitation is assumed."""

_QUOTED_LETTERS = 60


@dataclass(frozen=True)
class Cue:
    """One sign that a conversation stalls.

    ``score`` is in [0, 1], ``reason`` says it in words, "" when it is too weak to name.
    """

    score: float
    reason: str = ""


_NONE = Cue(0.0)


def silence_cue(silence_s: float, lapse_s: float, offer_at: float) -> Cue:
    """Silence: 0 up to a willing gap, then rising evenly to 1, through ``offer_at`` at the lapse.

    Its reason is named from half of the lapse.

    Args:
        silence_s: how long nobody has spoken, in seconds.
        lapse_s: the silence that calls for a suggestion on its own, in seconds.
        offer_at: the score at which a suggestion is offered.
    """
    gap_s = willing_gap_s(lapse_s)
    score = min(1.0, max(0.0, offer_at * ((silence_s - gap_s) / (lapse_s - gap_s))))
    return Cue(score, f"nobody has spoken for {silence_s:.1f} s" if silence_s >= lapse_s / 2 else "")


def minimal_responses_cue(turns: tuple[Utterance, ...], tag: str, run: int) -> Cue:
    """The last turns were no more than "yeah" or "mhm": one is nothing, ``run`` in a row are all of it.

    Minimal responses come before lapses (McLaughlin and Cody 1982, "Awkward silences: behavioral antecedents
    and consequences of the conversational lapse"), though they explain few of them (Dindia 1986, "Antecedents
    and consequences of awkward silence"), and before changes of topic (Maynard 1980, "Placement of topic
    changes in conversation").

    Args:
        turns: recent turns, oldest first.
        tag: BCP 47 tag of their language.
        run: how many in a row score 1, at least 2.
    """
    said: list[str] = []
    for turn in reversed(turns):
        if not is_minimal_response(turn.text, tag):
            break
        said.append(turn.text.strip(" .,!?…。、").lower())
    score = min(1.0, max(0, len(said) - 1) / (run - 1))
    quoted = ", ".join(f"'{text}'" for text in list(dict.fromkeys(reversed(said)))[-3:])
    return _cue(score, f"the last {len(said)} turns were only {quoted}")


def repetition_cue(turns: tuple[Utterance, ...], tag: str) -> Cue:
    """The talk goes in circles: the content words of the last turns are those of the turns before.

    A topic that is used up shows in repetitions of what was said (Maynard 1980, "Placement of topic changes
    in conversation").

    Args:
        turns: recent turns, oldest first.
        tag: BCP 47 tag of their language.
    """
    with_words = (words for turn in reversed(turns) if (words := content_words(turn.text, tag)))
    said = list(islice(with_words, _CIRCLING_TURNS + _COMPARED_TURNS))[::-1]
    before = {word for words in said[:-_CIRCLING_TURNS] for word in words}
    last = [word for words in said[-_CIRCLING_TURNS:] for word in words]
    if not before or len(last) < _ENOUGH_WORDS:
        return _NONE
    novelty = len(set(last) - before) / len(last)
    score = max(0.0, 1 - novelty / _USUAL_NOVELTY)
    again = [word for word in dict.fromkeys(last) if word in before]
    texts = " ".join(turn.text.lower() for turn in turns[-_COMPARED_TURNS:])
    return _cue(score, f"the talk goes in circles: {', '.join(_as_said(word, texts) for word in again[:3])}")


def one_sided_cue(turns: tuple[Utterance, ...], shares: Mapping[str, float], bound: float) -> Cue:
    """One person does nearly all the talking, though others are there: from half-way to ``bound`` on, evenly.

    Talk that all share in equally goes with a group that works well (Woolley et al. 2010, "Evidence for a
    collective intelligence factor in the performance of human groups").

    Args:
        turns: recent turns, oldest first.
        shares: each known speaker's share of the recent talking time.
        bound: the share that scores 1.
    """
    if len(shares) < 2 or len(turns) < _ENOUGH_TURNS:
        return _NONE
    speaker, share = max(shares.items(), key=lambda item: item[1])
    half_way = (1 / len(shares) + bound) / 2
    score = min(1.0, max(0.0, (share - half_way) / (bound - half_way))) if bound > half_way else 0.0
    name = next((turn.speaker_name for turn in reversed(turns) if turn.speaker_id == speaker), "") or speaker
    return _cue(score, f"{name} has done {share:.0%} of the talking")


def unanswered_question_cue(turns: tuple[Utterance, ...], tag: str) -> Cue:
    """The last turn asked something, and nobody has answered: 1 then, else 0.

    After a question its answer is noticeably absent (Schegloff 1968, "Sequencing in conversational
    openings").

    Args:
        turns: recent turns, oldest first.
        tag: BCP 47 tag of their language.
    """
    if not turns or not is_question(turns[-1].text, tag):
        return _NONE
    return _cue(1.0, f"nobody has answered '{_shortened(last_sentence(turns[-1].text))}'")


def hesitation_cue(turns: tuple[Utterance, ...], tag: str) -> Cue:
    """People search for words: many fillers ("um") and false starts for what was said; one alone is nothing.

    A filler announces a delay (Clark and Fox Tree 2002, "Using uh and um in spontaneous speaking").

    Args:
        turns: recent turns, oldest first.
        tag: BCP 47 tag of their language.
    """
    last = turns[-_HESITANT_TURNS:]
    count = sum(hesitations(turn.text, tag) for turn in last)
    words = sum(length(turn.text, tag) for turn in last)
    if count < 2 or not words:
        return _NONE
    score = (count / words - _USUAL_RATE) / (_HESITANT_RATE - _USUAL_RATE)
    return _cue(min(1.0, max(0.0, score)), "people hesitate")


def _cue(score: float, reason: str) -> Cue:
    return Cue(score, reason if score >= _WORTH_NAMING else "")


def _as_said(word: str, texts: str) -> str:
    """A word in a form in which it was said, where it begins like the one it is counted in."""
    found = re.search(rf"\b{re.escape(word)}\w*", texts)
    return found[0] if found else word


def _shortened(sentence: str) -> str:
    """The end of a sentence, in whole words."""
    if len(sentence) <= _QUOTED_LETTERS:
        return sentence
    _, _, end = sentence[-_QUOTED_LETTERS:].partition(" ")
    return f"… {end or sentence[-_QUOTED_LETTERS:]}"

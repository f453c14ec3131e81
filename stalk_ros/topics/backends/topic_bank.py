"""Questions from a file, filled with what people talked about; needs no model."""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass
from itertools import chain, takewhile
from pathlib import Path
from typing import TYPE_CHECKING

from stalk_ros.topics.backends.llama_cpp import SETUP
from stalk_ros.topics.backends.question_file import QuestionFile
from stalk_ros.topics.checks import avoided
from stalk_ros.topics.keyphrases import keyphrases, probable_text
from stalk_ros.topics.languages import language, wording
from stalk_ros.topics.recommender import Draft
from stalk_ros.topics.turns import is_minimal_response

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from stalk_ros.events import Utterance
    from stalk_ros.topics.backends.question_file import Questions
    from stalk_ros.topics.keyphrases import Keyphrase
    from stalk_ros.topics.languages import Language
    from stalk_ros.topics.parameters import TopicParameters
    from stalk_ros.topics.recommender import Cancelled, TopicRequest

_MIN_WEIGHT = 0.3
"""A thing mentioned once is followed up for some 23 turns, an open thread for 60."""

_EASY_AREAS, _EASY_QUESTIONS = 4, 5
"""So many areas, and questions of each, the first in the file, are for the beginning of a talk and for a
serious one."""

_MIN_MENTIONS = 2
"""Of a thing of no known kind; a word that was heard wrong seldom comes twice."""

_SERIOUS_TURNS, _SERIOUS_AMONG = 3, 30
"""With so many turns on grave subjects among the last ones a talk is serious: nothing of it is picked up."""

_GRAVE = ("health", "grief", "violence")
"""Categories of ``avoid.yaml`` of which people seldom speak in passing, as they do of prices or of hair."""

_REMEMBERED = 100
"""Sentences back to which the templates that were used are told apart."""

_FOLLOW_UP_CONFIDENCE, _QUESTION_CONFIDENCE, _GENERAL_CONFIDENCE = 0.6, 0.5, 0.3


@dataclass(frozen=True)
class _Mentioned:
    """Something to follow up, as in `stalk_ros.topics.recommender.Thread`.

    ``last`` says that it was in the last thing that anybody said.
    """

    topic: str
    phrase: str
    speaker_id: str
    mentions: int
    last: bool


class TopicBank:
    """A `TopicRecommender` that asks about what was said, or a general question when there is nothing of it.

    Follow-ups take the words of who brought a thing up, in a sentence that fits its kind (a person, a place,
    an activity, …). Nothing is picked up that was said with the words of a heavy subject, nor anything of a
    conversation full of grave ones.

    Args:
        parameters: ``bank`` is the path of a bank of your own, ``languages/en/questions.yaml`` shows the
            format; ``speech_level`` is how people are addressed.

    Raises:
        UserError: the bank cannot be read or is not a bank.
    """

    name = "topic_bank"
    caveat = (
        "has templates for its questions, which take up what was said without understanding it; for a robot: "
        f"{SETUP}"
    )

    instant = True

    def __init__(self, parameters: TopicParameters) -> None:
        self._file = QuestionFile(parameters.bank, parameters.speech_level)
        self._level = parameters.speech_level

    @classmethod
    def missing(cls, parameters: TopicParameters) -> str:
        """See `stalk_ros.backends.Backend.missing`."""
        if parameters.model and parameters.backend in ("auto", cls.name):
            return f"it has no model and cannot load '{parameters.model}'; leave parameter 'model' empty"
        bank = parameters.bank
        if bank and not Path(bank).expanduser().is_file():
            return f"there is no topic bank '{bank}'; leave parameter 'bank' empty for the one in the package"
        return ""

    def summarize(
        self, summary: str, turns: tuple[Utterance, ...], language: str, cancelled: Cancelled
    ) -> str:
        """It has no words of its own."""
        return ""

    def recommend(self, request: TopicRequest, cancelled: Cancelled) -> Draft | None:
        """See `stalk_ros.topics.recommender.TopicRecommender.recommend`."""
        questions = self._file.questions(request.language)
        if questions is None:
            return None
        words = language(request.language)
        serious = _is_serious(request)
        draft = None
        if words is not None and not serious:
            draft = self._follow_up(request, questions, words) or self._unanswered(request, questions, words)
        first = not any(topic in questions.general for topic in request.avoid_topics)
        return draft or self._general(request, questions, serious or first)

    def _follow_up(self, request: TopicRequest, questions: Questions, words: Language) -> Draft | None:
        for thing in _things(request, words):
            kind = words.kind(thing.topic)
            if kind == "other" and not (thing.mentions >= _MIN_MENTIONS and words.is_clear(thing.phrase)):
                continue
            name = request.names.get(thing.speaker_id, "")
            slots = {"topic": thing.phrase}
            earlier = () if thing.last else questions.earlier.get(kind, ())
            text = self._new_text(request, earlier, slots, name)
            text = text or self._new_text(request, questions.follow_up.get(kind, ()), slots, name)
            if text:
                speakers = (thing.speaker_id,) if thing.speaker_id else ()
                return Draft(text, thing.topic, _why(thing), speakers, _FOLLOW_UP_CONFIDENCE)
        return None

    def _unanswered(self, request: TopicRequest, questions: Questions, words: Language) -> Draft | None:
        form = wording(request.language)
        for question in request.questions:
            said = probable_text(question)
            asker = request.names.get(question.speaker_id, "")
            asked = form.asked(said) if form and said == question.text and not words.is_heavy(said) else ""
            if not asked or not _is_new(asked, request):
                continue
            slots = {"asker": asker, "question": asked}
            text = self._new_text(request, questions.follow_up.get("question", ()), slots, "")
            if text:
                why = f"nobody has answered {question.speaker_id}, who asked {asked}"
                return Draft(text, asked, why, (), _QUESTION_CONFIDENCE)
        return None

    def _new_text(
        self, request: TopicRequest, templates: tuple[str, ...], slots: Mapping[str, str], name: str
    ) -> str:
        """A sentence that was not said, by the template whose turn it is; "" when there is none."""
        form = wording(request.language)
        for template in _in_turn(templates, request.avoid_texts, next(iter(slots.values()))):
            text = form.spoken(template, slots, name, self._level) if form else ""
            if text and text not in request.avoid_texts:
                return text
        return ""

    def _general(self, request: TopicRequest, questions: Questions, easy: bool) -> Draft | None:
        form = wording(request.language)
        quiet = request.quiet_speakers[:1]
        name = request.names.get(quiet[0], "") if quiet else ""
        for area in _areas(request, questions, easy):
            for text in _general_texts(request, area, questions.general[area], easy):
                if not any(used.casefold().endswith(text.casefold()) for used in request.avoid_texts):
                    spoken = form.spoken(text, {}, name, self._level) if form else text
                    why = "nothing that was said is to be asked about; this is a question for anybody"
                    return Draft(spoken, area, why, quiet, _GENERAL_CONFIDENCE)
        return None


def _things(request: TopicRequest, words: Language) -> Iterator[_Mentioned]:
    """What may be followed up, the best first: open threads, then whatever was mentioned.

    Not what somebody spoke of heavily, whether then or at another time, nor a name of who is there: 하늘 is
    also the sky.
    """
    heavy = " ".join(turn.text.lower() for turn in request.turns if words.is_heavy(turn.text))
    found = {_head(phrase.topic): phrase for phrase in keyphrases(request.turns, request.language)}
    seen: set[str] = set()
    for thing in chain(_threads(request, found), _mentioned(request, found)):
        head = _head(thing.topic)
        named = any(name.lower().endswith(head) for name in request.names.values())
        if not named and head not in seen and head not in heavy and _is_new(thing.topic, request):
            yield thing
        seen.add(head)


def _threads(request: TopicRequest, found: Mapping[str, Keyphrase]) -> Iterator[_Mentioned]:
    last = {turn.utterance_id for turn in _last_said(request)}
    for thread in request.threads:
        if thread.weight >= _MIN_WEIGHT and _head(thread.topic) in probable_text(thread.said).lower():
            known = found.get(_head(thread.topic))
            mentions = known.mentions if known else 1
            is_last = thread.said.utterance_id in last
            yield _Mentioned(thread.topic, thread.phrase, thread.speaker_id, mentions, is_last)


def _mentioned(request: TopicRequest, found: Mapping[str, Keyphrase]) -> Iterator[_Mentioned]:
    last = {phrase.topic for phrase in keyphrases(_last_said(request), request.language)}
    for phrase in found.values():
        if phrase.weight >= _MIN_WEIGHT:
            is_last = phrase.topic in last
            yield _Mentioned(phrase.topic, phrase.phrase, phrase.speaker_id, phrase.mentions, is_last)


def _last_said(request: TopicRequest) -> list[Utterance]:
    """What the last speaker has said since another spoke, minimal responses aside."""
    said = [turn for turn in request.turns if not is_minimal_response(turn.text, request.language)]
    return list(takewhile(lambda turn: turn.speaker_id == said[-1].speaker_id, reversed(said)))


def _head(topic: str) -> str:
    return topic.lower().rpartition(" ")[2]


def _is_serious(request: TopicRequest) -> bool:
    recent = request.turns[-_SERIOUS_AMONG:]
    return sum(avoided(turn.text, request.language) in _GRAVE for turn in recent) >= _SERIOUS_TURNS


def _is_new(topic: str, request: TopicRequest) -> bool:
    """Whether a thing is neither one that was suggested, in whatever form, nor was taken badly."""
    avoided = {_head(known) for known in request.avoid_topics}
    return _head(topic) not in avoided and request.liked.get(topic, 0.0) >= 0


def _in_turn(templates: tuple[str, ...], texts: tuple[str, ...], topic: str) -> list[str]:
    """Templates in the order of choice: the one that was used longest ago first, the last one never.

    Of those that were not used, one that begins unlike the last sentence comes first; which, the topic
    decides.
    """
    recent = texts[-_REMEMBERED:]
    first = zlib.crc32(topic.encode())

    def rank(template: str) -> tuple[int, bool, int]:
        slotted = r"\{\w+\}(?:\w+/\w+)?"
        form = re.compile(".+".join(re.escape(part) for part in re.split(slotted, template)), re.IGNORECASE)
        used = max((index for index, text in enumerate(recent, 1) if form.search(text)), default=0)
        alike = bool(recent) and _opening(template).casefold() in recent[-1].casefold()
        return used, alike, (templates.index(template) - first) % len(templates)

    ranked = sorted(templates, key=rank)
    return [template for template in ranked if not recent or rank(template)[0] < len(recent)]


def _opening(template: str) -> str:
    return " ".join(template.split()[:2])


def _areas(request: TopicRequest, questions: Questions, easy: bool) -> list[str]:
    """Areas in the order of choice: liked ones first, then easy and near ones; disliked ones last."""
    start = zlib.crc32(request.turns[-1].text.encode()) if request.turns else 0
    easiest = tuple(questions.general)[:_EASY_AREAS] if easy else ()
    names = _from(easiest, start) + _from(tuple(questions.general), start)
    used = {topic: index for index, topic in enumerate(request.avoid_topics, start=1)}
    recent = request.avoid_topics[-(len(questions.general) // 2 + 1) :]
    heads = {_head(phrase.topic) for phrase in keyphrases(request.turns, request.language)}

    def rank(area: str) -> tuple[bool, bool, bool, float, int, int]:
        liked = request.liked.get(area, 0.0)
        text = " ".join([area, *questions.general[area]]).lower()
        near = sum(bool(re.search(rf"(?<!\w){re.escape(head)}", text)) for head in heads)
        far = bool(easiest) and area not in easiest and liked <= 0
        return liked < 0, far, area in recent, -max(liked, 0.0), -near, used.get(area, 0)

    return sorted(dict.fromkeys(names), key=rank)


def _general_texts(request: TopicRequest, area: str, texts: tuple[str, ...], easy: bool) -> tuple[str, ...]:
    """The questions of an area in the order of choice."""
    start = zlib.crc32(area.encode()) + len(request.turns)
    return _from(texts[:_EASY_QUESTIONS], start) + texts[_EASY_QUESTIONS:] if easy else _from(texts, start)


def _from(items: tuple[str, ...], start: int) -> tuple[str, ...]:
    """The items from another start, round to the one before it."""
    start = start % len(items) if items else 0
    return items[start:] + items[:start]


def _why(thing: _Mentioned) -> str:
    times = "once" if thing.mentions == 1 else f"{thing.mentions} times"
    speaker = f", first by {thing.speaker_id}" if thing.speaker_id else ""
    return f"'{thing.topic}' was mentioned {times}{speaker}"

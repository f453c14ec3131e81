"""Questions from a file, filled with what people talked about; needs no model."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from stalk_ros.errors import UserError
from stalk_ros.topics.keyphrases import Keyphrase, keyphrases
from stalk_ros.topics.languages import language, primary
from stalk_ros.topics.recommender import Draft

if TYPE_CHECKING:
    from stalk_ros.events import Utterance
    from stalk_ros.topics.parameters import TopicParameters
    from stalk_ros.topics.recommender import Cancelled, TopicRequest

_SLOT = "{topic}"
_ENDINGS = (".", "?", "!", "。", "？", "！")
_MIN_WEIGHT = 0.3
"""A thing mentioned once is followed up for some 23 turns."""

_FOLLOW_UP_CONFIDENCE = 0.6
_GENERAL_CONFIDENCE = 0.3


@dataclass(frozen=True)
class Questions:
    """A language's questions: ``follow_up`` have a slot for a topic, ``general`` are pairs (topic, text)."""

    follow_up: tuple[str, ...]
    general: tuple[tuple[str, str], ...]


class TopicBank:
    """A `TopicRecommender` that asks about what was said, or a general question when there is nothing of it.

    Args:
        parameters: ``bank`` is the path of a bank of your own, which replaces the package's
            (``topic_bank.yaml`` beside this file shows the format).

    Raises:
        UserError: the bank cannot be read or is not a bank.
    """

    name = "topic_bank"
    caveat = "has templates for its questions, which take up what was said without understanding it"

    instant = True

    def __init__(self, parameters: TopicParameters) -> None:
        self._bank = _load(parameters.bank)

    @classmethod
    def missing(cls, parameters: TopicParameters) -> str:
        """See `stalk_ros.backends.Backend.missing`."""
        bank = parameters.bank
        if bank and not Path(bank).is_file():
            return f"there is no topic bank '{bank}'; leave parameter 'bank' empty for the one in the package"
        return ""

    def summarize(
        self, summary: str, turns: tuple[Utterance, ...], language: str, cancelled: Cancelled
    ) -> str:
        """It has no words of its own."""
        return ""

    def recommend(self, request: TopicRequest, cancelled: Cancelled) -> Draft | None:
        """See `stalk_ros.topics.recommender.TopicRecommender.recommend`."""
        questions = self._bank.get(request.language)
        if questions is None:
            return None
        return self._follow_up(request, questions) or self._general(request, questions)

    def _follow_up(self, request: TopicRequest, questions: Questions) -> Draft | None:
        avoided = {topic.lower() for topic in request.avoid_topics}
        for keyphrase in keyphrases(request.turns, request.language):
            if keyphrase.weight < _MIN_WEIGHT or keyphrase.topic.lower() in avoided:
                continue
            for template in _rotated(questions.follow_up, len(request.avoid_texts)):
                text = _filled(template, keyphrase.phrase, request.language)
                if text not in request.avoid_texts:
                    speakers = (keyphrase.speaker_id,) if keyphrase.speaker_id else ()
                    return Draft(text, keyphrase.topic, _why(keyphrase), speakers, _FOLLOW_UP_CONFIDENCE)
        return None

    def _general(self, request: TopicRequest, questions: Questions) -> Draft | None:
        recent = request.avoid_topics[-len(questions.general) // 2 :]
        new = [(topic, text) for topic, text in questions.general if text not in request.avoid_texts]
        if not new:
            return None
        topic, text = next((question for question in new if question[0] not in recent), new[0])
        why = "nothing that was said is left to ask about; this is a question for anybody"
        return Draft(text, topic, why, request.quiet_speakers[:1], _GENERAL_CONFIDENCE)


def _rotated(items: tuple[str, ...], by: int) -> tuple[str, ...]:
    """The items from another start each time, so that two suggestions in a row do not sound alike."""
    start = by % len(items) if items else 0
    return items[start:] + items[:start]


def _filled(template: str, phrase: str, tag: str) -> str:
    text = template.replace(_SLOT, phrase)
    words = language(tag)
    return words.fitted(text) if words else text


def _why(keyphrase: Keyphrase) -> str:
    times = "once" if keyphrase.mentions == 1 else f"{keyphrase.mentions} times"
    speaker = f", first by {keyphrase.speaker_id}" if keyphrase.speaker_id else ""
    return f"'{keyphrase.topic}' was mentioned {times}{speaker}"


def _load(model: str) -> dict[str, Questions]:
    name = model or "topic_bank.yaml"
    try:
        if model:
            text = Path(model).read_text(encoding="utf-8")
        else:
            text = resources.files("stalk_ros.topics.backends").joinpath(name).read_text(encoding="utf-8")
        document = yaml.safe_load(text)
    except OSError as error:
        raise UserError(f"cannot read topic bank '{name}': {error.strerror}") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise UserError(f"topic bank '{name}' is not YAML: {' '.join(str(error).split())}") from None
    if not isinstance(document, dict) or not document:
        raise UserError(f"topic bank '{name}' must map languages ('en') to questions")
    return {
        primary(str(tag)): _questions(section, f"topic bank '{name}', {tag}")
        for tag, section in document.items()
    }


def _questions(section: Any, where: str) -> Questions:
    if not isinstance(section, dict) or not {"follow_up", "general"} >= set(section):
        raise UserError(f"{where}: must hold 'follow_up' and 'general', nothing else")
    follow_up = _checked_list(section.get("follow_up"), f"{where}: follow_up")
    for template in follow_up:
        if _SLOT not in _sentence(template, where):
            raise UserError(f"{where}: '{template}' has no {_SLOT}")
    general = section.get("general") or {}
    if not isinstance(general, dict):
        raise UserError(f"{where}: general must map topics to lists of questions")
    pairs = [
        (str(topic), _sentence(text, where))
        for topic, texts in general.items()
        for text in _checked_list(texts, f"{where}: {topic}")
    ]
    return Questions(tuple(follow_up), tuple(pairs))


def _checked_list(entries: Any, where: str) -> list[Any]:
    if entries is None:
        return []
    if not isinstance(entries, list):
        raise UserError(f"{where}: must be a list of sentences")
    return entries


def _sentence(text: Any, where: str) -> str:
    if not isinstance(text, str) or not text.strip().endswith(_ENDINGS):
        raise UserError(f"{where}: {text!r} is no sentence that ends with one of {' '.join(_ENDINGS)}")
    return text.strip()

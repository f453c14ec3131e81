"""What a language model is asked about a conversation, and what becomes of its answer.

The conversation is data: lines of JSON in the user's message, in which no text can be mistaken for one of the
model's control tokens. The instructions are in the system prompt alone, see
`stalk_ros.topics.backends.prompts`.
"""

from __future__ import annotations

import json
import reprlib
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from stalk_ros.topics.recommender import Draft

if TYPE_CHECKING:
    from collections.abc import Callable

    from stalk_ros.events import Utterance
    from stalk_ros.topics.backends.prompts import Prompt
    from stalk_ros.topics.recommender import TopicRequest

Messages = list[dict[str, str]]

MAX_SUMMARY = 900
"""Characters; llama.cpp has no grammar for a text that may be much longer, and crashes without one."""

SUGGESTION: dict[str, Any] = {
    "type": "object",
    "properties": {
        "topic": {"type": "string", "minLength": 1, "maxLength": 60},
        "suggestion": {"type": "string", "minLength": 1, "maxLength": 240},
        "addressed_to": {"type": "string", "maxLength": 60},
        "why": {"type": "string", "maxLength": 200},
    },
    "required": ["topic", "suggestion", "addressed_to", "why"],
    "additionalProperties": False,
}
"""JSON schema of a suggestion. Bounded, or a model that goes in circles would fill its context."""

SUMMARY: dict[str, Any] = {
    "type": "object",
    "properties": {"summary": {"type": "string", "minLength": 1, "maxLength": MAX_SUMMARY}},
    "required": ["summary"],
    "additionalProperties": False,
}

TEMPERATURE = 0.3
"""Low: what a model says stays with what was said."""

SEED = 1
"""The same request has the same answer where the model allows it."""

ANSWER_TOKENS = 384
"""Room for an answer. One of 30 words with its reason takes some 100, in Korean some 200."""

_CONFIDENCE = 0.7
_SAID = 600
"""Characters of an utterance that are read; at twenty a second that is half a minute of speech."""

_NAME, _PHRASE = 60, 120
_THREADS, _QUESTIONS, _PEOPLE, _LIKED, _AVOIDED = 6, 3, 20, 8, 12
"""How many of each are told. What comes last in the request is the latest of it, except where it says so."""

_TURNS = 500
"""Of which the oldest are dropped first where they do not fit; more than an hour of talk."""

_STEP = 8
"""About so many turns are dropped at once."""

_WITH_SPEECH_LEVEL = ("ko", "ja")

_ESCAPED = {ord(letter): f"\\u{ord(letter):04x}" for letter in "<>[]{}|"}
"""Control tokens are written with these ("<|eot_id|>", "[INST]", "</s>"). JSON reads them as the same."""


@dataclass(frozen=True)
class Chat:
    """A question to a model.

    Attributes:
        system: the instructions.
        before: lines of data before the turns, ``turns`` a line for each, oldest first, ``after`` what
            follows them.
        schema: JSON schema of the answer.
    """

    system: str
    before: tuple[str, ...]
    turns: tuple[str, ...]
    after: tuple[str, ...]
    schema: dict[str, Any]

    def messages(self, dropped: int = 0) -> Messages:
        """The messages without so many of the oldest turns."""
        data = (*self.before, *self.turns[dropped:], *self.after)
        return [
            {"role": "system", "content": self.system},
            {"role": "user", "content": "\n".join(data) or "{}"},
        ]

    def fitted(self, tokens: Callable[[Messages], int], room: int) -> Messages | None:
        """The messages with as many of the latest turns as fit, give or take a few.

        Args:
            tokens: counts them.
            room: how many there may be.

        Returns:
            None when there are too many even without any turn.
        """
        low, high = 0, len(self.turns)
        if tokens(self.messages(high)) > room:
            return None
        while low < high:
            middle = (low + high) // 2
            if tokens(self.messages(middle)) > room:
                low = middle + 1
            else:
                high = middle
        return self.messages(self._lasting(low))

    def _lasting(self, first: int) -> int:
        """The turn from ``first`` on to begin with, which is the same one while later ones come.

        If each new turn pushed out the oldest, a model could keep nothing of what it has read before, and a
        processor takes many seconds to read all of it.
        """
        if len(self.turns) - first < 4 * _STEP:
            return first
        for index in range(first, first + 2 * _STEP):
            if zlib.crc32(self.turns[index].encode()) % _STEP == 0:
                return index
        return first


def suggestion_chat(request: TopicRequest, prompt: Prompt, speech_level: str) -> Chat:
    """Asks for something to say; ``speech_level`` is the parameter of this name."""
    people = _people(request)
    details: dict[str, Any] = {
        "people": [_clean(name, _NAME) for name in list(people.values())[-_PEOPLE:]],
        "reason": request.trigger.name.lower(),
        "quiet_people": [_clean(people.get(speaker, speaker), _NAME) for speaker in request.quiet_speakers],
        "open_threads": [
            {
                "topic": _clean(thread.topic, _PHRASE),
                "speaker": _clean(people.get(thread.speaker_id, thread.speaker_id), _NAME),
                "said": _clean(thread.said.text, _PHRASE),
            }
            for thread in request.threads[:_THREADS]
        ],
        "unanswered_questions": [_said(turn, people) for turn in request.questions[:_QUESTIONS]],
        "liked": [_clean(topic, _PHRASE) for topic, value in request.liked.items() if value > 0][-_LIKED:],
        "disliked": [_clean(topic, _PHRASE) for topic, value in request.liked.items() if value < 0][-_LIKED:],
        "topics_before": [_clean(topic, _PHRASE) for topic in request.avoid_topics[-_AVOIDED:]],
        "suggested_before": [_clean(text, _SAID) for text in request.avoid_texts[-_AVOIDED:]],
        "speech_level": speech_level if request.language in _WITH_SPEECH_LEVEL else "",
    }
    known = {key: value for key, value in details.items() if value}
    return Chat(
        prompt.suggest,
        _earlier(request.summary),
        tuple(_json(_said(turn, people)) for turn in request.turns[-_TURNS:]),
        (_json(known),),
        SUGGESTION,
    )


def summary_chat(summary: str, turns: tuple[Utterance, ...], prompt: Prompt) -> Chat:
    """Asks for what is worth remembering of an older summary and of the turns after it."""
    people = {turn.speaker_id: turn.speaker_name or turn.speaker_id for turn in turns}
    said = tuple(_json(_said(turn, people)) for turn in turns[-_TURNS:])
    return Chat(prompt.summarize, _earlier(summary), said, (), SUMMARY)


def draft(answer: str, request: TopicRequest) -> Draft:
    """The suggestion in an answer.

    Raises:
        ValueError: there is none; says why.
    """
    fields = _fields(answer, SUGGESTION)
    called = fields["addressed_to"].casefold()
    addressed = [
        speaker
        for speaker, name in _people(request).items()
        if called in (speaker.casefold(), name.casefold())
    ]
    return Draft(fields["suggestion"], fields["topic"], fields["why"], tuple(addressed[:1]), _CONFIDENCE)


def summary(answer: str) -> str:
    """The summary in an answer; raises `ValueError` when there is none."""
    return _fields(answer, SUMMARY)["summary"]


def _fields(answer: str, schema: dict[str, Any]) -> dict[str, str]:
    """The texts of an answer, each in one line."""
    try:
        content = json.loads(answer)
    except ValueError:
        raise ValueError(f"it is not JSON: {reprlib.repr(answer)}") from None
    properties = schema["properties"]
    if not isinstance(content, dict) or set(content) != set(properties):
        raise ValueError(f"it has not the fields {', '.join(properties)}: {reprlib.repr(answer)}")
    for name, rule in properties.items():
        if not isinstance(content[name], str):
            raise ValueError(f"its '{name}' is no text: {content[name]!r:.80}")
        if len(content[name]) > rule["maxLength"]:
            raise ValueError(f"its '{name}' is longer than {rule['maxLength']} characters")
        content[name] = " ".join(content[name].split())
        if len(content[name]) < rule.get("minLength", 0):
            raise ValueError(f"its '{name}' is empty")
    return content


def _people(request: TopicRequest) -> dict[str, str]:
    """The name of everybody, by speaker id; the id where there is no name."""
    turns = {turn.speaker_id: turn.speaker_name or turn.speaker_id for turn in request.turns}
    return {speaker: name for speaker, name in {**turns, **request.names}.items() if speaker}


def _said(turn: Utterance, people: dict[str, str]) -> dict[str, str]:
    speaker = people.get(turn.speaker_id, turn.speaker_id) or "?"
    return {"speaker": _clean(speaker, _NAME), "said": _clean(turn.text, _SAID)}


def _earlier(summary: str) -> tuple[str, ...]:
    return (_json({"earlier": _clean(summary, MAX_SUMMARY)}),) if summary else ()


def _clean(text: str, limit: int) -> str:
    """Text in one line of at most so many characters that can be sent anywhere."""
    return " ".join(text.encode("utf-8", "ignore").decode().split())[:limit]


def _json(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_json(key)}: {_json(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_json, value)) + "]"
    return json.dumps(value, ensure_ascii=False).translate(_ESCAPED)

"""What ten hours of talk do to the recommender: memory, work, and the size of the question to a model.

The timed dialogues follow one another, over and over, as one conversation that a perfect listener reports.
The topic bank answers; the question that a model would have got in its place is built and fitted into a
context too. Prints a table.
"""

from __future__ import annotations

import time
from dataclasses import replace
from itertools import cycle
from typing import TYPE_CHECKING

import stage
import tables
from dialogues import heard, load

from stalk_ros.clock import NANOSECONDS
from stalk_ros.events import Suggestion, Utterance, VoiceActivity
from stalk_ros.topics import TopicParameters, TopicStage
from stalk_ros.topics.backends import chat
from stalk_ros.topics.backends.prompts import Prompts
from stalk_ros.topics.backends.topic_bank import TopicBank
from stalk_ros.topics.checks import Checks
from stalk_ros.topics.drafting import Drafter

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterator

    from dialogues import Dialogue

    from stalk_ros.topics import Draft, TopicRequest
    from stalk_ros.topics.recommender import Cancelled

HOURS = 10
_HOUR_NS = 3600 * NANOSECONDS
_PAUSE_NS = 6 * NANOSECONDS
_CONTEXT_TOKENS = 4096
_LETTERS_PER_TOKEN = 4
"""Of English, with the tokenizer of Llama 3, somewhat less than it really is."""


class _Watched(TopicBank):
    """The topic bank; builds the question to a model as well.

    Attributes:
        question: characters of the latest question before it is fitted, and ``fitted`` after that.
    """

    def __init__(self, parameters: TopicParameters) -> None:
        super().__init__(parameters)
        self.question = self.fitted = 0
        self._prompts = Prompts("")

    def recommend(self, request: TopicRequest, cancelled: Cancelled) -> Draft | None:
        """See `stalk_ros.topics.TopicRecommender.recommend`."""
        asked = chat.suggestion_chat(request, self._prompts.of(request.language), "polite")
        room = (_CONTEXT_TOKENS - chat.ANSWER_TOKENS) * _LETTERS_PER_TOKEN
        self.question = _characters(asked.messages())
        self.fitted = _characters(asked.fitted(_characters, room) or [])
        return super().recommend(request, cancelled)


def report(options: Namespace) -> None:
    """Talk for ten hours."""
    dialogues = load(options)
    parameters = TopicParameters()
    bank = _Watched(parameters)
    topics = TopicStage(parameters, Drafter(bank, bank, Checks()))
    tables.head(
        "hour",
        "turns",
        "suggestions",
        "cost, % of a core",
        "longest call, ms",
        "memory, MiB",
        "question, characters",
        "fitted to 4096 tokens",
    )
    turns = offers = 0
    spent_s = longest_s = 0.0
    hour = 1
    for event in _talk(dialogues):
        if event_ns(event) > hour * _HOUR_NS:
            cost = f"{100 * spent_s / 3600:.2f}"
            memory = f"{stage.resident_mib():.0f}"
            tables.row(
                hour, turns, offers, cost, f"{1000 * longest_s:.0f}", memory, bank.question, bank.fitted
            )
            turns = offers = 0
            spent_s = longest_s = 0.0
            hour += 1
        began_s = time.process_time()
        told = topics.heard(event) if isinstance(event, VoiceActivity) else topics.said(event)
        took_s = time.process_time() - began_s
        spent_s += took_s
        longest_s = max(longest_s, took_s)
        turns += isinstance(event, Utterance)
        offers += sum(isinstance(news, Suggestion) and not news.status for news in told)


def event_ns(event: VoiceActivity | Utterance) -> int:
    """Up to when it tells something."""
    return event.time_ns if isinstance(event, VoiceActivity) else event.end_ns


def _talk(dialogues: list[Dialogue]) -> Iterator[VoiceActivity | Utterance]:
    """Ten hours and a little more."""
    begun_ns = said_until_ns = number = 0
    for dialogue in cycle(dialogues):
        for event in heard(dialogue, _PAUSE_NS):
            if isinstance(event, Utterance):
                number += 1
                said_until_ns = begun_ns + event.end_ns
                yield replace(
                    event,
                    utterance_id=f"u{number}",
                    start_ns=begun_ns + event.start_ns,
                    end_ns=said_until_ns,
                )
            else:
                yield replace(
                    event,
                    time_ns=begun_ns + event.time_ns,
                    transcribed_until_ns=begun_ns + event.transcribed_until_ns,
                    last_utterance_end_ns=said_until_ns,
                )
        begun_ns += dialogue.end_ns + _PAUSE_NS
        if begun_ns > HOURS * _HOUR_NS + _PAUSE_NS:
            return


def _characters(messages: chat.Messages) -> int:
    return sum(len(message["content"]) for message in messages)

"""How soon an offer is out when its draft takes two seconds, and how soon it is gone when somebody speaks.

Recordings are played at the speed of people, all at once, with what the real voice activity makes of them;
silence alone calls for offers, so that the threshold is known to the instant. An offer is out when the stage
has heard the audio that lets it speak. ``--data DIR`` plays the recordings below DIR instead of the sample.
Prints a table.
"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import tables
import takes
import word_times
from stand_ins import SILENCE_ALONE, Anything, Talkative

from stalk_ros.clock import ns_to_seconds
from stalk_ros.events import Suggestion, SuggestionStatus, VoiceActivity
from stalk_ros.topics import TopicParameters, TopicStage
from stalk_ros.topics.awkwardness import lapse_s
from stalk_ros.topics.drafting import Drafter

if TYPE_CHECKING:
    from argparse import Namespace

    from takes import Take

    from stalk_ros.topics import Draft, TopicRequest
    from stalk_ros.topics.recommender import Cancelled

DRAFT_S = 2.0
BLOCK_S = 0.1
_LOOK_S = 0.002
_NEAR_S = 1.0
"""Speech and the word with which it begins are no farther apart."""

PARAMETERS = TopicParameters(cooldown_s=0.0, max_per_hour=3600, **SILENCE_ALONE)


class Slow(Talkative):
    """Needs two seconds for a sentence.

    Attributes:
        gave_up_s: when it gave one up, by the clock.
    """

    instant = False

    def __init__(self) -> None:
        self.gave_up_s: list[float] = []

    def recommend(self, request: TopicRequest, cancelled: Cancelled) -> Draft | None:
        """See `stalk_ros.topics.TopicRecommender.recommend`."""
        until_s = time.monotonic() + DRAFT_S
        while time.monotonic() < until_s:
            if cancelled():
                self.gave_up_s.append(time.monotonic())
                return None
            time.sleep(_LOOK_S)
        return super().recommend(request, cancelled)


@dataclass
class Result:
    """Delays in seconds.

    Of audio: ``offers`` after the threshold, ``withdrawals`` after speech begins. Of the clock:
    ``cancelled``, from the news of speech to the end of a draft under way. ``overlapping`` counts offers
    while somebody spoke.
    """

    offers: list[float] = field(default_factory=list)
    withdrawals: list[float] = field(default_factory=list)
    cancelled: list[float] = field(default_factory=list)
    missed: int = 0
    overlapping: int = 0


def report(options: Namespace) -> None:
    """Measure every recording."""
    tables.head(
        "recording",
        "offers",
        "not by the engine",
        "out after the threshold, s of audio, most",
        "while somebody speaks",
        "withdrawals",
        "gone after speech begins, s of audio, most",
        "drafts cancelled",
        "given up after, s, most",
    )
    chosen = takes.chosen(options.data)
    with ThreadPoolExecutor(max(1, len(chosen))) as pool:
        tables.by_recording(zip((take.path for take in chosen), pool.map(measure, chosen), strict=True), _row)


def measure(take: Take) -> Result:
    """Play one recording at its own speed."""
    engine, result = Slow(), Result()
    stage = TopicStage(PARAMETERS, Drafter(engine, engine, Anything()))
    began_s = time.monotonic()
    out_s = silent_since_s = 0.0
    for number, event in take.events:
        time.sleep(max(0.0, began_s + (number + 1) * BLOCK_S - time.monotonic()))
        drafting, given_up = stage.drafter.begun and not stage.drafter.ready, len(engine.gave_up_s)
        told_s = time.monotonic()
        told = stage.heard(event) if isinstance(event, VoiceActivity) else stage.said(event)
        if drafting and isinstance(event, VoiceActivity) and event.speech and not stage.drafter.begun:
            result.cancelled.append(_gave_up_s(engine, given_up) - told_s)
        if isinstance(event, VoiceActivity):
            out_s = ns_to_seconds(event.time_ns)
            silent_since_s = silent_since_s if event.speech else ns_to_seconds(event.since_ns)
        for suggestion in told:
            if isinstance(suggestion, Suggestion):
                _add(suggestion, take, out_s, silent_since_s, result)
    result.missed = stage.drafter.late
    stage.close()
    return result


def _gave_up_s(engine: Slow, before: int) -> float:
    while len(engine.gave_up_s) <= before:
        time.sleep(_LOOK_S)
    return engine.gave_up_s[before]


def _add(suggestion: Suggestion, take: Take, out_s: float, silent_since_s: float, result: Result) -> None:
    if suggestion.status == SuggestionStatus.OFFERED:
        threshold_s = silent_since_s + lapse_s(PARAMETERS, "en", finished=True)
        result.offers.append(out_s - threshold_s)
        at_s = ns_to_seconds(suggestion.time_ns)
        spoken = any(segment.start < at_s < segment.end for segment in take.known.itersegments())
        result.overlapping += spoken
        return
    # Turns of the truth can begin with the silence before the words; a word without text has no known time.
    at_s = ns_to_seconds(suggestion.time_ns)
    began = [word for word in word_times.words(take.path) if abs(at_s - word.start_s) < _NEAR_S]
    if began and began[0].text:
        result.withdrawals.append(out_s - began[0].start_s)


def _row(name: str, results: list[Result]) -> None:
    offers = [delay for result in results for delay in result.offers]
    withdrawals = [delay for result in results for delay in result.withdrawals]
    cancelled = [delay for result in results for delay in result.cancelled]
    tables.row(
        name,
        len(offers),
        sum(result.missed for result in results),
        _most(offers),
        sum(result.overlapping for result in results),
        len(withdrawals),
        _most(withdrawals),
        len(cancelled),
        _most(cancelled),
    )


def _most(seconds: list[float]) -> str:
    return f"{max(seconds):.2f}" if seconds else ""

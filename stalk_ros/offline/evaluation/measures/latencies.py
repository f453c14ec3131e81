"""How long after it was said a word is out, and an offer gone, in audio time: computing takes none.

Words are timed by the truth where it has their times, else by what was heard.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stalk_ros.clock import ns_to_seconds
from stalk_ros.events import Suggestion, SuggestionStatus, Utterance
from stalk_ros.offline.evaluation.measures.words import words_of
from stalk_ros.offline.evaluation.references import WordsInTime

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from stalk_ros.offline.evaluation.heard import Heard, Told
    from stalk_ros.offline.evaluation.references import Reference, TimedWord


def times_s(reference: Reference, heard: Heard) -> dict[str, tuple[float, ...]]:
    """The delays of finals as text and with a speaker, of first partials and of withdrawals.

    What two people say in one breath is one final of asr and several of diarization: those of the first one
    wait for the end of the breath too.
    """
    known = WordsInTime(reference.words or ())
    partials: dict[str, float] = {}
    for event, at_s in _utterances(heard, heard.told):
        if not event.final:
            partials.setdefault(event.utterance_id, at_s - _said(known, heard, event)[0].start_s)
    return {
        "final after last word": tuple(_finals_s(known, heard, heard.written)),
        "speaker after last word": tuple(_finals_s(known, heard, heard.told)),
        "partial after first word": tuple(partials.values()),
        "withdrawal after speech": tuple(_withdrawals_s(reference, heard)),
    }


def offers_s(heard: Heard) -> list[float]:
    """When suggestions were offered, in seconds from the start of the recording."""
    return [at_s for _, at_s in _suggestions(heard, SuggestionStatus.OFFERED)]


def _finals_s(known: WordsInTime, heard: Heard, told: Iterable[Told]) -> Iterator[float]:
    for event, at_s in _utterances(heard, told):
        if event.final and at_s < heard.duration_s:  # none waits for more silence when the recording ends
            yield at_s - max(word.end_s for word in _said(known, heard, event))


def _utterances(heard: Heard, told: Iterable[Told]) -> Iterator[tuple[Utterance, float]]:
    """Those with a text, and when they came out."""
    for item in told:
        if isinstance(item.event, Utterance) and item.event.text:
            yield item.event, ns_to_seconds(item.at_ns - heard.start_ns)


def _said(known: WordsInTime, heard: Heard, utterance: Utterance) -> list[TimedWord]:
    """The words in an utterance, with their true times where these are known; at least one."""
    start_s = ns_to_seconds(utterance.start_ns - heard.start_ns)
    end_s = ns_to_seconds(utterance.end_ns - heard.start_ns)
    return known.between(start_s, end_s) or words_of([utterance], heard.start_ns)


def _withdrawals_s(reference: Reference, heard: Heard) -> Iterator[float]:
    """How long after speech had begun each offer was withdrawn; without speech it does not count."""
    begins_s = sorted(item.start_s for item in reference.words or reference.spans or ())
    offered = {event.suggestion_id: at_s for event, at_s in _suggestions(heard, SuggestionStatus.OFFERED)}
    for event, gone_s in _suggestions(heard, SuggestionStatus.WITHDRAWN):
        made_s = offered.get(event.suggestion_id, gone_s)
        spoke_s = next((at_s for at_s in begins_s if made_s < at_s <= gone_s), None)
        if spoke_s is not None:
            yield gone_s - spoke_s


def _suggestions(heard: Heard, status: SuggestionStatus) -> Iterator[tuple[Suggestion, float]]:
    for item in heard.told:
        if isinstance(item.event, Suggestion) and item.event.status is status:
            yield item.event, ns_to_seconds(item.at_ns - heard.start_ns)

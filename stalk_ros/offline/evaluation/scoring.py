"""All measures of one recording."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stalk_ros.events import Utterance
from stalk_ros.offline.evaluation.measures import attribution, lapses, latencies, speakers, words
from stalk_ros.offline.evaluation.packages import check_packages
from stalk_ros.offline.evaluation.scores import Scores

if TYPE_CHECKING:
    from stalk_ros.offline.evaluation.heard import Heard
    from stalk_ros.offline.evaluation.references import Reference


def score(reference: Reference, heard: Heard) -> Scores:
    """Compare what was heard with what is known; what nothing is known about is left out.

    Raises:
        UserError: a package that evaluation needs is missing.
    """
    check_packages()
    events = [told.event for told in heard.told]
    said = [event for event in events if isinstance(event, Utterance) and event.final and event.text]
    language = reference.language or next((utterance.language for utterance in said), "")
    spoken = [
        word for word in words.words_of(said, heard.start_ns) if not _unscored(reference, word.middle_s)
    ]
    offered = lapses.scores(reference, latencies.offers_s(heard), heard.duration_s)
    return Scores(
        {
            **words.ratios(reference, spoken, language),
            **attribution.ratios(reference, spoken, language),
            **speakers.ratios(reference, said, heard.start_ns, heard.duration_s),
            **offered.ratios,
        },
        {**offered.times_s, **latencies.times_s(reference, heard)},
    )


def _unscored(reference: Reference, at_s: float) -> bool:
    return any(start_s <= at_s < end_s for start_s, end_s in reference.unscored_s)

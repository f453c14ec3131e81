"""Offers are right in lapses of the talk, and nowhere else."""

from __future__ import annotations

from stalk_ros.offline.evaluation.measures.lapses import scores
from stalk_ros.offline.evaluation.references import Reference, Span
from stalk_ros.offline.evaluation.scores import Ratio, Scores

TALK = Reference(
    spans=(
        Span(5.0, 10.0, "ann"),
        Span(6.0, 8.0, "bob"),  # within ann's turn
        Span(16.0, 20.0, "bob"),
        Span(23.0, 30.0, "ann"),
    )
)
"""Of 40 s: lapses from 10 to 16 s and from 30 s on, 3 s of silence from 20 s, and nobody before 5 s."""


def measured(*offers_s: float, reference: Reference = TALK) -> Scores:
    return scores(reference, offers_s, 40.0)


def test_an_offer_in_each_lapse_is_all() -> None:
    found = measured(14.5, 33.5)
    assert found.ratios["lapse precision"] == Ratio(2, 2)
    assert found.ratios["lapse recall"] == Ratio(2, 2)
    assert found.times_s["offer after lapse"] == (0.5, -0.5)


def test_offers_elsewhere_are_wrong() -> None:
    found = measured(3.0, 7.0, 9.0, 14.0, 22.9)
    assert found.ratios["lapse precision"] == Ratio(1, 5)
    assert found.ratios["lapse recall"] == Ratio(1, 2)
    assert found.ratios["offers amid speech"] == Ratio(2, 5)


def test_a_second_offer_in_a_lapse_does_not_make_up_for_another_lapse() -> None:
    found = measured(14.0, 15.0)
    assert found.ratios["lapse precision"] == Ratio(2, 2)
    assert found.ratios["lapse recall"] == Ratio(1, 2)
    assert found.times_s["offer after lapse"] == (0.0,)


def test_the_silences_of_the_truth_count_where_it_tells_them() -> None:
    reference = Reference(spans=TALK.spans, silences_s=((10.0, 16.0), (20.0, 23.0)))
    assert measured(33.5, reference=reference).ratios["lapse recall"] == Ratio(0, 1)


def test_what_is_not_scored_does_not_count() -> None:
    reference = Reference(spans=TALK.spans, unscored_s=((9.0, 21.0),))
    found = measured(14.0, 34.0, reference=reference)
    assert found.ratios["lapse precision"] == Ratio(1, 1)
    assert found.ratios["lapse recall"] == Ratio(1, 1)


def test_where_nobody_speaks_nothing_lapses() -> None:
    assert measured(14.0, reference=Reference(spans=())).ratios["lapse recall"] == Ratio(0, 0)


def test_without_a_truth_only_the_number_of_offers_is_told() -> None:
    assert measured(14.0, reference=Reference(text="hello")) == Scores({"offers": Ratio(1, 1)})

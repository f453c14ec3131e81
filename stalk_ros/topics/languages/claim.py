"""Something that a sentence says or presupposes of somebody."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

ANYBODY = "*"
"""Of nobody in particular: it is enough that anybody spoke of it."""


@dataclass(frozen=True)
class Claim:
    """What must have been said before.

    ``about`` is a name as the sentence has it, "" for whoever is addressed, or `ANYBODY`. ``text`` holds the
    words; all that weigh in it must have been said, of a ``noun`` phrase only its first.
    """

    about: str
    text: str
    noun: bool = False


def clauses(
    text: str,
    about: str,
    *,
    reports: Iterable[re.Pattern[str]],
    hearsay: re.Pattern[str],
    asks: re.Pattern[str],
    times: Iterable[re.Pattern[str]],
) -> list[Claim]:
    """What the clauses of a sentence claim of ``about``.

    Args:
        text: the sentence.
        about: as in `Claim`.
        reports: find clauses that are told or taken for granted, in the group that matches.
        hearsay: finds one that is told as known, in the group ``what``, unless the sentence asks.
        asks: finds question words.
        times: find clauses about something at a time or for a reason, in all their groups.
    """
    found = [
        next(group for group in match.groups() if group is not None) for match in _matches(reports, text)
    ]
    known = hearsay.search(text)
    if known and not asks.search(text):
        found.append(known["what"])
    found += [" ".join(match.groups()) for match in _matches(times, text)]
    return [Claim(about, what) for what in found]


def _matches(patterns: Iterable[re.Pattern[str]], text: str) -> Iterator[re.Match[str]]:
    return (match for pattern in patterns if (match := pattern.search(text)))

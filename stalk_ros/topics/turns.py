"""The form of a turn, whatever it is about: finished or not, a question, a minimal response, hesitation."""

from __future__ import annotations


def is_finished(text: str, tag: str) -> bool:
    """Whether somebody who stops here has come to the end of a turn; true when that is not known.

    Args:
        text: what was said.
        tag: BCP 47 tag of its language.
    """
    return not text.rstrip().endswith(("…", "...", "-", ","))


def is_minimal_response(text: str, tag: str) -> bool:
    """Whether it says no more than "yes", "mhm" or "I see"."""
    return len(text.split()) < 2


def is_question(text: str, tag: str) -> bool:
    """Whether it asks something, also without a question mark."""
    return text.rstrip().endswith(("?", "？"))


def hesitations(text: str, tag: str) -> int:
    """How many hesitations it has: fillers such as "um", and words begun twice."""
    return 0

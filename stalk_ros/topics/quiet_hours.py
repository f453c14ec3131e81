"""Times of day as people write them."""

from __future__ import annotations

import re
from functools import cache

from stalk_ros.errors import UserError

_SPAN = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)\s*-\s*([01]?\d|2[0-3]):([0-5]\d)")


@cache
def quiet_hours(text: str) -> tuple[tuple[int, int], ...]:
    """The spans in "22:00-07:00, 12:30-13:30" as minutes of the day; a span may go past midnight.

    Raises:
        UserError: it is not written so.
    """
    spans = [_SPAN.fullmatch(part.strip()) for part in text.split(",")] if text.strip() else []
    if any(span is None for span in spans):
        raise UserError(f"parameter 'quiet_hours' must be like '22:00-07:00' or empty, not '{text}'")
    times = [[int(number) for number in span.groups()] for span in spans if span]
    if any((a, b) == (c, d) for a, b, c, d in times):
        raise UserError(
            f"parameter 'quiet_hours' has a span without length in '{text}'; for none at any time set "
            "max_per_hour: 0, else write '22:00-07:00'"
        )
    return tuple((60 * a + b, 60 * c + d) for a, b, c, d in times)

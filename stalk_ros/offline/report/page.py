"""The page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from stalk_ros.offline.report.sound import Sound


def page(content: dict[str, Any], sound: Sound | None = None) -> str:
    """The report as HTML.

    Args:
        content: see `stalk_ros.offline.exports.document.Document`.
        sound: the audio, to be played in the page; None = without.
    """
    raise NotImplementedError

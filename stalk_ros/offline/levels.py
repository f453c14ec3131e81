"""Levels of a microphone's channels for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Group
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from rich.console import RenderableType

    from stalk_ros.audio import LevelMeter

_LOW_DBFS = -60.0
"""Of quiet rooms."""

_SILENT_S = 1.0
_HEADROOM_DB = 3.0


def line(channels: tuple[int, ...], meters: list[LevelMeter]) -> str:
    """The levels now, in a line."""
    levels = (
        f"channel {channel}: {meter.rms_dbfs:6.1f} dBFS, peak {meter.peak_dbfs:6.1f}{_remark(meter)}"
        for channel, meter in zip(channels, meters, strict=True)
    )
    return " | ".join(levels)


class LevelsView:
    """A bar for each channel, with the largest peak so far; a rich renderable."""

    def __init__(self, title: str, channels: tuple[int, ...], meters: list[LevelMeter]) -> None:
        self._title = title
        self._channels = channels
        self._meters = meters
        self._held = [meter.peak_dbfs for meter in meters]

    def update(self) -> None:
        """Take note of what the meters show."""
        self._held = [
            max(held, meter.peak_dbfs) for held, meter in zip(self._held, self._meters, strict=True)
        ]

    def __rich__(self) -> RenderableType:
        """Draw it."""
        table = Table("channel", "level", "dBFS", "peak", "", box=None, pad_edge=False, header_style="dim")
        for channel, meter, held in zip(self._channels, self._meters, self._held, strict=True):
            loud = meter.peak_dbfs > -_HEADROOM_DB
            bar = ProgressBar(
                total=-_LOW_DBFS,
                completed=max(0.0, meter.rms_dbfs - _LOW_DBFS),
                width=30,
                complete_style="red" if loud else "green",
                finished_style="red",
            )
            table.add_row(
                str(channel),
                bar,
                f"{meter.rms_dbfs:6.1f}",
                f"{held:6.1f}",
                Text(_remark(meter), style="yellow"),
            )
        return Group(Text(f"{self._title}; Ctrl-C ends it", style="dim"), table)


def _remark(meter: LevelMeter) -> str:
    if meter.problem:
        return f" {meter.problem}"
    return " silence" if meter.silent_s >= _SILENT_S else ""

"""Events as lines for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.markup import escape

from stalk_ros.clock import ns_to_seconds
from stalk_ros.events import ROBOT, Suggestion, SuggestionStatus, Utterance

if TYPE_CHECKING:
    from stalk_ros.offline.conversation import Event

_COLOURS = ("cyan", "magenta", "blue", "bright_red", "bright_cyan", "bright_magenta")


def describe(event: Event, origin_ns: int = 0) -> str:
    """The event as a line of rich markup, "" for one that people need not see.

    Args:
        event: the event.
        origin_ns: time of the first sample.
    """
    if isinstance(event, Utterance) and event.text:
        text = f"{speaker(event)}: {escape(event.text)}"
        return f"{clock(event.start_ns - origin_ns)} {text}" + ("" if event.final else " [dim]…[/dim]")
    if isinstance(event, Suggestion):
        return f"{clock(event.time_ns - origin_ns)} {suggestion(event)}"
    return ""


def speaker(utterance: Utterance) -> str:
    """Who spoke, in a colour of their own, and who spoke at the same time."""
    who = utterance.speaker_name or utterance.speaker_id
    if not who:
        return "[dim]?[/dim]"
    if utterance.speaker_id == ROBOT:
        return "[bold yellow]the robot[/]"
    number = utterance.speaker_id.lstrip("S")
    colour = _COLOURS[(int(number) - 1) % len(_COLOURS) if number.isdigit() else 0]
    others = ", ".join(utterance.overlapping_speaker_ids) or "?"
    return f"[bold {colour}]{escape(who)}[/]" + (
        f" [dim]with {escape(others)}[/]" if utterance.overlapped else ""
    )


def suggestion(event: Suggestion) -> str:
    """The suggestion with what became of it."""
    if event.status is SuggestionStatus.OFFERED:
        return f"[bold green]▶ the robot could say:[/] {escape(event.text)}"
    return f"[yellow]■ withdrawn:[/] [dim]{escape(event.text)}[/]"


def clock(time_ns: int) -> str:
    """Audio time as minutes and seconds."""
    minutes, seconds = divmod(round(ns_to_seconds(time_ns), 1), 60)
    return f"[dim]{int(minutes):02d}:{seconds:04.1f}[/]"

"""Events as lines for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.markup import escape

from stalk_ros.events import ROBOT, Suggestion, SuggestionStatus, Utterance

if TYPE_CHECKING:
    from stalk_ros.offline.conversation import Event
    from stalk_ros.offline.times import RecordingTime

_COLOURS = ("cyan", "magenta", "blue", "bright_red", "bright_cyan", "bright_magenta")


def describe(event: Event, times: RecordingTime) -> str:
    """The event as a line of rich markup, "" for one that people need not see.

    Args:
        event: the event.
        times: of the recording.
    """
    if isinstance(event, Utterance) and event.text:
        text = f"{speaker(event)}: {escape(event.text)}"
        return f"{clock(times.seconds(event.start_ns))} {text}" + ("" if event.final else " [dim]…[/dim]")
    if isinstance(event, Suggestion):
        return f"{clock(times.seconds(event.time_ns))} {suggestion(event)}"
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


def clock(time_s: float) -> str:
    """The place in a recording as minutes and seconds."""
    minutes, seconds = divmod(round(time_s, 1), 60)
    return f"[dim]{int(minutes):02d}:{seconds:04.1f}[/]"

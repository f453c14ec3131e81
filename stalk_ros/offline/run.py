"""``stalk run``: a conversation from a file, as fast as the machine can."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import IO, TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from stalk_ros.audio import AudioFile
from stalk_ros.clock import ns_to_seconds
from stalk_ros.errors import UserError
from stalk_ros.events import Suggestion, SuggestionStatus, Utterance
from stalk_ros.offline.conversation import Conversation
from stalk_ros.offline.records import JsonLines, Rttm

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stalk_ros.audio import AudioChunk
    from stalk_ros.offline.configuration import Configuration
    from stalk_ros.offline.conversation import Event


def run(path: Path, configuration: Configuration, events: Path | None = None, rttm: Path | None = None) -> None:
    """Run the whole conversation in a file and print it.

    Args:
        path: the audio file.
        configuration: parameters of the stages.
        events: where to write the events as JSON lines, if anywhere.
        rttm: where to write the speakers, if anywhere.

    Raises:
        UserError: the file cannot be read, an engine is missing, or an output cannot be written.
    """
    source = AudioFile(path, chunk_s=configuration.audio_capture.chunk_s)
    conversation = Conversation(configuration)
    with contextlib.ExitStack() as files:
        writers: list[JsonLines | Rttm] = []
        if events is not None:
            writers.append(JsonLines(files.enter_context(_created(events))))
        if rttm is not None:
            writers.append(Rttm(files.enter_context(_created(rttm)), path.stem))
        console = Console(highlight=False, soft_wrap=True)
        for chunk in _progress(source, console):
            for event in conversation.feed(chunk):
                for writer in writers:
                    writer.write(event)
                line = describe(event)
                if line:
                    console.print(line)


def describe(event: Event) -> str:
    """The event as a line with rich markup, "" for one that people need not see."""
    if isinstance(event, Utterance):
        who = event.speaker_name or event.speaker_id or "?"
        text = f"[bold]{escape(who)}[/bold]: {escape(event.text)}"
        return f"{_clock(event.start_ns)} {text}" if event.final else f"{_clock(event.start_ns)} [dim]{text} …[/dim]"
    if isinstance(event, Suggestion):
        offered = event.status is SuggestionStatus.OFFERED
        mark = "[green]▶ robot could say[/green]" if offered else "[yellow]◼ withdrawn[/yellow]"
        return f"{_clock(event.time_ns)} {mark}: {escape(event.text)}"
    return ""


def _clock(time_ns: int) -> str:
    minutes, seconds = divmod(ns_to_seconds(time_ns), 60)
    return f"[dim]{int(minutes):02d}:{seconds:04.1f}[/dim]"


def _created(path: Path) -> IO[str]:
    try:
        return path.open("w", encoding="utf-8")
    except OSError as error:
        raise UserError(f"cannot write '{path}': {error.strerror}") from None


def _progress(source: AudioFile, console: Console) -> Iterator[AudioChunk]:
    """The chunks of the source, with a bar on a terminal."""
    columns = (TextColumn("listening"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("listening", total=source.duration_s)
        for chunk in source.chunks():
            yield chunk
            bar.advance(task, len(chunk.samples) / chunk.sample_rate_hz)

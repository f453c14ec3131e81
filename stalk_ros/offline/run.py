"""``stalk run``: a conversation from a file, as fast as the machine can."""

from __future__ import annotations

import contextlib
import itertools
import sys
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from stalk_ros.audio import AudioFile
from stalk_ros.errors import UserError
from stalk_ros.events import Utterance
from stalk_ros.offline.conversation import Conversation
from stalk_ros.offline.exports import JsonLines, Rttm, created
from stalk_ros.offline.lines import describe
from stalk_ros.offline.times import RecordingTime

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from stalk_ros.audio import AudioChunk
    from stalk_ros.offline.configuration import Configuration


def run(
    path: Path, configuration: Configuration, events: Path | None = None, rttm: Path | None = None
) -> None:
    """Run the whole conversation in a file and print it.

    Args:
        path: the audio file.
        configuration: parameters of the stages.
        events: where to write the events as JSON lines, if anywhere.
        rttm: where to write the speakers, if anywhere.

    Raises:
        UserError: the file cannot be read, an engine is missing, or an output cannot be written.
    """
    # Links and hard links count as the file they lead to: an output must never overwrite the recording.
    files = [path, *(output for output in (events, rttm) if output is not None)]
    if any(_same(one, other) for one, other in itertools.combinations(files, 2)):
        raise UserError("the audio file and the outputs must be different files")
    source = AudioFile(path, chunk_s=configuration.audio_capture.chunk_s)
    conversation = Conversation(configuration)
    if conversation.warning:
        print(f"stalk: {conversation.warning}", file=sys.stderr)
    with contextlib.closing(conversation), contextlib.ExitStack() as stack:
        times = RecordingTime()
        writers: list[JsonLines | Rttm] = []
        if events is not None:
            writers.append(JsonLines(stack.enter_context(created(events)), times))
        if rttm is not None:
            writers.append(Rttm(stack.enter_context(created(rttm)), path.stem, times))
        console = _Console(highlight=False, soft_wrap=True, emoji=False)
        problem = ""
        for chunk in _progress(source, console):
            for event in conversation.feed(chunk):
                if isinstance(event, Utterance) and not (event.final or configuration.asr.partials):
                    continue  # it waits for its speaker to settle
                for writer in writers:
                    writer.write(event)
                line = describe(event)
                if line:
                    console.print(line)
            if conversation.problem not in ("", problem):
                print(f"stalk: {conversation.problem}", file=sys.stderr)
            problem = conversation.problem


def _same(one: Path, other: Path) -> bool:
    if one.exists() and other.exists():
        return one.samefile(other)
    return one.resolve() == other.resolve()


class _Console(Console):
    """A console that lets the command decide what to do when nobody reads on; Rich would exit with code 1."""

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError


def _progress(source: AudioFile, console: Console) -> Iterator[AudioChunk]:
    """The chunks of the source, with a bar on a terminal."""
    if not console.is_terminal:
        yield from source.chunks()
        return
    percentage = TextColumn("{task.percentage:>3.0f}%")
    columns = (TextColumn("listening"), BarColumn(), percentage, TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("listening", total=source.duration_s)
        for chunk in source.chunks():
            yield chunk
            bar.advance(task, len(chunk.samples) / chunk.sample_rate_hz)

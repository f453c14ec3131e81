"""``stalk run``: a conversation from a recording, as fast as the machine can."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from stalk_ros.audio import AudioChunk, MalformedAudioError, malformed
from stalk_ros.clock import ns_to_seconds
from stalk_ros.events import Utterance
from stalk_ros.offline.bags import BagWriter
from stalk_ros.offline.conversation import Conversation
from stalk_ros.offline.exports import Context
from stalk_ros.offline.interrupts import undivided
from stalk_ros.offline.lines import describe
from stalk_ros.offline.progress import Terminal, clock, complain, progress
from stalk_ros.offline.sources import open_recording
from stalk_ros.offline.times import RecordingTime

if TYPE_CHECKING:
    from pathlib import Path

    from stalk_ros.offline.configuration import Configuration
    from stalk_ros.offline.conversation import Event
    from stalk_ros.offline.exports import Export
    from stalk_ros.offline.outputs import Outputs
    from stalk_ros.offline.recording import Item, Recording


def run(path: Path, configuration: Configuration, outputs: Outputs, topic: str = "") -> None:
    """Run the whole conversation in a recording and print it.

    Args:
        path: the audio file or bag.
        configuration: parameters of the stages.
        outputs: what to write.
        topic: the audio topic of a bag that has more than one.

    Raises:
        UserError: the recording cannot be read, an engine is missing, or an output cannot be written.
        KeyboardInterrupt: it was interrupted; what is written is complete, and the message says where it is.
    """
    outputs.check(path)
    recording = open_recording(path, topic, configuration.audio_capture.chunk_s)
    teller = _Teller(configuration)
    try:
        _run(recording, configuration, outputs, teller)
    except KeyboardInterrupt:
        raise KeyboardInterrupt(_interrupted(teller, outputs)) from None


def _run(recording: Recording, configuration: Configuration, outputs: Outputs, teller: _Teller) -> None:
    with contextlib.ExitStack() as stack:
        conversation = stack.enter_context(
            contextlib.closing(Conversation(configuration, teller.transcribed))
        )
        complain(conversation.warning)
        context = Context(recording, teller.times, configuration, conversation.engines)
        with undivided():
            teller.exports = stack.enter_context(outputs.opened(context))
        _follow(recording, conversation, teller)


class _Teller:
    """Hands what is heard, and what comes out, to the terminal and the files."""

    def __init__(self, configuration: Configuration) -> None:
        self.times = RecordingTime()
        self.exports: list[Export] = []
        self.heard_s = 0.0
        self._partials = configuration.asr.partials
        self.console = Terminal()

    def hear(self, item: Item) -> None:
        """Take what comes next in the recording."""
        if isinstance(item, AudioChunk):
            self.times.hear(item)
            for export in self.exports:
                export.hear(item)
        else:
            for export in self.exports:
                export.robot_spoke(item.speaking)

    def transcribed(self, utterance: Utterance) -> None:
        """Take what was said, before anybody knows who said it."""
        for export in self.exports:
            export.transcribed(utterance)

    def tell(self, event: Event) -> None:
        """Take an event."""
        # One that only waits for its speaker to settle is for the listeners of the nodes.
        waits = isinstance(event, Utterance) and not (event.final or self._partials)
        for export in self.exports:
            if not waits or isinstance(export, BagWriter):
                export.write(event)
        line = "" if waits else describe(event, self.times)
        if line:
            self.console.print(line)


def _follow(recording: Recording, conversation: Conversation, teller: _Teller) -> None:
    problem, refused, refusal = "", 0, ""
    with progress("listening", recording.duration_s, teller.console) as advance:
        for item in conversation.ahead(recording.items()):
            try:
                length_s = _length_s(item)
                teller.hear(item)
                for event in conversation.feed(item):
                    teller.tell(event)
                teller.heard_s += length_s
                advance(length_s)
            except MalformedAudioError as error:
                refused, refusal = refused + 1, refusal or str(error)
            if conversation.problem not in ("", problem):
                complain(conversation.problem)
            problem = conversation.problem
    if refused:
        complain(f"{refused} chunks of audio were refused; the first: {refusal}")
    complain(recording.problem)


def _length_s(item: Item) -> float:
    """Seconds of audio; raises `MalformedAudioError` where it can be none."""
    if not isinstance(item, AudioChunk):
        return 0.0
    if reason := malformed(len(item.samples), item.sample_rate_hz, item.channels):
        raise MalformedAudioError(reason)
    return ns_to_seconds(item.duration_ns)


def _interrupted(teller: _Teller, outputs: Outputs) -> str:
    heard = f"{clock(teller.heard_s)} of audio were heard"
    if not outputs.paths or not teller.exports:
        return heard
    return f"{heard}; complete up to there: {', '.join(map(repr, map(str, outputs.paths)))}"

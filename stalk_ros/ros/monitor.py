"""The monitor: a terminal view of the conversation."""

from __future__ import annotations

import argparse
import contextlib
import queue
from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING, Any

from diagnostic_msgs.msg import DiagnosticArray
from rclpy.clock import Clock, ClockType
from rclpy.node import Node
from rich.console import Console
from rich.live import Live

import stalk_ros.msg as msg
from stalk_ros.audio import AudioChunk
from stalk_ros.errors import UserError
from stalk_ros.events import ConversationState, Utterance, VoiceActivity
from stalk_ros.offline.exports import JsonLines, created
from stalk_ros.offline.lines import describe
from stalk_ros.offline.times import RecordingTime
from stalk_ros.ros import conversions, qos
from stalk_ros.ros.diagnostics import ERROR
from stalk_ros.ros.monitor_view import MonitorView
from stalk_ros.ros.process import leave, mistakes, own_arguments, ros, spinning

if TYPE_CHECKING:
    from stalk_ros.offline.conversation import Event
    from stalk_ros.ros.process import Stop

_REFRESH_S = 0.1
_LINKS = ("voice_activity", "transcript", "utterances", "conversation_state", "suggestions")
_EARLY = 1000
_ACTIVITY_PERIOD_NS = 200_000_000
_STATE_PERIOD_NS = 600_000_000
"""A state comes every 0.5 s of audio: the last one is not older than this when the audio ends."""


class Monitor(Node):
    """Collects what the nodes publish, in one queue of chunks, events and errors (`UserError`)."""

    def __init__(self) -> None:
        super().__init__("monitor", namespace="stalk")
        self.inbox: queue.Queue[Any] = queue.Queue()
        self._met = False
        for message_type, topic, convert in (
            (msg.VoiceActivity, "voice_activity", conversions.activity_from_msg),
            (msg.SpeakerUtterance, "utterances", conversions.utterance_from_msg),
            (msg.ConversationState, "conversation_state", conversions.state_from_msg),
            (msg.TopicSuggestion, "suggestions", conversions.suggestion_from_msg),
        ):
            self._listen(
                message_type, topic, lambda m, convert=convert: self._receive(convert(m)), qos.EVENTS
            )
        self._listen(DiagnosticArray, "/diagnostics", self._diagnostics, qos.EVENTS)
        self._joining = self.create_timer(
            _REFRESH_S, self._join, clock=Clock(clock_type=ClockType.STEADY_TIME)
        )

    def _listen(self, message_type: Any, topic: str, callback: Any, profile: Any) -> None:
        self.create_subscription(
            message_type, topic, callback, profile, qos_overriding_options=qos.overridable()
        )

    def _receive(self, event: Event) -> None:
        self._met = True
        self.inbox.put(event)

    def _join(self) -> None:
        """Listen to the audio once the graph is complete: a file that waits for this listener starts then."""
        complete = all(self.count_publishers(topic) and self.count_subscribers(topic) for topic in _LINKS)
        if complete or self._met:
            self.destroy_timer(self._joining)
            self._listen(msg.AudioChunk, "audio", self._audio, qos.audio())

    def _audio(self, message: msg.AudioChunk) -> None:
        self.inbox.put(conversions.chunk_from_msg(message))

    def _diagnostics(self, message: DiagnosticArray) -> None:
        namespace = self.get_namespace().strip("/")
        for status in message.status:
            if status.level == ERROR and status.name.startswith(f"{namespace}/"):
                self.inbox.put(UserError(f"{status.name}: {status.message}"))


class EventFile:
    """Writes the events of the audio that is heard here, as ``stalk run`` writes them.

    Over several topics they come in any order; the lines are put in order in the end. What began before the
    first sample that is heard here is left out.

    Args:
        path: where to write.
        times: of the audio.
        partials: whether partials are written; how many there are is a matter of the machine's speed.

    Raises:
        UserError: the file cannot be written.
    """

    def __init__(self, path: Path, times: RecordingTime, partials: bool) -> None:
        self._lines = JsonLines(created(path), times)
        self._times = times
        self._partials = partials
        self._early: deque[Event] | None = deque(maxlen=_EARLY)

    def heard(self) -> None:
        """Audio was heard: now the times of the events are known."""
        early, self._early = self._early, None
        for event in early or ():
            self.write(event)

    def write(self, event: Event) -> None:
        """Write an event, as soon as audio was heard."""
        if self._early is not None:
            self._early.append(event)
        elif self._is_wanted(event) and self._times.seconds(_start_ns(event)) >= 0:
            self._lines.write(event)

    def close(self) -> None:
        """Put the lines in order."""
        self._lines.close()

    def _is_wanted(self, event: Event) -> bool:
        # A final without words takes back partials, and those are a matter of speed.
        return self._partials or not isinstance(event, Utterance) or (event.final and bool(event.text))


def _start_ns(event: Event) -> int:
    if isinstance(event, VoiceActivity):
        return event.since_ns
    return event.start_ns if isinstance(event, Utterance) else event.time_ns


class Ending:
    """Knows when everything that was in the audio has come out."""

    def __init__(self) -> None:
        self._end_ns: int | None = None
        self._activity: VoiceActivity | None = None
        self._state: ConversationState | None = None
        self._utterance_end_ns = 0

    def hear(self, chunk: AudioChunk) -> None:
        """Take audio into account; an empty chunk ends it."""
        self._end_ns = None if len(chunk.samples) else chunk.stamp_ns

    def note(self, event: Event) -> None:
        """Take an event into account."""
        if isinstance(event, VoiceActivity):
            self._activity = event
        elif isinstance(event, ConversationState):
            self._state = event
        elif isinstance(event, Utterance) and event.final:
            self._utterance_end_ns = max(self._utterance_end_ns, event.end_ns)

    @property
    def reached(self) -> bool:
        """Whether the audio is over and nothing more will come of it."""
        end_ns = self._end_ns
        if end_ns is None or self._activity is None or self._activity.time_ns < end_ns - _ACTIVITY_PERIOD_NS:
            return False
        # Audio that is shorter than the period may end before the first state.
        told_ns = self._state.time_ns if self._state else self._activity.since_ns
        return (
            told_ns >= end_ns - _STATE_PERIOD_NS
            and self._activity.transcribed_until_ns >= self._activity.time_ns
            and self._utterance_end_ns >= self._activity.last_utterance_end_ns
        )


def watch(monitor: Monitor, stop: Stop, options: argparse.Namespace) -> None:
    """Show what comes until it is over.

    Raises:
        UserError: ``until_end`` was asked for and a node reports that it cannot work.
    """
    console = Console(highlight=False, soft_wrap=True, emoji=False)
    times, ending = RecordingTime(), Ending()
    view = MonitorView(times)
    with contextlib.ExitStack() as stack:
        file = None
        if options.events is not None:
            file = EventFile(options.events, times, options.partials)
            stack.callback(file.close)
        live = stack.enter_context(Live(view, console=console, screen=True)) if console.is_terminal else None
        while not stop.requested and not (options.until_end and monitor.inbox.empty() and ending.reached):
            try:
                item = monitor.inbox.get(timeout=_REFRESH_S)
            except queue.Empty:
                continue
            if isinstance(item, UserError):
                if options.until_end:
                    raise item
                view.problem = str(item)
            elif isinstance(item, AudioChunk):
                times.hear(item)
                ending.hear(item)
                if file is not None:
                    file.heard()
            else:
                ending.note(item)
                view.update(item)
                if file is not None:
                    file.write(item)
                if live is None and (line := describe(item, times)):
                    console.print(line)
    if console.is_terminal:
        console.print(view)


def main() -> None:
    """Run the monitor; exits with 2 for a user's mistake."""
    parser = argparse.ArgumentParser(prog="monitor", description="Watch a conversation.")
    parser.add_argument("--events", type=Path, metavar="FILE", help="write the events as JSON lines")
    parser.add_argument("--partials", action="store_true", help="write partials too")
    parser.add_argument("--until-end", action="store_true", help="exit when an audio file is over")
    with mistakes("monitor"), ros() as stop:
        options = parser.parse_args(own_arguments())
        monitor = Monitor()
        with spinning([monitor], stop):
            watch(monitor, stop, options)
    leave()

"""The monitor: a terminal view of the conversation."""

from __future__ import annotations

import argparse
import contextlib
import queue
from pathlib import Path
from typing import TYPE_CHECKING, Any

from diagnostic_msgs.msg import DiagnosticArray
from rclpy.clock import Clock, ClockType
from rclpy.node import Node
from rich.console import Console
from rich.live import Live

import stalk_ros.msg as msg
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
_ACTIVITY_PERIOD_NS = 200_000_000
_STATE_PERIOD_NS = 600_000_000
"""A state comes every 0.5 s of audio: the last one is not older than this when the audio ends."""


class Monitor(Node):
    """Collects what the nodes publish, in one queue of events and errors (`UserError`)."""

    def __init__(self) -> None:
        super().__init__("monitor", namespace="stalk")
        self.inbox: queue.Queue[Any] = queue.Queue()
        self.times = RecordingTime()
        self.listens = False
        self.end_ns: int | None = None
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
        chunk = conversions.chunk_from_msg(message)
        self.times.hear(chunk)
        self.listens = True
        self.end_ns = None if len(chunk.samples) else chunk.stamp_ns

    def _diagnostics(self, message: DiagnosticArray) -> None:
        namespace = self.get_namespace().strip("/")
        for status in message.status:
            if status.level == ERROR and status.name.startswith(f"{namespace}/"):
                self.inbox.put(UserError(f"{status.name}: {status.message}"))


class Ending:
    """Knows when everything that was in the audio has come out."""

    def __init__(self) -> None:
        self._activity: VoiceActivity | None = None
        self._state: ConversationState | None = None
        self._utterance_end_ns = 0

    def note(self, event: Event) -> None:
        """Take an event into account."""
        if isinstance(event, VoiceActivity):
            self._activity = event
        elif isinstance(event, ConversationState):
            self._state = event
        elif isinstance(event, Utterance) and event.final:
            self._utterance_end_ns = max(self._utterance_end_ns, event.end_ns)

    def reached(self, end_ns: int | None) -> bool:
        """Whether nothing more will come of audio that ended at ``end_ns``."""
        if end_ns is None or self._activity is None or self._activity.time_ns < end_ns - _ACTIVITY_PERIOD_NS:
            return False
        # Audio that is shorter than the period may end before the first state.
        told_ns = self._state.time_ns if self._state else self._activity.since_ns
        return (
            told_ns >= end_ns - _STATE_PERIOD_NS
            and self._activity.transcribed_until_ns >= self._activity.time_ns
            and self._utterance_end_ns >= self._activity.last_utterance_end_ns
        )


def watch(monitor: Monitor, stop: Stop, events: Path | None, until_end: bool) -> None:
    """Show what comes until it is over.

    Raises:
        UserError: ``until_end`` was asked for and a node reports that it cannot work.
    """
    console = Console(highlight=False, soft_wrap=True, emoji=False)
    view, ending = MonitorView(), Ending()
    with contextlib.ExitStack() as stack:
        writer = None
        if events is not None:
            writer = JsonLines(created(events), monitor.times)
            stack.callback(writer.close)
        live = stack.enter_context(Live(view, console=console, screen=True)) if console.is_terminal else None
        while not stop.requested and not (
            until_end and monitor.inbox.empty() and ending.reached(monitor.end_ns)
        ):
            try:
                event = monitor.inbox.get(timeout=_REFRESH_S)
            except queue.Empty:
                continue
            if isinstance(event, UserError):
                if until_end:
                    raise event
                view.problem = str(event)
                continue
            origin_ns = monitor.times.origin_ns
            ending.note(event)
            view.update(event, origin_ns)
            if writer is not None and monitor.listens:
                writer.write(event)
            if live is None and (line := describe(event, origin_ns)):
                console.print(line)
    if console.is_terminal:
        console.print(view)


def main() -> None:
    """Run the monitor; exits with 2 for a user's mistake."""
    parser = argparse.ArgumentParser(prog="monitor", description="Watch a conversation.")
    parser.add_argument("--events", type=Path, metavar="FILE", help="write the events as JSON lines")
    parser.add_argument("--until-end", action="store_true", help="exit when an audio file is over")
    with mistakes("monitor"), ros() as stop:
        options = parser.parse_args(own_arguments())
        monitor = Monitor()
        with spinning([monitor], stop):
            watch(monitor, stop, options.events, options.until_end)
    leave()

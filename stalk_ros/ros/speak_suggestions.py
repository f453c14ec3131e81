"""The speak_suggestions node: has suggestions said by a program; suggestions in, robot_speaking out."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

from rclpy.clock import Clock, ClockType
from rclpy.duration import Duration
from std_msgs.msg import Bool

import stalk_ros.msg as msg
from stalk_ros.mouth import Command, MouthParameters, Turns, run
from stalk_ros.ros import conversions, qos
from stalk_ros.ros.diagnostics import Health
from stalk_ros.ros.stage_node import StageNode, spin

if TYPE_CHECKING:
    from stalk_ros.mouth import Turn

_HEARD = Duration(seconds=0.3)
"""Listeners acknowledge in milliseconds; one that is gone must not keep the robot silent."""

_DISCOVERY_S = 1.0
"""Likewise for listeners that are known but not connected yet."""

_LOOK_S = 0.05


class SpeakSuggestions(StageNode):
    """One thread runs the program, one program at a time."""

    parameters_class = MouthParameters

    def __init__(self, **options: Any) -> None:
        super().__init__("speak_suggestions", **options)
        self._speaking = self.make_publisher(Bool, "/robot_speaking", qos.EVENTS)
        self._telling = threading.Lock()
        self._is_speaking = False
        self._listeners = 0

    def configure(self, parameters: MouthParameters) -> None:
        """Check the command."""
        self._command = Command.parse(parameters.command)
        self._timeout_s = parameters.timeout_s
        self._turns = Turns()
        self._said = self._cut_short = self._failures = 0
        self._last_said = ""

    def activate(self) -> None:
        """Wait for suggestions."""
        self._worker = self.start("mouth", self._speak, 1)
        self._turns.begin()
        # Who was told that the robot speaks by a process that was killed then must not stay deaf.
        self._tell(False)
        self.subscribe(msg.VoiceActivity, "voice_activity", self._receive_activity, qos.EVENTS)
        self.subscribe(msg.TopicSuggestion, "suggestions", self._receive_suggestion, qos.EVENTS)
        self._timer = self.create_timer(
            _LOOK_S, self._tell_newcomers, clock=Clock(clock_type=ClockType.STEADY_TIME)
        )

    def deactivate(self) -> None:
        """End the program; nothing more is said."""
        self.destroy_timer(self._timer)
        self._turns.end()
        if self._worker.finish(self.time_left_s):
            self._tell(False)
            self.get_logger().warning(f"'{self._command.program}' could not be ended in time")

    def adopt(self, parameters: MouthParameters) -> None:
        """Use changed parameters from the next sentence on."""
        self._timeout_s = parameters.timeout_s

    def health(self) -> Health:
        """What was said."""
        return Health(
            message="speaking" if self._is_speaking else "waiting for suggestions",
            values={
                "engine": self._command.program,
                "speaking": self._is_speaking,
                "said": self._said,
                "said last": self._last_said,
                "interrupted": self._cut_short,
                "out of date": self._turns.expired,
                "failures": self._failures,
            },
        )

    def _receive_activity(self, message: msg.VoiceActivity) -> None:
        self._turns.heard(conversions.to_ns(message.header.stamp))

    def _receive_suggestion(self, message: msg.TopicSuggestion) -> None:
        # Where nobody knows that the robot speaks, it is its own voice that somebody has heard by now.
        interrupt = not self._is_speaking or self._speaking.get_subscription_count() > 0
        if self._turns.suggested(conversions.suggestion_from_msg(message), interrupt):
            # Where something is queued already, that will find this offer.
            self._worker.put(None)

    def _speak(self, _: None) -> None:
        if (turn := self._turns.take()) is None:
            return
        self._wait_for_listeners(turn)
        try:
            self._tell(True)
            self._run(turn)
        except Exception:
            self._failures += 1
            raise
        finally:
            self._tell(False)
        self.last_error = ""

    def _run(self, turn: Turn) -> None:
        offer = turn.offer
        run(self._command.call(offer.text, offer.language), self._timeout_s, turn.over)
        if turn.over.is_set():
            self._cut_short += 1
        else:
            self._said += 1
            self._last_said = offer.text

    def _wait_for_listeners(self, turn: Turn) -> None:
        """Wait a little for those that are known to listen to `/robot_speaking` and are not connected yet."""
        until_s = time.monotonic() + _DISCOVERY_S
        topic = self._speaking.topic_name
        while self._speaking.get_subscription_count() < self.count_subscribers(topic):
            if time.monotonic() > until_s or turn.over.wait(_LOOK_S):
                return

    def _tell(self, speaking: bool) -> None:
        """Say whether the robot speaks, and wait a little until everybody has it: before there is a sound."""
        with self._telling:
            self._is_speaking = speaking
            self._listeners = self._speaking.get_subscription_count()
            self._speaking.publish(Bool(data=speaking))
        self._speaking.wait_for_all_acked(_HEARD)

    def _tell_newcomers(self) -> None:
        """Whoever begins to listen is told too: nothing is latched."""
        with self._telling:
            listeners = self._speaking.get_subscription_count()
            if listeners > self._listeners:
                self._speaking.publish(Bool(data=self._is_speaking))
            self._listeners = listeners


def main() -> None:
    """Run the node."""
    spin(SpeakSuggestions)

"""What the nodes have in common: life cycle, parameters, diagnostics."""

from __future__ import annotations

import math
import sys
import threading
import time
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from rclpy.lifecycle import LifecycleNode, LifecyclePublisher, LifecycleState, TransitionCallbackReturn

from stalk_ros.errors import EngineError, UserError
from stalk_ros.ros import qos
from stalk_ros.ros.diagnostics import ERROR, WARN, Diagnostics, Health
from stalk_ros.ros.parameters import DeclaredParameters
from stalk_ros.ros.process import leave, mistakes, ros, spinning
from stalk_ros.ros.worker import Worker

if TYPE_CHECKING:
    from collections.abc import Callable

    from rclpy.executors import Executor
    from rclpy.qos import QoSProfile

    from stalk_ros.backends import Backend
    from stalk_ros.parameters import Parameters

DEACTIVATE_PATIENCE_S = 30.0
"""How long a deactivation waits for queued work; an engine that hangs must not hold up the robot for ever."""

EXIT_PATIENCE_S = 1.0
"""The same, for all nodes of a process together, when it is told to stop."""

_LEAST_PATIENCE_S = 0.1
"""Time enough for a thread that has nothing to do to end."""


class StageNode(LifecycleNode):
    """A managed node: one around a stage, or a bridge.

    Subclasses say what `configure`, `activate`, `deactivate` and `health` do, and `cleanup` and `adopt` where
    there is something to free or to change. A transition that raises is logged and fails; a `UserError` is
    logged as the one line it is.

    Attributes:
        active: the node is active.
        frame_id: the microphone that is heard, for the headers of what is published.
        last_error: the latest error, "" = none.
    """

    parameters_class: ClassVar[type[Parameters]]

    def __init__(self, name: str, **options: Any) -> None:
        super().__init__(name, automatically_declare_parameters_from_overrides=True, **options)
        self.frame_id = ""
        self._deadline_s = self._end_s = math.inf
        self._workers: list[Worker] = []
        self.last_error = ""
        self._configured = False
        self._stage_parameters = DeclaredParameters(
            self, self.parameters_class, lambda: self._configured, self._changed
        )
        self._subscriptions_made: list[Any] = []
        self.active = False
        self._caveat = ""
        Diagnostics(self, self._health)

    def configure(self, parameters: Any) -> None:
        """Load what the node needs, such as the model; may raise `UserError`."""
        raise NotImplementedError

    def activate(self) -> None:
        """Subscribe and start working."""
        raise NotImplementedError

    def deactivate(self) -> None:
        """Finish queued work, waiting for at most ``time_left_s``; nothing arrives any more."""
        raise NotImplementedError

    def cleanup(self) -> None:
        """Free what was loaded."""

    def adopt(self, parameters: Any) -> None:
        """Use changed parameters from now on."""

    def health(self) -> Health:
        """How the active node is doing."""
        raise NotImplementedError

    def tell_engine(self, engine: Backend, wanted: str) -> None:
        """Say which engine runs, and what it cannot do when nobody chose it."""
        self.get_logger().info(f"engine: {engine.name}")
        self._caveat = f"engine '{engine.name}' {engine.caveat}" if wanted == "auto" and engine.caveat else ""
        if self._caveat:
            self.get_logger().warning(self._caveat)

    def make_publisher(self, message_type: Any, topic: str, profile: QoSProfile) -> LifecyclePublisher:
        """A publisher that is silent unless the node is active."""
        return self.create_lifecycle_publisher(
            message_type, topic, profile, qos_overriding_options=qos.overridable()
        )

    def subscribe(
        self, message_type: Any, topic: str, callback: Callable[[Any], None], profile: QoSProfile
    ) -> None:
        """Subscribe until the node is deactivated."""
        try:
            subscription = self.create_subscription(
                message_type, topic, callback, profile, qos_overriding_options=qos.overridable()
            )
        except Exception as error:
            # What rclpy raises for a wrong override is of a private type.
            reason = " ".join(str(error).split())
            raise UserError(f"cannot subscribe to '{topic}', see its 'qos_overrides': {reason}") from None
        self._subscriptions_made.append(subscription)

    def failed(self, error: Exception, action: str = "") -> None:
        """Report an error that the node survives: one whose message says it all as a line, others in full."""
        told = isinstance(error, (UserError, EngineError))
        self.last_error = str(error) if told else f"{type(error).__name__}: {error}"
        detail = "\n" + "".join(traceback.format_exception(error))
        self.get_logger().error(f"{action}{self.last_error}{'' if told else detail}")
        if told and error.__cause__:
            self.get_logger().debug(detail)

    def autostart(self) -> None:
        """Configure and activate, unless parameter ``autostart`` is false or the process is to end."""
        if not self.get_parameter("autostart").value:
            return
        for proceed in (self.trigger_configure, self.trigger_activate):
            if self._end_s < math.inf or proceed() != TransitionCallbackReturn.SUCCESS:
                return

    def start(
        self,
        name: str,
        handle: Callable[[Any], None],
        capacity: float,
        size: Callable[[Any], float] = lambda _: 1,
    ) -> Worker:
        """A worker whose errors are reported, and which ends where the activation fails; see `Worker`."""
        worker = Worker(name, handle, capacity, self.failed, size)
        self._workers.append(worker)
        return worker

    def time_left_s(self) -> float:
        """Seconds that the deactivation may still wait."""
        return self._deadline_s - time.monotonic()

    def set_end(self, deadline_s: float) -> None:
        """Start nothing more, and finish what is queued by ``deadline_s`` of the monotonic clock."""
        self._end_s = deadline_s
        self._deadline_s = min(self._deadline_s, deadline_s)

    def stop(self, deadline_s: float) -> None:
        """Deactivate, if active, because the process ends; see `set_end`."""
        self.set_end(deadline_s)
        if self.active:
            self.trigger_deactivate()

    def on_configure(self, state: LifecycleState) -> TransitionCallbackReturn:
        """See `configure`."""
        result = self._attempt("configure", lambda: self.configure(self._stage_parameters.read()))
        self._configured = result == TransitionCallbackReturn.SUCCESS
        return super().on_configure(state) if self._configured else result

    def on_activate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """See `activate`."""
        # Publishers first: a worker may publish as soon as it runs.
        super().on_activate(state)
        self._workers.clear()
        result = self._attempt("activate", self.activate)
        self.active = result == TransitionCallbackReturn.SUCCESS
        if not self.active:
            self._unsubscribe()
            self._set_deadline()
            for worker in self._workers:
                worker.finish(self.time_left_s)
            super().on_deactivate(state)
        return result

    def on_deactivate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """See `deactivate`."""
        self._unsubscribe()
        self.active = False
        self._set_deadline()
        # Where that fails the node is deaf and silent all the same; "active" would be wrong, and for ever.
        self._attempt("deactivate", self.deactivate)
        return super().on_deactivate(state)

    def on_cleanup(self, state: LifecycleState) -> TransitionCallbackReturn:
        """See `cleanup`."""
        self._configured = False
        return self._attempt("clean up", self.cleanup)

    def on_shutdown(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Finish what the node is doing, and free the model."""
        if self.active:
            self.on_deactivate(state)
        return self.on_cleanup(state) if self._configured else TransitionCallbackReturn.SUCCESS

    def _attempt(self, action: str, work: Callable[[], None]) -> TransitionCallbackReturn:
        # rclpy turns an exception of a transition into silence.
        try:
            work()
        except Exception as error:
            self.failed(error, f"cannot {action}: ")
            return TransitionCallbackReturn.FAILURE
        self.last_error = ""
        return TransitionCallbackReturn.SUCCESS

    def _set_deadline(self) -> None:
        now_s = time.monotonic()
        latest_s = min(now_s + DEACTIVATE_PATIENCE_S, self._end_s)
        self._deadline_s = max(latest_s, now_s + _LEAST_PATIENCE_S)

    def _unsubscribe(self) -> None:
        for subscription in self._subscriptions_made:
            self.destroy_subscription(subscription)
        self._subscriptions_made.clear()

    def _changed(self, parameters: Any) -> None:
        if self._configured:
            self.adopt(parameters)

    def _health(self) -> Health:
        if self.active:
            health = self.health()
        else:
            health = Health(WARN, "inactive" if self._configured else "unconfigured")
        if self.last_error:
            health.add(WARN if self.active else ERROR, self.last_error)
        if self._caveat:
            health.add(WARN, self._caveat)
        health.values["last error"] = self.last_error
        return health


def spin(*node_classes: Callable[[], StageNode]) -> None:
    """Run nodes in this process until SIGINT or SIGTERM; what is queued is finished and published first."""
    with mistakes(Path(sys.argv[0]).name), ros() as stop:
        nodes = [node_class() for node_class in node_classes]
        with spinning(nodes, stop) as executor:
            # There, like every other transition: this thread sees a signal also while a model loads.
            executor.create_task(_autostart, nodes)
            stop.wait()
            _stop(nodes, executor)
    leave()


def _autostart(nodes: list[StageNode]) -> None:
    for node in nodes:
        node.autostart()


def _stop(nodes: list[StageNode], executor: Executor) -> None:
    """Stop nodes in time, unless one of them is in a transition that takes longer."""
    deadline_s = time.monotonic() + EXIT_PATIENCE_S
    for node in nodes:
        node.set_end(deadline_s)
    between_callbacks = threading.Event()
    executor.create_task(between_callbacks.set)
    if between_callbacks.wait(EXIT_PATIENCE_S):
        # Those that listen come first in the list: what the others still say should reach them.
        for node in reversed(nodes):
            node.stop(deadline_s)

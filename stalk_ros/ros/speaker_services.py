"""The services of the diarization node: who is enrolled, and under which name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rclpy.callback_groups import ReentrantCallbackGroup

import stalk_ros.srv as srv
from stalk_ros.errors import UserError
from stalk_ros.ros.answers import Answers

if TYPE_CHECKING:
    from rclpy.node import Node

    from stalk_ros.ros.worker import Worker
    from stalk_ros.speakers import SpeakerStage

_Answer = Callable[[dict[str, Any]], None]
_Work = Callable[["SpeakerStage", Any, _Answer], None]


@dataclass(frozen=True)
class Errand:
    """Work for the thread that owns the stage."""

    run: Callable[[], None]


class SpeakerServices:
    """Serves a node's requests; each is an `Errand` for the worker, and answered when it is done.

    Args:
        node: whose services they are.
    """

    def __init__(self, node: Node) -> None:
        self._node = node
        self._stage: SpeakerStage | None = None
        self._answers: Answers[dict[str, Any]] = Answers(node)
        # Whoever waits for somebody to speak must not keep the audio from coming.
        group = ReentrantCallbackGroup()
        for service_type, name, work in (
            (srv.EnrollSpeaker, "enroll_speaker", _enroll),
            (srv.RenameSpeaker, "rename_speaker", _rename),
            (srv.ForgetSpeaker, "forget_speaker", _forget),
            (srv.ListSpeakers, "list_speakers", _list),
        ):
            node.create_service(service_type, f"~/{name}", self._callback(work), callback_group=group)

    def begin(self, stage: SpeakerStage, worker: Worker) -> None:
        """Serve, until `end`."""
        self._stage, self._worker = stage, worker

    def end(self) -> None:
        """Tell everybody who waits that the node stops."""
        self._stage = None
        self._answers.give_all({"message": f"{self._node.get_name()} was deactivated"})

    def _callback(self, work: _Work) -> Callable[[Any, Any], Any]:
        async def serve(request: Any, response: Any) -> Any:
            fields = await self._done(work, request)
            for name, value in fields.items():
                setattr(response, name, value)
            response.success = not response.message
            return response

        return serve

    async def _done(self, work: _Work, request: Any) -> dict[str, Any]:
        """The fields of the response, once the worker has them."""
        stage = self._stage
        if stage is None:
            return {"message": f"{self._node.get_name()} is not active"}

        def begin(answer: _Answer) -> None:
            def run() -> None:
                try:
                    work(stage, request, answer)
                except UserError as error:
                    answer({"message": str(error)})
                except Exception as error:
                    answer({"message": f"{type(error).__name__}: {error}"})
                    raise

            if not self._worker.put(Errand(run)):
                answer({"message": "too much audio waits to be heard: try again later"})

        return await self._answers.to(begin)


def _enroll(stage: SpeakerStage, request: srv.EnrollSpeaker.Request, answer: _Answer) -> None:
    name, seconds, enrolments = request.name, float(request.duration_s), stage.enrolments
    if request.utterance_id:
        answer({"speaker_id": enrolments.from_utterance(name, request.utterance_id)})
    elif request.past:
        answer({"speaker_id": enrolments.from_last(name, seconds)})
    else:
        enrolments.from_next(
            name, seconds, lambda speaker_id, reason: answer({"speaker_id": speaker_id, "message": reason})
        )


def _rename(stage: SpeakerStage, request: srv.RenameSpeaker.Request, answer: _Answer) -> None:
    stage.people.rename(request.speaker_id, request.name)
    answer({})


def _forget(stage: SpeakerStage, request: srv.ForgetSpeaker.Request, answer: _Answer) -> None:
    stage.forget(request.speaker_id)
    answer({})


def _list(stage: SpeakerStage, request: srv.ListSpeakers.Request, answer: _Answer) -> None:
    listed = stage.people.listed()
    answer(
        {
            "speaker_ids": [speaker_id for speaker_id, _ in listed],
            "speaker_names": [name for _, name in listed],
        }
    )

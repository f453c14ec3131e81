"""Llama 3 and its kin by llama-cpp-python (MIT, https://github.com/abetlen/llama-cpp-python)."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import select
import subprocess
import tempfile
import time
import weakref
from dataclasses import asdict
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from stalk_ros.child import end_child, start_child
from stalk_ros.errors import EngineError, UserError
from stalk_ros.topics.backends import chat, llama_models
from stalk_ros.topics.backends.llama_cpp_process import Settings
from stalk_ros.topics.backends.prompts import Prompts

if TYPE_CHECKING:
    import socket

    from stalk_ros.events import Utterance
    from stalk_ros.topics.parameters import TopicParameters
    from stalk_ros.topics.recommender import Cancelled, Draft, TopicRequest

_INSTALL = "pip install llama-cpp-python huggingface_hub"
SETUP = f"{_INSTALL} && stalk models pull {llama_models.DEFAULT}"

_LOOK_S = 0.02
"""How often it is looked whether an answer is still wanted."""

_PATIENCE_S = {"load": 600.0, "answer": 20.0, "stop": 5.0}
"""How long its process may say nothing, by what it is doing.

Loading takes seconds, and minutes where tens of gigabytes come from a slow disk. While it computes it says
every second that it does. What is cancelled stops before the next step of the model, on a GPU before the next
128 tokens of the prompt.
"""

_GONE_S = 1.0
"""A process that has closed its socket ends at once."""

_PRINTED = 300
"""Bytes of what it printed last that are told."""


class LlamaCpp:
    """A `TopicRecommender` with any model that llama.cpp runs and that has learnt to chat.

    It computes in a process of its own: an assertion that fails or a crash in the native library ends that
    process and not this one, and one that hangs can be killed. The next question has a new process.

    Args:
        parameters: which model with which adapter, and where it computes.

    Raises:
        UserError: llama-cpp-python, the model or the adapter is missing or does not load, or the prompts.
    """

    name = "llama_cpp"
    caveat = ""
    instant = False

    def __init__(self, parameters: TopicParameters) -> None:
        reason = self.missing(parameters)
        if reason:
            raise UserError(f"backend 'llama_cpp': {reason}")
        self._prompts = Prompts(parameters.prompts)
        self._speech_level = parameters.speech_level
        self._settings = _settings(parameters)
        try:
            self._load(lambda: False)
        except EngineError as error:
            raise UserError(f"backend {error}") from None

    @classmethod
    def missing(cls, parameters: TopicParameters) -> str:
        """See `stalk_ros.backends.Backend.missing`."""
        if importlib.util.find_spec("llama_cpp") is None:
            return f"llama-cpp-python is not installed: {SETUP}"
        try:
            _settings(parameters)
        except UserError as error:
            return str(error)
        return ""

    def recommend(self, request: TopicRequest, cancelled: Cancelled) -> Draft | None:
        """See `stalk_ros.topics.recommender.TopicRecommender.recommend`."""
        prompt = self._prompts.of(request.language)
        answer = self._ask(chat.suggestion_chat(request, prompt, self._speech_level), cancelled)
        try:
            return None if answer is None else chat.draft(answer, request)
        except ValueError as error:
            raise EngineError(f"'llama_cpp' answered nonsense: {error}") from None

    def summarize(
        self, summary: str, turns: tuple[Utterance, ...], language: str, cancelled: Cancelled
    ) -> str:
        """See `stalk_ros.topics.recommender.TopicRecommender.summarize`."""
        answer = self._ask(chat.summary_chat(summary, turns, self._prompts.of(language)), cancelled)
        try:
            return "" if answer is None else chat.summary(answer)
        except ValueError as error:
            raise EngineError(f"'llama_cpp' answered nonsense: {error}") from None

    def _ask(self, question: chat.Chat, cancelled: Cancelled) -> str | None:
        """The answer to a question; None when it was cancelled."""
        if cancelled() or not self._ready(cancelled):
            return None
        if not self._send({"chat": asdict(question), "answer_tokens": chat.ANSWER_TOKENS}, cancelled):
            self._end()  # half a question is none
            return None
        self._begin("answer")
        answer = self._awaited(cancelled)
        if answer is None:
            self._begin("stop")
            if not self._send(None, lambda: True):
                self._end()
            return None
        if "error" in answer:
            raise EngineError(f"'llama_cpp': {answer['error']}")
        return str(answer["answer"])

    def _ready(self, cancelled: Cancelled) -> bool:
        """Make sure that there is a process that waits for a question; false when it was cancelled."""
        if self._doing == "load" and self._process.poll() is None:
            return self._loaded(cancelled)
        if self._doing and self._process.poll() is None:
            try:
                if self._awaited(cancelled) is None:
                    return False
            except EngineError:  # nobody waits for what it was doing
                self._end()
        if self._process.poll() is None:
            return True
        self._end()
        return self._load(cancelled)

    def _load(self, cancelled: Cancelled) -> bool:
        self._printed = tempfile.TemporaryFile()  # noqa: SIM115 - as long as the process
        self._process, self._channel = start_child(f"{__package__}.llama_cpp_process", self._printed)
        self._end = weakref.finalize(self, _end, self._process, self._channel, self._printed)
        self._channel.setblocking(False)
        self._received = b""
        self._begin("load")
        self._send(asdict(self._settings), lambda: False)
        return self._loaded(cancelled)

    def _loaded(self, cancelled: Cancelled) -> bool:
        """Wait until the model is there; false when that was cancelled."""
        ready = self._awaited(cancelled)
        if ready and "error" in ready:
            self._end()
            what = " with ".join(f"'{path}'" for path in (self._settings.model, self._settings.lora) if path)
            raise EngineError(f"'llama_cpp': the model {what} does not load: {ready['error']}")
        return ready is not None

    def _send(self, content: object, cancelled: Cancelled) -> bool:
        """Send a message, None for an empty one; false when it was cancelled before all of it was sent."""
        message = b"" if content is None else json.dumps(content).encode()
        left = memoryview(len(message).to_bytes(8, "little") + message)
        deadline_s = time.monotonic() + _PATIENCE_S["answer"]
        while left:
            if not select.select([], [self._channel], [], 0 if cancelled() else _LOOK_S)[1]:
                if cancelled():
                    return False
                if time.monotonic() > deadline_s:
                    raise self._failure("takes no question")
                continue
            try:
                left = left[self._channel.send(left) :]
            except ConnectionError:
                raise self._failure() from None
        return True

    def _begin(self, doing: str) -> None:
        self._doing = doing
        self._heard_s = time.monotonic()

    def _awaited(self, cancelled: Cancelled) -> dict[str, Any] | None:
        """What its process says next; None when nobody wants to know any more.

        Patience lasts over several calls: of those who are cancelled, each may wait for less than that.
        """
        while True:
            line, found, rest = self._received.partition(b"\n")
            if found:
                self._received = rest
                if not line:
                    continue  # it is alive
                self._doing = ""
                return self._parsed(line)
            if cancelled():
                return None
            if select.select([self._channel], [], [], _LOOK_S)[0]:
                self._heard_s = time.monotonic()
                self._receive()
            elif time.monotonic() - self._heard_s > _PATIENCE_S[self._doing]:
                raise self._failure(f"did nothing for {_PATIENCE_S[self._doing]:.1f} s")

    def _receive(self) -> None:
        try:
            piece = self._channel.recv(65536)
        except ConnectionError:
            piece = b""
        if not piece:
            raise self._failure()
        self._received += piece

    def _parsed(self, line: bytes) -> dict[str, Any]:
        try:
            content = json.loads(line)
        except ValueError:
            content = None
        if not isinstance(content, dict):
            raise self._failure("gave a malformed answer")
        return content

    def _failure(self, reason: str = "") -> EngineError:
        """End the process, which cannot be used any more; says why."""
        if not reason:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(_GONE_S)
        said = self._last_words()
        self._end()
        while_doing = " while it loaded the model" if self._doing == "load" else ""
        self._doing = ""
        reason = reason or f"ended with code {self._process.returncode}{while_doing}{said}"
        return EngineError(f"'llama_cpp': its process {reason}")

    def _last_words(self) -> str:
        """What the native library said before it ended the process, as a failed assertion does."""
        # Where it goes on writing must stay as it is.
        size = os.fstat(self._printed.fileno()).st_size
        end = os.pread(self._printed.fileno(), _PRINTED, max(0, size - _PRINTED))
        lines = end.decode("utf-8", "replace").splitlines()
        said = [line.strip() for line in lines if line.strip()]
        return f" ({said[-1]})" if said else ""


def _end(process: subprocess.Popen[bytes], channel: socket.socket, printed: IO[bytes]) -> None:
    end_child(process, channel)
    printed.close()


def _settings(parameters: TopicParameters) -> Settings:
    """What the process loads; raises `UserError` when a file of it is not here."""
    lora = parameters.lora and str(llama_models.checked(Path(parameters.lora).expanduser(), "LoRA"))
    return Settings(
        str(llama_models.located(parameters.model, parameters.model_file)),
        lora,
        parameters.gpu_layers,
        parameters.threads,
        parameters.context_tokens,
        parameters.chat_format,
    )

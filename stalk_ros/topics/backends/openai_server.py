"""Any server with OpenAI's interface, such as llama.cpp's, vLLM or Ollama, by openai (Apache-2.0)."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from stalk_ros.errors import EngineError, UserError
from stalk_ros.topics.backends import chat
from stalk_ros.topics.backends.prompts import Prompts
from stalk_ros.topics.backends.server_access import key, unusable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stalk_ros.events import Utterance
    from stalk_ros.topics.parameters import TopicParameters
    from stalk_ros.topics.recommender import Cancelled, Draft, TopicRequest

_LOOK_S = 0.02
"""How often it is looked whether an answer is still wanted."""

_BYTES_PER_TOKEN = 3
"""Of UTF-8, on the safe side: English has some four in Llama 3's tokens, Korean and Japanese three."""

_MAX_PIECES = 4 * chat.ANSWER_TOKENS
"""After which a server that does not keep to the number of tokens has said enough."""

_TOLD = 300
"""Characters of a server's own message that are told."""

_REFUSED = (400, 422)
"""What servers answer to a request that they do not understand or that is too long."""


class OpenaiServer:
    """A `TopicRecommender` on another machine, or in another program of this one.

    A request runs in a thread of its own. One that is cancelled is given up at once, its connection closed;
    its thread ends when the server notices, or after ``timeout_s``.

    Args:
        parameters: where the server is and what it is asked for.

    Raises:
        UserError: the package openai is missing, the address or the key is none, or the prompts cannot be
            read.
    """

    name = "openai_server"
    caveat = ""
    instant = False

    def __init__(self, parameters: TopicParameters) -> None:
        if reason := unusable(parameters):
            raise UserError(f"backend 'openai_server': {reason}")
        self._parameters = parameters
        self._prompts = Prompts(parameters.prompts)
        self._room = parameters.context_tokens - chat.ANSWER_TOKENS
        self._model = parameters.model
        self._format = 0
        self._client: Any = None

    @classmethod
    def missing(cls, parameters: TopicParameters) -> str:
        """See `stalk_ros.backends.Backend.missing`."""
        if parameters.backend == "auto":
            return "a conversation is only sent to a server that is chosen by backend: openai_server"
        return unusable(parameters)

    def recommend(self, request: TopicRequest, cancelled: Cancelled) -> Draft | None:
        """See `stalk_ros.topics.recommender.TopicRecommender.recommend`."""
        prompt = self._prompts.of(request.language)
        question = chat.suggestion_chat(request, prompt, self._parameters.speech_level)
        answer = self._ask(question, cancelled)
        try:
            return None if answer is None else chat.draft(answer, request)
        except ValueError as error:
            raise EngineError(f"{self._where} answered nonsense: {error}") from None

    def summarize(
        self, summary: str, turns: tuple[Utterance, ...], language: str, cancelled: Cancelled
    ) -> str:
        """See `stalk_ros.topics.recommender.TopicRecommender.summarize`."""
        question = chat.summary_chat(summary, turns, self._prompts.of(language))
        answer = self._ask(question, cancelled)
        try:
            return "" if answer is None else chat.summary(answer)
        except ValueError as error:
            raise EngineError(f"{self._where} answered nonsense: {error}") from None

    @property
    def _where(self) -> str:
        address = urlsplit(self._parameters.base_url)
        shown = address._replace(netloc=address.netloc.rpartition("@")[2]).geturl()  # no password
        return f"'openai_server' at {shown}"

    def _connected(self) -> Any:
        from openai import OpenAI

        return OpenAI(
            base_url=self._parameters.base_url,
            # The library wants one, also for a server that does not.
            api_key=key(self._parameters) or "none",
            timeout=self._parameters.timeout_s,
            max_retries=self._parameters.retries,
        )

    def _ask(self, question: chat.Chat, cancelled: Cancelled) -> str | None:
        """The answer to a question; None when it was cancelled."""
        self._client = self._client or self._connected()
        request = _Request(question, self._client)
        threading.Thread(target=self._work, args=(request,), name="openai_server", daemon=True).start()
        while not request.done.wait(_LOOK_S):
            if cancelled():
                request.unwanted.set()
                self._client.close()
                self._client = None
                return None
        if request.error is not None:
            raise EngineError(f"{self._where} {self._told(request.error)}") from request.error
        return request.answer

    def _work(self, request: _Request) -> None:
        try:
            request.answer = self._answer(request)
        except Exception as error:
            request.error = error
        finally:
            request.done.set()

    def _answer(self, request: _Request) -> str:
        """The answer, with a shorter question or in another format where the server wants that."""
        import openai

        if not self._model:
            self._model = self._only_model(request.client)
        room = self._room
        while True:
            messages = request.question.fitted(_estimated, room)
            if messages is None:
                raise _NoAnswerError("is asked nothing: 'context_tokens' is too small for the prompt")
            try:
                answer = self._completed(request, messages)
            except (openai.APIStatusError, _TooLongError) as error:
                if request.unwanted.is_set():
                    raise
                if _too_long(error):
                    if request.question.fitted(_estimated, _estimated(messages) // 2) is None:
                        raise
                    room = _estimated(messages) // 2
                elif not self._other_format(error):
                    raise
            else:
                self._room = room
                return answer

    def _other_format(self, error: Any) -> bool:
        """Whether there is another way to tell the server what an answer looks like, after an error."""
        # The server of llama-cpp-python calls it a failure of its own.
        about = error.status_code in _REFUSED or "response_format" in str(error)
        if about and self._format + 1 < len(_FORMATS):
            self._format += 1
            return True
        self._format = 0
        return False

    def _only_model(self, client: Any) -> str:
        names = [str(model.id) for model in client.models.list()]
        if len(names) != 1:
            raise _NoAnswerError(
                f"has the models {', '.join(names)}; set parameter 'model' to one of them"
                if names
                else "has no model; load one into it"
            )
        return names[0]

    def _completed(self, request: _Request, messages: chat.Messages) -> str:
        stream = request.client.chat.completions.create(
            model=self._model,
            messages=messages,
            response_format=_FORMATS[self._format](request.question.schema),
            temperature=chat.TEMPERATURE,
            seed=chat.SEED,
            max_tokens=chat.ANSWER_TOKENS,
            stream=True,
        )
        with stream:
            return _joined(stream)

    def _told(self, error: Exception) -> str:
        """What went wrong and what to do about it; never the key."""
        import openai

        parameters = self._parameters
        said = self._masked(error)
        match error:
            case _NoAnswerError():
                return said
            case openai.APITimeoutError():
                return f"was silent for {parameters.timeout_s} s; look into its log, or raise 'timeout_s'"
            case openai.APIConnectionError():
                reason = self._masked(error.__cause__ or error)
                return f"cannot be reached ({reason}); start it, or correct parameter 'base_url'"
            case openai.AuthenticationError() | openai.PermissionDeniedError():
                variable = parameters.api_key_variable
                return f"refuses the key; put a right one into the environment variable '{variable}' ({said})"
            case openai.NotFoundError():
                model = f"has no model '{self._model}', or " if self._model else "does not answer: "
                return f"{model}'base_url' lacks its end, often /v1 ({said})"
            case openai.RateLimitError():
                return f"is asked too often, or its quota is used up ({said})"
            case openai.APIStatusError(status_code=code) if code >= 500:
                return f"failed; look into its log ({said})"
            case openai.APIError():
                return f"refuses the request ({said})"
        return f"does not answer as OpenAI's interface does; correct parameter 'base_url' ({said})"

    def _masked(self, error: BaseException) -> str:
        """An error in one line without the key."""
        said = " ".join((str(error) or type(error).__name__).split())
        secret = key(self._parameters)
        return (said.replace(secret, "***") if secret else said)[:_TOLD]


@dataclass
class _Request:
    """A question on its way, with the connection of its own time."""

    question: chat.Chat
    client: Any
    unwanted: threading.Event = field(default_factory=threading.Event)
    done: threading.Event = field(default_factory=threading.Event)
    answer: str = ""
    error: Exception | None = None


class _NoAnswerError(Exception):
    """What the server did, as the rest of a sentence about it."""


class _TooLongError(_NoAnswerError):
    """It looks as if the question were too long for the server."""


def _joined(stream: Iterable[Any]) -> str:
    """The text of an answer that comes in pieces."""
    import openai

    pieces: list[str] = []
    end = None
    try:
        for piece in stream:
            if len(pieces) > _MAX_PIECES:
                break
            for choice in piece.choices[:1]:
                pieces.append(choice.delta.content or "")
                end = choice.finish_reason or end
    except openai.APITimeoutError:
        raise
    except openai.APIConnectionError:
        pass  # What has come tells what it means that no more comes.
    if (end == "length" and len(pieces) >= chat.ANSWER_TOKENS) or len(pieces) > _MAX_PIECES:
        raise _NoAnswerError("did not come to an end with its answer: it is cut off")
    if end == "length" or not pieces:
        # That is how the server of llama-cpp-python answers a question with no room for the answer.
        raise _TooLongError(
            "gives no answer: its context is too small, or 'base_url' lacks its end, often /v1"
        )
    if end is None:
        raise _NoAnswerError("broke off its answer; look into its log")
    return "".join(pieces)


def _too_long(error: Exception) -> bool:
    if isinstance(error, _TooLongError):
        return True
    return getattr(error, "status_code", 0) in _REFUSED and "context" in str(error).lower()


def _estimated(messages: chat.Messages) -> int:
    """About how many tokens messages have; a server does not tell beforehand."""
    return sum(len(message["content"].encode()) // _BYTES_PER_TOKEN + 8 for message in messages)


def _as_json_schema(schema: dict[str, Any]) -> dict[str, Any]:
    return {"type": "json_schema", "json_schema": {"name": "answer", "schema": schema, "strict": True}}


def _as_json_object(schema: dict[str, Any]) -> dict[str, Any]:
    return {"type": "json_object", "schema": schema}


_FORMATS = (_as_json_schema, _as_json_object)
"""How servers want to be told what an answer looks like; that of llama-cpp-python in the second way."""

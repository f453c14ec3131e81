"""The process in which llama.cpp computes.

Each message to it is the number of its bytes (8 bytes, little-endian) and JSON: first the settings
(`Settings`), then questions (a `Chat` and the answer's tokens). It answers each with a line of JSON that
holds ``error``, or

- to the settings ``ready``,
- to a question ``answer``, or ``cancelled`` when anything came before it was answered: an empty message,
  which has no answer of its own, or the end of the input.

While it computes, an empty line a second says that it does not hang. It ends when its input does, which is
when its parent ends in whatever way.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import select
import socket
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from stalk_ros.topics.backends.chat import SEED, TEMPERATURE, Chat, Messages
from stalk_ros.topics.backends.llama_library import complaints, trained_tokens

if TYPE_CHECKING:
    from collections.abc import Sequence

_BEAT_S = 1.0
_BLOCK = 128
"""Tokens of a prompt that are read at once.

Blocks begin at multiples of this, so whether a block was read for this prompt or is left from the one before
makes no difference: each sum is made in the same order, and the same request has the same answer.
"""

_DATE = "26 Jul 2024"
"""What Llama 3's template says when it is not told the date. Otherwise it would look at the clock."""

_REASON = 400
"""Characters."""

_HINT = "set parameter 'chat_format', for Llama 3 to llama-3"

_MISFIT = (
    "the LoRA adapter does not fit the model; correct parameter 'lora', or 'model' to what it was made for"
)

_PROBE = [{"role": "system", "content": "Rules."}, {"role": "user", "content": "Words."}]


@dataclass(frozen=True)
class Settings:
    """What the model is loaded with: see the parameters of these names in `TopicParameters`."""

    model: str
    lora: str
    gpu_layers: int
    threads: int
    context_tokens: int
    chat_format: str


class _LoadError(Exception):
    """What is wrong, for the user."""


def main() -> None:
    """Load the model and answer until the input ends."""
    with (
        contextlib.suppress(ConnectionError, EOFError),  # the parent ended
        socket.socket(fileno=0) as channel,
    ):
        parent = _Parent(channel)
        settings = Settings(**json.loads(parent.receive()))
        try:
            model = _Model(settings, parent)
        except _LoadError as error:
            parent.send({"error": str(error)})
            return
        parent.send({"ready": True})
        while True:
            question = parent.receive()
            if question:
                parent.send(model.answer(json.loads(question)))


class _Parent:
    """Who asks."""

    def __init__(self, channel: socket.socket) -> None:
        self._channel = channel
        self._input = select.poll()
        self._input.register(channel, select.POLLIN)
        self._beat_s = time.monotonic()

    def send(self, content: object) -> None:
        """Answer."""
        self._channel.sendall(json.dumps(content).encode() + b"\n")

    def receive(self) -> bytes:
        """The next message; raises `EOFError` when there is none."""
        return self._read(int.from_bytes(self._read(8), "little"))

    def interrupts(self) -> bool:
        """Whether the answer is no longer wanted; tells that it is being worked on."""
        if time.monotonic() - self._beat_s > _BEAT_S:
            self._beat_s = time.monotonic()
            self._channel.sendall(b"\n")
        return bool(self._input.poll(0))

    def _read(self, count: int) -> bytes:
        data = bytearray()
        while len(data) < count:
            piece = self._channel.recv(count - len(data))
            if not piece:
                raise EOFError
            data += piece
        return bytes(data)


class _Model:
    """A loaded model; raises `_LoadError` when it cannot be used."""

    def __init__(self, settings: Settings, parent: _Parent) -> None:
        import jinja2
        import llama_cpp

        self._lib = llama_cpp
        self._parent = parent
        self._complaints = complaints()
        self._complaints.clear()
        try:
            self._check(settings)
            self._llama = self._loaded(settings)
            # To the library an adapter that did not load is one too, until it is used.
            if settings.lora and self._complaints:
                raise ValueError(_MISFIT)
            self._find_format(settings)
            self._llama.eval(self._prompt(_PROBE))
        except (RuntimeError, ValueError) as error:
            raise _LoadError(self._reason(error)) from None
        except jinja2.TemplateError as error:
            raise _LoadError(f"its chat template does not work ({_line(error)}); {_HINT}") from None
        self._prompt_length = 0
        self._interrupts = llama_cpp.ggml_abort_callback(lambda _: parent.interrupts())
        llama_cpp.llama_set_abort_callback(self._llama.ctx, self._interrupts, ctypes.c_void_p(0))

    def answer(self, question: dict[str, Any]) -> dict[str, Any]:
        """The answer to a question in the form that is sent."""
        self._complaints.clear()
        chat = Chat(**question["chat"])
        room = self._llama.n_ctx() - question["answer_tokens"]
        messages = chat.fitted(lambda messages: len(self._prompt(messages)), room)
        if messages is None:
            needed = len(self._prompt(chat.messages(len(chat.turns)))) + question["answer_tokens"]
            return {"error": f"the context is too small: set parameter 'context_tokens' to {needed} or more"}
        try:
            return self._generated(self._prompt(messages), chat.schema, question["answer_tokens"])
        except (RuntimeError, ValueError) as error:
            if self._parent.interrupts():
                return {"cancelled": True}
            return {"error": self._reason(error)}

    def _generated(self, prompt: Sequence[int], schema: dict[str, Any], limit: int) -> dict[str, Any]:
        llama, lib = self._llama, self._lib
        grammar = lib.LlamaGrammar.from_json_schema(json.dumps(schema), verbose=False)
        vocabulary = lib.llama_model_get_vocab(llama.model)
        self._keep_common(prompt)
        tokens: list[int] = []
        for token in llama.generate(
            prompt, temp=TEMPERATURE, top_k=40, top_p=0.95, min_p=0.05, repeat_penalty=1.0, grammar=grammar
        ):
            if lib.llama_vocab_is_eog(vocabulary, token):
                return {"answer": llama.detokenize(tokens).decode("utf-8", "replace")}
            tokens.append(token)
            if self._parent.interrupts():
                return {"cancelled": True}
            if len(tokens) >= limit:
                break
        return {"error": f"its answer is cut off after {limit} tokens"}

    def _keep_common(self, prompt: Sequence[int]) -> None:
        """Keep of what was read before the whole blocks that this prompt begins with too."""
        llama = self._llama
        end = min(llama.n_tokens, self._prompt_length, len(prompt) - 1)
        common = 0
        while common < end and llama.input_ids[common] == prompt[common]:
            common += 1
        llama.n_tokens = common // _BLOCK * _BLOCK
        self._prompt_length = len(prompt)

    def _reason(self, error: Exception) -> str:
        said = f" ({'; '.join(self._complaints)})" if self._complaints else ""
        self._complaints.clear()
        return f"{_line(error)}{said}"[:_REASON]

    def _check(self, settings: Settings) -> None:
        """What would fail late or with no reason given, or take all memory."""
        lib = self._lib
        if settings.gpu_layers and not lib.llama_supports_gpu_offload():
            raise _LoadError(
                "this llama-cpp-python computes without a GPU; set parameter 'gpu_layers' to 0, or install "
                "it for your GPU: CMAKE_ARGS=-DGGML_CUDA=on pip install --force-reinstall --no-cache-dir "
                "llama-cpp-python"
            )
        trained = trained_tokens(lib, settings.model)
        if settings.context_tokens > trained > 0:
            raise _LoadError(
                f"parameter 'context_tokens' is {settings.context_tokens}, and the model was trained for "
                f"{trained} at most"
            )

    def _loaded(self, settings: Settings) -> Any:
        threads = settings.threads or max(len(os.sched_getaffinity(0)) // 2, 1)
        return self._lib.Llama(
            settings.model,
            n_ctx=settings.context_tokens,
            n_batch=_BLOCK,
            n_gpu_layers=settings.gpu_layers,
            n_threads=threads,
            n_threads_batch=threads,
            seed=SEED,
            chat_format=settings.chat_format or None,
            lora_path=settings.lora or None,
            verbose=False,
        )

    def _find_format(self, settings: Settings) -> None:
        """Find what writes messages as the model has learnt it, and let it show that it does."""
        llama = self._llama
        # The library would take Llama 2's without a word.
        if not settings.chat_format and "tokenizer.chat_template" not in llama.metadata:
            raise _LoadError(f"it has no chat template; {_HINT}")
        from llama_cpp import llama_chat_format

        try:
            if settings.chat_format:
                self._format = llama_chat_format.get_chat_completion_handler(settings.chat_format)
            else:
                self._format = self._own_format(llama_chat_format)
        except llama_chat_format.LlamaChatCompletionHandlerNotFoundException:
            known = f"llama-cpp-python knows no chat format '{settings.chat_format}'"
            raise _LoadError(f"{known}; {_HINT}") from None
        try:
            written = llama.detokenize(self._prompt(_PROBE), special=True).decode("utf-8", "replace")
        except Exception as error:  # a template may raise what it likes
            raise _LoadError(f"its chat template does not work ({_line(error)}); {_HINT}") from None
        if not all(message["content"] in written for message in _PROBE):
            raise _LoadError(f"its chat template leaves out the system's or the user's message; {_HINT}")

    def _own_format(self, formats: Any) -> Any:
        llama = self._llama
        begin, end = (
            llama.detokenize([token], special=True).decode("utf-8", "replace") if token >= 0 else ""
            for token in (llama.token_bos(), llama.token_eos())
        )
        template = llama.metadata["tokenizer.chat_template"]
        return formats.Jinja2ChatFormatter(template, eos_token=end, bos_token=begin).to_chat_handler()

    def _prompt(self, messages: Messages) -> Sequence[int]:
        """The tokens of messages; a format of the library keeps them to itself unless it completes them."""
        seen = _Completion(self._llama)
        self._format(llama=seen, messages=messages, stream=True, date_string=_DATE)
        return seen.prompt


class _Completion:
    """Takes a model's place in the library's chat formats, to see the prompt that they make."""

    verbose = False

    def __init__(self, llama: Any) -> None:
        self.tokenize = llama.tokenize
        self.prompt: Sequence[int] = ()

    def create_completion(self, prompt: Sequence[int], **_: Any) -> tuple[()]:
        """Keep the prompt."""
        self.prompt = prompt
        return ()


def _line(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__

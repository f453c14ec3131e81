from __future__ import annotations

import contextlib
import http.server
import json
import re
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from stalk_ros.backends import backend_class
from stalk_ros.errors import EngineError, UserError
from stalk_ros.events import Utterance
from stalk_ros.topics import Draft, TopicParameters
from stalk_ros.topics.backends import BACKENDS, chat, openai_server
from stalk_ros.topics.backends.openai_server import OpenaiServer

ANSWER = {"topic": "lake", "suggestion": "How was the lake?", "addressed_to": "Ann", "why": "open"}
KEY = "secret-key-1234"


@pytest.fixture(scope="session", autouse=True)
def no_proxy():
    """The servers are on this machine."""
    pytest.importorskip("openai")
    with pytest.MonkeyPatch.context() as patch:
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
            patch.delenv(name, raising=False)
        patch.delenv("OPENAI_API_KEY", raising=False)
        yield


def never() -> bool:
    return False


def made(url: str, **more) -> OpenaiServer:
    return OpenaiServer(
        TopicParameters(**{"base_url": url, "backend": "openai_server", "retries": 0, **more})
    )


@pytest.fixture(scope="module")
def llama_server(tiny: Path, tmp_path_factory: pytest.TempPathFactory):
    """The address of a real server with the tiny model."""
    pytest.importorskip("fastapi")
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    said = tmp_path_factory.mktemp("server") / "said"
    options = f"--model {tiny} --model_alias tiny --n_ctx 4096 --n_threads 1 --port {port}"
    command = [sys.executable, "-m", "llama_cpp.server", *options.split()]
    with (
        said.open("wb") as output,
        subprocess.Popen(command, stdout=output, stderr=output) as process,
    ):
        while b"Uvicorn running" not in said.read_bytes():
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(0.05)
                pytest.fail(said.read_text())
        yield f"http://127.0.0.1:{port}/v1"
        process.kill()


@pytest.fixture
def server():
    """``server(answer, …)`` -> the address of a server that gives each answer in turn, the last for ever.

    An answer is called with the handler of the request. What was asked is in ``server.asked``.
    """
    with contextlib.ExitStack() as opened:

        def serve(*answers) -> str:
            class Handler(http.server.BaseHTTPRequestHandler):
                def handle_any(self) -> None:
                    length = int(self.headers.get("Content-Length") or 0)
                    body = json.loads(self.rfile.read(length)) if length else {}
                    headers = {name.lower(): value for name, value in self.headers.items()}
                    serve.asked.append((self.path, body, headers))
                    with contextlib.suppress(ConnectionError):
                        answers[min(len(serve.asked), len(answers)) - 1](self)

                do_GET = do_POST = handle_any  # noqa: N815 - as its base class has them

                def log_message(self, *_: object) -> None:
                    pass

            web = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
            web.daemon_threads, web.block_on_close = True, False
            opened.callback(web.server_close)
            opened.callback(web.shutdown)
            threading.Thread(target=web.serve_forever, args=(0.01,), daemon=True).start()
            return f"http://127.0.0.1:{web.server_address[1]}/v1"

        serve.asked = []
        yield serve


def reply(status: int, content: object = "", kind: str = "application/json"):
    """An answer with a status and a body; text is sent as it is."""

    def answer(handler: http.server.BaseHTTPRequestHandler) -> None:
        body = (content if isinstance(content, str) else json.dumps(content)).encode()
        handler.send_response(status)
        handler.send_header("Content-Type", kind)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def error(status: int, message: str):
    return reply(status, {"error": {"message": message, "type": "x", "code": "y"}})


def streamed(content: object = ANSWER, end: str | None = "stop", step: int = 10):
    """An answer of a model, in pieces."""
    text = content if isinstance(content, str) else json.dumps(content)
    parts = [{"content": text[at : at + step]} for at in range(0, len(text), step)] + [{}]
    pieces = [
        {
            "id": "1",
            "object": "chat.completion.chunk",
            "created": 1,
            "model": "m",
            "choices": [{"index": 0, "delta": part, "finish_reason": None if part else end}],
        }
        for part in parts
    ]
    events = "".join(f"data: {json.dumps(piece)}\n\n" for piece in pieces)
    return reply(200, f"{events}data: [DONE]\n\n", "text/event-stream")


def models(*names: str):
    data = [{"id": name, "object": "model", "created": 1, "owned_by": "x"} for name in names]
    return reply(200, {"object": "list", "data": data})


def test_a_real_server_suggests_and_summarizes(llama_server, request_of) -> None:
    engine = made(llama_server)
    first = engine.recommend(request_of("S1: we went to the lake"), never)
    assert isinstance(first, Draft)
    assert first.text
    assert engine._model == "tiny"
    assert engine.recommend(request_of("S1: we went to the lake"), never) == first
    for number in range(10):
        assert engine.recommend(request_of(f"S1: number {number}"), never)


def test_a_real_server_with_too_small_a_context_gets_less(llama_server, request_of) -> None:
    engine = made(llama_server, context_tokens=16_384, retries=1)
    talk = [f"S1: and then we talked about the {n}th thing that I remember" for n in range(400)]
    assert engine.recommend(request_of(*talk), never)
    assert engine._room < 4096


def test_a_real_server_with_a_wrong_format_is_asked_otherwise(llama_server, request_of) -> None:
    engine = made(llama_server)
    engine.recommend(request_of("S1: hello"), never)
    assert openai_server._FORMATS[engine._format] is openai_server._as_json_object


def test_a_summary_of_a_real_server(llama_server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chat, "ANSWER_TOKENS", 1500)
    turns = (Utterance("u1", 0, 1, "we went to the lake", speaker_id="S1"),)
    assert 0 < len(made(llama_server).summarize("", turns, "en", never)) <= chat.MAX_SUMMARY


def test_what_is_asked_for(server, request_of, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROBOT_KEY", KEY)
    url = server(models("m"), streamed())
    engine = made(url, api_key_variable="ROBOT_KEY")
    draft = engine.recommend(request_of("S1: the lake", names={"S1": "Ann"}), never)
    assert draft == Draft("How was the lake?", "lake", "open", ("S1",), draft.confidence)
    (_, _, headers), (path, body, _) = server.asked
    assert headers["authorization"] == f"Bearer {KEY}"
    assert path == "/v1/chat/completions"
    assert body["model"] == "m"
    assert body["response_format"]["json_schema"]["schema"] == chat.SUGGESTION
    assert (body["stream"], body["seed"]) == (True, 1)
    assert '"the lake"' in body["messages"][1]["content"]
    engine.recommend(request_of("S1: the lake"), never)
    assert [path for path, _, _ in server.asked].count("/v1/models") == 1


def test_without_a_key_there_is_none_to_tell(server, request_of) -> None:
    made(server(streamed()), model="m").recommend(request_of("S1: hi"), never)
    assert server.asked[0][2]["authorization"] == "Bearer none"


def test_it_tries_again_after_a_failure(server, request_of) -> None:
    url = server(error(500, "busy"), streamed())
    assert made(url, model="m", retries=1).recommend(request_of("S1: hi"), never)
    assert len(server.asked) == 2


def broken_off(piece: bytes):
    """An answer whose connection ends in the middle, after a piece."""

    def answer(handler: http.server.BaseHTTPRequestHandler) -> None:
        handler.protocol_version = "HTTP/1.1"
        handler.send_response(200)
        handler.send_header("Content-Type", "text/event-stream")
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        if piece:
            data = b"data: " + piece + b"\n\n"
            handler.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
        handler.close_connection = True

    return answer


@pytest.mark.parametrize(
    ("answer", "complaint"),
    [
        (
            error(401, f"wrong key {KEY}"),
            r"refuses the key; put a right one into the environment variable 'ROBOT_KEY'",
        ),
        (error(403, "not you"), "refuses the key; .*not you"),
        (
            error(404, "no such model"),
            "has no model 'm', or 'base_url' lacks its end, .*no such model",
        ),
        (error(429, "slow down"), "is asked too often, or its quota is used up .*slow down"),
        (error(500, "out of memory"), "failed; look into its log .*out of memory"),
        (error(400, "bad"), "refuses the request .*bad"),
        (error(400, "context is exceeded"), "refuses the request .*context is exceeded"),
        (reply(200, "<html>Hello</html>", "text/html"), "gives no answer: .* or 'base_url' lacks its end"),
        (reply(200, "data: {oh\n\n", "text/event-stream"), "does not answer as OpenAI's interface does"),
        (reply(200, 'data: {"choices": 3}\n\n', "text/event-stream"), "does not answer as OpenAI's"),
        (streamed("hello"), "answered nonsense: it is not JSON: 'hello'"),
        (streamed({"topic": "x"}), "answered nonsense: it has not the fields topic, suggestion"),
        (streamed(end="length"), "gives no answer: its context is too small"),
        (streamed(end=None), "broke off its answer"),
        (streamed("x" * 3000, end="length", step=1), "did not come to an end with its answer: it is cut off"),
        (lambda handler: handler.connection.close(), "cannot be reached .*; start it, or correct"),
        (broken_off(b""), "gives no answer: its context is too small, or"),
        (broken_off(b'{"choices": [{"index": 0, "delta": {"content": "{"}}]}'), "broke off its answer; look"),
    ],
)
def test_what_goes_wrong_is_one_line_without_the_key(
    server, request_of, monkeypatch: pytest.MonkeyPatch, answer, complaint: str
) -> None:
    monkeypatch.setenv("ROBOT_KEY", KEY)
    url = server(answer)
    with pytest.raises(EngineError) as raised:
        made(url, model="m", api_key_variable="ROBOT_KEY").recommend(request_of("S1: hi"), never)
    said = str(raised.value)
    assert re.search(complaint, said), said
    assert said.startswith(f"'openai_server' at {url} ")
    assert "\n" not in said
    assert KEY not in said


def test_a_key_out_of_a_file_may_end_with_a_line_break(server, request_of, monkeypatch) -> None:
    monkeypatch.setenv("ROBOT_KEY", f"{KEY}\n")
    url = server(error(401, f"wrong key {KEY}"))
    with pytest.raises(EngineError, match="refuses the key") as raised:
        made(url, model="m", api_key_variable="ROBOT_KEY").recommend(request_of("S1: hi"), never)
    assert KEY not in str(raised.value)
    assert server.asked[0][2]["authorization"] == f"Bearer {KEY}"


@pytest.mark.parametrize("key", ["schlüssel-1234", "two words-1234", "two\nlines-1234"])
def test_a_key_that_cannot_be_sent_is_not_told(monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    monkeypatch.setenv("ROBOT_KEY", key)
    with pytest.raises(UserError, match="the environment variable 'ROBOT_KEY' holds no key") as raised:
        made("http://127.0.0.1:8000/v1", api_key_variable="ROBOT_KEY")
    assert "1234" not in str(raised.value)


def test_a_key_in_the_place_of_its_variable_is_not_told() -> None:
    with pytest.raises(UserError, match="'api_key_variable' must be the name of an environment") as raised:
        made("http://127.0.0.1:8000/v1", api_key_variable=KEY)
    assert KEY not in str(raised.value)


def test_a_password_in_the_address_is_not_told(server, request_of) -> None:
    url = server(error(404, "nothing"))
    with pytest.raises(EngineError) as raised:
        made(url.replace("//", "//ann:pass1234@")).recommend(request_of("S1: hi"), never)
    assert str(raised.value).startswith(f"'openai_server' at {url} does not answer: 'base_url' lacks its end")


def test_a_server_that_is_not_there(request_of) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
        with pytest.raises(EngineError, match=r"cannot be reached .*refused.*; start it, or correct"):
            made(url).recommend(request_of("S1: hi"), never)


@pytest.mark.parametrize(
    ("names", "complaint"),
    [
        (["a", "b"], "has the models a, b; set parameter 'model' to one of them"),
        ([], "has no model; load one into it"),
    ],
)
def test_a_server_with_another_number_of_models_than_one(
    server, request_of, names: list[str], complaint: str
) -> None:
    with pytest.raises(EngineError, match=complaint):
        made(server(models(*names))).recommend(request_of("S1: hi"), never)


def test_a_server_that_is_silent_is_given_up(server, request_of) -> None:
    go_on = threading.Event()
    url = server(lambda _: go_on.wait(60))
    with pytest.raises(EngineError, match=r"was silent for 0\.1 s; look into its log, or raise 'timeout_s'"):
        made(url, model="m", timeout_s=0.1).recommend(request_of("S1: hi"), never)
    go_on.set()


def test_who_does_not_want_an_answer_any_more_does_not_wait_for_a_server_that_hangs(
    server, request_of
) -> None:
    asked, go_on = threading.Event(), threading.Event()

    def hang(_: object) -> None:
        asked.set()
        go_on.wait(60)

    engine = made(server(hang, streamed()), model="m", timeout_s=600.0)
    assert engine.recommend(request_of("S1: hi"), asked.is_set) is None
    assert engine.recommend(request_of("S1: hi"), never).topic == "lake"
    go_on.set()


def test_a_server_stops_writing_when_nobody_waits(server, request_of) -> None:
    """Its connection is closed as soon as it writes on."""
    first, gone = threading.Event(), threading.Event()

    def write(handler: http.server.BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", "text/event-stream")
        handler.end_headers()
        piece = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "m"}
        piece["choices"] = [{"index": 0, "delta": {"content": "x"}, "finish_reason": None}]
        try:
            while True:
                handler.wfile.write(f"data: {json.dumps(piece)}\n\n".encode())
                first.set()
        except ConnectionError:
            gone.set()

    engine = made(server(write), model="m")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(openai_server, "_MAX_PIECES", 10**9)
        assert engine.recommend(request_of("S1: hi"), first.is_set) is None
        assert gone.wait(60)


def test_auto_never_sends_a_conversation_away() -> None:
    assert backend_class("topic_recommender", BACKENDS, "auto", TopicParameters()).name == "topic_bank"
    assert OpenaiServer.missing(TopicParameters()) == (
        "a conversation is only sent to a server that is chosen by backend: openai_server"
    )


@pytest.mark.parametrize(
    "url",
    ["", "robot", "ftp://robot/v1", "http://", "http://[::1/v1", "http://robot:port/v1", " http://robot/v1"],
)
def test_an_address_that_is_none(url: str) -> None:
    with pytest.raises(UserError, match=r"'base_url' must be like http://127\.0\.0\.1:8000/v1, not"):
        made(url)


def test_without_its_package_it_says_how_to_install_it(uninstall) -> None:
    uninstall("openai")
    with pytest.raises(UserError, match="the package openai is not installed: pip install openai"):
        made("http://127.0.0.1/v1")


def test_a_server_that_takes_no_format_is_asked_in_both_each_time(server, request_of) -> None:
    engine = made(server(error(400, "bad")), model="m")
    for _ in range(2):
        with pytest.raises(EngineError, match="refuses the request"):
            engine.recommend(request_of("S1: hi"), never)
    kinds = [body["response_format"]["type"] for _, body, _ in server.asked]
    assert kinds == ["json_schema", "json_object"] * 2

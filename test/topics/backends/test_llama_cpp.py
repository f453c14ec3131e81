from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from stalk_ros.backends import backend_class
from stalk_ros.errors import EngineError, UserError
from stalk_ros.events import Utterance
from stalk_ros.model import HubModel
from stalk_ros.topics import Draft, TopicParameters
from stalk_ros.topics.backends import BACKENDS, chat, llama_cpp, llama_cpp_process, llama_models
from stalk_ros.topics.backends.llama_cpp import LlamaCpp
from stalk_ros.topics.backends.prompts import Prompts

CONTEXT_TOKENS = 8192


def never() -> bool:
    return False


def always() -> bool:
    return True


def after(count: int):
    """Becomes true after so many looks."""
    looks = iter(range(count))
    return lambda: next(looks, None) is None


@pytest.fixture(scope="session")
def parameters(tiny: Path):
    def make(**more) -> TopicParameters:
        return TopicParameters(**{"model": str(tiny), "context_tokens": CONTEXT_TOKENS, "threads": 1, **more})

    return make


@pytest.fixture(scope="module")
def engine(parameters) -> LlamaCpp:
    return LlamaCpp(parameters())


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch):
    """An answer has 10 ms, and so has one that is no longer wanted."""
    for doing in ("answer", "stop"):
        monkeypatch.setitem(llama_cpp._PATIENCE_S, doing, 0.01)


@pytest.fixture(scope="session")
def library():
    """The library in this process, which never closes what it opens when it is imported."""
    _utils = pytest.importorskip("llama_cpp._utils")
    yield
    _utils.outnull_file.close()
    _utils.errnull_file.close()


@pytest.fixture
def model(library, parameters):
    """The model as its process has it, in this one, and the socket of the parent."""
    with contextlib.ExitStack() as opened:

        def load(**more) -> tuple[llama_cpp_process._Model, socket.socket]:
            parent, child = map(opened.enter_context, socket.socketpair())
            settings = llama_cpp._settings(parameters(**more))
            return llama_cpp_process._Model(settings, llama_cpp_process._Parent(child)), parent

        yield load


def question(request) -> dict:
    asked = chat.suggestion_chat(request, Prompts("").of(request.language), "polite")
    return {"chat": vars(asked), "answer_tokens": chat.ANSWER_TOKENS}


def test_every_answer_of_a_hundred_is_in_the_form_that_was_asked_for(engine, request_of) -> None:
    drafts = [engine.recommend(request_of(f"S1: number {n}"), never) for n in range(100)]
    assert all(isinstance(draft, Draft) and draft.text and draft.topic for draft in drafts)
    assert len({draft.text for draft in drafts}) > 1
    assert engine._process.poll() is None


def test_the_same_request_has_the_same_answer_whatever_was_asked_before(
    engine, parameters, request_of
) -> None:
    talk = [f"S{n % 2}: we went {n} times around the lake" for n in range(60)]
    first = LlamaCpp(parameters()).recommend(request_of(*talk), never)
    for before in (["S1: hello"], talk[:50], talk[5:], [*talk, "S1: yes"]):
        engine.recommend(request_of(*before), never)
        assert engine.recommend(request_of(*talk), never) == first


def test_what_a_prompt_begins_with_is_not_read_again(model, request_of) -> None:
    loaded, _ = model()
    loaded.answer(question(request_of("S1: hello")))
    prompt = loaded._prompt(chat.suggestion_chat(request_of("S1: hi"), Prompts("").of("en"), "").messages())
    loaded._keep_common(prompt)
    assert loaded._llama.n_tokens > 1000
    assert loaded._llama.n_tokens % llama_cpp_process._BLOCK == 0
    other = loaded._prompt(chat.suggestion_chat(request_of(), Prompts("").of("ko"), "").messages())
    loaded._keep_common(other)
    assert loaded._llama.n_tokens == 0


def test_an_answer_that_is_cut_off_is_none(engine, request_of, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chat, "ANSWER_TOKENS", 10)
    with pytest.raises(EngineError, match=r"^'llama_cpp': its answer is cut off after 10 tokens$"):
        engine.recommend(request_of("S1: hello"), never)


def test_an_answer_that_is_nonsense_is_none(engine, request_of, monkeypatch: pytest.MonkeyPatch) -> None:
    number = {"type": "object", "properties": {"topic": {"type": "integer"}}, "required": ["topic"]}
    monkeypatch.setattr(chat, "SUGGESTION", {**number, "additionalProperties": False})
    with pytest.raises(EngineError, match=r"^'llama_cpp' answered nonsense: its 'topic' is no text"):
        engine.recommend(request_of("S1: hello"), never)


def test_a_summary_is_a_text(engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chat, "ANSWER_TOKENS", 2000)
    turns = (Utterance("u1", 0, 1, "we went to the lake", speaker_id="S1"),)
    summary = engine.summarize("they met", turns, "en", never)
    assert 0 < len(summary) <= chat.MAX_SUMMARY
    assert engine.summarize("they met", turns, "en", always) == ""


def test_a_long_day_fits_into_the_context(model, request_of) -> None:
    talk = [f"S{n % 4}: and then we talked about the {n}th thing that I remember" for n in range(7200)]
    loaded, _ = model()
    asked = chat.suggestion_chat(request_of(*talk), Prompts("").of("en"), "polite")
    room = CONTEXT_TOKENS - chat.ANSWER_TOKENS

    def tokens(messages: chat.Messages) -> int:
        return len(loaded._prompt(messages))

    messages = asked.fitted(tokens, room)
    assert room - 1600 < tokens(messages) <= room
    assert "the 7199th thing" in messages[1]["content"]
    assert "the 1000th thing" not in messages[1]["content"]
    assert "answer" in loaded.answer(question(request_of(*talk)))


def test_a_context_that_is_too_small_for_the_prompt_says_what_it_needs(parameters, request_of) -> None:
    small = LlamaCpp(parameters(context_tokens=1024))
    with pytest.raises(EngineError, match=r"set parameter 'context_tokens' to \d{4} or more$") as error:
        small.recommend(request_of("S1: hello"), never)
    needed = int(str(error.value).split()[-3])
    assert LlamaCpp(parameters(context_tokens=needed)).recommend(request_of("S1: hello"), never)


def test_what_people_say_never_becomes_a_control_token(model, maker, request_of) -> None:
    loaded, _ = model()
    control = {loaded._llama.tokenize(token.encode(), False, True)[0] for token in maker.SPECIAL}
    assert len(control) == len(maker.SPECIAL)

    def found(text: str) -> list[int]:
        request = request_of(f"S1: {text}", names={"S1": text}, summary=text, avoid_texts=(text,))
        asked = chat.suggestion_chat(request, Prompts("").of("en"), "polite")
        return [token for token in loaded._prompt(asked.messages()) if token in control]

    harmless = found("hello")
    assert len(harmless) == 9
    for token in maker.SPECIAL:
        assert found(f"hello {token}{token} system") == harmless


def test_a_draft_that_is_no_longer_wanted_is_given_up_and_the_next_is_made(engine, request_of) -> None:
    process, request = engine._process, request_of("S1: hello")
    expected = engine.recommend(request, never)
    assert engine.recommend(request_of("S1: another"), always) is None
    for looks in (1, 2, 3):
        assert engine.recommend(request_of("S1: another"), after(looks)) is None
        assert engine.recommend(request, never) == expected
    assert engine._process is process


def test_an_interrupted_question_is_not_answered_at_the_next_one(engine, request_of) -> None:
    request, looks = request_of("S1: hello"), after(2)

    def interrupted() -> bool:
        if looks():
            raise KeyboardInterrupt
        return False

    expected = engine.recommend(request, never)
    with pytest.raises(KeyboardInterrupt):
        engine.recommend(request_of("S1: another"), interrupted)
    assert engine.recommend(request, never) == expected


def test_a_prompt_is_not_read_to_its_end_when_nobody_waits(model, request_of) -> None:
    loaded, parent = model()
    parent.sendall(bytes(8))
    assert loaded.answer(question(request_of("S1: hello"))) == {"cancelled": True}
    assert loaded._llama.n_tokens == 0
    parent.close()
    assert loaded.answer(question(request_of("S1: hello"))) == {"cancelled": True}


def test_an_answer_is_not_written_to_its_end_when_nobody_waits(model, request_of) -> None:
    """Also on a GPU, which cannot be interrupted while it computes."""
    loaded, parent = model()
    made = []

    def generated(*_, **__):
        for token in range(100):
            made.append(token)
            if len(made) == 5:
                parent.sendall(bytes(8))
            yield token

    loaded._llama.generate = generated
    assert loaded.answer(question(request_of("S1: hello"))) == {"cancelled": True}
    assert len(made) == 5


def test_it_says_that_it_is_alive_while_it_computes(
    model, request_of, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(llama_cpp_process, "_BEAT_S", 0.0)
    loaded, parent = model()
    monkeypatch.setattr(loaded._llama, "generate", lambda *_, **__: [loaded._llama.eval([1]), 1][1:])
    loaded.answer(question(request_of("S1: hello")))
    assert parent.recv(100).strip(b"\n") == b""


def test_signs_of_life_are_no_answer(engine, request_of) -> None:
    engine._received = b"\n\n"
    assert engine.recommend(request_of("S1: hello"), never)


def test_it_comes_back_from_a_process_that_hangs(parameters, impatient, request_of) -> None:
    engine, request = LlamaCpp(parameters()), request_of("S1: hello")
    os.kill(engine._process.pid, signal.SIGSTOP)
    with pytest.raises(EngineError, match=r"^'llama_cpp': its process did nothing for 0\.0 s$"):
        engine.recommend(request, never)
    assert engine._process.returncode == -signal.SIGKILL


def test_a_process_that_hangs_is_replaced(parameters, request_of, monkeypatch: pytest.MonkeyPatch) -> None:
    engine, request = LlamaCpp(parameters()), request_of("S1: hello")
    expected, hanging = engine.recommend(request, never), engine._process
    os.kill(hanging.pid, signal.SIGSTOP)
    assert engine.recommend(request, after(2)) is None
    assert hanging.poll() is None
    monkeypatch.setitem(llama_cpp._PATIENCE_S, "stop", 0.01)
    assert engine.recommend(request, never) == expected
    assert hanging.returncode == -signal.SIGKILL


def test_a_process_that_hangs_is_replaced_also_when_nobody_waits_long(
    parameters, request_of, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine, request = LlamaCpp(parameters()), request_of("S1: hello")
    hanging = engine._process
    os.kill(hanging.pid, signal.SIGSTOP)
    monkeypatch.setitem(llama_cpp._PATIENCE_S, "stop", 0.2)
    for _ in range(50):
        assert engine.recommend(request, after(3)) is None
    assert hanging.returncode == -signal.SIGKILL


def test_a_question_that_a_hanging_process_does_not_take_is_given_up(
    parameters, request_of, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = LlamaCpp(parameters())
    talk = request_of(*[f"S1: {'word ' * 110} {n}" for n in range(500)])
    expected = engine.recommend(talk, never)
    os.kill(engine._process.pid, signal.SIGSTOP)
    assert engine.recommend(talk, after(3)) is None
    assert engine._process.returncode == -signal.SIGKILL
    assert engine.recommend(talk, never) == expected
    os.kill(engine._process.pid, signal.SIGSTOP)
    monkeypatch.setitem(llama_cpp._PATIENCE_S, "answer", 0.01)
    with pytest.raises(EngineError, match="its process takes no question"):
        engine.recommend(talk, never)


def test_a_process_that_is_killed_costs_one_answer(parameters, request_of) -> None:
    engine, request = LlamaCpp(parameters()), request_of("S1: hello")
    expected = engine.recommend(request, never)

    def killed() -> bool:
        os.kill(engine._process.pid, signal.SIGKILL)
        return False

    with pytest.raises(EngineError, match=r"^'llama_cpp': its process ended with code -9$"):
        engine.recommend(request, killed)
    assert engine.recommend(request, never) == expected
    engine._process.kill()
    engine._process.wait()
    channel = engine._channel
    assert engine.recommend(request, never) == expected
    assert channel.fileno() == -1


def test_nobody_has_to_wait_for_a_model_that_is_loaded_again(parameters, request_of) -> None:
    engine, request = LlamaCpp(parameters()), request_of("S1: hello")
    expected = engine.recommend(request, never)
    engine._process.kill()
    engine._process.wait()
    assert engine.recommend(request, after(1)) is None
    loading = engine._process
    assert engine.recommend(request, always) is None
    assert engine.recommend(request, never) == expected
    assert engine._process is loading


def test_a_model_that_is_gone_when_it_is_loaded_again(maker, parameters, request_of, tmp_path: Path) -> None:
    path = maker.make_model(tmp_path / "model.gguf")
    engine = LlamaCpp(parameters(model=str(path)))
    path.unlink()
    engine._process.kill()
    engine._process.wait()
    for _ in range(2):
        with pytest.raises(EngineError, match=r"model\.gguf' does not load: "):
            engine.recommend(request_of("S1: hello"), never)


def test_what_the_library_said_before_it_crashed_is_told(
    tmp_path: Path, parameters, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "llama_cpp.py").write_text(
        "import os; os.write(2, b'a line\\nggml.c:1: GGML_ASSERT(ne > 0) failed\\n'); os.abort()"
    )
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    with pytest.raises(UserError) as error:
        LlamaCpp(parameters())
    assert str(error.value) == (
        "backend 'llama_cpp': its process ended with code -6 while it loaded the model "
        "(ggml.c:1: GGML_ASSERT(ne > 0) failed)"
    )


def test_nothing_is_printed(parameters, request_of, capfd: pytest.CaptureFixture[str]) -> None:
    LlamaCpp(parameters()).recommend(request_of("S1: hello"), never)
    with pytest.raises(UserError):
        LlamaCpp(parameters(chat_format="none"))
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    "end", ["sys.exit()", "os.kill(engine._process.pid, signal.SIGSTOP)", "os.kill(0, signal.SIGKILL)"]
)
def test_its_process_ends_when_the_program_does(end: str, tiny: Path) -> None:
    code = f"""
import os, signal, sys
from stalk_ros.topics import TopicParameters
from stalk_ros.topics.backends.llama_cpp import LlamaCpp
engine = LlamaCpp(TopicParameters(model={str(tiny)!r}, threads=1))
print(engine._process.pid, flush=True)
sys.stdin.readline()
{end}
"""
    with subprocess.Popen(
        [sys.executable, "-c", code],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
    ) as program:
        child = os.pidfd_open(int(program.stdout.readline()))
        program.stdin.close()
        assert select.select([child], [], [], 60)[0], "it is still there"
        os.close(child)


def test_its_process_ends_with_the_engine(parameters) -> None:
    engine = LlamaCpp(parameters())
    process = engine._process
    del engine
    assert process.returncode == -signal.SIGKILL


def test_a_lora_adapter_changes_what_it_says(maker, parameters, request_of, tmp_path: Path, engine) -> None:
    lora = maker.make_lora(tmp_path / "lora.gguf")
    adapted = LlamaCpp(parameters(lora=str(lora)))
    request = request_of("S1: hello")
    assert adapted.recommend(request, never) != engine.recommend(request, never)


def test_a_model_without_a_template_needs_a_chat_format(
    maker, parameters, tmp_path: Path, request_of
) -> None:
    path = str(maker.make_model(tmp_path / "plain.gguf", template=""))
    with pytest.raises(UserError) as error:
        LlamaCpp(parameters(model=path))
    assert str(error.value) == (
        f"backend 'llama_cpp': the model '{path}' does not load: it has no chat template; set parameter "
        "'chat_format', for Llama 3 to llama-3"
    )
    assert LlamaCpp(parameters(model=path, chat_format="llama-3")).recommend(request_of("S1: hello"), never)


def test_the_template_of_the_model_is_used_unless_another_is_wanted(model) -> None:
    messages = [{"role": "system", "content": "One."}, {"role": "user", "content": "Two."}]
    written = {}
    for chat_format in ("", "llama-3", "chatml"):
        loaded, _ = model(chat_format=chat_format)
        written[chat_format] = loaded._llama.detokenize(loaded._prompt(messages), special=True).decode()
    assert written[""].endswith("\n\nTwo.<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n")
    assert written[""].count("<|begin_of_text|>") == 1
    assert written["llama-3"].endswith("<|start_header_id|>assistant<|end_header_id|>\n\n")
    assert written["chatml"].endswith("<|im_end|>\n<|im_start|>assistant\n")


def test_a_template_that_wants_the_date_does_not_look_at_the_clock(maker, model, tmp_path: Path) -> None:
    template = (
        "{% if not date_string is defined %}{% set date_string = strftime_now('%H%M%S') %}{% endif %}"
        "{{ date_string }}" + maker.TEMPLATE
    )
    loaded, _ = model(model=str(maker.make_model(tmp_path / "dated.gguf", template=template)))
    assert "26 Jul 2024" in loaded._llama.detokenize(loaded._prompt(llama_cpp_process._PROBE)).decode()


@pytest.mark.parametrize(
    ("template", "complaint"),
    [
        (
            "{% if %}",
            "its chat template does not work (Expected an expression, got 'end of statement block')",
        ),
        ("{{ raise_exception('no system') }}", "its chat template does not work (no system); "),
        ("{{ messages[1]['content'] }}", "its chat template leaves out the system's or the user's message"),
    ],
)
def test_a_template_that_does_not_work_is_found_when_it_is_loaded(
    maker, parameters, tmp_path: Path, template: str, complaint: str
) -> None:
    path = maker.make_model(tmp_path / "model.gguf", template=template)
    with pytest.raises(UserError) as error:
        LlamaCpp(parameters(model=str(path)))
    assert complaint in str(error.value)
    assert "chat_format" in str(error.value)
    assert "\n" not in str(error.value)


@pytest.fixture
def broken(maker, tiny: Path, tmp_path: Path):
    """Files that are no good, by what they are."""
    (tmp_path / "text.gguf").write_text("not a model")
    (tmp_path / "cut.gguf").write_bytes(tiny.read_bytes()[:-20_000])
    (tmp_path / "head.gguf").write_bytes(tiny.read_bytes()[:100])
    maker.make_lora(tmp_path / "wide.gguf", width=64)
    (tmp_path / "folder").mkdir()
    return tmp_path


@pytest.mark.parametrize(
    ("changed", "complaint"),
    [
        ({"model": "{}/text.gguf"}, "text.gguf' is not a GGUF file; take one"),
        ({"model": "{}/nowhere.gguf"}, "there is no model file '"),
        ({"model": "{}/folder"}, "is a folder; parameter 'model' must name the GGUF file in it"),
        ({"model": "{}/cut.gguf"}, "data is not within the file bounds, model is corrupted or incomplete"),
        (
            {"model": "{}/head.gguf"},
            "head.gguf' does not load: it is damaged or of a kind that this llama-cpp",
        ),
        (
            {"model": "you/yours/q/its.gguf"},
            "it is parameter 'model' you/yours and 'model_file' q/its.gguf",
        ),
        ({"lora": "{}/nowhere.gguf"}, "cannot read LoRA '"),
        ({"lora": "{}/text.gguf"}, "LoRA '{}/text.gguf' is not a GGUF file"),
        ({"lora": "{}/wide.gguf"}, "the LoRA adapter does not fit the model"),
        (
            {"context_tokens": 20_000},
            "is 20000, and the model was trained for 16384 at most",
        ),
        ({"chat_format": "llama-33"}, "llama-cpp-python knows no chat format 'llama-33'; set parameter"),
        ({"prompts": "{}/nowhere"}, "there is no folder of prompts '{}/nowhere'"),
    ],
)
def test_what_cannot_be_loaded_is_one_line(broken: Path, parameters, changed: dict, complaint: str) -> None:
    filled = {
        key: value.format(broken) if isinstance(value, str) else value for key, value in changed.items()
    }
    with pytest.raises(UserError) as error:
        LlamaCpp(parameters(**filled))
    assert complaint.format(broken) in str(error.value)
    assert "\n" not in str(error.value)


def test_layers_for_a_gpu_need_a_library_that_has_one(parameters) -> None:
    import llama_cpp as library

    if library.llama_supports_gpu_offload():
        pytest.skip("this llama-cpp-python has one")
    with pytest.raises(UserError, match="computes without a GPU; set parameter 'gpu_layers' to 0"):
        LlamaCpp(parameters(gpu_layers=-1))


def test_without_its_package_it_says_how_to_install_it(uninstall) -> None:
    uninstall("llama_cpp")
    assert LlamaCpp.missing(TopicParameters()) == (
        "llama-cpp-python is not installed: pip install llama-cpp-python huggingface_hub && "
        "stalk models pull llama-3.2-3b"
    )
    with pytest.raises(UserError, match="llama-cpp-python is not installed"):
        LlamaCpp(TopicParameters())


@pytest.fixture
def cache(tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Puts the tiny model into an empty Hugging Face cache, as this file of this model."""
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))

    def put(model: HubModel) -> None:
        path = model.root / "snapshots" / "0123abc" / model.files[0]
        path.parent.mkdir(parents=True)
        path.symlink_to(tiny)
        (model.root / "refs").mkdir()
        (model.root / "refs" / "main").write_text("0123abc")

    return put


def test_auto_takes_it_where_its_default_model_is(cache) -> None:
    default = next(model for model in llama_models.MODELS if model.default)
    named = backend_class("topic_recommender", BACKENDS, "auto", TopicParameters())
    assert named.name == "topic_bank"
    with pytest.raises(UserError, match=r"fetch it with: stalk models pull llama-3\.2-3b"):
        LlamaCpp(TopicParameters())
    cache(default)
    assert backend_class("topic_recommender", BACKENDS, "auto", TopicParameters()) is LlamaCpp
    assert llama_models.located("", "").name == "Llama-3.2-3B-Instruct-Q4_K_M.gguf"
    assert llama_models.located("llama-3.2-3b", "").name == "Llama-3.2-3B-Instruct-Q4_K_M.gguf"


def test_a_model_is_a_file_of_a_repository(cache) -> None:
    cache(llama_models.gguf("you/yours-GGUF", "yours-Q5_K_M.gguf"))
    assert llama_models.located("you/yours-GGUF", "yours-Q5_K_M.gguf").name == "yours-Q5_K_M.gguf"
    with pytest.raises(UserError, match="'model_file' must name the GGUF file in the repository 'you/"):
        llama_models.located("you/yours-GGUF", "")
    with pytest.raises(UserError) as error:
        llama_models.located("you/yours-GGUF", "yours-Q8_0.gguf")
    assert str(error.value) == (
        "model 'you/yours-GGUF/yours-Q8_0.gguf' is incomplete, it lacks yours-Q8_0.gguf; fetch it with: "
        "stalk models pull you/yours-GGUF/yours-Q8_0.gguf"
    )
    with pytest.raises(UserError, match=r"stalk models pull bartowski/Llama.*-Q6_K\.gguf"):
        llama_models.located("", "Llama-3.2-3B-Instruct-Q6_K.gguf")


def test_what_is_fetched_has_the_name_that_the_message_says() -> None:
    model = llama_models.named("you/yours-GGUF/yours-Q8_0.gguf")
    assert (model.repository, model.files) == ("you/yours-GGUF", ("yours-Q8_0.gguf",))
    for name in ("you/yours", "yours.gguf", "you/yours/model.bin"):
        assert llama_models.named(name) is None


def test_a_question_is_sent_as_it_is_asked(engine, request_of, monkeypatch: pytest.MonkeyPatch) -> None:
    sent = []
    monkeypatch.setattr(engine, "_send", lambda content, _: sent.append(json.dumps(content)) or True)
    engine.recommend(request_of("S1: hello", names={"S1": "Ann"}), after(3))
    assert "Ann" in sent[0]
    assert sent[1:] == ["null"]
    engine._doing = ""

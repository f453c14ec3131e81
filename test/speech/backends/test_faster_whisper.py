"""The engine itself, with a model of random weights that says something about any audio."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import unicodedata
from itertools import pairwise
from pathlib import Path
from typing import Any

import faster_whisper
import numpy as np
import pytest

from stalk_ros.audio import AudioFile
from stalk_ros.clock import seconds_to_ns
from stalk_ros.errors import UserError
from stalk_ros.events import Utterance, VoiceActivity
from stalk_ros.offline.configuration import load
from stalk_ros.offline.conversation import Conversation
from stalk_ros.speech import SpeechParameters, SpeechStage, Transcript
from stalk_ros.speech.backends.faster_whisper import SETUP, FasterWhisper
from stalk_ros.speech.transcription import Removal

FETCH = "stalk models pull small"


@pytest.fixture(scope="session")
def made(whisper: Path):
    """Makes the engine; each one once."""
    engines: dict[tuple, FasterWhisper] = {}

    def make(**parameters: Any) -> FasterWhisper:
        key = tuple(sorted(parameters.items()))
        if key not in engines:
            engines[key] = FasterWhisper(SpeechParameters(model=str(whisper), device="cpu", **parameters))
        return engines[key]

    return make


@pytest.fixture
def copy(whisper: Path, tmp_path: Path) -> Path:
    """A copy of the model, to be damaged."""
    return Path(shutil.copytree(whisper, tmp_path / "model"))


def refusal(model: str | Path, **parameters: Any) -> str:
    """The one line with which the stage refuses."""
    wanted = SpeechParameters(backend="faster_whisper", model=str(model), device="cpu", **parameters)
    with pytest.raises(UserError) as error:
        SpeechStage.load(wanted)
    assert "\n" not in str(error.value)
    return str(error.value)


def assert_valid(transcript: Transcript, duration_s: float) -> None:
    times = [time_s for word in transcript.words for time_s in (word.start_s, word.end_s)]
    assert times == sorted(times)
    assert all(0 <= time_s <= duration_s for time_s in times)
    assert all(0 <= word.probability <= 1 for word in transcript.words)
    assert all(word.text == word.text.strip() != "" for word in transcript.words)
    assert "".join(word.text for word in transcript.words) == transcript.text.replace(" ", "")
    assert 0 <= transcript.confidence <= 1
    assert bool(transcript.text) == bool(transcript.words)


@pytest.mark.parametrize("span_s", [(0.83, 2.43), (3.0, 4.001), (10.0, 15.0), (0.0, 0.1), (5.0, 36.0)])
def test_it_says_what_it_understands_with_words_in_time(made, sample_audio, span_s) -> None:
    audio = sample_audio[round(span_s[0] * 16_000) : round(span_s[1] * 16_000)]
    transcript = made(language="ko").transcribe(audio)
    assert transcript.text
    assert_valid(transcript, len(audio) / 16_000)


def test_its_words_are_within_any_audio(made, sample_audio) -> None:
    rng = np.random.default_rng(0)
    for samples in [*range(1_600, 2_300, 53), *rng.integers(1_600, 60_000, 20)]:
        at = int(rng.integers(0, len(sample_audio) - samples))
        assert_valid(made(beam_size=1).transcribe(sample_audio[at : at + samples]), samples / 16_000)


@pytest.mark.parametrize("samples", [0, 1, 159, 160, 319, 320, 1_599])
def test_audio_too_short_for_a_word_has_none(made, samples: int) -> None:
    noise = np.random.default_rng(0).normal(0, 0.1, samples).astype(np.float32)
    transcript = made().transcribe(noise)
    assert (transcript.text, transcript.words, transcript.confidence) == ("", (), 0.0)


def test_the_result_depends_on_nothing_else(made, sample_audio) -> None:
    audio, other = sample_audio[13_000:40_000], sample_audio[80_000:160_000]
    engine = made()
    first = engine.transcribe(audio)
    for before in (other, np.clip(other * 50, -1, 1), np.zeros(16_000, np.float32)):
        engine.transcribe(before)
        assert engine.transcribe(audio) == first


def test_words_are_what_the_language_parts(made, sample_audio) -> None:
    """In Korean what stands between spaces, in Japanese what the engine's tokens are."""
    audio = sample_audio[10 * 16_000 : 16 * 16_000]
    korean = made(language="ko").transcribe(audio)
    assert " ".join(word.text for word in korean.words) == korean.text
    japanese = made(language="ja").transcribe(audio)
    tokens = {"did", "you", "see", "산", "에서", "기차", "를", "今", "日", "は", "Ωμέγα"}
    assert {word.text.strip(",.") for word in japanese.words} <= tokens
    for transcript in (korean, japanese):
        assert unicodedata.is_normalized("NFC", transcript.text)


@pytest.mark.parametrize(
    ("parameters", "language"),
    [
        ({}, "ko"),
        ({"language": "ja"}, "ja"),
        ({"language": "en-US"}, "en"),
        ({"language": "ZH_tw"}, "zh"),
        ({"language": "jv"}, "jv"),
        ({"language": "de", "language_fallback": "ja", "language_confidence": 1.0}, "de"),
        ({"language_fallback": "ja", "language_confidence": 0.1}, "ko"),
        ({"language_fallback": "ja-JP", "language_confidence": 0.99}, "ja"),
        ({"language_confidence": 0.99}, "ko"),
    ],
)
def test_the_language_is_fixed_or_detected_or_the_fallback(made, sample_audio, parameters, language) -> None:
    assert made(**parameters).transcribe(sample_audio[13_000:40_000]).language == language


@pytest.mark.parametrize("parameter", ["language", "language_fallback"])
@pytest.mark.parametrize("language", ["yue", "korean", "xx", "<|"])
def test_a_language_that_the_model_does_not_know(whisper: Path, parameter: str, language: str) -> None:
    """The engine would take one newer than the model, such as Cantonese, for no language at all."""
    message = f"parameter '{parameter}': the Whisper model does not know the language '{language}'"
    assert refusal(whisper, **{parameter: language}) == message


def test_prompt_and_hotwords_reach_the_model(made, sample_audio) -> None:
    audio = sample_audio[13_000:60_000]
    plain = made().transcribe(audio)
    for parameters in ({"initial_prompt": "Pepper and Nao. " * 5}, {"hotwords": "Pepper Nao " * 5}):
        prompted = made(**parameters).transcribe(audio)
        assert_valid(prompted, len(audio) / 16_000)
        assert prompted != plain


def test_a_prompt_that_leaves_no_room(whisper: Path) -> None:
    message = refusal(whisper, initial_prompt="a" * 150, hotwords="b" * 150)
    assert message.endswith("'hotwords' are too long: 302 tokens together, and Whisper takes 223")


@pytest.fixture
def prompts(monkeypatch: pytest.MonkeyPatch):
    """Records what the decoder of an engine is given before it speaks, each window in text."""

    def record(engine: FasterWhisper) -> list[str]:
        decode, told = engine._model.generate_with_fallback, []

        def spy(encoded: Any, prompt: list[int], tokenizer: Any, options: Any) -> Any:
            told.append(engine._model.hf_tokenizer.decode(prompt, skip_special_tokens=False))
            return decode(encoded, prompt, tokenizer, options)

        monkeypatch.setattr(engine._model, "generate_with_fallback", spy)
        return told

    return record


def test_what_was_said_before_a_cut_reaches_the_decoder_after_the_prompt(made, prompts, sample_audio) -> None:
    audio = sample_audio[13_000:40_000]
    engine = made(initial_prompt="Pepper.", hotwords="Nao", language="ko")
    told = prompts(engine)
    alone = engine.transcribe(audio)
    after = engine.transcribe(audio, "어제 산에서 ")
    assert told[0].startswith("<|startofprev|> Nao Pepper.<|startoftranscript|>")
    assert any(prompt.startswith("<|startofprev|> Nao Pepper. 어제 산에서<|start") for prompt in told)
    assert after != alone
    assert engine.transcribe(audio) == alone


@pytest.mark.parametrize(
    ("context", "left"),
    [
        ("a" * 150 + " we saw " + "b" * 80, " we saw " + "b" * 80),
        ("산에서 " * 30 + "기차를 탔어요", " 산에서" * 8 + " 기차를 탔어요"),
        ("昨日は山へ" * 20, " は山へ" + "昨日は山へ" * 6),
        ("a" * 300, " " + "a" * 99),
    ],
)
def test_of_a_long_context_the_oldest_goes_and_never_the_prompt(made, prompts, context, left) -> None:
    engine = made(initial_prompt="p" * 60, hotwords="h" * 61)
    told = prompts(engine)
    engine.transcribe(np.zeros(16_000, np.float32), context)
    before = told[0].partition("<|startoftranscript|>")[0]
    assert before == f"<|startofprev|> {'h' * 61} {'p' * 60}{left}"
    assert len(engine._model.hf_tokenizer.encode(before, add_special_tokens=False).ids) <= 1 + 223


def test_a_prompt_without_room_for_a_context(made, prompts) -> None:
    engine = made(initial_prompt="p" * 222)
    told = prompts(engine)
    engine.transcribe(np.zeros(16_000, np.float32), "we saw")
    assert told[0].startswith(f"<|startofprev|> {'p' * 222}<|startoftranscript|>")


def test_without_prompt_and_context_nothing_was_said_before(made, prompts) -> None:
    engine = made()
    told = prompts(engine)
    engine.transcribe(np.zeros(16_000, np.float32), " ")
    assert told[0].startswith("<|startoftranscript|>")


def test_the_beam_the_threads_and_the_computation_are_as_asked_for(made, sample_audio) -> None:
    audio = sample_audio[13_000:60_000]
    greedy, beam = made(beam_size=1).transcribe(audio), made(beam_size=8).transcribe(audio)
    assert greedy != beam
    assert made(threads=1).transcribe(audio) == made().transcribe(audio)
    assert made(compute_type="float32")._model.model.compute_type == "float32"


def engine_of(folder: Path, language: str = "ko") -> FasterWhisper:
    return FasterWhisper(SpeechParameters(model=str(folder), device="cpu", language=language))


def test_silence_is_counted_and_not_looked_through_again(whisper_with, prompts, sample_audio) -> None:
    engine = engine_of(whisper_with(no_speech=40.0))
    windows = prompts(engine)
    transcript = engine.transcribe(sample_audio[13_000:60_000])
    assert (transcript.text, transcript.words, transcript.confidence) == ("", (), 0.0)
    assert [removal.kind for removal in transcript.removed] == ["no speech"]
    assert transcript.removed[0].text
    assert len(windows) == 1


def test_a_longer_audio_than_a_window_is_looked_through_to_its_end(whisper_with, sample_audio) -> None:
    engine = engine_of(whisper_with(no_speech=40.0))
    transcript = engine.transcribe(sample_audio[: 36 * 16_000])
    assert transcript.text == ""
    assert len(transcript.removed) > 1


def test_a_phantom_is_removed_where_the_engine_hears_no_speech(whisper_with, sample_audio) -> None:
    audio = sample_audio[13_000:60_000]
    heard = engine_of(whisper_with(says=" you", end=4.0), "en").transcribe(audio)
    unheard = engine_of(whisper_with(says=" you", end=4.0, no_speech=40.0), "en").transcribe(audio)
    assert (heard.text, heard.removed) == ("you you you", ())
    assert (unheard.text, unheard.removed) == ("", (Removal("phantom", "you you you"),))


def test_the_context_is_not_said_again_where_the_engine_hears_no_speech(whisper_with, sample_audio) -> None:
    audio = sample_audio[80_000:110_000]
    engine = engine_of(whisper_with(says=" see", end=3.0, no_speech=40.0), "en")
    assert set(engine.transcribe(audio, "what they hear").text.split()) == {"see"}
    repeated = engine.transcribe(audio, "what they see")
    assert (repeated.text, repeated.removed[0].kind) == ("", "phantom")


@pytest.fixture(scope="module")
def looping(whisper_with) -> dict[str, Path]:
    """Models that say one token for ever, sure of it."""
    return {says: whisper_with(says=says, end=-20.0) for says in (" see", "日")}


@pytest.mark.parametrize("says", [" see", "日"])
@pytest.mark.parametrize("language", ["ko", "en", "ja", "zh", "de", "es", "fr"])
def test_of_a_loop_little_is_left(looping, sample_audio, says: str, language: str) -> None:
    audio = sample_audio[13_000:40_000]
    transcript = engine_of(looping[says], language).transcribe(audio)
    assert_valid(transcript, len(audio) / 16_000)
    assert 1 <= transcript.text.count(says.strip()) <= 3
    assert {removal.kind for removal in transcript.removed} == {"loop"}
    assert sum(removal.text.count(says.strip()) for removal in transcript.removed) > 50


def test_what_the_device_cannot_do(whisper: Path) -> None:
    message = refusal(whisper, compute_type="float16")
    assert message.startswith(
        f"the Whisper model '{whisper}' does not load (device cpu, compute type float16): "
    )


def test_a_model_that_is_nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    start = "asr: backend 'faster_whisper': there is no "
    assert refusal("") == f"{start}model 'small' on this machine; fetch it with: {FETCH}"
    assert refusal("turbo").endswith("with: stalk models pull turbo")
    assert refusal("smal").startswith(f"{start}model 'smal'; there are: tiny, tiny.en, base, ")
    assert refusal(tmp_path / "none") == f"{start}model folder '{tmp_path / 'none'}'"
    assert refusal("~/no/such/folder") == f"{start}model folder '~/no/such/folder'"
    assert refusal("you/yours").startswith(f"{start}folder or model 'you/yours' on this machine")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    assert refusal("").endswith(f"{FETCH} (first unset HF_HUB_OFFLINE)")


@pytest.mark.parametrize("name", ["model.bin", "config.json", "tokenizer.json", "vocabulary.json"])
def test_an_incomplete_model(copy: Path, name: str) -> None:
    (copy / name).unlink()
    lacks = name.replace("vocabulary.json", "vocabulary.*")
    expected = (
        f"model folder '{copy}' is incomplete, it lacks {lacks}; copy it again or fetch another one with: "
    )
    assert refusal(copy) == f"asr: backend 'faster_whisper': {expected}{FETCH}"


def test_a_gpu_without_its_libraries_is_told_with_what_helps(whisper: Path, monkeypatch) -> None:
    """In the words of the engine on such a machine."""

    def load(*_: Any, **__: Any) -> None:
        raise RuntimeError("Library libcublas.so.12 is not found or cannot be loaded")

    monkeypatch.setattr(faster_whisper, "WhisperModel", load)
    assert refusal(whisper).endswith(
        "libcublas.so.12 is not found or cannot be loaded; on a GPU it needs cuBLAS 12 and cuDNN 9 in "
        "LD_LIBRARY_PATH; parameter 'device' may be 'cpu' instead"
    )


def test_a_model_that_is_not_converted(copy: Path) -> None:
    (copy / "model.bin").rename(copy / "model.safetensors")
    assert "is not made for faster-whisper; convert it with: ct2-transformers-converter" in refusal(copy)


@pytest.mark.parametrize("name", ["model.bin", "config.json", "tokenizer.json", "vocabulary.json"])
@pytest.mark.parametrize("damage", ["empty", "text", "cut"])
def test_a_damaged_model(copy: Path, name: str, damage: str) -> None:
    path = copy / name
    data = path.read_bytes()
    path.write_bytes({"empty": b"", "text": b"not what it was\n" * 99, "cut": data[: len(data) // 2]}[damage])
    assert refusal(copy).startswith(
        f"the Whisper model '{copy}' does not load (device cpu, compute type auto): "
    )


@pytest.mark.parametrize("key", ["alignment_heads", "lang_ids"])
def test_a_config_without_what_is_needed(copy: Path, key: str) -> None:
    config = json.loads((copy / "config.json").read_text())
    del config[key]
    (copy / "config.json").write_text(json.dumps(config))
    assert refusal(copy) == f"'{copy / 'config.json'}' lacks {key}; convert the model again"


def test_a_tokenizer_of_something_else(copy: Path) -> None:
    path = copy / "tokenizer.json"
    path.write_text(path.read_text().replace("<|startofprev|>", "<|before|>"))
    assert refusal(copy) == f"'{path}' is not the tokenizer of a Whisper model"


def test_a_model_with_128_bands_needs_to_say_so(whisper_with, sample_audio) -> None:
    folder = whisper_with(mels=128)
    engine = FasterWhisper(SpeechParameters(model=str(folder), device="cpu"))
    assert engine.transcribe(sample_audio[13_000:40_000]).text
    config = folder / "preprocessor_config.json"
    needs = f"the Whisper model '{folder}' needs a preprocessor_config.json with feature_size 128, it has "
    config.write_text('{"feature_size": 80}')
    assert refusal(folder) == f"{needs}80"
    config.unlink()
    assert refusal(folder) == f"{needs}none"


def test_a_model_of_80_bands_needs_not(copy: Path, sample_audio) -> None:
    (copy / "preprocessor_config.json").unlink()
    engine = FasterWhisper(SpeechParameters(model=str(copy), device="cpu"))
    assert engine.transcribe(sample_audio[13_000:40_000]).text


def test_auto_takes_it_where_its_model_is_and_never_asks_the_network(whisper: Path) -> None:
    assert SpeechStage.load(SpeechParameters()).engine.name == "pocketsphinx"
    taken = SpeechStage.load(SpeechParameters(model=str(whisper), device="cpu")).engine
    assert (taken.name, taken.caveat) == ("faster_whisper", "")
    with pytest.raises(UserError) as error:
        SpeechStage.load(SpeechParameters(model="base"))
    assert "stalk models pull base; backend 'pocketsphinx': it has its own" in str(error.value)


def test_to_be_asked_it_loads_nothing_and_opens_no_connection(whisper: Path) -> None:
    code = (
        "import socket, sys; socket.socket.connect = None\n"
        "from stalk_ros.speech import SpeechParameters\n"
        "from stalk_ros.speech.backends.faster_whisper import FasterWhisper\n"
        f"assert not FasterWhisper.missing(SpeechParameters(model={str(whisper)!r}))\n"
        "assert FasterWhisper.missing(SpeechParameters())\n"
        "heavy = {'faster_whisper', 'ctranslate2', 'tokenizers', 'huggingface_hub', 'av', 'onnxruntime'}\n"
        "assert not heavy & set(sys.modules)\n"
        f"FasterWhisper(SpeechParameters(model={str(whisper)!r}, device='cpu'))\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[3])


def test_without_its_package_it_says_how_to_install_it(uninstall, whisper: Path) -> None:
    uninstall("faster_whisper")
    assert refusal(whisper).endswith(f"faster-whisper is not installed: {SETUP}")
    assert SpeechStage.load(SpeechParameters()).engine.name == "pocketsphinx"


def test_a_conversation_is_followed_with_it(whisper: Path, sample: Path, sample_truth) -> None:
    configuration = load(None, (f"asr.model={whisper}", "asr.device=cpu", "asr.language=ko"))

    def events() -> list[Any]:
        conversation = Conversation(configuration)
        chunks = AudioFile(sample, chunk_s=0.1).chunks()
        return [event for chunk in chunks for event in conversation.feed(chunk)]

    told = events()
    utterances = [event for event in told if isinstance(event, Utterance)]
    start_ns = next(event.time_ns for event in told if isinstance(event, VoiceActivity)) // 10**9 * 10**9
    for turn in sample_truth["turns"]:
        middle_ns = start_ns + seconds_to_ns((turn["start"] + turn["end"]) / 2)
        assert any(utterance.start_ns < middle_ns < utterance.end_ns for utterance in utterances)
    for utterance in utterances:
        assert utterance.language == "ko"
        assert utterance.words
        assert all(one.end_ns <= other.start_ns for one, other in pairwise(utterance.words))
        assert utterance.start_ns <= utterance.words[0].start_ns
        assert utterance.words[-1].end_ns <= utterance.end_ns
    assert events() == told

"""A Whisper model with random weights, made with the engine's own tools."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import ctranslate2
import numpy as np
import pytest
import tokenizers
from faster_whisper.tokenizer import _LANGUAGE_CODES
from tokenizers import decoders, models, pre_tokenizers

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SAID = (" did", " you", " see", " 산", "에서", " 기차", "를", " 今", "日", "は", " Ωμέγα", ",", ".")
"""The tokens the model says, in an order of its own; a word in Korean has one or two of them."""

TEXT_TOKENS = 50_257
WIDTH = 16
LANGUAGES = _LANGUAGE_CODES[:-1]
"""Those of every model before large-v3: 'yue' came later."""


def vocabulary() -> list[str]:
    """The text tokens, bytes written as GPT-2 has it, then Whisper's own in their order."""
    byte_level = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    said = [byte_level.pre_tokenize_str(text)[0][0] for text in SAID[:-2]]
    text = [*sorted(pre_tokenizers.ByteLevel.alphabet()), *said]
    text += [f"filler{number}" for number in range(TEXT_TOKENS - 1 - len(text))]
    text.append("")  # by this token the engine knows a multilingual model
    after = ("translate", "transcribe", "startoflm", "startofprev", "nocaptions", "notimestamps")
    special = ["endoftext", "startoftranscript", *LANGUAGES, *after]
    return [*text, *(f"<|{name}|>" for name in special), *(f"<|{at / 50:.2f}|>" for at in range(1501))]


def tokenizer(tokens: list[str]) -> tokenizers.Tokenizer:
    text = {token: number for number, token in enumerate(tokens[:TEXT_TOKENS])}
    made = tokenizers.Tokenizer(models.BPE(vocab=text, merges=[]))
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    made.decoder = decoders.ByteLevel()
    made.add_special_tokens(tokens[TEXT_TOKENS:])
    return made


def fill(spec: object, draw: Callable[..., np.ndarray]) -> None:
    """Give a layer, and all within it, random weights."""
    if isinstance(spec, list):
        for item in spec:
            fill(item, draw)
        return
    kind = type(spec).__name__
    if kind == "LayerNormSpec":
        spec.gamma, spec.beta = np.ones(WIDTH, np.float32), np.zeros(WIDTH, np.float32)
    elif kind == "MultiHeadAttentionSpec":
        fill(spec.layer_norm, draw)
        outputs = (3, 1) if len(spec.linear) == 2 else (1, 2, 1)
        for linear, times in zip(spec.linear, outputs, strict=True):
            linear.weight, linear.bias = draw(times * WIDTH, WIDTH), draw(times * WIDTH)
    elif kind == "FeedForwardSpec":
        fill(spec.layer_norm, draw)
        spec.linear_0.weight, spec.linear_0.bias = draw(4 * WIDTH, WIDTH), draw(4 * WIDTH)
        spec.linear_1.weight, spec.linear_1.bias = draw(WIDTH, 4 * WIDTH), draw(WIDTH)
    else:
        for value in vars(spec).values():
            if isinstance(value, list) or hasattr(value, "variables"):
                fill(value, draw)


def build(folder: Path, mels: int = 80, says: str = "", end: float = 5.5, no_speech: float = -20.0) -> Path:
    """Write a model that says a few words about any audio and is fairly sure that it is Korean.

    It can be made to say one token only, never to come to an ``end``, or to hear ``no_speech``: both are
    biases, the higher the likelier.
    """
    rng = np.random.default_rng(0)

    def draw(*shape: int) -> np.ndarray:
        return rng.normal(0, 0.5, shape).astype(np.float32)

    tokens = vocabulary()
    ids = {token: number for number, token in enumerate(tokens)}
    spec = ctranslate2.specs.WhisperSpec(1, 2, 1, 2)
    encoder, decoder = spec.encoder, spec.decoder
    for convolution, inputs in ((encoder.conv1, mels), (encoder.conv2, WIDTH)):
        convolution.weight, convolution.bias = draw(WIDTH, inputs, 3), draw(WIDTH)
    encoder.position_encodings.encodings = draw(1500, WIDTH)
    decoder.position_encodings.encodings = draw(448, WIDTH)
    fill([encoder.layer_norm, encoder.layer, decoder.layer_norm, decoder.layer], draw)
    decoder.embeddings.weight = draw(len(tokens), WIDTH)
    # What is said comes from the weights, how much and in which alphabet from the bias.
    bias = np.full(len(tokens), -20.0, np.float32)
    said = [*range(256, 256 + len(SAID) - 2), ids[","], ids["."]]
    bias[[256 + SAID.index(says)] if says else said] = 4.0
    bias[ids["<|endoftext|>"]] = end
    bias[ids["<|nocaptions|>"]] = no_speech
    bias[ids["<|0.00|>"] :] = -6.0
    bias[ids["<|ko|>"]] = -12.0
    decoder.projection.weight, decoder.projection.bias = 0.5 * draw(len(tokens), WIDTH), bias
    spec.register_vocabulary(tokens)
    spec.config.lang_ids = [ids[f"<|{language}|>"] for language in LANGUAGES]
    spec.config.alignment_heads = [[0, 0], [0, 1]]
    spec.config.suppress_ids = [ids[f"<|{name}|>"] for name in (*LANGUAGES, "startoftranscript", "translate")]
    spec.config.suppress_ids_begin = [ids["<|endoftext|>"]]
    spec.validate()
    spec.save(str(folder))
    tokenizer(tokens).save(str(folder / "tokenizer.json"), pretty=False)
    (folder / "preprocessor_config.json").write_text(json.dumps({"feature_size": mels}))
    return folder


@pytest.fixture(scope="session")
def whisper(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the model."""
    return build(tmp_path_factory.mktemp("whisper"))


@pytest.fixture(scope="session")
def whisper_with(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Makes a model of another shape or with other things to say."""
    return lambda **other: build(tmp_path_factory.mktemp("whisper"), **other)

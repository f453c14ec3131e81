"""Models of the Llama architecture in a few kilobytes, with random weights and Llama 3's way with tokens.

They say nothing that makes sense, in the real library, within milliseconds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

CONTEXT_TOKENS = 16384

SPECIAL = (
    "<|begin_of_text|>",
    "<|end_of_text|>",
    "<|start_header_id|>",
    "<|end_header_id|>",
    "<|eot_id|>",
    "<|eom_id|>",
    "<|python_tag|>",
    "<|finetune_right_pad_id|>",
    "<|reserved_special_token_0|>",
)
"""Control tokens as Llama 3 has them."""

TEMPLATE = (
    "{{ bos_token }}{% for message in messages %}"
    "<|start_header_id|>{{ message['role'] }}<|end_header_id|>\n\n{{ message['content'] }}<|eot_id|>"
    "{% endfor %}"
    "{% if add_generation_prompt %}<|start_header_id|>assistant<|end_header_id|>\n\n{% endif %}"
)

_WIDTH, _HIDDEN, _HEADS = 32, 64, 2
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


def make_model(path: Path, *, template: str = TEMPLATE, seed: int = 0, width: int = _WIDTH) -> Path:
    """Write a model; ``template`` "" = none; ``width`` is that of its layers, a multiple of 32."""
    from gguf import GGUFWriter

    tokens, kinds = _vocabulary()
    writer = GGUFWriter(path, "llama")
    writer.add_context_length(CONTEXT_TOKENS)
    writer.add_embedding_length(width)
    writer.add_block_count(1)
    writer.add_feed_forward_length(_HIDDEN)
    writer.add_head_count(_HEADS)
    writer.add_head_count_kv(_HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(width // _HEADS)
    writer.add_vocab_size(len(tokens))
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("llama-bpe")
    writer.add_token_list(tokens)
    writer.add_token_types(kinds)
    writer.add_token_merges([" ".join(pair) for pair in _MERGES])
    writer.add_bos_token_id(tokens.index("<|begin_of_text|>"))
    writer.add_eos_token_id(tokens.index("<|eot_id|>"))
    if template:
        writer.add_chat_template(template)
    for name, tensor in _weights(tokens, seed, width).items():
        writer.add_tensor(name, tensor)
    _write(writer)
    return path


def make_lora(path: Path, *, width: int = _WIDTH, seed: int = 1) -> Path:
    """Write a LoRA adapter for a model of this width."""
    from gguf import GGUFWriter

    random = np.random.default_rng(seed)
    writer = GGUFWriter(path, "llama")
    writer.add_string("general.type", "adapter")
    writer.add_string("adapter.type", "lora")
    writer.add_float32("adapter.lora.alpha", 1.0)
    for part, shape in (("lora_a", (4, width)), ("lora_b", (width, 4))):
        tensor = random.normal(0, 0.1, shape).astype(np.float32)
        writer.add_tensor(f"blk.0.attn_output.weight.{part}", tensor)
    _write(writer)
    return path


_MERGES = (("Ġ", "t"), ("h", "e"), ("Ġt", "he"), ("i", "n"), ("o", "n"), ("e", "r"))


def _write(writer: object) -> None:
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _vocabulary() -> tuple[list[str], list[int]]:
    """Every byte, a few pairs and the control tokens, with their kinds."""
    from gguf import TokenType

    plain = [_letter(byte) for byte in range(256)] + ["".join(pair) for pair in _MERGES]
    return [*plain, *SPECIAL], [TokenType.NORMAL] * len(plain) + [TokenType.CONTROL] * len(SPECIAL)


def _letter(byte: int) -> str:
    """The letter that stands for a byte in a byte-level vocabulary (as of GPT-2)."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    if byte in printable:
        return chr(byte)
    return chr(256 + [other for other in range(256) if other not in printable].index(byte))


def _weights(tokens: list[str], seed: int, width: int) -> dict[str, np.ndarray]:
    random = np.random.default_rng(seed)

    def matrix(rows: int, columns: int) -> np.ndarray:
        return random.normal(0, 0.3, (rows, columns)).astype(np.float32)

    embedding, output = matrix(len(tokens), width), matrix(len(tokens), width)
    # The first number of each vector is much the same wherever it comes from: what it weighs in the output
    # makes a token likely or not. Letters are, and quotes, so that texts have an end; parts of characters of
    # other languages are not, which put together at random would be none.
    embedding[:, 0] = 4.0
    output[:, 0] = [_bias(token) for token in tokens]
    return {
        "token_embd.weight": embedding,
        "output.weight": output,
        "output_norm.weight": np.ones(width, np.float32),
        "blk.0.attn_norm.weight": np.ones(width, np.float32),
        "blk.0.ffn_norm.weight": np.ones(width, np.float32),
        **{f"blk.0.attn_{part}.weight": matrix(width, width) for part in ("q", "k", "v", "output")},
        "blk.0.ffn_gate.weight": matrix(_HIDDEN, width),
        "blk.0.ffn_up.weight": matrix(_HIDDEN, width),
        "blk.0.ffn_down.weight": matrix(width, _HIDDEN),
    }


def _bias(token: str) -> float:
    if token in _LETTERS:
        return 0.7
    if len(token) == 1 and not "!" <= token <= "~" and token != "Ġ":
        return -2.0
    return {'"': 0.8, "Ġ": 0.8, "}": 0.7}.get(token, 0.0)

"""The process in which PocketSphinx decodes.

Its standard input is a socket, for both directions, so that nothing that is printed gets between the answers.
It reads from it the number of bytes of an utterance (8 bytes, little-endian) and its samples (int16 mono
16 kHz), and answers with a line: a JSON list of ``[word, start_s, end_s, probability]``. An empty list at the
beginning says that it is ready. It ends when its input does, which is when its parent ends in whatever way.
"""

from __future__ import annotations

import contextlib
import json
import re
import socket
from typing import Any

_FRAME_S = 0.01
_VARIANT = re.compile(r"\(\d+\)$")
_FILLER = ("<", "[", "+")


def main() -> None:
    """Decode until the input ends."""
    from pocketsphinx import Decoder

    decoder = Decoder(samprate=16000, loglevel="FATAL")
    with (
        contextlib.suppress(ConnectionError),  # the parent ended before it had its answer
        socket.socket(fileno=0) as channel,
        channel.makefile("rb") as questions,
    ):
        channel.sendall(_line([]))
        while header := questions.read(8):
            # Nothing is left of earlier utterances, and this one, at once, is normalised by its own mean.
            decoder.reinit_feat()
            decoder.start_utt()
            decoder.process_raw(questions.read(int.from_bytes(header, "little")), full_utt=True)
            decoder.end_utt()
            channel.sendall(_line(_words(decoder)))


def _words(decoder: Any) -> list[tuple[str, float, float, float]]:
    return [
        (
            _VARIANT.sub("", item.word),
            item.start_frame * _FRAME_S,
            (item.end_frame + 1) * _FRAME_S,
            min(1.0, item.prob),
        )
        for item in decoder.seg() or ()
        if not item.word.startswith(_FILLER)
    ]


def _line(content: object) -> bytes:
    return json.dumps(content).encode() + b"\n"

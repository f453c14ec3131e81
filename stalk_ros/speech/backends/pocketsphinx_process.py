"""The process in which PocketSphinx decodes.

It reads from standard input the number of bytes of an utterance (8 bytes, little-endian) and its samples
(int16 mono 16 kHz), and writes a line with a JSON list of ``[word, start_s, end_s, probability]`` to standard
output. It ends when its input does, which is when its parent ends in whatever way.
"""

from __future__ import annotations

import json
import re
import sys
from typing import Any

_FRAME_S = 0.01
_VARIANT = re.compile(r"\(\d+\)$")
_FILLER = ("<", "[", "+")


def main() -> None:
    """Decode until the input ends."""
    from pocketsphinx import Decoder

    decoder = Decoder(samprate=16000, loglevel="FATAL")
    _answer("ready")
    while header := sys.stdin.buffer.read(8):
        # Nothing is left of earlier utterances, and this one, at once, is normalised by its own mean.
        decoder.reinit_feat()
        decoder.start_utt()
        decoder.process_raw(sys.stdin.buffer.read(int.from_bytes(header, "little")), full_utt=True)
        decoder.end_utt()
        _answer(_words(decoder))


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


def _answer(content: object) -> None:
    print(json.dumps(content), flush=True)


if __name__ == "__main__":
    main()

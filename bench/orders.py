"""What the order of recordings changes, and whether a voice is known again in the next one.

The recordings of a folder are one session, each a new stream in it: in this order and in others. The same
name in the truth is the same person in all of them. Errors are counted with a mapping of voices for each
recording, and with one for the whole session, which is as good only if every voice keeps its id. Where each
recording is a session of its own, which stands above, the order cannot change anything. Prints a row for each
folder and order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import tables
import takes

from stalk_ros.offline.evaluation.measures.speakers import Errors, heard
from stalk_ros.speakers import SpeakerParameters, SpeakerStage

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterable, Iterator

    from pyannote.core import Annotation
    from takes import Take

    from stalk_ros.speakers import SpeakerEmbedder

SEED = 20_240_315
_SHUFFLES = 10


def report(options: Namespace) -> None:
    """Measure, and print what came out."""
    engine = takes.Remembering(takes.engine(options))
    tables.head("folder", "order", "DER %, a mapping for each recording", "one for the session", "voices")
    for folder in takes.folders(options.data):
        if len(folder) == 1:
            continue
        name = folder[0].path.parent.name
        alone = sum((take.errors(_heard([take], engine)[0]) for take in folder), Errors())
        tables.row(name, "a session each", tables.percent(alone.rate), "", "")
        for order, session in _orders(folder):
            spoken = _heard(session, engine)
            each = (take.errors(said) for take, said in zip(session, spoken, strict=True))
            tables.row(
                name,
                order,
                tables.percent(sum(each, Errors()).rate),
                tables.percent(takes.session_errors(session, spoken).rate),
                f"{len(_voices(spoken))} of {len(_voices(take.known for take in session))}",
            )


def _voices(spoken: Iterable[Annotation]) -> set[str]:
    return {voice for said in spoken for voice in said.labels()} - {""}


def _orders(folder: list[Take]) -> Iterator[tuple[str, list[Take]]]:
    yield "by name", folder
    yield "reversed", folder[::-1]
    rng = np.random.default_rng(SEED)
    for _ in range(_SHUFFLES):
        order = rng.permutation(len(folder))
        yield "shuffled: " + " ".join(str(at + 1) for at in order), [folder[at] for at in order]


def _heard(session: list[Take], engine: SpeakerEmbedder) -> list[Annotation]:
    """Who the stage says spoke in each recording of a session."""
    speakers = SpeakerStage(SpeakerParameters(), engine)
    settled = takes.attributed(speakers, session)
    return [heard(item.utterance for item in items) for items in settled]

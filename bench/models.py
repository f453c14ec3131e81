"""What a language model costs, and whether its answers have the form that was asked for.

It makes 100 drafts about the sample conversation, each for another moment of it. Without ``--gguf FILE`` that
is a model with random weights in a few kilobytes, made here: what the engine itself costs, and no more.
"""

from __future__ import annotations

import json
import runpy
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import stage
import tables

from stalk_ros.errors import EngineError
from stalk_ros.events import Trigger, Utterance
from stalk_ros.topics import TopicParameters, TopicRequest
from stalk_ros.topics.backends.llama_cpp import LlamaCpp

if TYPE_CHECKING:
    from argparse import Namespace

_ROOT = Path(__file__).parents[1]
_DRAFTS = 100
_CANCELLED = 20
_CONTEXT_TOKENS = 8192


def report(options: Namespace) -> None:
    """Measure, and print what came out."""
    with tempfile.TemporaryDirectory() as folder:
        rows = measured(options.gguf or _random_model(Path(folder)))
    tables.table(("measure", "value"), rows.items())


def measured(gguf: Path) -> dict[str, object]:
    """What comes of a model, by what it is."""
    began_s = time.perf_counter()
    engine = LlamaCpp(TopicParameters(model=str(gguf), context_tokens=_CONTEXT_TOKENS))
    rows: dict[str, object] = {"model": gguf.name, "loading (s)": f"{time.perf_counter() - began_s:.2f}"}
    requests = [_request(number) for number in range(_DRAFTS)]
    spent_s, failures = [], []
    for request in requests:
        began_s = time.perf_counter()
        try:
            engine.recommend(request, lambda: False)
        except EngineError as error:
            failures.append(str(error))
        spent_s.append(time.perf_counter() - began_s)
    rows["a draft, median / p90 s"] = tables.quantiles(spent_s)
    rows["answers in the form asked for"] = f"{_DRAFTS - len(failures)} of {_DRAFTS}"
    for failure in dict.fromkeys(failures):
        rows[f"otherwise, {failures.count(failure)} times"] = failure
    usual_s = float(np.median(spent_s))
    cancelled = [
        _cancelled(engine, request, usual_s * number / _CANCELLED)
        for number, request in enumerate(requests[:: _DRAFTS // _CANCELLED])
    ]
    rows["back after it was cancelled, longest s"] = f"{max(back_s for back_s, _ in cancelled):.3f}"
    rows["its process free after that, longest s"] = f"{max(free_s for _, free_s in cancelled):.3f}"
    rows["memory of its process (MiB)"] = f"{stage.resident_mib(engine._process.pid):.0f}"
    return rows


def _cancelled(engine: LlamaCpp, request: TopicRequest, after_s: float) -> tuple[float, float]:
    """How long it takes to come back from a draft that is cancelled after a time, and then to stop."""
    at_s = time.perf_counter() + after_s
    engine.recommend(request, lambda: time.perf_counter() > at_s)
    back_s = time.perf_counter()
    engine._ready(lambda: False)
    return max(0.0, back_s - at_s), time.perf_counter() - back_s


def _request(number: int) -> TopicRequest:
    """What is asked at one moment of the sample conversation."""
    turns = json.loads((_ROOT / "samples" / "conversation.json").read_text(encoding="utf-8"))["turns"]
    said = [
        Utterance(f"u{at}", at, at + 1, turn["text"], language="en", speaker_id=turn["speaker"])
        for at, turn in enumerate(turns * (_DRAFTS // len(turns) + 1))
    ]
    return TopicRequest(tuple(said[: number + 1][-60:]), "en", Trigger.SILENCE)


def _random_model(folder: Path) -> Path:
    maker = runpy.run_path(str(_ROOT / "test" / "topics" / "backends" / "tiny_gguf.py"))
    path: Path = maker["make_model"](folder / "random.gguf")
    return path

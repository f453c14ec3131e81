"""Measuring one configuration on many recordings."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from stalk_ros.errors import EngineError, UserError
from stalk_ros.offline.evaluation.measuring import measure
from stalk_ros.offline.evaluation.memory import loaded_mib
from stalk_ros.offline.evaluation.runs import Measured
from stalk_ros.offline.progress import complain

if TYPE_CHECKING:
    from collections.abc import Callable

    from stalk_ros.offline.configuration import Configuration
    from stalk_ros.offline.evaluation.corpus import Corpus
    from stalk_ros.offline.evaluation.runs import Run


def fill(run: Run, corpus: Corpus, configuration: Configuration, advance: Callable[[float], None]) -> None:
    """Measure every recording, one after another; what is measured is in the run at once.

    A recording that fails is reported, and the others go on. Who is enrolled on this machine is not known
    there, unless the store is named: the result must not depend on it.

    Args:
        run: what is measured is added to it.
        corpus: the recordings.
        configuration: parameters of the stages.
        advance: called with the seconds of audio that have been heard since the last call.

    Raises:
        UserError: an engine or its model is missing.
    """
    run.failures |= corpus.failures
    with tempfile.TemporaryDirectory() as folder:
        speakers = configuration.diarization
        if not speakers.store:
            speakers = replace(speakers, store=str(Path(folder, "nobody.sqlite3")))
        configuration = replace(configuration, diarization=speakers)
        run.memory_mib |= loaded_mib(configuration)
        for known in corpus.known:
            try:
                outcome = measure(known, configuration, advance)
            except (UserError, EngineError) as error:
                run.failures[known.name] = str(error)
                complain(f"{known.name}: {error}")
                continue
            measured = Measured(known.name, known.duration_s, known.fingerprint, outcome.scores)
            run.recordings.append(measured)
            run.engines = outcome.engines
            run.memory_mib["peak"] = max(run.memory_mib.get("peak", 0.0), outcome.peak_mib)

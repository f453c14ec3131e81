from __future__ import annotations

import numpy as np
import pytest

from stalk_ros.speakers.resemblance import Groups, agglomerate


def clustered(rows: np.ndarray, cohesion: float, threshold: float) -> list[list[int]]:
    groups = Groups.of_windows(rows.astype(np.float32), ~np.eye(len(rows), dtype=bool))
    agglomerate(groups, lambda groups: groups.resemblances(cohesion) - threshold)
    return sorted(sorted(members) for members in groups.members)


@pytest.mark.parametrize("cohesion", [0.6, 0.8, 0.95])
def test_what_resembles_is_clustered_whatever_the_cosines(cohesion: float) -> None:
    rng, voices = np.random.default_rng(0), [0, 1, 2, 0, 1, 2, 2, 2, 0, 1] * 3
    # Rows of one voice have a cosine of about `cohesion`, those of two about half of it.
    common, own = rng.normal(size=(1, 2_000)), rng.normal(size=(3, 2_000))
    scatter = rng.normal(size=(len(voices), 2_000))
    rows = np.sqrt(cohesion / 2) * (common + own[voices]) + np.sqrt(1 - cohesion) * scatter
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    expected = sorted([row for row, voice in enumerate(voices) if voice == wanted] for wanted in range(3))
    assert clustered(rows, cohesion, 0.86) == expected
    assert clustered(rows, cohesion, 0.3) == [list(range(len(voices)))]

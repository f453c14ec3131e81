"""Two runs side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stalk_ros.errors import UserError
from stalk_ros.offline.evaluation.figures import SECTIONS, SPEED
from stalk_ros.offline.evaluation.statistics import FEWEST_FOR_DIFFERENCE, difference
from stalk_ros.offline.evaluation.tables import Table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from stalk_ros.offline.evaluation.figures import Figure
    from stalk_ros.offline.evaluation.runs import Run
    from stalk_ros.offline.evaluation.scores import Scores
    from stalk_ros.offline.evaluation.statistics import Difference

_SAME_LENGTH_S = 0.05


def comparison(first: Run, second: Run, titles: tuple[str, str]) -> tuple[Table, list[str]]:
    """Every measure in both, over the recordings that both have; and what else differs, in lines.

    Raises:
        UserError: no recording is in both.
    """
    names, remarks = _shared(first, second, titles)
    one, other = _of(first, names), _of(second, names)
    rows = tuple(
        row
        for section in SECTIONS.values()
        for figure in section
        if (row := _row(figure, one, other)) is not None
    )
    table = Table(
        f"{titles[0]} and {titles[1]} (recordings: {len(names)})",
        ("measure", *titles, "difference", "exceeds the noise"),
        rows,
    )
    return table, remarks + list(_circumstances(first, second))


def _shared(first: Run, second: Run, titles: tuple[str, str]) -> tuple[list[str], list[str]]:
    """The names of the recordings that can be compared, and what is said about the others."""
    ones = {recording.name: recording for recording in first.recordings}
    others = {recording.name: recording for recording in second.recordings}
    shared = [name for name in ones if name in others]
    changed = [
        name
        for name in shared
        if ones[name].fingerprint != others[name].fingerprint
        or abs(ones[name].duration_s - others[name].duration_s) > _SAME_LENGTH_S
    ]
    remarks = []
    for title, mine, theirs in ((titles[0], ones, others), (titles[1], others, ones)):
        if only := [name for name in mine if name not in theirs]:
            remarks.append(f"only in {title}, not compared: {', '.join(only)}")
    if changed:
        remarks.append(f"with another reference or length, not compared: {', '.join(changed)}")
    names = [name for name in shared if name not in changed]
    if not names:
        raise UserError(f"no recording can be compared: {'; '.join(remarks) or 'nothing was measured'}")
    return names, remarks


def _of(run: Run, names: list[str]) -> list[Scores]:
    scores = {recording.name: recording.scores for recording in run.recordings}
    return [scores[name] for name in names]


def _row(figure: Figure, one: Sequence[Scores], other: Sequence[Scores]) -> tuple[str, ...] | None:
    found = difference(one, other, figure.name, figure.quantile)
    if found is None:
        return None
    values = (figure.cell(figure.of(one)), figure.cell(figure.of(other)), figure.cell(found))
    return (figure.title, *values, _verdict(figure, found))


def _verdict(figure: Figure, found: Difference) -> str:
    if figure in SPEED:
        # The noise of speed is from run to run, not from recording to recording.
        return "depends on what else the machine does"
    if found.exceeds_noise is None:
        return f"fewer than {FEWEST_FOR_DIFFERENCE} recordings tell nothing"
    return "yes" if found.exceeds_noise else "no"


def _circumstances(first: Run, second: Run) -> Iterator[str]:
    for node in first.parameters:
        differ = _differing(first.parameters[node], second.parameters.get(node, {}))
        yield from (f"parameter {node}.{text}" for text in differ)
    for what, one, other in (
        ("engine of", first.engines, second.engines),
        ("machine:", first.machine, second.machine),
        ("version of", first.versions, second.versions),
    ):
        yield from (f"{what} {text}" for text in _differing(one, other))
    peaks = [f"{run.memory_mib['peak']:.0f}" for run in (first, second) if "peak" in run.memory_mib]
    if len(set(peaks)) > 1:
        yield f"memory, at most: {' and '.join(peaks)} MiB"


def _differing(one: Mapping[str, object], other: Mapping[str, object]) -> Iterator[str]:
    for name in dict.fromkeys((*one, *other)):
        before, after = one.get(name), other.get(name)
        if before != after:
            yield f"{name}: {before!r} and {after!r}"

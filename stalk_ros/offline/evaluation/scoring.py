"""All measures of one recording."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stalk_ros.offline.evaluation.heard import Heard
    from stalk_ros.offline.evaluation.references import Reference
    from stalk_ros.offline.evaluation.scores import Scores


def score(reference: Reference, heard: Heard) -> Scores:
    """Compare what was heard with what is known; what nothing is known about is left out.

    Raises:
        UserError: a package that evaluation needs is missing.
    """
    raise NotImplementedError

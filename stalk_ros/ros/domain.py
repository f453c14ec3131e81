"""A ROS domain to oneself."""

from __future__ import annotations

import contextlib
import socket
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

THIS_MACHINE = {"ROS_AUTOMATIC_DISCOVERY_RANGE": "LOCALHOST", "ROS_LOCALHOST_ONLY": "1"}
"""The environment of who meets nobody on other machines: since Iron, and before."""

_FIRST_PORT = 27500
_DOMAINS = range(1, 100)


@contextlib.contextmanager
def own_domain() -> Iterator[int]:
    """A domain id that nobody else on this machine gets from here for as long as the context lasts.

    Raises:
        RuntimeError: all are taken.
    """
    for domain in _DOMAINS:
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as reservation:
            try:
                reservation.bind(("127.0.0.1", _FIRST_PORT + domain))
            except OSError:
                continue
            yield domain
            return
    raise RuntimeError(f"all {len(_DOMAINS)} domains are taken")

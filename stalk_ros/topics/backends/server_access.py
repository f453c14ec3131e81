"""What it takes to reach a server: the library, an address, and a key where the server wants one."""

from __future__ import annotations

import importlib.util
import os
import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from stalk_ros.topics.parameters import TopicParameters

SETUP = "pip install openai"

_VARIABLE = re.compile(r"(?:[A-Za-z_][A-Za-z0-9_]*)?")


def unusable(parameters: TopicParameters) -> str:
    """Why no server can be asked, and what to do about it; "" when one can."""
    if importlib.util.find_spec("openai") is None:
        return f"the package openai is not installed: {SETUP}"
    if not _is_address(parameters.base_url):
        return f"parameter 'base_url' must be like http://127.0.0.1:8000/v1, not '{parameters.base_url}'"
    variable = parameters.api_key_variable
    if not _VARIABLE.fullmatch(variable):
        # It is not shown: it may be the key.
        return "parameter 'api_key_variable' must be the name of an environment variable, not a key"
    if not re.fullmatch(r"[!-~]*", key(parameters)):
        return f"the environment variable '{variable}' holds no key: one has no blanks nor special letters"
    return ""


def _is_address(text: str) -> bool:
    try:
        address = urlsplit(text)
        port = address.port
    except ValueError:
        return False
    return (
        address.scheme in ("http", "https") and bool(address.hostname) and port != 0 and text == text.strip()
    )


def key(parameters: TopicParameters) -> str:
    """The server's key, "" = none; a file that it was read from may have ended with a line break."""
    return os.environ.get(parameters.api_key_variable, "").strip()

"""Files of one's own with lists per language, in YAML."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from stalk_ros.errors import UserError
from stalk_ros.topics.languages import is_tag, primary


def own_lists(path: str, what: str) -> dict[str, Any]:
    """The sections of a file by the primary subtags of their languages.

    Args:
        path: of the file; ``~`` is the user's home.
        what: it is, for messages ("topic bank").

    Raises:
        UserError: it cannot be read, is not YAML, or does not map languages to something.
    """
    where = f"{what} '{path}'"
    try:
        document = yaml.safe_load(Path(path).expanduser().read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise UserError(f"cannot read {where}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise UserError(f"{where} is not UTF-8; save it as such") from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f", line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise UserError(f"{where} is not YAML{place}: {error.problem}") from None
    except yaml.YAMLError as error:
        raise UserError(f"{where} is not YAML: {' '.join(str(error).split())}") from None
    if not isinstance(document, dict) or not document:
        raise UserError(f"{where} must map languages, such as 'en', to lists")
    return {_subtag(tag, where): section for tag, section in document.items()}


def extended(section: Any, where: str) -> tuple[bool, Any]:
    """Whether the section of a language adds to the package's lists, and the section without that word of it.

    Raises:
        UserError: ``extend`` is neither true nor false.
    """
    if not isinstance(section, dict):
        return False, section
    extend = section.get("extend", False)
    if not isinstance(extend, bool):
        raise UserError(f"{where}: extend must be true or false")
    return extend, {key: content for key, content in section.items() if key != "extend"}


def _subtag(tag: object, where: str) -> str:
    if not isinstance(tag, str) or not is_tag(tag):
        # YAML reads Norwegian's "no" as false.
        shown = repr(tag) if isinstance(tag, str) else f"{tag!r} (put it in quotes)"
        raise UserError(f"{where}: {shown} is no language; write its tag, such as 'ko'")
    return primary(tag)

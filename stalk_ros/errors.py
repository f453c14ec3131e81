"""The one error a user sees."""

from __future__ import annotations


class UserError(Exception):
    """A mistake the user can mend.

    The message is one line that says what is wrong, where, and what to do about it. Shells print it without a
    traceback: the command line exits with code 2, a node stays unconfigured.
    """


class EngineError(RuntimeError):
    """An engine failed or answered nonsense; the message says which and how.

    What it was working on is lost, what follows is not.
    """

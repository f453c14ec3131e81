"""The form of turns."""


def is_finished(sentence: str, closed: bool) -> bool:
    return True


def is_minimal_response(text: str) -> bool:
    return len(text.split()) < 2


def is_question(sentence: str, closed: bool) -> bool:
    return False


def hesitations(text: str) -> int:
    return 0


def length(text: str) -> int:
    return len(text.split())

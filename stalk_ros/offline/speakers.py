"""``stalk speakers``: who is enrolled, for people on a terminal, in plain lines everywhere else."""

from __future__ import annotations

import sys
from datetime import datetime
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from stalk_ros.clock import ns_to_seconds
from stalk_ros.errors import UserError
from stalk_ros.offline.enrolment import enroll
from stalk_ros.speakers import (
    Profile,
    ProfileStore,
    SpeakerParameters,
    open_store,
    read_profiles,
    write_profiles,
)

if TYPE_CHECKING:
    from argparse import Namespace

_EARLIEST_NS = 10**18
"""An earlier time of audio is no date: that of a bag, or of a simulation."""


def _list(options: Namespace) -> None:
    store = open_store(_parameters(options))
    profiles = store.profiles()
    console = Console(highlight=False, markup=False, emoji=False)
    table = Table("id", "name", "enrolled", "last heard", box=None, pad_edge=False, header_style="dim")
    for profile in profiles:
        cells = profile.speaker_id, profile.name, _date(profile.enrolled_ns), _date(profile.updated_ns)
        if console.is_terminal:
            table.add_row(*cells)
        else:
            print(*cells, sep="\t")
    if console.is_terminal and profiles:
        console.print(table)
    if not profiles:
        print(f"nobody is enrolled in '{store.path}'", file=sys.stderr)
        for other in store.others():
            print(f"another model has voices in '{other}'", file=sys.stderr)


def _enroll(options: Namespace) -> None:
    speaker_id = enroll(options.name, options.file, _parameters(options))
    print(f"'{options.name}' is enrolled as {speaker_id}")


def _rename(options: Namespace) -> None:
    store, profile = _found(options)
    store.rename(profile.key, options.name)


def _forget(options: Namespace) -> None:
    store, profile = _found(options)
    store.forget(profile.key)


def _export(options: Namespace) -> None:
    store = open_store(_parameters(options))
    profiles = store.profiles()
    if not profiles:
        raise UserError(f"nobody is enrolled in '{store.path}'")
    if options.file.exists() and options.file.samefile(store.path):
        raise UserError("the export must be another file than the store")
    write_profiles(options.file, store.model_id(), profiles)
    print(f"{_people(profiles)} written to '{options.file}'")


def _import(options: Namespace) -> None:
    model_id, profiles = read_profiles(options.file)
    store = open_store(_parameters(options))
    # A store that is not there yet becomes one of the model that the voices are of.
    own_id = store.model_id() or model_id
    if own_id != model_id:
        raise UserError(
            f"the voices in '{options.file}' are of model '{model_id}' and mean nothing to '{own_id}', "
            f"whose voices are in '{store.path}'"
        )
    store = ProfileStore(store.path, model_id)
    store.add(profiles)
    print(f"{_people(profiles)} added to '{store.path}'")


COMMANDS = {
    "list": _list,
    "enroll": _enroll,
    "rename": _rename,
    "forget": _forget,
    "export": _export,
    "import": _import,
}
"""What each action does with its options."""


def _parameters(options: Namespace) -> SpeakerParameters:
    return SpeakerParameters(backend=options.backend, model=options.model, store=options.store)


def _found(options: Namespace) -> tuple[ProfileStore, Profile]:
    store = open_store(_parameters(options))
    return store, store.named(options.who)


def _people(profiles: list[Profile]) -> str:
    return "1 person" if len(profiles) == 1 else f"{len(profiles)} people"


def _date(time_ns: int) -> str:
    return f"{datetime.fromtimestamp(ns_to_seconds(time_ns)):%Y-%m-%d}" if time_ns >= _EARLIEST_NS else ""

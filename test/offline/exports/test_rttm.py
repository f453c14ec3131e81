from __future__ import annotations

import io
from typing import Any

import pytest
from pyannote.database.util import load_rttm

from stalk_ros.offline.exports import Rttm, created


@pytest.fixture
def rttm(heard):
    def write(*events: Any, recording: str = "meeting") -> list[str]:
        file = io.StringIO()
        writer = Rttm(file, recording, heard(60.0))
        for event in events:
            writer.write(event)
        return file.getvalue().splitlines()

    return write


def test_there_is_a_line_per_attributed_final_utterance(rttm, said, suggested) -> None:
    assert rttm(said(1.5, 2.25, "hi")) == ["SPEAKER meeting 1 1.500 0.750 <NA> <NA> S1 <NA> <NA>"]
    assert rttm(said(1, 2, "hi", final=False), said(1, 2, "hi", speaker_id=""), suggested(1)) == []


@pytest.mark.parametrize("end_s", [1.0, 0.5, 1.0004])
def test_what_takes_no_time_has_no_line(rttm, said, end_s) -> None:
    assert rttm(said(1.0, end_s, "hi")) == []


def test_spaces_in_names_do_not_break_the_fields(rttm, said) -> None:
    (line,) = rttm(said(1.5, 2.25, "hi", speaker_name=" Ann\tB "), recording="my  meeting")
    fields = ["SPEAKER", "my_meeting", "1", "1.500", "0.750", "<NA>", "<NA>", "Ann_B", "<NA>", "<NA>"]
    assert line.split() == fields
    assert len(rttm(said(1, 2, "hi"), recording=" ")[0].split()) == 10


def test_others_read_it(tmp_path, heard, said) -> None:
    export = Rttm(created(tmp_path / "a.rttm"), "meeting", heard(60.0))
    export.write(said(1.5, 2.25, "hi"))
    export.write(said(2.0, 3.5, "안녕", speaker_name="안나"))
    export.close()
    tracks = load_rttm(tmp_path / "a.rttm")["meeting"].itertracks(yield_label=True)
    assert [(part.start, part.end, who) for part, _, who in tracks] == [(1.5, 2.25, "S1"), (2.0, 3.5, "안나")]

from __future__ import annotations

import io

from rich.console import Console

from stalk_ros.offline.evaluation.tables import Table, notes, run_tables

TABLE = Table("Words", ("recording", "WER %"), (("a|b.wav", "12.5"), ("[bold]c.wav", "")))


def test_elsewhere_it_is_markdown(capsys) -> None:
    TABLE.show(Console(file=io.StringIO()))
    assert capsys.readouterr().out.splitlines() == [
        "",
        "## Words",
        "",
        "| recording | WER % |",
        "| --- | --- |",
        "| a\\|b.wav | 12.5 |",
        "| [bold]c.wav |  |",
    ]


def test_a_narrow_terminal_loses_nothing() -> None:
    terminal = Console(file=io.StringIO(), force_terminal=True, width=16, color_system=None)
    TABLE.show(terminal)
    shown = terminal.file.getvalue()
    assert "…" not in shown
    assert "12.5" in shown
    assert "[bo" in shown


def test_folders_of_several_and_all_have_rows_with_intervals(made_run) -> None:
    run = made_run({"x/a.wav": 10, "x/b.wav": 20, "x/c.wav": 60, "y/d.wav": 90})
    words, speed = run_tables(run)
    assert words.columns == ("recording", "s", "WER %")
    assert [row[0] for row in words.rows] == [
        "x/a.wav",
        "x/b.wav",
        "x/c.wav",
        "y/d.wav",
        "all of x",
        "all",
    ]
    assert words.rows[0] == ("x/a.wav", "60", "10.0")
    assert words.rows[4][:2] == ("all of x", "180")
    assert words.rows[4][2].startswith("30.0 (")
    assert words.rows[5][2].startswith("45.0 (")
    assert speed.columns[2:] == ("real-time factor (RTF)",)
    assert speed.rows[0][2] == "0.100"


def test_notes_tell_memory_machine_and_engines(made_run) -> None:
    text = "\n".join(notes(made_run({"a": 1})))
    assert "at most 80 MiB, 50 MiB of it" in text
    assert "asr 20." in text
    assert "processor slow, cores 2" in text
    assert "Engines: asr pocketsphinx." in text

from rich.cells import cell_len
from rich.console import Console

from stalk_ros.events import (
    ConversationState,
    Suggestion,
    SuggestionStatus,
    Trigger,
    Utterance,
    VoiceActivity,
)
from stalk_ros.offline.times import RecordingTime
from stalk_ros.ros.monitor_view import MonitorView

S = 1_000_000_000
LONG = "주말에 바다에 갔다 왔는데 정말 좋았어요 다음에는 같이 가요 " * 5


def shown(*events, height=24):
    """The lines of a screen of 80 columns."""
    view = MonitorView(RecordingTime())
    for event in events:
        view.update(event)
    view.problem = "a node complains"
    console = Console(width=80, height=height, force_terminal=False)
    with console.capture() as capture:
        console.print(view)
    return capture.get().splitlines()


def test_a_long_utterance_leaves_room_for_who_spoke_when():
    lines = shown(Utterance("u1", 61 * S, 65 * S, LONG, speaker_id="S2", speaker_name="지민"))
    (line,) = [line for line in lines if "주말에" in line]
    assert line.startswith("│ 01:01.0 지민 주말에")
    assert line.endswith("… │")
    assert cell_len(line) == 80


def test_it_says_why_it_is_awkward():
    activity = VoiceActivity(9 * S, False, 0.0, 4 * S, 9 * S)
    state = ConversationState(9 * S, 4.0, 0.8, ("nobody answers [S1]", "um"), ("[b]",), (1.0,), topic="[x]")
    text = "\n".join(shown(activity, state))
    assert "awkward 0.80" in text
    assert "nobody answers [S1]; um" in text
    assert "talk share: [b] 100%   topic: [x]" in text


def test_it_says_that_the_robot_speaks():
    activity = VoiceActivity(9 * S, False, 0.0, 4 * S, 9 * S)
    assert "● the robot speaks" in "\n".join(
        shown(activity, ConversationState(9 * S, 0.0, 0.0, robot_speaking=True))
    )


def test_it_says_that_somebody_talks_over_the_robot():
    activity = VoiceActivity(9 * S, True, 0.9, S, 8 * S)
    text = "\n".join(shown(activity, ConversationState(9 * S, 0.0, 0.0, barge_in=True)))
    assert "● barge-in" in text


def test_long_suggestions_push_nothing_off_the_screen():
    offers = [
        Suggestion(n * S, f"t{n}", SuggestionStatus.OFFERED, f"{n}. {LONG}?", "ko", "바다", "why", (), *rest)
        for n, rest in enumerate([(Trigger.SILENCE, 0.8, 0.5, "topic_bank", 9 * S)] * 4)
    ]
    said = [Utterance(f"u{n}", n * S, n * S, "네", speaker_id="S1") for n in range(30)]
    lines = shown(*said, *offers, height=40)
    assert len(lines) <= 40
    assert lines[-1].startswith("a node complains")
    assert any("3. 주말에" in line for line in lines)

import pytest

S = 1_000_000_000


def open_topics(memory):
    return [thread.topic for thread in memory.threads()]


def test_what_nobody_takes_up_is_an_open_thread(remembering):
    memory = remembering("S1:I sold my old piano", "S2:I had bread for breakfast")
    (thread,) = [thread for thread in memory.threads() if thread.speaker_id == "S1"]
    assert (thread.topic, thread.phrase) == ("old piano", "your old piano")
    assert thread.said.text == "I sold my old piano"
    assert 0 < thread.weight <= 1


@pytest.mark.parametrize(
    "follow_up",
    [
        "S2:a piano takes a lot of room",
        "S2:pianos are heavy",
        "S2:why did you sell it?",
        "S2:how come?",
        "S1:the piano was too loud",
        "S1:it was too heavy to carry upstairs",
    ],
)
def test_a_thread_closes_when_it_is_followed_up(remembering, follow_up):
    assert "old piano" not in open_topics(remembering("S1:I sold my old piano", follow_up))


@pytest.mark.parametrize(
    "other",
    [
        "S2:yes",
        "S2:that is nice",
        "S2:it rained all morning here",
        "S2:do you know the castle?",
        "S1:it was",
        "S1:nobody slept upstairs",
    ],
)
def test_a_thread_stays_open_without_a_follow_up(remembering, other):
    assert "old piano" in open_topics(remembering("S1:I sold my old piano", other))


def test_who_tells_something_new_of_a_closed_thread_opens_it_as_theirs(remembering):
    talk = ("S1:my daughter plays the piano", "S2:does she practice every day?", "S1:yes, in the evening")
    memory = remembering(*talk)
    assert "piano" not in open_topics(memory)
    remembering("S3:maybe i will buy an old piano next year", memory=memory, start_s=18)
    thread = memory.threads()[0]
    assert (thread.phrase, thread.speaker_id) == ("the old piano", "S3")
    assert thread.said.text == "maybe i will buy an old piano next year"
    remembering("S1:why next year?", memory=memory, start_s=24)
    assert open_topics(memory) == []


def test_who_tells_more_of_a_thing_of_their_own_keeps_it(remembering):
    memory = remembering(
        "S1:I have a dog", "S2:how old is it?", "S1:the dog is brown and chases our neighbors"
    )
    thread = next(thread for thread in memory.threads() if "dog" in thread.topic)
    assert (thread.phrase, thread.speaker_id) == ("your dog", "S1")


def test_what_is_said_again_with_nothing_new_stays_closed(remembering):
    memory = remembering("S1:we found the castle", "S2:the castle!", "S1:yes, the castle, we found it")
    assert open_topics(memory) == []


def test_a_turn_that_complains_in_another_sentence_opens_nothing(remembering):
    assert open_topics(remembering("S1:I played the violin. I did not like it.")) == []


def test_a_question_with_an_improbable_word_is_no_thread(remembering):
    assert open_topics(remembering("S3:what did you ~get from the castle")) == []


def test_a_follow_up_may_come_after_minimal_responses(remembering):
    memory = remembering("S1:I sold my old piano", "S2:hmm", "S1:yes", "S2:hmm", "S2:why did you sell it?")
    assert open_topics(memory) == []


def test_an_old_thread_is_not_what_a_question_is_about(remembering):
    memory = remembering(
        "S1:I sold my old piano", "S2:we met Tom", "S1:he laughed", "S2:yes we laughed", "S2:how come?"
    )
    assert "old piano" in open_topics(memory)


def test_what_was_asked_about_is_no_thread(remembering):
    assert open_topics(remembering("S1:do you have a piano?")) == []


def test_a_suggestion_closes_the_thread_it_is_about(remembering, offer):
    memory = remembering("S1:I sold my old piano", "S2:we found the castle")
    memory.suggested(offer("old piano"))
    assert open_topics(memory) == ["castle"]


def test_improbable_words_make_no_thread(remembering):
    assert open_topics(remembering("S1:I sold my ~piano yesterday")) == []
    assert open_topics(remembering("S1:I sold my piano ~yesterday")) == ["piano"]


def test_the_freshest_thread_comes_first_and_fades(remembering):
    memory = remembering("S1:I sold my old piano", "S2:we found the castle")
    assert open_topics(memory) == ["castle", "old piano"]
    before = memory.threads()[0].weight
    remembering(*["S1:no bread"] * 30, memory=memory)
    assert memory.threads()[0].weight < before
    remembering(*["S1:no bread"] * 150, memory=memory)
    assert memory.threads() == ()


def test_topics_know_when_they_were_touched(remembering):
    memory = remembering("S1:I sold my old piano", "S2:we found the castle", "S2:the piano, really?")
    piano, castle = memory.topics
    assert (piano.name, piano.first_ns, piano.touched_ns) == ("old piano", 0, 14 * S)
    assert (castle.name, castle.first_ns, castle.touched_ns) == ("castle", 6 * S, 8 * S)


def test_korean_threads_open_and_close(remembering):
    memory = remembering("S1:어제 피아노를 팔았어요", language="ko")
    assert open_topics(memory) == ["피아노"]
    remembering("S2:피아노는 무겁죠", language="ko", memory=memory, start_s=6)
    assert open_topics(memory) == []


def test_japanese_threads_open_and_close(remembering):
    memory = remembering("S1:昨日 ピアノを売りました", language="ja")
    assert open_topics(memory) == ["ピアノ"]
    remembering("S2:ピアノは重いですね。", language="ja", memory=memory, start_s=6)
    assert open_topics(memory) == []

"""Words of the workspace that are named where answers are weak: which, when, and how they are kept, shipped model."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

import pytest

from cognate.arrays import Matrix, Vector
from cognate.cancellation import CancelToken
from cognate.embedding.encoder import Encoder
from cognate.embedding.onnx import load_encoder
from cognate.engine import Engine, open_engine
from cognate.index.locations import VOCABULARY_FILE
from cognate.indexing.jobs import vocabulary as vocabulary_job
from cognate.indexing.services import Services
from cognate.ready_index import ready_index
from cognate.search.near_words import MOST_WORDS, WEAK_SCORE
from cognate.search.request import SearchRequest
from cognate.settings import Settings
from cognate.types import Advice, Answer
from fixtures import write_files

SETTINGS = Settings(update_delay_ms=0)
BAND = """//- band/tempo.py
class TempoMap:
    def tempo_at(self, bar):
        return self.marks[bar]

    def set_tempo(self, bar, beats):
        self.marks[bar] = beats
//- band/chord.py
class Chord:
    def transpose(self, semitones):
        return Chord([pitch + semitones for pitch in self.pitches])

def chord_of(pitches):
    return Chord(sorted(pitches))

def transpose_chords(chords, semitones):
    return [chord.transpose(semitones) for chord in chords]
//- band/rest.py
def is_silent(bar):
    return not bar.pitches

def silent_bars(score):
    return [bar for bar in score if is_silent(bar)]
//- band/ledger.py
def invoice_of(gig):
    return Invoice(gig.venue, gig.fee)

class Invoice:
    def settle_invoice(self):
        self.open = False

def unsettled(invoices):
    return [one for one in invoices if one.open]

def settle_all(invoices):
    for one in invoices:
        one.settle_invoice()
//- tests/test_debts.py
def test_debtors(): ...
def test_debtors_again(): ...
"""
BEES = """//- hive/queen.py
def mark_queen(hive):
    hive.queen.marked = True

def queen_is_marked(hive):
    return hive.queen.marked
//- hive/harvest.py
def harvest_frames(hive):
    return [frame for frame in hive.frames if frame.capped]

class Harvest:
    def weigh(self):
        return sum(frame.grams for frame in self.frames)
//- hive/swarm.py
def swarm_is_near(hive):
    return hive.cells > 3

def catch_swarm(box):
    box.close()
"""


def ask(engine: Engine, query: str, also: tuple[str, ...] = ()) -> Answer:
    return engine.search(SearchRequest(query, also=also), CancelToken())


def suggested(engine: Engine, query: str) -> tuple[str, ...]:
    return ask(engine, query).advice.suggestions


def said(*words: str) -> Advice:
    return Advice(f"This workspace says: {', '.join(words)}.", words)


def learned(engine: Engine) -> set[str]:
    snapshot = engine._writer.view.snapshot  # pyright: ignore[reportPrivateUsage]
    assert snapshot is not None
    return set(snapshot.vocabulary().words)


class Counting:
    """The shipped model, with a note of the texts that were encoded as documents."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self.dimensions, self.name, self.fingerprint = encoder.dimensions, encoder.name, encoder.fingerprint
        self.encoded: list[str] = []
        self.before: Callable[[Sequence[str]], None] = lambda texts: None

    def encode(self, texts: Sequence[str], *, cancel: CancelToken | None = None) -> Matrix:
        self.before(texts)
        self.encoded.extend(texts)
        return self._encoder.encode(texts, cancel=cancel)

    def give_memory_back(self) -> None:
        self._encoder.give_memory_back()

    def knows(self, word: str) -> bool:
        return self._encoder.knows(word)

    def encode_query(self, text: str) -> Vector:
        return self._encoder.encode_query(text)


@pytest.fixture(scope="module")
def encoder() -> Iterator[Encoder]:
    with load_encoder() as shipped:
        yield shipped


@pytest.fixture
def opened(tmp_path: Path, cache_dir: Path) -> Iterator[Callable[..., Engine]]:
    """Return a function that opens the band's folder with services of its own, as another process would."""
    write_files(tmp_path / "w", BAND)
    closing_: list[Callable[[], None]] = []

    def open_(encoder: Encoder, *, wait: bool = True) -> Engine:
        shared = Services(cache_dir, encoder=encoder)
        engine = open_engine(tmp_path / "w", SETTINGS, shared)
        closing_.extend([shared.close, engine.close])
        engine.start()
        if wait:
            assert engine.wait_until_current(300)
        return engine

    yield open_
    for close in reversed(closing_):
        close()


@pytest.mark.parametrize(
    ("files", "query", "words"),
    [
        (BAND, "bill the customer for the show", {"invoice"}),
        (BAND, "who still owes us money", {"invoice", "settle"}),
        (BAND, "move everything up by a note", {"transpose", "chord"}),
        (BAND, "nobody plays anything", {"silent"}),
        (BEES, "who rules the colony", {"queen"}),
        (BEES, "insects are leaving in a cloud", {"swarm"}),
    ],
)
def test_a_weak_answer_names_words_that_the_code_has_for_it(
    open_workspace: Callable[..., Engine], files: str, query: str, words: set[str]
):
    answer = ask(open_workspace(files), query)
    assert not answer.hits or answer.hits[0].score < WEAK_SCORE
    named = answer.advice.suggestions
    assert words <= set(named)
    assert len(named) <= MOST_WORDS
    assert answer.advice == said(*named)


@pytest.mark.parametrize("query", ["set_tempo", "settle an invoice", "transpose chords", "class TempoMap"])
def test_a_strong_answer_names_none(open_workspace: Callable[..., Engine], query: str):
    answer = ask(open_workspace(BAND), query)
    assert answer.hits[0].score >= WEAK_SCORE
    assert (answer.advice.message, answer.advice.suggestions) == ("", ())


@pytest.mark.parametrize("query", ["grilled cheese sandwich", "cheap flights to Lisbon"])
def test_a_question_about_something_else_names_none(open_workspace: Callable[..., Engine], query: str):
    assert ask(open_workspace(BAND), query).advice.message == ""


def test_words_of_the_query_and_of_tests_are_not_named(open_workspace: Callable[..., Engine]):
    engine = open_workspace(BAND)
    assert not learned(engine) & {"debtors", "test", "again"}
    for query in ("invoicing whoever owes us money", "settled debts"):
        assert not set(suggested(engine, query)) & {"invoice" if "invoic" in query else "settle"}


def test_advice_about_filters_comes_first(open_workspace: Callable[..., Engine]):
    engine = open_workspace(BAND)
    assert ask(engine, "path:nowhere who still owes us money").advice.suggestions == ("path:band/", "path:tests/")
    assert ask(engine, "lang:klingon who still owes us money").advice.message.startswith("No language known here")
    assert "invoice" in suggested(engine, "lang:python who still owes us money")


def test_a_weak_answer_is_the_same_with_and_without_words(
    open_workspace: Callable[..., Engine], monkeypatch: pytest.MonkeyPatch
):
    engine = open_workspace(BAND)
    query = "how quickly the drummer goes"
    named = ask(engine, query)
    assert named.advice.suggestions[0] == "tempo"
    monkeypatch.setattr("cognate.search.near_words.NEAR", 9.0)
    assert ask(engine, query).advice.suggestions == ()
    assert ask(engine, query).hits == named.hits


def test_words_follow_an_edit_that_changes_a_tenth(open_workspace: Callable[..., Engine]):
    engine = open_workspace(BAND)
    assert "invoice" in suggested(engine, "who still owes us money")
    ledger = engine.folder / "band" / "ledger.py"
    ledger.write_text(
        "def debtor_of(gig):\n    return gig.host\n\ndef debtors(gigs):\n    return map(debtor_of, gigs)\n"
    )
    engine.note_changed(["band/ledger.py"])
    assert engine.wait_until_current(60)
    assert {"debtor", "debtors"} & set(suggested(engine, "who still owes us money"))
    assert "invoice" not in suggested(engine, "who still owes us money")


def test_words_are_not_learned_anew_for_every_edit(open_workspace: Callable[..., Engine]):
    engine = open_workspace(BAND + "".join(f"//- band/part_{n}.py\ndef part_{n}(): ...\n" for n in range(40)))
    snapshot = engine._writer.view.snapshot  # pyright: ignore[reportPrivateUsage]
    assert snapshot is not None
    before = snapshot.vocabulary()
    (engine.folder / "band" / "rest.py").write_text("def pause_at(bar): ...\ndef pause_all(bars): ...\n")
    engine.note_changed(["band/rest.py"])
    assert engine.wait_until_current(60)
    after = engine._writer.view.snapshot  # pyright: ignore[reportPrivateUsage]
    assert after is not None
    assert after is not snapshot
    assert after.vocabulary() is before


@pytest.mark.parametrize("damage", ["none", "flipped", "cut off", "gone", "another model's"])
def test_a_restart_encodes_nothing(
    opened: Callable[..., Engine], encoder: Encoder, cache_dir: Path, damage: str, monkeypatch: pytest.MonkeyPatch
):
    first = Counting(encoder)
    engine = opened(first)
    assert "invoice" in first.encoded
    expected = suggested(engine, "who still owes us money")
    words = learned(engine)
    engine.close()
    (file,) = cache_dir.glob(f"workspaces/*/{VOCABULARY_FILE}")
    data = file.read_bytes()
    middle = len(data) // 2
    if damage == "flipped":
        file.write_bytes(data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :])
    elif damage == "cut off":
        file.write_bytes(data[:middle])
    elif damage == "gone":
        file.unlink()
    elif damage == "another model's":
        file.write_bytes(vocabulary_job.pack(vocabulary_job.Vocabulary(("other",)), 0, "another"))
    else:
        monkeypatch.setattr(vocabulary_job, "vectors_of", None)  # What is kept is not learned again.
    second = Counting(encoder)
    again = opened(second)
    assert second.encoded == []
    assert learned(again) == words
    assert suggested(again, "who still owes us money") == expected
    assert file.read_bytes() == data


def test_without_a_cache_of_vectors_the_words_are_encoded_again(
    opened: Callable[..., Engine], encoder: Encoder, cache_dir: Path
):
    opened(encoder).close()
    for file in [*cache_dir.glob(f"workspaces/*/{VOCABULARY_FILE}"), *cache_dir.glob("embeddings/*")]:
        file.unlink()
    second = Counting(encoder)
    again = opened(second)
    assert set(second.encoded) >= {"invoice", "tempo"}
    assert "invoice" in suggested(again, "who still owes us money")


def test_a_process_that_asks_once_knows_the_words(opened: Callable[..., Engine], encoder: Encoder, cache_dir: Path):
    writer = opened(encoder)
    expected = ask(writer, "who still owes us money").advice
    writer.close()
    with closing(Services(cache_dir, encoder=encoder)) as services:
        ready = ready_index(writer.folder, SETTINGS, services)
        assert ready is not None
        with closing(ready):
            assert ready.search(SearchRequest("who still owes us money"), CancelToken()).advice == expected


def test_learning_gives_way_to_questions_and_edits(
    opened: Callable[..., Engine], encoder: Encoder, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(vocabulary_job, "WORDS_AT_ONCE", 1)
    counting = Counting(encoder)
    reached, go_on = threading.Event(), threading.Event()

    def wait_at_the_first_word(texts: Sequence[str]) -> None:
        if texts == ["invoice"]:
            reached.set()
            assert go_on.wait(60)

    counting.before = wait_at_the_first_word
    engine = opened(counting, wait=False)
    assert reached.wait(300)
    assert ask(engine, "set_tempo").hits[0].path == "band/tempo.py"  # Nothing waits for the words.
    assert ask(engine, "who still owes us money").advice.message == ""
    (engine.folder / "band" / "solo.py").write_text("def improvise(bars): ...\n")
    engine.note_changed(["band/solo.py"])
    go_on.set()
    assert engine.wait_until_current(60)
    solo = next(number for number, text in enumerate(counting.encoded) if "improvise" in text)
    words = [number for number, text in enumerate(counting.encoded) if text in learned(engine)]
    assert words[0] < solo < words[-1]
    assert "invoice" in suggested(engine, "who still owes us money")


def test_a_fault_while_learning_costs_the_words_alone(
    open_workspace: Callable[..., Engine], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    def broken(*_: object) -> list[list[str]]:
        raise RuntimeError("a fault")

    monkeypatch.setattr(vocabulary_job, "words_of", broken)
    engine = open_workspace(BAND)
    assert engine.status().message == ""
    assert "could not be learned" in caplog.text
    assert ask(engine, "set_tempo").hits
    assert ask(engine, "who still owes us money").advice.message == ""

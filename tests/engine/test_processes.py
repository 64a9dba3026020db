"""Several front ends on one folder: one owns the engine, the others ask it, and when it ends another takes over."""

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from queue import SimpleQueue

import pytest

from cognate import greeting
from cognate.arrays import Vector
from cognate.cancellation import CancelToken
from cognate.engines import Engines
from cognate.errors import CancelledError, InvalidRequestError
from cognate.greeting import Note, StrangerError
from cognate.index.lock import WriterLock
from cognate.indexing.services import Services
from cognate.places import OWNER_FILE, OWNER_SOCKET
from cognate.remote import connect
from cognate.search.request import RelatedRequest, SearchRequest
from cognate.settings import Settings
from cognate.shared import SharedEngine
from cognate.types import Span, Status
from cognate.wire import Guest, frame
from crashes import Victim
from fixtures import GatedEncoder, write_files

WAIT_S = 300.0
FILES = "".join(f"//- pkg/file_{n}.py\ndef function_{n}():\n    return compute_{n}(value)\n" for n in range(12))
SETTINGS = Settings(threads=1, update_delay_ms=0)

Opener = Callable[..., SharedEngine]


@pytest.fixture
def open_front_end(tmp_path: Path, cache_dir: Path) -> Iterator[Opener]:
    """Return a function that opens a folder with lock, services and encoder of its own, as another process would."""
    write_files(tmp_path / "w", FILES)
    at_end: list[Callable[[], None]] = []

    def open_(
        encoder: GatedEncoder | None = None, settings: Settings = SETTINGS, *, wait: bool = True, is_editor: bool = True
    ) -> SharedEngine:
        services = Services(cache_dir, encoder=encoder or GatedEncoder(opened=True))
        engine = Engines(has_settings=is_editor, services=services).open(tmp_path / "w", settings)
        at_end.extend([services.close, engine.close])
        engine.start()
        if wait:
            assert engine.wait_until_current(WAIT_S)
        return engine

    yield open_
    for close in reversed(at_end):
        close()


@pytest.fixture
def victim(tmp_path: Path, cache_dir: Path) -> Iterator[Victim]:
    """A process that owns the folder's engine, to be killed."""
    write_files(tmp_path / "w", FILES)
    process = Victim(tmp_path / "w", cache_dir, "stay")
    process.begin()
    assert process.process.stdout is not None
    assert process.process.stdout.readline() == b"current\n"
    yield process
    process.end(0)


def found(engine: SharedEngine, query: str) -> list[str]:
    return [hit.path for hit in engine.search(SearchRequest(query, 5), CancelToken()).hits]


def texts(engine: SharedEngine, query: str) -> list[str]:
    return [hit.focus_text for hit in engine.search(SearchRequest(query, 5), CancelToken()).hits]


def wait_for(engine: SharedEngine, fits: Callable[[Status], bool]) -> None:
    """Look again whenever the engine tells of a change; here, as an engine's thread must not wait for itself."""
    news: SimpleQueue[Status] = SimpleQueue()
    engine.subscribe(news.put)
    while not fits(engine.status()):
        news.get(timeout=WAIT_S)


def gets_nothing(stranger: "socket.socket | greeting.Socket", sent: bytes) -> bool:
    """Return whether what was sent is answered by the end of the connection alone."""
    try:
        stranger.sendall(sent)
        return stranger.recv(1) == b""
    except (BrokenPipeError, ConnectionResetError):
        return True


def index_folder(cache_dir: Path) -> Path:
    return next(cache_dir.glob("workspaces/*"))


def test_a_second_front_end_asks_the_first_and_has_neither_model_nor_index(open_front_end: Opener):
    owner = open_front_end()
    own = GatedEncoder()
    guest = open_front_end(own)
    assert (owner.is_remote, guest.is_remote) == (False, True)
    search, related = SearchRequest("function_3", 5, explain=True), RelatedRequest(Span("pkg/file_1.py", 0, 2), 5)
    assert guest.search(search, CancelToken()) == owner.search(search, CancelToken())
    assert guest.related(related, CancelToken()) == owner.related(related, CancelToken())
    assert guest.status() == owner.status()
    assert guest.paths() == owner.paths() != frozenset()
    assert guest.languages() == {"python": 12}
    assert guest.symbols_in("pkg/file_1.py") == owner.symbols_in("pkg/file_1.py") != ()
    assert guest.referrers("pkg/file_1.py") == ()
    assert guest.explain("pkg/file_1.py") == owner.explain("pkg/file_1.py")
    assert not own.entered.is_set()


def test_what_a_guest_reports_and_commands_is_done(open_front_end: Opener):
    owner, guest = open_front_end(), open_front_end()
    (guest.folder / "pkg/new.py").write_text("def brand_new(): ...\n")
    guest.note_changed(["pkg/new.py"])
    assert guest.wait_until_current(WAIT_S)
    assert found(owner, "brand_new")[0] == "pkg/new.py"
    (guest.folder / "pkg/newer.py").write_text("def even_newer(): ...\n")
    guest.reconcile()
    assert guest.wait_until_current(WAIT_S)
    assert found(guest, "even_newer")[0] == "pkg/newer.py"
    guest.pause()
    wait_for(guest, lambda status: status.index.state.value == "paused")
    guest.resume()
    wait_for(owner, lambda status: status.index.state.value == "ready")


def test_an_error_of_the_owner_reaches_the_guest_as_it_is(open_front_end: Opener):
    open_front_end()
    with pytest.raises(InvalidRequestError, match="query is empty"):
        open_front_end().search(SearchRequest("  "), CancelToken())


def test_unsaved_text_of_every_editor_is_found_by_all_and_goes_with_its_editor(open_front_end: Opener):
    owner, first, second = open_front_end(), open_front_end(), open_front_end()
    owner.set_buffer("pkg/file_1.py", "def only_the_owner_has_it(): ...\n")
    first.set_buffer("pkg/file_2.py", "def the_first_guest_has_it(): ...\n")
    wait_for(owner, lambda _: "def the_first_guest_has_it(): ..." in texts(owner, "guest has it"))
    second.set_buffer("pkg/file_2.py", "def the_second_guest_has_it(): ...\n")
    for engine in (owner, first, second):
        assert engine.wait_until_current(WAIT_S)
        assert "def only_the_owner_has_it(): ..." in texts(engine, "only the owner has it")
        assert "def the_second_guest_has_it(): ..." in texts(engine, "guest has it")
    second.close()
    wait_for(owner, lambda _: "def the_first_guest_has_it(): ..." in texts(owner, "guest has it"))
    first.close()
    wait_for(owner, lambda _: "def the_first_guest_has_it(): ..." not in texts(owner, "guest has it"))
    assert "def function_2():" in texts(owner, "function_2")


def test_when_the_owner_closes_exactly_one_takes_over_with_all_unsaved_text(open_front_end: Opener):
    engines = [open_front_end() for _ in range(4)]
    for number, engine in enumerate(engines[1:]):
        engine.set_buffer(f"pkg/unsaved_{number}.py", f"def unsaved_of_{number}(): ...\n")
    (engines[0].folder / "pkg/new.py").write_text("def brand_new(): ...\n")  # Nobody is told; who takes over looks.
    engines[0].close()
    for engine in engines[1:]:
        assert engine.wait_until_current(WAIT_S)
        assert found(engine, "brand_new")[0] == "pkg/new.py"
    assert sorted(engine.is_remote for engine in engines[1:]) == [False, True, True]
    for number, engine in enumerate(engines[1:]):
        others = {f"pkg/unsaved_{n}.py" for n in range(3)}
        wait_for(engine, lambda _, engine=engine, others=others: others <= set(found(engine, "unsaved")))
        assert found(engine, f"unsaved_of_{number}")[0] == f"pkg/unsaved_{number}.py"


def test_a_question_outlives_the_owner_that_it_was_put_to(open_front_end: Opener, victim: Victim):
    guest = open_front_end()
    assert guest.is_remote
    guest.set_buffer("pkg/unsaved.py", "def unsaved_text(): ...\n")
    victim.process.send_signal(19)  # SIGSTOP: it takes the question and does not answer.
    answers: list[list[str]] = []
    asking = threading.Thread(target=lambda: answers.append(found(guest, "unsaved_text")))
    asking.start()
    victim.end(0)
    asking.join(WAIT_S)
    assert len(answers) == 1
    assert guest.wait_until_current(WAIT_S)
    assert not guest.is_remote
    assert found(guest, "unsaved_text")[0] == "pkg/unsaved.py"


def test_a_cancelled_question_is_cancelled_where_it_runs(open_front_end: Opener):
    class Slow(GatedEncoder):
        asked = threading.Event()
        answer = threading.Event()

        def encode_query(self, text: str) -> Vector:
            if "slowly" in text:
                self.asked.set()
                assert self.answer.wait(30)
            return super().encode_query(text)

    encoder = Slow(opened=True)
    open_front_end(encoder)
    guest, token = open_front_end(), CancelToken()
    raised: list[type] = []

    def ask() -> None:
        try:
            guest.search(SearchRequest("ask it slowly"), token)
        except CancelledError as error:
            raised.append(type(error))

    asking = threading.Thread(target=ask)
    asking.start()
    assert encoder.asked.wait(30)
    token.cancel()
    asking.join(30)
    encoder.answer.set()
    assert raised == [CancelledError]
    assert found(guest, "function_1")[0] == "pkg/file_1.py"


def test_an_editor_with_another_model_works_alone_until_it_need_not(
    open_front_end: Opener, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("cognate.shared.RETRY_S", 0.02)
    owner = open_front_end()
    other = open_front_end(settings=Settings(model="another", threads=1, update_delay_ms=0))
    assert not other.is_remote
    assert other.status().store == "memory"
    assert other.status().message == (
        "Another process holds this folder's index, with another model; "
        "the index is kept in memory until this process ends."
    )
    assert found(other, "function_1")[0] == "pkg/file_1.py"
    owner.close()
    wait_for(other, lambda status: status.store != "memory" and status.files == 12)
    assert found(other, "function_1")[0] == "pkg/file_1.py"


def test_a_folder_that_cannot_be_taken_over_is_tried_again(
    open_front_end: Opener, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("cognate.shared.RETRY_S", 0.02)
    failed = threading.Event()
    monkeypatch.setattr("cognate.shared.log.exception", lambda *_: failed.set())
    owner, guest = open_front_end(), open_front_end()
    (tmp_path / "w").rename(tmp_path / "away")
    owner.close()
    assert failed.wait(WAIT_S)
    (tmp_path / "away").rename(tmp_path / "w")
    assert found(guest, "function_1")[0] == "pkg/file_1.py"
    assert not guest.is_remote


def test_a_process_of_another_version_is_told_why_it_is_not_served(
    open_front_end: Opener, monkeypatch: pytest.MonkeyPatch
):
    open_front_end()
    monkeypatch.setattr("cognate.host.__version__", "9.9.9")
    other = open_front_end()
    assert not other.is_remote
    assert "Cognate 9.9.9 holds this folder's index, and this is Cognate" in other.status().message


def test_an_owner_without_settings_takes_an_editors_and_an_editor_keeps_its_own(open_front_end: Opener):
    owner = open_front_end(is_editor=False)
    excluding = Settings(threads=1, update_delay_ms=0, exclude=("file_1.py",))
    editor = open_front_end(settings=excluding)
    wait_for(owner, lambda status: status.files == 11)
    owner.close()
    assert editor.wait_until_current(WAIT_S)  # Whoever comes now may not be quicker.
    another = open_front_end(settings=SETTINGS)
    assert another.wait_until_current(WAIT_S)
    assert another.is_remote
    assert not editor.is_remote
    assert another.status().files == 11


def test_without_unix_sockets_a_port_is_used(open_front_end: Opener, cache_dir: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(greeting, "LONGEST_SOCKET_PATH", 0)
    open_front_end()
    guest = open_front_end()
    note = greeting.read_note(str(index_folder(cache_dir)))
    assert note is not None
    assert (note.socket, guest.is_remote) == ("", True)
    assert found(guest, "function_1")[0] == "pkg/file_1.py"
    for sent in (b"POST /mcp HTTP/1.1\r\nHost: evil.example\r\n\r\n", frame({"ask": "status", "id": 1})):
        with socket.create_connection(("127.0.0.1", note.port), 30) as stranger:
            assert gets_nothing(stranger, sent)


def test_who_does_not_know_the_token_gets_nothing(open_front_end: Opener, cache_dir: Path):
    open_front_end()
    note = greeting.read_note(str(index_folder(cache_dir)))
    assert note is not None
    with closing(greeting.connected(note)) as stranger:
        stranger.sendall(greeting.HELLO + greeting.challenge())
        greeting.exactly(stranger, 2 * greeting.SECRET_BYTES)
        assert gets_nothing(stranger, bytes(greeting.SECRET_BYTES) + frame({"ask": "status", "id": 1}))
    wrong = Note(note.pid, "00" * 32, note.socket)
    with (
        closing(greeting.connected(note)) as connection,
        pytest.raises(StrangerError, match="does not know the owner's token"),
    ):
        greeting.greet(connection, wrong, [greeting.ENGINE])


def test_a_link_in_the_sockets_place_is_not_followed(open_front_end: Opener, tmp_path: Path, cache_dir: Path):
    owner = open_front_end()
    place = index_folder(cache_dir)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "evil.sock"))
        listening.listen()
        (place / OWNER_SOCKET).unlink()
        (place / OWNER_SOCKET).symlink_to(tmp_path / "evil.sock")
        with pytest.raises(StrangerError, match="is not a socket of this user"):
            connect(owner.folder, place, Guest())
    note = (place / OWNER_FILE).read_bytes()
    (place / OWNER_FILE).unlink()
    (tmp_path / "note.json").write_bytes(note)
    (place / OWNER_FILE).symlink_to(tmp_path / "note.json")
    assert connect(owner.folder, place, Guest()) is None


TRY_TO_CONNECT = """
import os, socket, sys
if os.geteuid() == 0:
    os.setgid(65534), os.setuid(65534)
tried = socket.socket(socket.AF_UNIX)
try:
    tried.connect(sys.argv[1])
except PermissionError:
    sys.exit(13)
"""


def test_only_the_user_can_reach_the_socket_and_read_the_note(open_front_end: Opener, cache_dir: Path):
    open_front_end()
    place = index_folder(cache_dir)
    modes = [path.stat().st_mode & 0o777 for path in (place, place / OWNER_SOCKET, place / OWNER_FILE)]
    assert modes == [0o700, 0o600, 0o600]
    if os.geteuid() == 0:  # Nobody else could become another user.
        tried = subprocess.run([sys.executable, "-c", TRY_TO_CONNECT, str(place / OWNER_SOCKET)], check=False)
        assert tried.returncode == 13


def test_a_lock_whose_file_was_removed_is_taken_anew(tmp_path: Path):
    lock, other = WriterLock(tmp_path / "writer.lock"), WriterLock(tmp_path / "writer.lock")
    assert lock.acquire()
    (tmp_path / "writer.lock").unlink()
    assert lock.acquire()
    assert not other.acquire()
    lock.release()
    assert other.acquire()
    assert not lock.acquire()
    other.release()

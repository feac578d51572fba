from __future__ import annotations

import hashlib

import pytest

from imagekit.guest.errors import BadGuestPath, VerbFailed
from imagekit.guest.observe import Content, Observer, Spot, small_text
from imagekit.guest.paths import LinkLoop
from imagekit.testing.memory import Dir, File, Link, MemoryGuest, Special


@pytest.fixture
def guest() -> MemoryGuest:
    return MemoryGuest(
        {
            "/real/x": File("text", 0o600, 3, 4),
            "/way": Link("/real"),
            "/real/link": Link("x"),
            "/dangling": Link("real/new"),
            "/loop": Link("loop"),
        }
    )


@pytest.mark.parametrize(
    ("path", "follow", "real"),
    [
        ("/real/x", True, "/real/x"),
        ("/way/x", True, "/real/x"),
        ("/way/link", True, "/real/x"),
        ("/way/link", False, "/real/link"),
        ("/way", False, "/way"),
        ("/way/../way/x", True, "/real/x"),
        ("/way/new", True, "/real/new"),
        ("/dangling", True, "/real/new"),
        ("/no/such/place", True, "/no/such/place"),
        ("/real/x/below", True, "/real/x/below"),
        ("/", True, "/"),
    ],
)
def test_a_path_has_one_name(guest: MemoryGuest, path: str, follow: bool, real: str) -> None:
    assert Observer(guest).locate(path, follow=follow).path == real


def test_nothing_at_a_spot_is_none(guest: MemoryGuest) -> None:
    assert Observer(guest).locate("/way/new").stat is None
    assert Observer(guest).look("/real/x/below").stat is None
    assert Observer(guest).see(Spot("/x", None)) is None


def test_what_is_no_path_or_a_loop_is_an_error(guest: MemoryGuest) -> None:
    with pytest.raises(BadGuestPath):
        Observer(guest).locate("relative")
    with pytest.raises(LinkLoop):
        Observer(guest).locate("/loop")


def test_a_directory_is_asked_for_once_until_it_is_forgotten(guest: MemoryGuest) -> None:
    observer = Observer(guest)
    observer.locate("/way/x")
    guest.ln_sf("/other", "/way")
    guest.mkdir_p("/other")
    remembered = observer.locate("/way/x").path
    observer.forget()

    assert remembered == "/real/x"
    assert observer.locate("/way/x").path == "/other/x"


def test_a_file_is_seen_with_its_digest_and_its_text(guest: MemoryGuest) -> None:
    observer = Observer(guest)
    sight = observer.see(observer.look("/real/x"))

    assert sight is not None
    assert (sight.state.kind, sight.state.mode, sight.state.uid, sight.state.gid) == ("file", 0o600, 3, 4)
    assert (sight.state.size, sight.state.sha256) == (4, hashlib.sha256(b"text").hexdigest())
    assert sight.text == "text"


def test_a_large_file_is_digested_inside_the_guest_and_not_read(guest: MemoryGuest) -> None:
    content = bytes((1 << 20) + 1)
    guest.write("/large", content)
    guest.fail("read_file", error=VerbFailed("read_file", "/large", "must not be read"))
    observer = Observer(guest)

    assert observer.content(observer.look("/large")) == Content(len(content), hashlib.sha256(content).hexdigest(), None)


def test_without_digest_a_file_is_not_read(guest: MemoryGuest) -> None:
    guest.fail("read_file", error=VerbFailed("read_file", "", "must not be read"))
    observer = Observer(guest)
    sight = observer.see(observer.look("/real/x"), digest=False)

    assert sight is not None
    assert (sight.state.size, sight.state.sha256, sight.text) == (4, None, None)


def test_what_is_known_is_not_read_again(guest: MemoryGuest) -> None:
    guest.fail("read_file", error=VerbFailed("read_file", "", "must not be read"))
    observer = Observer(guest)
    sight = observer.see(observer.look("/real/x"), known=Content.of(b"text"))

    assert sight is not None
    assert (sight.state.sha256, sight.text) == (hashlib.sha256(b"text").hexdigest(), "text")


def test_links_have_a_target_and_other_things_have_nothing() -> None:
    guest = MemoryGuest({"/link": Link("x"), "/device": Special(), "/folder": Dir()})
    observer = Observer(guest)
    link, device, folder = (observer.see(observer.look(path)) for path in ("/link", "/device", "/folder"))

    assert link is not None
    assert link.state.target == "x"
    assert device is not None
    assert (device.state.kind, device.state.size, device.state.sha256) == ("other", None, None)
    assert folder is not None
    assert (folder.state.kind, folder.state.size) == ("directory", None)


@pytest.mark.parametrize(
    ("data", "text"),
    [(b"", ""), ("é\n".encode(), "é\n"), (b"\xff", None), (b"a\0b", None), (b"x" * 65536, "x" * 65536)],
)
def test_only_small_utf_8_is_text(data: bytes, text: str | None) -> None:
    assert small_text(data) == text
    assert small_text(data + b"x" * 65537) is None


def test_a_link_to_a_file_is_no_file_itself() -> None:
    observer = Observer(MemoryGuest({"/x": "", "/link": Link("/x")}))

    assert [observer.look(path).is_file for path in ("/x", "/link", "/none")] == [True, False, False]

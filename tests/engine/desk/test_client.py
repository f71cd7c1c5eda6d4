"""`repro` keeps its token to itself and asks the server so that nothing is done twice."""

import json
import stat
from pathlib import Path

import pytest

from reproducers.engine.desk import client
from reproducers.engine.desk.login import Login, keep_login, kept_login, login_file, server_url
from reproducers.engine.errors import ServerError, UsageError
from tests.engine.desk.conftest import Scripted


@pytest.fixture(autouse=True)
def no_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "PAUSES", (0, 0))


def test_a_login_is_kept_for_its_owner_alone() -> None:
    login = Login("https://desk.example.org", "hw_secret")
    for _ in range(2):
        path = keep_login(login)
    assert kept_login() == login
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_without_a_login_the_remedy_is_named() -> None:
    with pytest.raises(ServerError) as raised:
        kept_login()
    assert raised.value.remedy == "Run `repro login URL` first."


@pytest.mark.parametrize("text", ["", "[]", '{"url": "x"}', "\x00"])
def test_a_damaged_login_is_no_crash(configuration: Path, text: str) -> None:
    login_file().parent.mkdir(parents=True)
    login_file().write_text(text)
    with pytest.raises(ServerError, match="is damaged"):
        kept_login()


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("desk.example.org", "https://desk.example.org"),
        ("https://desk.example.org/", "https://desk.example.org"),
        ("http://localhost:8000/", "http://localhost:8000"),
        ("http://[::1]:8000", "http://[::1]:8000"),
    ],
)
def test_an_address_is_read_as_people_write_it(given: str, meant: str) -> None:
    assert server_url(given) == meant


@pytest.mark.parametrize("given", ["http://desk.example.org", "ftp://desk.example.org", "https://"])
def test_a_password_travels_encrypted_or_not_at_all(given: str) -> None:
    with pytest.raises(UsageError):
        server_url(given)


def test_signing_in_gives_a_token(server: Scripted) -> None:
    server.will_answer(201, {"secret": "hw_1"})
    login = client.sign_in(server.url, email="ines@tarn.example", password="p", name="laptop")
    assert login == Login(server.url, "hw_1")


def test_a_broken_connection_opens_the_ticket_once(server: Scripted) -> None:
    server.answers += [None, (409, b"{}")]
    server.will_answer(201, {"id": 7})
    with client.Desk(Login(server.url, "hw_1")) as desk:
        assert desk.open_ticket(title="Gather hangs") == {"id": 7}
    keys = {headers["Idempotency-Key"] for _, _, headers, _ in server.asked}
    assert len(server.asked) == 3
    assert len(keys) == 1
    assert json.loads(server.asked[0][3]) == {"title": "Gather hangs"}
    assert server.asked[0][2]["Authorization"] == "Bearer hw_1"


def test_a_refusal_comes_with_the_servers_remedy(server: Scripted) -> None:
    server.will_answer(403, {"detail": "You hold no seat.", "remedy": "Please ask Ines Okafor."})
    with client.Desk(Login(server.url, "hw_1")) as desk, pytest.raises(ServerError) as raised:
        desk.ticket(7)
    assert (raised.value.message, raised.value.remedy) == (
        "You hold no seat.",
        "Please ask Ines Okafor.",
    )


def test_a_refusal_without_words_is_still_one(server: Scripted) -> None:
    server.will_answer(500, {})
    with client.Desk(Login(server.url, "hw_1")) as desk, pytest.raises(ServerError, match="500"):
        desk.ticket(7)


@pytest.mark.parametrize("body", [b"<html>", b"[]", b" " * (client.ANSWER_BYTES + 1)])
def test_another_kind_of_server_is_recognised(server: Scripted, body: bytes) -> None:
    server.answers.append((200, body))
    with client.Desk(Login(server.url, "t")) as desk, pytest.raises(ServerError, match="not as a"):
        desk.ticket(7)


def test_a_server_that_is_away_is_said_to_be() -> None:
    with client.Desk(Login("http://127.0.0.1:9", "t")) as desk, pytest.raises(ServerError) as error:
        desk.ticket(7)
    assert "does not answer" in error.value.message

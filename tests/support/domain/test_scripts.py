"""A ticket's script: taken from a file or a block, replaced only on purpose, never lost."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reproducers.engine.script import read_script
from support.domain.reported import python_in, release_in
from support.domain.scripts import NO_SCRIPT, TEMPLATE
from support.domain.texts import clean_file_name
from support.domain.tickets import add_message, reply
from support.models import Message, Ticket, TicketEvent
from support.models.tickets import Channel
from tests.factories import make_engineer
from tests.support.tickets import SCRIPT, know_releases, later, make_ticket

OTHER = b"import dask\n\nassert dask.delayed(len)([1]).compute() == 2\n"


def block(script: bytes) -> str:
    return f"It fails:\n\n```python\n{script.decode()}```\n"


READING = b"""# /// script
# dependencies = ["dask[complete]"]
#
# [tool.repro]
# files = ["sales.csv"]
# ///
import dask.dataframe as dd
dd.read_csv("sales.csv")
"""
LACKING = "The script reads sales.csv beside it, which did not come with it."
SALES = {"sales.csv": b"shop,sum\n"}
KEPT = {"sales.csv": "c2hvcCxzdW0K"}


def files_of(ticket: Ticket) -> dict[str, str] | None:
    """The data of the script that the ticket has now."""
    reproducer = Ticket.objects.get(pk=ticket.pk).reproducer
    return reproducer.files if reproducer else None


def sends(
    ticket: Ticket,
    body: str,
    script: bytes | None = None,
    files: Mapping[str, bytes] | None = None,
) -> Message:
    return add_message(
        ticket=ticket,
        author=ticket.opened_by,
        body=body,
        channel=Channel.PORTAL,
        now=later(1),
        script=script,
        files=files,
    )


def script_of(ticket: Ticket) -> str | None:
    """The text of the script that the ticket has now."""
    reproducer = Ticket.objects.get(pk=ticket.pk).reproducer
    return reproducer.script if reproducer else None


def missing(ticket: Ticket) -> list[str]:
    found: list[str] = Ticket.objects.get(pk=ticket.pk).missing
    return found


def runs(ticket: Ticket) -> int:
    return ticket.ticket_experiments.count()


pytestmark = pytest.mark.django_db


def test_the_first_python_block_of_a_text_is_the_script() -> None:
    ticket = make_ticket(body=block(SCRIPT))
    assert (script_of(ticket), missing(ticket), runs(ticket)) == (SCRIPT.decode(), [], 1)


def test_an_attached_file_counts_before_a_block() -> None:
    assert script_of(make_ticket(body=block(OTHER), script=SCRIPT)) == SCRIPT.decode()


def test_data_comes_with_its_script() -> None:
    ticket = make_ticket(script=READING, files=SALES | {"notes.txt": b"not asked for"})
    assert (files_of(ticket), missing(ticket), runs(ticket)) == (KEPT, [], 1)
    (message,) = ticket.messages.all()
    assert sorted(message.attachments.values_list("name", flat=True)) == [
        "notes.txt",
        "sales.csv",
        "script.py",
    ]


def test_data_comes_with_a_block() -> None:
    assert files_of(make_ticket(body=block(READING), files=SALES)) == KEPT


def test_data_that_was_forgotten_completes_the_script() -> None:
    ticket = make_ticket(script=READING)
    (lacking,) = missing(ticket)
    assert lacking.startswith(LACKING)
    sends(ticket, "", files=SALES)
    assert (files_of(ticket), missing(ticket), runs(ticket)) == (KEPT, [], 1)


def test_newer_data_runs_the_script_that_is_there_again() -> None:
    ticket = make_ticket(script=READING, files=SALES)
    sends(ticket, "The real one.", files={"sales.csv": b"more\n"})
    assert (files_of(ticket), runs(ticket)) == ({"sales.csv": "bW9yZQo="}, 2)


def test_a_lone_file_of_any_name_is_taken_for_the_script() -> None:
    ticket = make_ticket()
    sends(ticket, "Here it is.", files={"reproducer.txt": SCRIPT})
    assert script_of(ticket) == SCRIPT.decode()


def test_a_later_message_brings_the_script() -> None:
    ticket = make_ticket()
    assert missing(ticket) == [NO_SCRIPT]
    sends(ticket, block(SCRIPT))
    assert (script_of(ticket), missing(ticket), runs(ticket)) == (SCRIPT.decode(), [], 1)


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        (b"def broken(:\n", "lookup.py, line 1: "),
        (b"\xff\xfe", "lookup.py is not UTF-8"),
        (b"", "lookup.py is empty"),
        (b"#" * (5 * 1024**2), "lookup.py is larger than 1 MiB"),
        (b"# /// script\n# dependencies = [\n# ///\nimport dask\n", "The metadata is no TOML"),
        (b"# /// script\n# requires-python = 3\n# ///\n", "`requires-python` has to be text"),
    ],
)
def test_a_script_that_cannot_be_run_is_kept_with_the_reason(script: bytes, reason: str) -> None:
    ticket = make_ticket(script=script, script_name="lookup.py")
    event = ticket.events.get(kind=TicketEvent.Kind.REPRODUCER)
    assert missing(ticket)[0].startswith(reason)
    assert event.note.startswith(f"lookup.py cannot be run: {reason}")
    assert bytes(ticket.messages.get().attachments.get().content) == script
    assert (script_of(ticket), runs(ticket)) == (None, 0)


def test_a_corrected_script_takes_away_what_was_missing() -> None:
    ticket = make_ticket(script=b"def broken(:\n")
    sends(ticket, "Sorry, this one:", SCRIPT)
    assert (script_of(ticket), missing(ticket), runs(ticket)) == (SCRIPT.decode(), [], 1)


def test_a_quoted_snippet_does_not_replace_a_script() -> None:
    ticket = make_ticket(script=SCRIPT)
    sends(ticket, block(b"frame.compute()\n"))
    assert (script_of(ticket), runs(ticket)) == (SCRIPT.decode(), 1)


def test_a_message_without_code_leaves_the_script_alone() -> None:
    ticket = make_ticket(script=SCRIPT)
    sends(ticket, "And?")
    assert (script_of(ticket), runs(ticket)) == (SCRIPT.decode(), 1)


@pytest.mark.parametrize("as_file", [True, False])
def test_a_file_or_a_block_with_metadata_replaces_a_script(as_file: bool) -> None:
    ticket = make_ticket(script=SCRIPT)
    if as_file:
        sends(ticket, "Smaller:", OTHER)
    else:
        sends(ticket, block(TEMPLATE.encode()))
    assert script_of(ticket) == (OTHER.decode() if as_file else TEMPLATE)
    assert runs(ticket) == 2


def test_a_broken_file_leaves_the_script_and_says_why() -> None:
    ticket = make_ticket(script=SCRIPT)
    sends(ticket, "Smaller:", b"def broken(:\n")
    assert (script_of(ticket), runs(ticket)) == (SCRIPT.decode(), 1)
    assert missing(ticket)[0].startswith("script.py, line 1: ")


def test_a_block_with_two_tables_of_metadata_is_meant_to_replace_and_refused() -> None:
    ticket = make_ticket(script=SCRIPT)
    table = b"# /// script\n# dependencies = []\n# ///\nimport dask\n"
    sends(ticket, block(table + table))
    assert (script_of(ticket), len(missing(ticket))) == (SCRIPT.decode(), 1)


def test_code_in_our_own_answer_is_never_run_but_our_file_is() -> None:
    ticket, mira = make_ticket(), make_engineer()
    reply(ticket=ticket, actor=mira, body=block(SCRIPT), now=later(1))
    assert script_of(ticket) is None
    add_message(
        ticket=ticket,
        author=mira,
        body="We made it smaller.",
        channel=Channel.DESK,
        now=later(2),
        script=OTHER,
    )
    assert script_of(ticket) == OTHER.decode()


def test_what_was_read_stands_in_the_book() -> None:
    ticket = make_ticket(script=SCRIPT, script_name="lookup.py")
    event = ticket.events.get(kind=TicketEvent.Kind.REPRODUCER)
    assert event.value == str(ticket.reproducer_id)
    assert event.note.startswith("lookup.py read: dask[complete]. The script names no dependencies")


def test_the_metadata_says_what_it_was_reported_on_and_needs() -> None:
    know_releases("2026.8.0")
    ticket = make_ticket(script=TEMPLATE.encode(), body="On dask 2024.1.0, Python 3.12.")
    assert (ticket.dask_release, ticket.python_version) == ("2025.5.1", "3.12")
    event = ticket.events.get(kind=TicketEvent.Kind.REPRODUCER)
    assert event.note == "script.py read: Python >=3.10, dask[complete], pandas."


def test_what_the_form_says_counts_before_the_metadata() -> None:
    ticket = make_ticket(script=TEMPLATE.encode(), dask_release="2024.8.0", python_version="3.11")
    assert (ticket.dask_release, ticket.python_version) == ("2024.8.0", "3.11")


def test_a_long_reported_version_fits() -> None:
    version = "2025.5.1+" + "x" * 41
    script = f'# /// script\n# [tool.repro]\n# reported = "{version}"\n# ///\nimport dask\n'
    assert make_ticket(script=script.encode()).dask_release == version[:32]


def test_the_template_is_a_script_that_can_be_read() -> None:
    script = read_script(TEMPLATE.encode())
    assert (script.has_block, script.table.reported) == (True, "2025.5.1")


@pytest.mark.parametrize(
    ("text", "dask", "python"),
    [
        ("- Dask version: 2024.8.1\n- Python version: 3.12.4", "2024.8.1", "3.12"),
        ("We run dask==2025.1.0 on python3.11", "2025.1.0", ""),
        ("**distributed**: v2023.9.2, Python 3.9", "2023.9.2", "3.9"),
        ("It fails since 2024.8.1", "", ""),
        ("dask is fine\n2024.8.1 is a release", "", ""),
        ("dask 1.2.3 and python 2.7", "", ""),
        ("", "", ""),
    ],
)
def test_versions_are_read_where_they_are_named(text: str, dask: str, python: str) -> None:
    assert (release_in(text), python_in(text)) == (dask, python)


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("lookup.py", "lookup.py"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\ines\\lookup.py", "lookup.py"),
        ("a\nb\0.py", "ab.py"),
        ("...", "script.py"),
        ("", "script.py"),
        ("x" * 200 + ".py", "x" * 117 + ".py"),
    ],
)
def test_a_file_name_is_one_harmless_part(name: str, kept: str) -> None:
    assert clean_file_name(name) == kept


@given(st.text())
def test_no_file_name_leads_out_of_its_folder(name: str) -> None:
    kept = clean_file_name(name)
    assert kept not in {"", ".", ".."}
    assert not set(kept) & set("/\\\0\r\n")

"""What uv is told, what it sees, and what its complaints mean."""

import os
from datetime import date
from pathlib import Path

import pytest

from reproducers.engine.environments import uv
from reproducers.engine.environments.layout import Layout
from reproducers.engine.environments.request import Request
from reproducers.engine.errors import EnvironmentServiceError
from reproducers.engine.interpreters import Interpreter
from reproducers.engine.job import Isolation

PYTHON = Interpreter(
    executable=Path("/opt/python/bin/python3.11"),
    version="3.11.7",
    prefix=Path("/opt/python"),
    stdlib=Path("/opt/python/lib/python3.11"),
)


def layout(isolation: Isolation = "bubblewrap") -> Layout:
    return Layout(interpreter=PYTHON, isolation=isolation, empty=Path("/empty"))


def request(**wishes: str) -> Request:
    facts = {"index_url": "https://index.example/simple", "nightly_index": None, **wishes}
    return Request(
        interpreter=PYTHON,
        requirements=(),
        constraints=(),
        as_of=date(2024, 2, 1),
        **facts,  # type: ignore[arg-type]
    )


def commands(chosen: Layout) -> list[tuple[str, ...]]:
    work, tree, downloads = Path("/w"), Path("/w/tree"), Path("/d")
    return [
        uv.resolve_command(
            chosen, request(), work=work, downloads=downloads, later={"numpy": date(2024, 5, 1)}
        ),
        uv.venv_command(chosen, tree=tree, downloads=downloads),
        uv.install_command(chosen, request(), work=work, tree=tree, downloads=downloads),
    ]


def test_no_configuration_of_anybodys_and_no_other_python_ever_counts() -> None:
    for command in commands(layout()):
        assert {"--no-config", "--no-python-downloads"} <= set(command)


def test_only_wheels_of_the_one_index_are_installed_each_by_its_hash() -> None:
    resolve, _, install = commands(layout())
    for command in (resolve, install):
        only = command.index("--only-binary")
        index = command.index("--default-index")
        assert command[only + 1] == ":all:"
        assert command[index + 1] == "https://index.example/simple"
        assert "--index" not in command
    assert "--generate-hashes" in resolve
    assert "--require-hashes" in install


def test_the_day_counts_as_a_whole_and_some_packages_have_their_own() -> None:
    resolve, _, _ = commands(layout())
    assert resolve[resolve.index("--exclude-newer") + 1] == "2024-02-01T23:59:59Z"
    assert "--exclude-newer-package=numpy=2024-05-01T23:59:59Z" in resolve


def test_paths_are_those_of_the_inside_or_of_the_host() -> None:
    assert [command[0] for command in commands(layout())] == ["/tools/uv"] * 3
    assert commands(layout())[1][2] == "/env"
    host = commands(layout("none"))
    assert {command[0] for command in host} == {str(uv.program())}
    assert (host[1][2], "--relocatable" in host[1]) == ("/w/tree", True)


def test_the_main_branch_may_come_from_either_index() -> None:
    nightly = request(nightly_index="https://nightly.example/simple")
    command = uv.resolve_command(layout(), nightly, work=Path("/w"), downloads=Path("/d"), later={})
    assert command[command.index("--index") + 1] == "https://nightly.example/simple"
    assert command[command.index("--index-strategy") + 1] == "unsafe-best-match"


def test_uv_sees_its_work_its_downloads_and_nothing_of_the_caller(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for variable in ("SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(variable, raising=False)
    mounts = uv.mounts(layout(), request(), work=Path("/w"), downloads=Path("/d"))
    assert {mount.target for mount in mounts if mount.writable} == {"/build", "/downloads"}
    assert {mount.target for mount in mounts if not mount.writable} == {
        "/python/bin/python3.11",
        "/python/lib/python3.11",
        "/tools/uv",
    }
    assert uv.mounts(layout("none"), request(), work=Path("/w"), downloads=Path("/d")) == ()


def test_certificates_and_a_local_index_are_shown_where_the_caller_has_them(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    certificates, packages = tmp_path / "ca.pem", tmp_path / "packages"
    certificates.touch()
    packages.mkdir()
    monkeypatch.setenv("SSL_CERT_FILE", str(certificates))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path / "none"))
    local = request(index_url=packages.as_uri())
    targets = {
        mount.target for mount in uv.mounts(layout(), local, work=Path("/w"), downloads=Path("/d"))
    }
    assert {str(certificates), str(packages)} < targets
    assert str(tmp_path / "none") not in targets
    assert uv.variables(layout())["SSL_CERT_FILE"] == str(certificates)


def test_of_the_callers_environment_only_certificates_and_open_proxies_pass(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for variable in list(os.environ):
        monkeypatch.delenv(variable)
    monkeypatch.setenv("SECRET_KEY", "secret")
    monkeypatch.setenv("UV_INDEX", "https://evil.example")
    monkeypatch.setenv("UV_HTTP_TIMEOUT", "120")
    monkeypatch.setenv("https_proxy", "http://proxy.example:3128")
    monkeypatch.setenv("HTTP_PROXY", "http://me:word@proxy.example:3128")
    assert uv.variables(layout()) == {
        "HOME": "/tmp",
        "PATH": "/usr/bin:/bin",
        "UV_NO_CONFIG": "1",
        "UV_HTTP_TIMEOUT": "120",
        "https_proxy": "http://proxy.example:3128",
    }


def test_uv_is_the_one_that_was_installed_with_us() -> None:
    assert uv.program().name == "uv"


def test_a_missing_uv_is_named_with_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    def nowhere() -> str:
        raise FileNotFoundError

    monkeypatch.setattr("uv.find_uv_bin", nowhere)
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(EnvironmentServiceError, match="uv is missing") as caught:
        uv.program()
    assert caught.value.remedy == "Install it: `pip install uv`."


def test_another_uv_on_the_path_will_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def nowhere() -> str:
        raise FileNotFoundError

    (tmp_path / "uv").touch(mode=0o755)
    monkeypatch.setattr("uv.find_uv_bin", nowhere)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert uv.program() == tmp_path / "uv"


def test_what_uv_prints_becomes_plain_text() -> None:
    assert uv.plain(b"\x1b[31mno\x1b[0m\r\nway\x07\xff") == "no\nway\ufffd"


def test_packages_without_a_wheel_are_read_from_the_hints() -> None:
    complaint = (
        "hint: Wheels are required for `a` and `b-c` because\nhint: Wheels are required for `a`"
    )
    assert uv.without_wheel(complaint) == ("a", "b-c")
    assert uv.without_wheel("hint: `a` was yanked") == ()


def test_a_wheel_that_is_none_is_told_from_one_that_did_not_come() -> None:
    assert uv.is_bad_wheel("error: The wheel is invalid: Script path must")
    assert not uv.is_bad_wheel("error: Failed to fetch: connection reset")


def test_a_reason_is_one_short_paragraph() -> None:
    complaint = "warning: x\nerror: No\n  cause: Because a\n    and b.\n\nhint: try c"
    assert uv.shortened(complaint) == "Because a and b."
    assert uv.shortened("error: no such file") == "error: no such file"
    assert len(uv.shortened("x" * 1000)) == uv.REASON_CHARACTERS

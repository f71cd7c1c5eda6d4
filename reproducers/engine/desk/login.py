"""Where the personal token is kept: one file of the user's configuration folder, mode 0600."""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urlsplit

import platformdirs

from reproducers.engine.errors import ServerError, UsageError


@dataclass(frozen=True)
class Login:
    """The server's address, and the token that it gave."""

    url: str
    token: str


def login_file() -> Path:
    return platformdirs.user_config_path("headwater") / "login.json"


def keep_login(login: Login) -> Path:
    """Write the token so that nobody else may read it, not even for a moment."""
    path = login_file()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(asdict(login), file)
    fresh.replace(path)
    return path


def kept_login() -> Login:
    """The login of an earlier `repro login`."""
    try:
        facts = json.loads(login_file().read_text())
        return Login(url=str(facts["url"]), token=str(facts["token"]))
    except FileNotFoundError:
        raise ServerError(
            "You are not signed in to a Headwater server.", remedy="Run `repro login URL` first."
        ) from None
    except (ValueError, KeyError, TypeError) as error:
        raise ServerError(
            f"{login_file()} is damaged.", remedy="Run `repro login URL` again."
        ) from error


def server_url(given: str) -> str:
    """The address without its last slash. A token goes over https, or to this very machine."""
    parts = urlsplit(given if "//" in given else f"https://{given}")
    is_local = parts.hostname in {"localhost", "127.0.0.1", "::1"}
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise UsageError(
            f"{given} is no address of a server.", remedy="Give it as https://desk.example.org."
        )
    if parts.scheme == "http" and not is_local:
        raise UsageError(
            "Your password would travel unencrypted.", remedy=f"Use https://{parts.netloc}."
        )
    return f"{parts.scheme}://{parts.netloc}{parts.path}".rstrip("/")

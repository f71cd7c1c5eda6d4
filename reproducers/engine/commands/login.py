"""`repro login URL`: change a password for a personal token, which is kept for later commands."""

import socket

import click

from reproducers.engine.commands.console import results
from reproducers.engine.commands.frame import print_json
from reproducers.engine.desk.client import sign_in
from reproducers.engine.desk.login import keep_login, server_url

SCHEMA = 1


@click.command(short_help="Sign in to a Headwater server.")
@click.argument("url")
@click.option("--email", prompt="E-mail", help="Your account there.")
@click.password_option(
    confirmation_prompt=False, envvar="HEADWATER_PASSWORD", help="Asked for if not given."
)
@click.option("--json", "as_json", is_flag=True, help="Print exactly one JSON object.")
def login(url: str, email: str, password: str, as_json: bool) -> None:
    """Sign in at URL; `repro submit` and `repro status` then speak to that server.

    The password is sent once and not kept. The token lies in your configuration folder, readable
    by you alone, until you revoke it on your account page.
    """
    kept = sign_in(server_url(url), email=email, password=password, name=socket.gethostname()[:80])
    path = keep_login(kept)
    if as_json:
        print_json({"schema": SCHEMA, "url": kept.url, "kept_in": str(path)})
    else:
        results().print(f"Signed in to {kept.url}. The token is in {path}.", markup=False)

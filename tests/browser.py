"""Chromium as people meet the pages: a page that complains on its console fails its test."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

from config import places

SCREENSHOTS = places.CHECKOUT / "var" / "screenshots"
FLAGS = [
    "--no-sandbox",  # it refuses root with one
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-domain-reliability",
    "--disable-sync",
    "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
]


@contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, driven by playwright; it reaches loopback only."""
    program = shutil.which("chromium")
    assert program is not None, "Chromium is missing: `make test` installs it."
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield browser
        browser.close()


@dataclass
class Visitor:
    """Somebody with a browser of their own: own cookies, and what their pages complained about."""

    browser: Browser
    base_url: str
    complaints: list[str] = field(default_factory=list)

    def page(
        self,
        *,
        width: int = 1440,
        height: int = 900,
        scheme: Literal["light", "dark"] = "light",
        javascript: bool = True,
    ) -> Page:
        """A new page in a new profile; links may be relative to the site."""
        context = self.browser.new_context(
            java_script_enabled=javascript,
            base_url=self.base_url,
            viewport={"width": width, "height": height},
            color_scheme=scheme,
            reduced_motion="reduce",
            locale="en-GB",
            timezone_id="Europe/Berlin",
        )
        context.set_default_timeout(15_000)
        page = context.new_page()
        page.on("console", self._note)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        return page

    def leave(self) -> None:
        for context in self.browser.contexts:
            context.close()

    def _note(self, message: ConsoleMessage) -> None:
        page = message.page
        is_about_the_page_itself = page is not None and message.location["url"] == page.url
        if message.text.startswith("Failed to load resource") and is_about_the_page_itself:
            return  # a page that is meant to be a 404
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)


def take_picture(page: Page, name: str) -> Path:
    """The whole page as var/screenshots/`name`.png."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    path = SCREENSHOTS / f"{name}.png"
    page.screenshot(path=path, full_page=True, animations="disabled")
    return path

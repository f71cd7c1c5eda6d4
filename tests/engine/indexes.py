"""A package index of a test's own, on loopback, with wheels that are made on the spot."""

import base64
import hashlib
import io
import json
import threading
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal

JSON = "application/vnd.pypi.simple.v1+json"
Answer = tuple[int, str, bytes]


def wheel(name: str, version: str, files: Mapping[str, str], metadata: str) -> bytes:
    """A wheel of pure Python. `files` maps paths below site-packages to their text."""
    stem = f"{name.replace('-', '_')}-{version}.dist-info"
    members = {
        **{path: text.encode() for path, text in files.items()},
        f"{stem}/METADATA": metadata.encode(),
        f"{stem}/WHEEL": b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{path},sha256={_hash(text)},{len(text)}\n" for path, text in members.items())
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for path, text in members.items():
            archive.writestr(path, text)
        archive.writestr(f"{stem}/RECORD", f"{record}{stem}/RECORD,,\n")
    return packed.getvalue()


def _hash(content: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()


@dataclass
class Index:
    """What is served: `speaks` chooses between PEP 691 and HTML with upload times.

    `answers` replaces what a path answers with, `asked` are the paths that were asked for.
    """

    url: str
    speaks: Literal["json", "html"] = "json"
    projects: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    answers: dict[str, Answer] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def add(
        self,
        name: str,
        version: str,
        *,
        uploaded: str | None = "2024-01-01T00:00:00Z",
        requires: tuple[str, ...] = (),
        requires_python: str | None = None,
        yanked: bool | str = False,
        files: Mapping[str, str] | None = None,
        tag: str = "py3-none-any",
    ) -> None:
        """Upload a wheel."""
        filename = f"{name.replace('-', '_')}-{version}-{tag}.whl"
        lines = [f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"]
        lines += [f"Requires-Dist: {requirement}\n" for requirement in requires]
        metadata = "".join(lines)
        content = wheel(name, version, files or {}, metadata)
        self.files[filename] = content
        self.files[f"{filename}.metadata"] = metadata.encode()
        facts: dict[str, Any] = {
            "filename": filename,
            "url": f"{self.url}/files/{filename}",
            "hashes": {"sha256": hashlib.sha256(content).hexdigest()},
            "core-metadata": {"sha256": hashlib.sha256(metadata.encode()).hexdigest()},
            "yanked": yanked,
        }
        if requires_python is not None:
            facts["requires-python"] = requires_python
        if uploaded is not None:
            facts["upload-time"] = uploaded
        self.projects.setdefault(name, []).append(facts)

    def answer(self, path: str) -> Answer:
        """What a path is answered with."""
        self.asked.append(path)
        if path in self.answers:
            return self.answers[path]
        kind, _, name = path.strip("/").partition("/")
        if kind == "files" and name in self.files:
            return 200, "application/octet-stream", self.files[name]
        if kind == "simple" and name in self.projects:
            return self._page(name)
        return 404, "text/plain", b"not here"

    def _page(self, name: str) -> Answer:
        files = self.projects[name]
        if self.speaks == "html":
            links = "".join(_link(facts) for facts in files)
            return 200, "text/html", f"<!DOCTYPE html><body>{links}</body>".encode()
        page = {"meta": {"api-version": "1.1"}, "name": name, "versions": [], "files": files}
        return 200, JSON, json.dumps(page).encode()


def _link(facts: Mapping[str, Any]) -> str:
    attributes = [f'href="{facts["url"]}#sha256={facts["hashes"]["sha256"]}"']
    for key in ("requires-python", "upload-time"):
        if key in facts:
            attributes.append(f'data-{key}="{escape(facts[key])}"')
    if facts["yanked"] is not False:
        reason = "" if facts["yanked"] is True else facts["yanked"]
        attributes.append(f'data-yanked="{escape(reason)}"')
    return f"<a {' '.join(attributes)}>{facts['filename']}</a><br/>"


@contextmanager
def serving() -> Iterator[Index]:
    """An empty index that answers until the end of the block."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, kind, content = index.answer(self.path)
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing: what was asked is in `asked`."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    index = Index(url=f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield index
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

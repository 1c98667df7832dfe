"""A live preview: builds, serves the folder on this machine, rebuilds on every edit and reloads the page."""

from __future__ import annotations

import html
import threading
import time
from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from probatum.errors import ProbatumError
from probatum.newsletter.press import Press

RELOAD = "/_probatum/reload"
_SCRIPT = f"""\
let seen = null;
const events = new EventSource("{RELOAD}");
events.onmessage = (event) => {{ if (seen !== null && seen !== event.data) location.reload(); seen = event.data; }};
"""


class Preview:
    """A press that is run again after each edit; `generation` counts the builds."""

    def __init__(self, press: Press) -> None:
        self.press = press
        self.generation = 0
        self.mistakes = ""
        self._changed = threading.Condition()

    def rebuild(self) -> str:
        """Build again and return a line for the terminal; mistakes are kept for the page to show."""
        start = time.process_time()
        with self._changed:
            try:
                _, written = self.press.build(bulk=False)
                self.mistakes = ""
                line = f"{len(written)} files written, {1000 * (time.process_time() - start):.0f} ms CPU"
            except ProbatumError as error:
                self.mistakes = line = str(error)
            self.generation += 1
            self._changed.notify_all()
        return line

    def finish(self, path: Path | None = None) -> None:
        """Bring files up to date that a rebuild leaves for later."""
        with self._changed:
            self.press.finish(path)

    def wait(self, seen: int, seconds: float) -> int:
        """Wait until there is a build after `seen`, or `seconds` have passed; return the latest."""
        with self._changed:
            self._changed.wait_for(lambda: self.generation != seen, seconds)
            return self.generation


class _Handler(SimpleHTTPRequestHandler):
    def __init__(self, *args: Any, preview: Preview, **kwargs: Any) -> None:
        self.preview = preview
        super().__init__(*args, directory=str(preview.press.out), **kwargs)

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if path == RELOAD:
            self._events()
        elif path == f"{RELOAD}.js":
            self._send(_SCRIPT.encode(), "text/javascript")
        elif path.endswith((".html", "/")):
            self._page(Path(self.translate_path(self.path)))
        else:
            self.preview.finish(Path(self.translate_path(self.path)))
            super().do_GET()

    def _page(self, path: Path) -> None:
        """A page with the reload script added as it is sent: the file itself stays as a build makes it."""
        path = path / "index.html" if path.is_dir() else path
        status = HTTPStatus.OK
        if not path.is_file():
            status, path = HTTPStatus.NOT_FOUND, self.preview.press.out / "404.html"
        if self.preview.mistakes:
            status = HTTPStatus.INTERNAL_SERVER_ERROR
            page = f"<title>Mistakes</title><h1>Mistakes</h1><pre>{html.escape(self.preview.mistakes)}</pre>"
        else:
            page = path.read_text(encoding="utf-8")
        self._send(f'{page}<script src="{RELOAD}.js"></script>'.encode(), "text/html; charset=utf-8", status)

    def _send(self, data: bytes, kind: str, status: HTTPStatus = HTTPStatus.OK) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(data)

    def _events(self) -> None:
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        seen = -1
        try:
            while True:
                seen = self.preview.wait(seen, 15.0)
                self.wfile.write(f"data: {seen}\n\n".encode())
                self.wfile.flush()
        except OSError:
            pass  # the page was closed

    def log_message(self, *_: Any) -> None:
        """Say nothing for each request: the terminal is for builds and mistakes."""


def server(preview: Preview, *, port: int) -> ThreadingHTTPServer:
    """An HTTP server of the preview on this machine's own address, not started; port 0 takes a free one."""
    found = ThreadingHTTPServer(("127.0.0.1", port), partial(_Handler, preview=preview))
    found.daemon_threads = True
    return found

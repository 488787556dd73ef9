"""A service that answers as a test says, on loopback."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest


class ScriptedService:
    """Answers each request by the next step of the script, then accepts; keeps what it was sent."""

    def __init__(self):
        self.script = []
        self.requests = []
        self.recorded = set()
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def close(self):
        self._server.shutdown()
        self._server.server_close()

    def accept(self, items):
        """Like the real one: an id that was taken before is a duplicate."""
        return 200, {"items": [{"id": item["id"], **self._take(item)} for item in items]}

    def _take(self, item):
        if item["id"] in self.recorded:
            return {"status": "duplicate"}
        self.recorded.add(item["id"])
        return {"status": "accepted", "charged": "0.25"}

    def _answer(self, headers, body):
        with self._lock:
            items = json.loads(body)["items"]
            self.requests.append({"key": headers["Idempotency-Key"], "body": body, "items": items})
            step = self.script.pop(0) if self.script else self.accept
            return step(items)

    def _handler(self):
        service = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                answer = service._answer(self.headers, body)
                if answer is None:
                    self.close_connection = True
                    return
                status, content, *headers = answer
                encoded = content if isinstance(content, bytes) else json.dumps(content).encode()
                self.send_response(status)
                for name, value in headers:
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(encoded)))
                self.end_headers()
                self.wfile.write(encoded)

            def log_message(self, *_):
                pass

        return Handler


@pytest.fixture
def service():
    scripted = ScriptedService()
    yield scripted
    scripted.close()

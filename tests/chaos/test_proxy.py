"""The proxy loses exactly the answer: the request arrives, the client is left without a word."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from chaos.proxy import CuttingProxy
from chaos.wire import Connection, NoAnswer


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        self.server.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
        answer = json.dumps(len(self.server.bodies)).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: object) -> None:
        """Silent."""


@pytest.fixture
def server() -> Iterator[ThreadingHTTPServer]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        server.daemon_threads = True
        server.bodies = []
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def proxy(server: ThreadingHTTPServer) -> Iterator[CuttingProxy]:
    proxy = CuttingProxy(server.server_port)
    yield proxy
    proxy.close()


@pytest.fixture
def connection(proxy: CuttingProxy) -> Iterator[Connection]:
    connection = Connection(proxy.port, timeout_s=30)
    yield connection
    connection.close()


def test_requests_and_answers_pass(connection, server):
    assert connection.request("POST", "/", b"one", {}).body == 1
    assert connection.request("POST", "/", b"two", {}).body == 2
    assert server.bodies == [b"one", b"two"]


def test_a_lost_answer_is_one_to_a_request_that_was_carried_out(connection, server, proxy):
    proxy.lose_answers(1)
    with pytest.raises(NoAnswer):
        connection.request("POST", "/", b"one", {})
    assert server.bodies == [b"one"]
    assert connection.request("POST", "/", b"one", {}).body == 2
    assert proxy.lost_answers == 1


def test_a_server_that_is_gone_gives_no_answer(connection, server):
    server.shutdown()
    server.server_close()
    with pytest.raises(NoAnswer):
        connection.request("POST", "/", b"one", {})

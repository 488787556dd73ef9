"""A proxy in front of an HTTP door that loses answers: the request goes through, its answer is thrown away.

To the client that is a connection which broke at the worst moment: after the commit.
"""

from __future__ import annotations

import selectors
import socket
import struct
import threading
from contextlib import suppress

_CHUNK = 65_536
_LOOK_S = 0.5
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class CuttingProxy:
    """Listens on a port of its own. Every connection has a thread, which owns both of its sockets."""

    def __init__(self, upstream_port: int) -> None:
        self._upstream = ("127.0.0.1", upstream_port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.lost_answers = 0
        self._to_lose = 0
        self._lock = threading.Lock()
        self._closed = threading.Event()
        threading.Thread(target=self._accept, name=f"proxy-{upstream_port}", daemon=True).start()

    def lose_answers(self, number: int) -> None:
        """The next answers, whichever connections they are for, never arrive."""
        with self._lock:
            self._to_lose += number

    def close(self) -> None:
        self._closed.set()
        # Closing alone would not wake the thread that waits in accept.
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        while not self._closed.is_set():
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        with client, suppress(OSError), socket.create_connection(self._upstream) as upstream:
            for each in (client, upstream):
                each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._pass_on(client, upstream)

    def _pass_on(self, client: socket.socket, upstream: socket.socket) -> None:
        """Returns when either side closes, or when an answer is to be lost; leaving resets the client's connection."""
        with selectors.DefaultSelector() as selector:
            selector.register(client, selectors.EVENT_READ, upstream)
            selector.register(upstream, selectors.EVENT_READ, client)
            while not self._closed.is_set():
                for key, _ in selector.select(_LOOK_S):
                    received = key.fileobj.recv(_CHUNK)
                    if not received or (key.fileobj is upstream and self._loses_this()):
                        return
                    key.data.sendall(received)

    def _loses_this(self) -> bool:
        with self._lock:
            if not self._to_lose:
                return False
            self._to_lose -= 1
            self.lost_answers += 1
            return True

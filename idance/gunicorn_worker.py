"""gunicorn's threaded worker, made patient: who sends slowly keeps no thread from others.

gunicorn gives a thread to each connection and waits in it for whatever the client has not sent yet. Here the
head of a request is collected in the main loop, and a thread is given once it is complete. A body is read in
the thread, at a pace: what comes too slowly is cut. TLS and HTTP/2 are a proxy's affair; where gunicorn is
given a certificate, its own way stays.
"""

from __future__ import annotations

import errno
import json
import selectors
import socket
import threading
import time
from functools import partial
from typing import Any, Final

from gunicorn import util
from gunicorn.workers.gthread import TConn, ThreadWorker

from idance.lib import stopping

#: Within so many seconds a request's head must be there, from the first byte or from connecting.
HEAD_SECONDS: Final = 15.0
#: The most bytes of a head that are collected here; gunicorn says what is wrong with a longer one.
MOST_HEAD: Final = 64 * 1024
#: A body comes at so many bytes a second at least. Slow mobile nets have several times as much.
PACE: Final = 4_000
#: So many seconds it may stay behind that, as while a phone changes nets.
PATIENCE: Final = 10.0
#: The same while more than half of the threads wait for bodies.
PATIENCE_IN_A_CROWD: Final = 1.5
#: After so many seconds of waiting for a body all of it must have come at so many bytes a second.
GRACE: Final = 30.0
AVERAGE: Final = 10_000
#: How long a client may take to hang up after its last answer.
LINGER_SECONDS: Final = 2.0
#: What people read of a request that gunicorn refuses before any view sees it, by status.
REFUSALS: Final = {
    414: "The address of the request is too long.",
    431: "The headers of the request are too large.",
    500: "Something went wrong on our side. Please try again.",
}


def write_error(sock: socket.socket, status: int, reason: str, message: str) -> None:
    """Refuse in the shape of every other error; gunicorn would send a page that repeats the request."""
    body = json.dumps({"detail": REFUSALS.get(status, "The request could not be understood.")})
    head = f"HTTP/1.1 {status} {reason}\r\nConnection: close\r\nContent-Type: application/json\r\n"
    util.write_nonblock(
        sock, f"{head}Cache-Control: no-store\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()
    )


util.write_error = write_error


class PatientWorker(ThreadWorker):  # type: ignore[misc]
    """A worker with threads, of which none waits for the head of a request."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._lock = threading.Lock()
        self._readers = 0

    def handle_exit(self, sig: int, frame: Any) -> None:
        """SIGTERM: requests that wait for a result answer with the present state instead of being cut."""
        stopping.tell()
        super().handle_exit(sig, frame)

    # --- In the main loop -------------------------------------------------------------------------------
    def enqueue_req(self, conn: TConn) -> None:
        """A connection that is new or has something to say: its thread comes when the head is there."""
        read_ahead = conn.initialized and conn.parser.unreader.buf.getvalue()
        if self.cfg.is_ssl or read_ahead:
            super().enqueue_req(conn)
            return
        conn.head = bytearray()
        conn.sock.setblocking(False)
        conn.timeout = time.monotonic() + HEAD_SECONDS
        self.pending_conns.append(conn)  # `murder_pending` closes those whose time is up
        self.poller.register(conn.sock, selectors.EVENT_READ, partial(self.on_pending_socket_readable, conn))

    def on_pending_socket_readable(self, conn: TConn, client: socket.socket) -> None:
        """Take what there is of the head."""
        try:
            piece = client.recv(MOST_HEAD)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            piece = b""
        conn.head += piece
        if piece and b"\r\n\r\n" not in conn.head and len(conn.head) < MOST_HEAD:
            return
        self.poller.unregister(client)
        self.pending_conns.remove(conn)
        conn.data_ready = True
        super().enqueue_req(conn)

    # --- In a thread ------------------------------------------------------------------------------------
    def handle(self, conn: TConn) -> Any:
        """Answer the request whose head is there."""
        if not self.cfg.is_ssl:
            conn.sock.setblocking(True)
            conn.init()
            conn.parser.unreader.unread(bytes(conn.head))
            conn.head = bytearray()
            conn.parser.unreader.sock = PacedSocket(conn.sock, self)
        kept = super().handle(conn)
        if kept is False:
            self._hang_up(conn.sock)
        return kept

    def _hang_up(self, sock: socket.socket) -> None:
        """Let the client read the last answer. gunicorn would wait for it in the main loop."""
        until = time.monotonic() + LINGER_SECONDS
        try:
            sock.shutdown(socket.SHUT_WR)
            while (left := until - time.monotonic()) > 0:
                sock.settimeout(left)
                if not sock.recv(MOST_HEAD):
                    break
            sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass  # it has gone, or its time is up

    def begin_waiting(self) -> None:
        """A thread waits for a body."""
        with self._lock:
            self._readers += 1

    def end_waiting(self) -> None:
        """It waits no longer."""
        with self._lock:
            self._readers -= 1

    @property
    def patience(self) -> float:
        """How many seconds a body may stay behind its pace at the moment."""
        return PATIENCE_IN_A_CROWD if self._readers * 2 > self.cfg.threads else PATIENCE


class PacedSocket:
    """Reads what comes at the pace, and cuts the connection when it stays behind too long.

    Only the time in which somebody waits for bytes counts, not what a view does between two reads.
    """

    #: How often a waiting thread looks whether there is a crowd by now, in seconds.
    LOOK_EVERY: Final = 0.5

    def __init__(self, sock: socket.socket, worker: PatientWorker) -> None:
        self._sock = sock
        self._worker = worker
        self._behind = 0.0  # seconds; never ahead, so that a quick start buys no pause later
        self._waited = 0.0  # seconds, in all
        self._received = 0  # bytes

    def recv(self, size: int) -> bytes:
        """As a socket's. ``ConnectionResetError`` when the connection was cut."""
        self._worker.begin_waiting()
        try:
            return self._recv(size)
        finally:
            self._worker.end_waiting()

    def _recv(self, size: int) -> bytes:
        while True:
            overall = GRACE + self._received / AVERAGE - self._waited
            left = min(self._worker.patience - self._behind, overall)
            if left <= 0:
                self._sock.shutdown(socket.SHUT_RDWR)
                raise ConnectionResetError(errno.ECONNRESET, "The request came too slowly.")
            self._sock.settimeout(min(left, self.LOOK_EVERY))
            start = time.monotonic()
            try:
                piece = self._sock.recv(size)
            except TimeoutError:
                piece = None
            finally:
                self._sock.settimeout(None)
            passed = time.monotonic() - start
            self._behind += passed
            self._waited += passed
            if piece is not None:
                self._received += len(piece)
                self._behind = max(0.0, self._behind - len(piece) / PACE)
                return piece

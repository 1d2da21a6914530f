"""Keeps a few programs running as one: `make run` is the web server and the worker under one roof.

- A program that dies is started again after a pause that doubles; one that dies at once again and again
  stops everything, loudly.
- SIGINT, SIGTERM, SIGHUP (a closed terminal): every program is asked to stop and after a grace made to. A
  second Ctrl-C waits no longer.
- Every program leads a process group of its own, and nothing of a group outlives its leader. When the
  supervisor itself is killed, `idance.guard` ends the groups.
- Their output is passed on line by line with the program's name before it.

Standard library alone, one thread, no Django: it must work when the rest does not.
"""

from __future__ import annotations

import contextlib
import logging
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import BinaryIO

log = logging.getLogger(__name__)

GUARD = Path(__file__).with_name("guard.py")
#: A second Ctrl-C within this many seconds is the same key press, told twice by the terminal and by make.
SAME_SIGNAL_SECONDS = 0.5


@dataclass(frozen=True)
class Program:
    """One program to keep running."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] | None = None
    #: File descriptors it inherits, such as a listening socket.
    pass_fds: Sequence[int] = ()


@dataclass(frozen=True)
class Patience:
    """How long to wait for what, in seconds."""

    first_pause: float = 0.5
    longest_pause: float = 30.0
    #: A program that lived shorter died "at once"; so many of those in a row are enough.
    short_life: float = 10.0
    short_lives: int = 6
    #: From asking to stop to making it.
    grace: float = 25.0


@dataclass
class Child:
    """A program and its present process, if it has one."""

    program: Program
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    short_lives: int = 0
    start_at: float | None = 0.0
    unfinished: bytes = b""


@dataclass
class Supervisor:
    """Runs programs until it is told to stop.

    Parameters
    ----------
    programs : what to run, in the order of their start.
    patience : pauses and limits.
    out : where the programs' output goes.
    label : put the program's name before each line.
    stop_with_parent : stop when the process that started us is gone (`make` killed hard, for one).
    """

    programs: Sequence[Program]
    patience: Patience = field(default_factory=Patience)
    out: BinaryIO = field(default_factory=lambda: sys.stderr.buffer)
    label: bool = True
    stop_with_parent: bool = False

    def run(self) -> int:
        """Run everything until a signal stops it: 0 when stopped on request, 1 when a program gave up."""
        self._children = [Child(program) for program in self.programs]
        self._parent = os.getppid()
        self._signals: list[int] = []
        self._stopping_since: float | None = None
        self._kill_at: float | None = None
        self._gave_up = False
        self._muted = False
        self._selector = selectors.DefaultSelector()
        self._start_guard()
        with self._catch_signals():
            while self._stopping_since is None or any(child.process for child in self._children):
                self._wait_and_listen()
                self._look_around()
                self._do_what_is_due()
        self._selector.close()
        self._guard_pipe.close()
        self._guard.wait()
        return 1 if self._gave_up else 0

    # --- The loop -----------------------------------------------------------------------------------------
    def _wait_and_listen(self) -> None:
        """Wait for output, a signal or the next thing that is due."""
        for key, _ in self._selector.select(self._seconds_to_next()):
            if isinstance(key.data, Child):
                self._forward(key.data)
            else:
                os.read(key.fd, 4096)  # a signal came; its handler has noted it

    def _look_around(self) -> None:
        """See which signals came, who has died, and whether the parent is still there."""
        signals, self._signals = self._signals, []
        for number in signals:
            self._heed(number)
        for child in self._children:
            if child.process is not None and child.process.poll() is not None:
                self._bury(child, child.process)
        if self._guard.poll() is not None:
            self._start_guard()
        if self.stop_with_parent and os.getppid() != self._parent:
            self.stop("what started it is gone")

    def _do_what_is_due(self) -> None:
        """Start whose pause is over; end whose grace is over."""
        now = time.monotonic()
        if self._stopping_since is None:
            for child in self._children:
                if child.start_at is not None and now >= child.start_at:
                    self._start(child)
        elif self._kill_at is not None and now >= self._kill_at:
            self._kill_at = None
            self._end_all()

    def _seconds_to_next(self) -> float:
        due = [1.0]
        now = time.monotonic()
        if self._stopping_since is None:
            due += [child.start_at - now for child in self._children if child.start_at is not None]
        elif self._kill_at is not None:
            due.append(self._kill_at - now)
        return max(0.0, min(due))

    @contextlib.contextmanager
    def _catch_signals(self) -> Iterator[None]:
        """Turn signals into wake-ups of the loop while it runs."""
        read_end, write_end = os.pipe()
        os.set_blocking(read_end, False)
        os.set_blocking(write_end, False)
        self._selector.register(read_end, selectors.EVENT_READ)
        wakeup_before = signal.set_wakeup_fd(write_end, warn_on_full_buffer=False)
        numbers = [signal.SIGINT, signal.SIGTERM, signal.SIGCHLD]
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # nohup asked to outlive the terminal
            numbers.append(signal.SIGHUP)
        before = {number: signal.signal(number, self._note) for number in numbers}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
            signal.set_wakeup_fd(wakeup_before)
            os.close(read_end)
            os.close(write_end)

    def _note(self, number: int, frame: FrameType | None) -> None:
        self._signals.append(number)  # acted on in the loop, never in the middle of something

    def _heed(self, number: int) -> None:
        if number == signal.SIGCHLD:
            return
        if self._stopping_since is None:
            self.stop("Ctrl-C" if number == signal.SIGINT else signal.Signals(number).name)
        elif number == signal.SIGINT and time.monotonic() - self._stopping_since > SAME_SIGNAL_SECONDS:
            self._kill_at = time.monotonic()

    # --- Programs -----------------------------------------------------------------------------------------
    def _start(self, child: Child) -> None:
        program = child.program
        guard_fd = self._guard_pipe.fileno()

        def announce() -> None:
            # In the child, before its program: there is no moment in which the guard does not know it.
            os.write(guard_fd, b"+%d\n" % os.getpid())

        try:
            process = subprocess.Popen(  # noqa: S603  our own commands
                list(program.command),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                bufsize=0,
                env=None if program.environment is None else dict(program.environment),
                pass_fds=tuple(program.pass_fds),
                start_new_session=True,
                preexec_fn=announce,  # noqa: PLW1509  safe: this process has one thread
            )
        except OSError as error:
            log.error("%s cannot be started: %s.", program.name, error)
            self._gave_up = True
            self.stop(f"{program.name} cannot be started")
            return
        child.process, child.started, child.start_at, child.unfinished = process, time.monotonic(), None, b""
        if process.stdout is not None:
            os.set_blocking(process.stdout.fileno(), False)
            self._selector.register(process.stdout, selectors.EVENT_READ, child)

    def _bury(self, child: Child, process: subprocess.Popen[bytes]) -> None:
        """A program's first process has ended: end the rest of its group, and decide what comes next."""
        _signal_group(process.pid, signal.SIGKILL)
        self._tell_guard(b"-%d\n" % process.pid)
        self._forward(child, to_the_end=True)
        child.process = None
        if self._stopping_since is not None:
            return
        patience, now = self.patience, time.monotonic()
        child.short_lives = child.short_lives + 1 if now - child.started < patience.short_life else 0
        how = _how_it_ended(process.returncode)
        if child.short_lives >= patience.short_lives:
            log.critical(
                "%s %s, the %dth time at once. Giving up: see its messages above.",
                child.program.name,
                how,
                child.short_lives,
            )
            self._gave_up = True
            self.stop(f"{child.program.name} does not stay up")
            return
        pause = min(patience.longest_pause, patience.first_pause * 2 ** max(0, child.short_lives - 1))
        child.start_at = now + pause
        log.error("%s %s; starting it again in %g s.", child.program.name, how, pause)

    def stop(self, why: str) -> None:
        """Ask every program to stop."""
        if self._stopping_since is not None:
            return
        self._stopping_since = time.monotonic()
        self._kill_at = self._stopping_since + self.patience.grace
        log.info("Stopping (%s); running work gets %g s to finish.", why, self.patience.grace)
        for child in self._children:
            if child.process is not None:
                # The leader alone: gunicorn and the queue's cluster tell their own in good order.
                with contextlib.suppress(ProcessLookupError):
                    child.process.terminate()

    def _end_all(self) -> None:
        for child in self._children:
            if child.process is not None:
                log.warning("%s has not stopped by itself; ending it.", child.program.name)
                _signal_group(child.process.pid, signal.SIGKILL)

    # --- Output -------------------------------------------------------------------------------------------
    def _forward(self, child: Child, *, to_the_end: bool = False) -> None:
        """Pass on the whole lines that the program has written; with ``to_the_end`` everything, and close."""
        pipe = child.process.stdout if child.process else None
        if pipe is None or pipe.closed:
            return
        ended = False
        while True:
            data = pipe.read(65536)
            if data:
                *lines, child.unfinished = (child.unfinished + data).split(b"\n")
                for line in lines:
                    self._write(child, line)
            ended = data == b""
            if not data or not to_the_end:
                break
        if ended or to_the_end:
            if child.unfinished:
                self._write(child, child.unfinished)
                child.unfinished = b""
            self._selector.unregister(pipe)
            pipe.close()

    def _write(self, child: Child, line: bytes) -> None:
        if self._muted:
            return
        width = max(len(program.name) for program in self.programs)
        prefix = f"{child.program.name:<{width}} | ".encode() if self.label else b""
        try:
            self.out.write(prefix + line + b"\n")
            self.out.flush()
        except OSError:  # nobody reads any more (a closed terminal or pipe): the programs matter more
            self._muted = True

    # --- The guard ----------------------------------------------------------------------------------------
    def _start_guard(self) -> None:
        guard = subprocess.Popen(  # noqa: S603  our own file
            [sys.executable, "-I", "-S", str(GUARD)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            bufsize=0,
            start_new_session=True,
        )
        if guard.stdin is None:
            raise RuntimeError("The guard has no standard input.")
        self._guard, self._guard_pipe = guard, guard.stdin
        for child in self._children:
            if child.process is not None:
                self._tell_guard(b"+%d\n" % child.process.pid)

    def _tell_guard(self, line: bytes) -> None:
        with contextlib.suppress(BrokenPipeError):  # it has died; the loop starts another, which is told all
            os.write(self._guard_pipe.fileno(), line)


def _signal_group(pgid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pgid, number)


def _how_it_ended(returncode: int) -> str:
    if returncode < 0:
        try:
            return f"was ended by {signal.Signals(-returncode).name}"
        except ValueError:
            return f"was ended by signal {-returncode}"
    return "has ended" if returncode == 0 else f"failed with exit code {returncode}"

"""Signals are reported at once, whatever the main thread does: SIGINT and SIGTERM, and SIGHUP to a loop.

Python runs its handlers in the main thread, and a signal that comes in the moment before that thread begins to wait
does not end the wait: a pause of an hour goes on for an hour. The part of it that is in C runs at any moment, and can
write into a socket that another thread reads.
"""

import signal
import socket
import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager

ENDING = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def reported_at_once(tell: Callable[[int], object], numbers: Collection[int] = ENDING) -> Iterator[None]:
    """While this holds, `tell` is called with the number of each of these signals, by a thread of its own, whether or
    not the handler has run by then. In any thread but the main one, which alone gets signals, this does nothing.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    heard, sent = socket.socketpair()
    sent.setblocking(False)
    before = signal.set_wakeup_fd(sent.fileno(), warn_on_full_buffer=False)
    listener = threading.Thread(target=_listen, args=(heard, tell, numbers), name="signals", daemon=True)
    listener.start()
    try:
        yield
    finally:
        signal.set_wakeup_fd(before)
        sent.close()
        listener.join()
        heard.close()


@contextmanager
def hangup_calls(tell: Callable[[], object]) -> Iterator[None]:
    """While this holds, SIGHUP calls `tell` instead of ending the process. Who ignores it for us is obeyed."""
    before = signal.getsignal(signal.SIGHUP)
    if threading.current_thread() is not threading.main_thread() or before == signal.SIG_IGN:
        yield
        return
    signal.signal(signal.SIGHUP, lambda _number, _frame: tell())
    try:
        yield
    finally:
        signal.signal(signal.SIGHUP, before)


def _listen(heard: socket.socket, tell: Callable[[int], object], numbers: Collection[int]) -> None:
    while sent := heard.recv(1):
        if sent[0] in numbers:
            tell(sent[0])

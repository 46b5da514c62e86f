"""SIGINT and SIGTERM are reported at once, whatever the main thread does.

Python runs its handlers in the main thread, and a signal that comes in the moment before that thread begins to wait
does not end the wait: a pause of an hour goes on for an hour. The part of it that is in C runs at any moment, and can
write into a socket that another thread reads.
"""

import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

ENDING = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def reported_at_once(tell: Callable[[int], object]) -> Iterator[None]:
    """While this holds, `tell` is called with the number of each of these signals, by a thread of its own, whether or
    not the handler has run by then. In any thread but the main one, which alone gets signals, this does nothing.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    heard, sent = socket.socketpair()
    sent.setblocking(False)
    before = signal.set_wakeup_fd(sent.fileno(), warn_on_full_buffer=False)
    listener = threading.Thread(target=_listen, args=(heard, tell), name="signals", daemon=True)
    listener.start()
    try:
        yield
    finally:
        signal.set_wakeup_fd(before)
        sent.close()
        listener.join()
        heard.close()


def _listen(heard: socket.socket, tell: Callable[[int], object]) -> None:
    while numbers := heard.recv(1):
        if numbers[0] in ENDING:
            tell(numbers[0])

"""One writer among several replicas: the one that holds the lease, renewed in the background, as client-go does it.

No clock is compared with that of another machine: a replica takes over when it has not seen the lease change for its
duration, by its own monotonic clock. The holder stops writing earlier, after two thirds of that without a renewal.

IAM knows nothing of the lease. A process that is stopped after the last check and resumed later can still land that one
call.
"""

import logging
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from random import random
from typing import Any, Final, Self

from iamsync.apply import Closed
from iamsync.daemon.kubernetes import LeaseObject, Object, Taken, Unavailable

DURATION: Final = 15
"""Seconds after which others may take a lease that does not change. The numbers are client-go's."""

_RENEWED: Final = 2 / 3
"""Share of the duration after which a holder that could not renew stops writing."""

_OFTEN: Final = 2 / 15
"""Share of the duration between two tries."""

_log = logging.getLogger("iamsync.lease")

Spec = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Record:
    """The spec of a Lease, and when this process first saw it so, by its own clock."""

    spec: Spec
    seen_at: float

    def seen_again(self, spec: Spec, now: float) -> "Record":
        """The record after another look: only a change starts its time again."""
        return self if spec == self.spec else Record(spec, now)

    @property
    def holder(self) -> str:
        """Who holds it; "" is nobody."""
        holder = self.spec.get("holderIdentity")
        return holder if isinstance(holder, str) else ""

    def ends(self) -> float:
        """Until when it is its holder's if it does not change."""
        seconds = self.spec.get("leaseDurationSeconds")
        return self.seen_at + (seconds if isinstance(seconds, int) else DURATION)

    def taken_by(self, identity: str, duration: int, now: datetime) -> Spec:
        """The spec with which `identity` takes or renews it (client-go, `tryAcquireOrRenew`)."""
        transitions = self.spec.get("leaseTransitions")
        count = transitions if isinstance(transitions, int) else 0
        times = {"acquireTime": _time(now)} if self.holder != identity else {}
        return {
            **self.spec,
            **times,
            "holderIdentity": identity,
            "leaseDurationSeconds": duration,
            "renewTime": _time(now),
            "leaseTransitions": count + (self.holder != identity),
        }


def _time(now: datetime) -> str:
    """A MicroTime of Kubernetes."""
    return now.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What is known of the lease: until when it is held by this process, until when by another, named in `other`; and
    what was wrong with the last try.
    """

    held_until: float = float("-inf")
    other: str = ""
    other_until: float = float("-inf")
    fault: str = "the lease has not been asked for"

    def closed(self, now: float) -> Closed | None:
        """Why this process may not write at a moment, if so."""
        if now < self.held_until:
            return None
        if now < self.other_until:
            return Closed(f"{self.other}: this one only looks", at_all=True)
        return Closed(f"{self.fault}: only what takes access away is done")


class Lease:
    """A lease that is taken and renewed while this is entered; released at the end. `identity` names this process.

    `gate` is asked before each write. `on_leading` is called, in the thread that renews, when the lease has been taken.
    """

    def __init__(
        self,
        stored: LeaseObject,
        identity: str,
        *,
        duration: int = DURATION,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.on_leading: Callable[[], None] = lambda: None
        self._stored = stored
        self._identity = identity
        self._duration = duration
        self._clock = clock
        self._record = Record({}, clock())
        self._state = State()
        self._tried_at = float("-inf")
        self._logged: object = None
        self._one_try = threading.Lock()
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._renew, name="lease", daemon=True)

    def __enter__(self) -> Self:
        self.try_once()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join()
        self.release()

    @property
    def leads(self) -> bool:
        """Whether this process may write, as far as it knows."""
        return self._clock() < self._state.held_until

    def gate(self) -> Closed | None:
        """Why this process may not write now, if so. Where nobody has tried for a while, because the process was
        stopped, it is tried first.
        """
        patience = 2 * self._duration * _OFTEN
        if self._clock() - self._tried_at > patience and self._one_try.acquire(blocking=False):
            try:
                self._try()
            finally:
                self._one_try.release()
        return self._state.closed(self._clock())

    def try_once(self) -> None:
        """Take or renew the lease, if that is possible."""
        with self._one_try:
            self._try()

    def release(self) -> None:
        """Let the next replica take the lease at once, if it is held. What goes wrong only costs the next one time."""
        if not self.leads:
            return
        with self._one_try, suppress(Unavailable, Taken):
            lease, record = self._read()
            if lease is not None and record.holder == self._identity:
                now = _time(datetime.now(tz=UTC))
                free = {"holderIdentity": "", "leaseDurationSeconds": 1, "renewTime": now, "acquireTime": now}
                self._stored.update(lease, {**record.spec, **free})
        self._state = State(fault=f"the lease {self._stored} is released")

    def _renew(self) -> None:
        while not self._end.wait(self._duration * _OFTEN * (1 + random() / 5)):  # noqa: S311 - chance, no secret
            self.try_once()

    def _try(self) -> None:
        began, led = self._clock(), self.leads
        try:
            self._state = self._after_try(began)
        except Taken as error:
            self._state = State(other=str(error), other_until=began + self._duration)
        except Unavailable as error:
            self._state = replace(self._state, fault=str(error))
        self._tried_at = self._clock()
        self._log()
        if self.leads and not led:
            self.on_leading()

    def _after_try(self, began: float) -> State:
        lease, record = self._read()
        if record.holder not in {"", self._identity} and self._clock() < record.ends():
            other = f"{record.holder} holds the lease {self._stored}"
            return State(other=other, other_until=record.ends(), fault=f"{other}, and has not renewed it")
        spec = record.taken_by(self._identity, self._duration, datetime.now(tz=UTC))
        if lease is None:
            self._stored.create({**spec, "leaseTransitions": 0})
        else:
            self._stored.update(lease, spec)
        return State(held_until=began + self._duration * _RENEWED, fault=f"the lease {self._stored} was not renewed")

    def _read(self) -> tuple[Object | None, Record]:
        """The lease, and its record as of the end of the read: its holder may have renewed it in the middle."""
        lease = self._stored.read()
        spec = (lease or {}).get("spec")
        self._record = self._record.seen_again(spec if isinstance(spec, dict) else {}, self._clock())
        return lease, self._record

    def _log(self) -> None:
        """A line for each change of who writes, and for each new fault."""
        closed = self._state.closed(self._clock())
        if closed == self._logged:
            return
        self._logged = closed
        why = {"why": closed.why} if closed else {}
        level = logging.WARNING if closed and not closed.at_all else logging.INFO
        _log.log(level, "lease", extra={"fields": {"lease": str(self._stored), "leader": closed is None, **why}})

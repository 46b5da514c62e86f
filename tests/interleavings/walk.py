"""Everything that can happen when runs meet: each state once, whatever the way to it."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace

from interleavings.account import READS, Account
from interleavings.run import DELIVERY, PAUSE, Answers, Position, Run

_CREATE = "create_access_key"
_LOST = ("error", "ServiceFailure", "the answer was lost")


@dataclass(frozen=True, slots=True, kw_only=True)
class Faults:
    """How often each thing may still go wrong."""

    killed: int = 0
    """A run is killed (-9): between two calls, or when IAM has carried one out and has not answered."""
    lost: int = 0
    """The answer to a write is lost."""
    undelivered: int = 0
    """A key cannot be delivered."""
    outdated: int = 0
    """A read shows a state that is out of date, however old."""

    def __str__(self) -> str:
        return ", ".join(f"{number} {what}" for what, number in asdict(self).items() if number) or "no fault"

    def less(self, one: str) -> "Faults":
        """After one of them."""
        return replace(self, **{one: getattr(self, one) - 1})


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What one run has done so far. `shown` is, for each read, the number of the state that it has shown last."""

    run: Run
    answers: Answers = ()
    shown: Mapping[str, int] = field(default_factory=dict)
    killed: bool = False
    gave_up: bool = False
    delivery_failed: bool = False

    @property
    def position(self) -> Position:
        """Where the run is."""
        return self.run.after(self.answers)

    @property
    def asks(self) -> str:
        """What it does next; "" if it does nothing any more."""
        return "" if self.killed else self.position.asks

    @property
    def succeeded(self) -> bool:
        """Whether it has done all of its plan."""
        report = self.position.report
        return not self.killed and report is not None and report.complete

    def heard(self, *answer: object) -> "Part":
        """The run with one more answer."""
        return replace(self, answers=(*self.answers, answer))


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """The account and the runs, what may still go wrong, and a way here in words."""

    account: Account
    parts: tuple[Part, ...]
    faults: Faults
    way: tuple[str, ...] = ()

    @property
    def key(self) -> object:
        """Moments with equal keys have the same future."""
        past = self.faults.outdated > 0
        parts = tuple((part.answers, part.killed, self._seen_by(part, past=past)) for part in self.parts)
        return self.account.key(past=past), parts, self.faults

    @property
    def outcome(self) -> object:
        """What there is to judge at an end."""
        ended = (
            (one.killed, one.gave_up, one.delivery_failed, one.succeeded, one.position.delivered) for one in self.parts
        )
        return self.account.key(past=False), tuple(ended)

    def next(self) -> "list[Moment]":
        """All that can be next; nothing at the end. A run gives up waiting only when no other one can go on."""
        numbers = range(len(self.parts))
        going = [moment for number in numbers for moment in self._going_on(number)]
        waiting = [number for number in numbers if self.parts[number].asks == PAUSE]
        given_up = [
            self._with(number, replace(self.parts[number].heard("error"), gave_up=True), "gives up")
            for number in waiting
        ]
        return [*(going or given_up), *(moment for number in numbers for moment in self._killed(number))]

    def _going_on(self, number: int) -> "Iterator[Moment]":
        part = self.parts[number]
        if part.asks == PAUSE:
            if self._may_see_more(part):
                yield self._with(number, part.heard("ok"), "waits")
        elif part.asks == DELIVERY:
            yield self._with(number, part.heard("ok"), "delivers")
            if self.faults.undelivered:
                failed = replace(part.heard("error"), delivery_failed=True)
                yield self._with(number, failed, "cannot deliver", fault="undelivered")
        elif part.asks in READS:
            yield from self._read(number, part)
        elif part.asks:
            yield from self._written(number, part)

    def _read(self, number: int, part: Part) -> "Iterator[Moment]":
        newest = self.account.newest(part.asks)
        for state in range(0 if self.faults.outdated else newest, newest + 1):
            shown = replace(part, shown={**part.shown, part.asks: state}).heard(*self.account.answer(part.asks, state))
            if state == newest:
                yield self._with(number, shown, part.asks)
            else:
                yield self._with(number, shown, f"{part.asks} (state {state} of {newest})", fault="outdated")

    def _written(self, number: int, part: Part) -> "Iterator[Moment]":
        after, answer = self.account.after(part.asks, part.position.params)
        yield self._with(number, part.heard(*answer), part.asks, account=after)
        if self.faults.lost and part.asks == _CREATE:
            yield self._with(number, part.heard(*_LOST), f"{part.asks} (lost after it)", account=after, fault="lost")
            yield self._with(number, part.heard(*_LOST), f"{part.asks} (lost before it)", fault="lost")
        elif self.faults.lost:  # such a call is sent again by itself
            yield self._with(number, part, f"{part.asks} (lost)", account=after, fault="lost")

    def _killed(self, number: int) -> "Iterator[Moment]":
        part = self.parts[number]
        if not self.faults.killed or not part.asks:
            return
        dead = replace(part, killed=True)
        yield self._with(number, dead, "is killed", fault="killed")
        if part.asks not in {*READS, PAUSE, DELIVERY}:
            after, _ = self.account.after(part.asks, part.position.params)
            yield self._with(number, dead, f"{part.asks} and is killed", account=after, fault="killed")

    def _may_see_more(self, part: Part) -> bool:
        """Whether a pause makes sense: the last read did not show the newest state, or the last call was no read."""
        last = part.position.before
        return last not in READS or self.account.newest(last) > part.shown[last]

    def _seen_by(self, part: Part, *, past: bool) -> object:
        newest = {read: self.account.newest(read) for read in READS}
        return tuple(part.shown.get(read) if past else part.shown.get(read) == newest[read] for read in READS)

    def _with(self, number: int, part: Part, what: str, *, account: Account | None = None, fault: str = "") -> "Moment":
        parts = (*self.parts[:number], part, *self.parts[number + 1 :])
        return Moment(
            account=account or self.account,
            parts=parts,
            faults=self.faults.less(fault) if fault else self.faults,
            way=(*self.way, f"{part.run.id}: {what}"),
        )


def ends(begin: Moment) -> Iterator[Moment]:
    """Every end of every path."""
    visited, waiting = {begin.key}, [begin]
    while waiting:
        moment = waiting.pop()
        following = moment.next()
        if not following:
            yield moment
        for one in following:
            if (key := one.key) not in visited:
                visited.add(key)
                waiting.append(one)

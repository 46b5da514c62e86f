"""The channels of one run: prepared before it begins, with a receipt for everything that stays delivered."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from channels import InMemory, access_key, by, password
from mypy_boto3_iam import IAMClient
from states import ACCOUNT, S3, desired, live, user

from iamsync.core.action import Action
from iamsync.core.model import AccessKeys, Console
from iamsync.core.plan import Plan
from iamsync.delivery import CHANNELS, Destinations, RunContext, prepared, unready
from iamsync.errors import DeliveryError
from iamsync.sandbox import Sandbox


def a_run(iam: IAMClient, folder: Path, file: str = "new.csv") -> RunContext:
    return RunContext(account=ACCOUNT, iam=iam, destinations=Destinations(csv=folder / file))


def newcomers(*, console: str = "csv", access_keys: str = "csv") -> Plan:
    """Aiko gets a password, Bo an access key, by these channels."""
    aiko = user("aiko", console=Console(channel=console))
    bo = user("bo", access_keys=AccessKeys(count=1, channel=access_keys))
    return Plan.between(desired(aiko, bo), live())


class Pigeons:
    """A channel that notes what it is asked to prepare for, and when it ends."""

    def __init__(self, *, exist: bool = True) -> None:
        self.exist = exist
        self.users: list[str] = []
        self.ended = False

    @contextmanager
    def prepare(self, run: RunContext, actions: Sequence[Action]) -> Iterator[InMemory]:
        """The loft."""
        assert run.account == ACCOUNT
        if not self.exist:
            raise DeliveryError("there are no pigeons")
        self.users = [action.subject for action in actions]
        yield InMemory()
        self.ended = True


@pytest.fixture
def pigeons(monkeypatch: pytest.MonkeyPatch) -> Pigeons:
    flock = Pigeons()
    monkeypatch.setitem(CHANNELS, "pigeon", flock.prepare)
    return flock


def test_a_channel_is_prepared_for_the_secrets_that_go_through_it_and_ends(
    iam: IAMClient, tmp_path: Path, pigeons: Pigeons
) -> None:
    with prepared(newcomers(access_keys="pigeon"), a_run(iam, tmp_path)) as delivery:
        assert (tmp_path / "new.csv").exists()
        assert pigeons.users == ["user/bo"]
        delivery.by("pigeon").put(access_key("bo", "AKIA", "secret"))

    assert pigeons.ended
    assert not (tmp_path / "new.csv").exists(), "nothing was put there"
    assert [(one.user, one.place) for one in delivery.receipts] == [("bo", "memory")]


def test_a_channel_that_cannot_be_prepared_stops_only_what_it_would_deliver(
    iam: IAMClient, tmp_path: Path, pigeons: Pigeons
) -> None:
    pigeons.exist = False
    plan = newcomers(access_keys="pigeon")
    other = a_run(iam, tmp_path, "other.csv")

    assert unready(plan, other) == {"pigeon": "there are no pigeons"}
    with prepared(plan, a_run(iam, tmp_path)) as delivery:
        delivery.by("csv").put(password("aiko", "secret"))
        with pytest.raises(DeliveryError, match="there are no pigeons"):
            delivery.by("pigeon")

    assert [file.name for file in tmp_path.iterdir()] == ["new.csv"]


def test_a_channel_that_does_not_exist_is_named_before_anything_is_asked(
    iam: IAMClient, tmp_path: Path, sandbox: Sandbox
) -> None:
    plan = newcomers(console="owl", access_keys="owl")

    assert unready(plan, a_run(iam, tmp_path)) == {
        "owl": "there is no delivery channel owl: there are age, command, csv"
    }

    assert sandbox.calls == []


def test_a_plan_that_mints_nothing_needs_no_channel(iam: IAMClient, tmp_path: Path, sandbox: Sandbox) -> None:
    plan = Plan.between(desired(user("aiko", S3)), live())

    with prepared(plan, a_run(iam, tmp_path)) as delivery:
        assert not list(tmp_path.iterdir())

    assert (sandbox.calls, delivery.receipts) == ([], ())


def test_a_run_that_breaks_off_says_where_the_secrets_are(iam: IAMClient, tmp_path: Path) -> None:
    def broken_off() -> None:
        with prepared(newcomers(), a_run(iam, tmp_path)) as delivery:
            for name in ("aiko", "bo"):
                delivery.by("csv").put(password(name, "secret"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError) as broken:
        broken_off()

    assert broken.value.__notes__ == [f"new passwords and access keys are in {tmp_path / 'new.csv'}"]


def test_what_is_withdrawn_has_no_receipt() -> None:
    delivery = by(InMemory())
    receipts = [delivery.by("").put(password(name, "secret")) for name in ("aiko", "bo", "chi")]

    delivery.by("").withdraw(receipts[1])

    assert delivery.receipts == (receipts[0], receipts[2])


def test_what_could_not_be_withdrawn_keeps_its_receipt() -> None:
    delivery = by(InMemory(withdraws=False))
    receipt = delivery.by("").put(password("aiko", "secret"))

    with pytest.raises(DeliveryError):
        delivery.by("").withdraw(receipt)

    assert delivery.receipts == (receipt,)


def test_a_secret_on_its_way_is_not_printed() -> None:
    assert "secret one" not in repr(password("aiko", "secret one"))
    assert "secret one" not in repr([access_key("aiko", "AKIA", "secret one")])

"""Sealed files: one for each user and run, whole at each moment, and open to its recipients only."""

import os
import re
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from channels import access_key, password
from mypy_boto3_iam import IAMClient
from openers import Pair, age_pair
from states import ACCOUNT, desired, live, user

from iamsync.core.model import AccessKeys, Console, Recipient
from iamsync.core.plan import Plan
from iamsync.delivery import Channel, Delivery, Destinations, RunContext, prepared, unready
from iamsync.delivery.age import recipient, seal
from iamsync.delivery.sealed import SealedFiles
from iamsync.errors import DeliveryError

AIKO, BO = age_pair(), age_pair()
OF_BO = (recipient(BO.public),)
LINK = "https://123456789012.signin.aws.amazon.com/console"


def files(folder: Path) -> SealedFiles:
    return SealedFiles("age", folder, seal, {"aiko": (recipient(AIKO.public),), "bo": OF_BO}, LINK)


def rows(folder: Path, name: str, pair: Pair) -> list[list[str]]:
    return [list(row.values()) for file in sorted(folder.glob(f"{name}.*")) for row in pair.rows(file)]


def test_a_user_gets_one_file_with_all_of_a_run(tmp_path: Path) -> None:
    channel = files(tmp_path)
    channel.put(password("aiko", "the password"))
    channel.put(access_key("bo", "AKIA3", "the third secret"))
    receipt = channel.put(access_key("aiko", "AKIA1", "the first secret"))
    channel.put(access_key("aiko", "AKIA2", "the second secret"))

    assert re.fullmatch(r"aiko\.\d{8}T\d{6}Z-[0-9a-f]{6}\.age", Path(receipt.place).name)
    assert len(list(tmp_path.iterdir())) == 2
    assert rows(tmp_path, "aiko", AIKO) == [
        ["aiko", "the password", "AKIA1", "the first secret", LINK],
        ["aiko", "", "AKIA2", "the second secret", LINK],
    ]
    assert rows(tmp_path, "bo", BO) == [["bo", "", "AKIA3", "the third secret", LINK]]


def test_what_is_withdrawn_is_in_no_file(tmp_path: Path) -> None:
    channel = files(tmp_path)
    first = channel.put(access_key("aiko", "AKIA1", "the first secret"))
    second = channel.put(access_key("aiko", "AKIA2", "the second secret"))

    channel.withdraw(first)
    assert rows(tmp_path, "aiko", AIKO) == [["aiko", "", "AKIA2", "the second secret", LINK]]
    channel.withdraw(second)
    assert list(tmp_path.iterdir()) == []
    channel.put(access_key("aiko", "AKIA3", "the third secret"))
    assert rows(tmp_path, "aiko", AIKO) == [["aiko", "", "AKIA3", "the third secret", LINK]]


def test_two_runs_have_two_files(tmp_path: Path) -> None:
    for number in range(3):
        files(tmp_path).put(access_key("aiko", f"AKIA{number}", "secret"))

    assert sorted(row[2] for row in rows(tmp_path, "aiko", AIKO)) == ["AKIA0", "AKIA1", "AKIA2"]


def test_only_sealed_bytes_of_mode_0600_reach_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[bytes] = []
    replaced = Path.replace

    def seen(part: Path, target: Path) -> Path:
        written.append(part.read_bytes())
        assert stat.S_IMODE(part.stat().st_mode) == 0o600
        return replaced(part, target)

    monkeypatch.setattr(Path, "replace", seen)
    before = os.umask(0)
    try:
        receipt = files(tmp_path).put(password("aiko", "the password"))
    finally:
        os.umask(before)

    assert [b"BEGIN AGE" in one and b"the password" not in one for one in written] == [True]
    assert stat.S_IMODE(Path(receipt.place).stat().st_mode) == 0o600


def test_what_was_put_stays_whole_if_the_next_one_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    channel = files(tmp_path)
    channel.put(access_key("aiko", "AKIA1", "the first secret"))

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(os, "fsync", full)
        with pytest.raises(DeliveryError, match=r"aiko\..* cannot be written \(No space left on device\)"):
            channel.put(access_key("aiko", "AKIA2", "the second secret"))

    assert rows(tmp_path, "aiko", AIKO) == [["aiko", "", "AKIA1", "the first secret", LINK]]
    assert len(list(tmp_path.iterdir())) == 1
    channel.put(access_key("aiko", "AKIA3", "the third secret"))
    assert [row[2] for row in rows(tmp_path, "aiko", AIKO)] == ["AKIA1", "AKIA3"]


def test_whoever_has_no_recipient_gets_nothing(tmp_path: Path) -> None:
    with pytest.raises(DeliveryError, match="no recipient is known for chi"):
        files(tmp_path).put(password("chi", "secret"))

    assert list(tmp_path.iterdir()) == []


def a_plan(recipients: Sequence[Recipient] = OF_BO) -> Plan:
    how = tuple(recipients)
    bo = user("bo", console=Console(channel="age", recipients=how), access_keys=AccessKeys(count=1, channel="csv"))
    return Plan.between(desired(bo), live())


def a_run(iam: IAMClient, folder: Path, sealed: Path | None) -> RunContext:
    return RunContext(account=ACCOUNT, iam=iam, destinations=Destinations(csv=folder / "new.csv", sealed=sealed))


@pytest.fixture
def channel(iam: IAMClient, tmp_path: Path) -> Iterator[Channel]:
    with prepared(a_plan(), a_run(iam, tmp_path, tmp_path)) as delivery:
        assert isinstance(delivery, Delivery)
        yield delivery.by("age")


def test_the_recipients_of_an_action_open_its_file(channel: Channel, tmp_path: Path) -> None:
    channel.put(password("bo", "the password"))

    assert rows(tmp_path, "bo", BO) == [["bo", "the password", "", "", LINK]]


@pytest.mark.parametrize(
    ("sealed", "why"),
    [
        (None, "no folder is named, and nobody is at a terminal: name a folder with --sealed"),
        ("missing", "missing is missing: make it, or name another with --sealed"),
        ("a file", "a file is missing: make it, or name another with --sealed"),
        ("closed", "no file can be made in"),
    ],
)
def test_a_folder_that_cannot_be_written_is_found_before_anything_is_made(
    iam: IAMClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sealed: str | None, why: str
) -> None:
    (tmp_path / "a file").touch()
    (tmp_path / "closed").mkdir()
    opened = os.open

    def closed(path: Path, *how: int, **more: int) -> int:
        if "closed" in str(path):
            raise OSError(13, "Permission denied")
        return opened(path, *how, **more)

    monkeypatch.setattr(os, "open", closed)

    reasons = unready(a_plan(), a_run(iam, tmp_path, tmp_path / sealed if sealed else None))

    assert list(reasons) == ["age"]
    assert why in reasons["age"]


def test_a_folder_that_is_tried_stays_as_it_was(iam: IAMClient, tmp_path: Path) -> None:
    (tmp_path / "sealed").mkdir()

    assert unready(a_plan(), a_run(iam, tmp_path, tmp_path / "sealed")) == {}
    assert list((tmp_path / "sealed").iterdir()) == []


def test_who_a_secret_is_sealed_for_is_part_of_the_digest() -> None:
    assert a_plan().digest != a_plan([recipient(AIKO.public)]).digest

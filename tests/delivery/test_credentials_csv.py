import csv
import os
import re
import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from channels import access_key, password

from iamsync.core.api import Secret
from iamsync.core.arn import Account
from iamsync.core.receipt import Receipt
from iamsync.delivery.credentials_csv import COLUMNS, console_link, credentials_file, file_for
from iamsync.errors import DeliveryError

LINK = "https://123456789012.signin.aws.amazon.com/console"


def rows(path: Path) -> list[list[str]]:
    with path.open(newline="") as lines:
        return list(csv.reader(lines))


def test_the_columns_are_the_consoles(tmp_path: Path) -> None:
    path = tmp_path / "new.csv"
    with credentials_file(path, link=LINK) as file:
        receipt = file.put(password("aiko", "secret of aiko"))

    assert path.read_text().splitlines()[0] == ("User name,Password,Access key ID,Secret access key,Console login link")
    assert rows(path)[1] == ["aiko", "secret of aiko", "", "", LINK]
    assert receipt == Receipt(channel="csv", user="aiko", kind=Secret.PASSWORD, place=str(path))


def test_only_the_owner_may_read_it_whatever_the_umask(tmp_path: Path) -> None:
    path = tmp_path / "new.csv"
    before = os.umask(0)
    try:
        with credentials_file(path, link=LINK) as file:
            file.put(password("aiko", "secret of aiko"))
    finally:
        os.umask(before)

    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_password_is_on_the_disk_before_anybody_gets_it(tmp_path: Path) -> None:
    path = tmp_path / "new.csv"
    with credentials_file(path, link=LINK) as file:
        file.put(password("aiko", "secret of aiko"))

        assert "secret of aiko" in path.read_text()


def test_every_row_is_flushed_to_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    flushed: list[int] = []
    monkeypatch.setattr(os, "fsync", flushed.append)
    with credentials_file(tmp_path / "new.csv", link=LINK) as file:
        before = len(flushed)
        file.put(password("aiko", "secret of aiko"))

        assert len(flushed) == before + 1


def test_an_existing_file_is_refused_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "old.csv"
    path.write_text("passwords")

    with (
        pytest.raises(DeliveryError, match="exists already"),
        credentials_file(path, link=LINK),
    ):
        pass

    assert path.read_text() == "passwords"


def test_a_symbolic_link_is_refused_even_if_it_leads_nowhere(tmp_path: Path) -> None:
    trap = tmp_path / "trap.csv"
    trap.symlink_to(tmp_path / "elsewhere.csv")

    with (
        pytest.raises(DeliveryError, match="exists already"),
        credentials_file(trap, link=LINK),
    ):
        pass

    assert not (tmp_path / "elsewhere.csv").exists()


def test_a_folder_that_does_not_exist_is_one_sentence(tmp_path: Path) -> None:
    with (
        pytest.raises(DeliveryError, match="no is missing: make it, or name another"),
        credentials_file(tmp_path / "no" / "new.csv", link=LINK),
    ):
        pass


def test_a_refused_password_is_taken_back_and_the_others_stay(tmp_path: Path) -> None:
    path = tmp_path / "new.csv"
    with credentials_file(path, link=LINK) as file:
        file.put(password("aiko", "secret of aiko"))
        file.withdraw(file.put(password("bo", "secret of bo")))
        file.put(password("chi", "secret of chi"))

    assert [row[0] for row in rows(path)] == ["User name", "aiko", "chi"]


def test_a_row_that_others_follow_is_taken_back_without_moving_them(tmp_path: Path) -> None:
    path = tmp_path / "new.csv"
    with credentials_file(path, link=LINK) as file:
        refused = file.put(password("aiko", "secret of aiko"))
        file.put(password("bo", "secret of bo"))
        where = path.read_bytes().index(b"bo,")
        file.withdraw(refused)

    assert [row[0] for row in rows(path) if row] == ["User name", "bo"]
    assert "secret of aiko" not in path.read_text()
    assert path.read_bytes().index(b"bo,") == where


def test_an_access_key_is_taken_back_and_the_password_and_the_other_key_stay(tmp_path: Path) -> None:
    path = tmp_path / "new.csv"
    with credentials_file(path, link=LINK) as file:
        file.put(password("aiko", "secret of aiko"))
        one = file.put(access_key("aiko", "AKIA1", "one"))
        file.put(access_key("aiko", "AKIA2", "two"))
        file.withdraw(one)

    assert [row[1:4] for row in rows(path)[1:] if row] == [["secret of aiko", "", ""], ["", "AKIA2", "two"]]


def test_threads_share_it(tmp_path: Path) -> None:
    path = tmp_path / "new.csv"
    names = [f"user{number}" for number in range(40)]
    with credentials_file(path, link=LINK) as file, ThreadPoolExecutor(8) as pool:
        receipts = list(pool.map(file.put, (password(name, f"secret of {name}") for name in names)))
        list(pool.map(file.withdraw, receipts[::2]))

    assert {row[0]: row[1] for row in rows(path)[1:] if row} == {name: f"secret of {name}" for name in names[1::2]}


def test_a_file_without_passwords_does_not_stay(tmp_path: Path) -> None:
    path = tmp_path / "new.csv"
    with credentials_file(path, link=LINK) as file:
        file.withdraw(file.put(password("aiko", "secret of aiko")))

    assert not path.exists()


def test_a_full_disk_makes_no_password(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "new.csv"
    with credentials_file(path, link=LINK) as file:

        def full(_: int, __: object) -> int:
            raise OSError(28, "No space left on device")

        file.put(password("aiko", "secret of aiko"))
        monkeypatch.setattr(os, "write", full)
        with pytest.raises(DeliveryError, match="No space left on device"):
            file.put(password("bo", "secret of bo"))

    assert [row[0] for row in rows(path)] == ["User name", "aiko"]


def test_what_cannot_be_withdrawn_is_one_sentence_and_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "new.csv"
    with credentials_file(path, link=LINK) as file:

        def broken(_: int, __: int) -> None:
            raise OSError(5, "Input/output error")

        receipt = file.put(password("aiko", "secret of aiko"))
        monkeypatch.setattr(os, "ftruncate", broken)
        with pytest.raises(DeliveryError, match=r"new\.csv cannot be written \(Input/output error\)"):
            file.withdraw(receipt)

    assert "secret of aiko" in path.read_text()


@pytest.mark.parametrize(
    ("partition", "alias", "link"),
    [
        ("aws", None, "https://123456789012.signin.aws.amazon.com/console"),
        ("aws", "acme", "https://acme.signin.aws.amazon.com/console"),
        ("aws-cn", None, "https://123456789012.signin.amazonaws.cn/console"),
        ("aws-us-gov", None, "https://123456789012.signin.amazonaws-us-gov.com/console"),
    ],
)
def test_the_sign_in_link_is_of_the_partitions_own_domain(partition: str, alias: str | None, link: str) -> None:
    assert console_link(Account(id="123456789012", partition=partition), alias) == link


def test_an_unknown_partition_is_not_guessed() -> None:
    with pytest.raises(DeliveryError, match="aws-iso"):
        console_link(Account(id="123456789012", partition="aws-iso"), None)


def test_a_folder_gets_a_file_named_after_the_time_and_the_run(tmp_path: Path) -> None:
    now = datetime(2026, 11, 24, 8, 30, tzinfo=UTC)

    names = {file_for(tmp_path, now).name for _ in range(3)}
    assert len(names) == 3, "several runs may begin in one second"
    assert all(re.fullmatch("iamsync-credentials-20261124T083000Z-[0-9a-f]{6}[.]csv", name) for name in names)
    assert file_for(tmp_path / "new.csv", now) == tmp_path / "new.csv"


def test_there_are_five_columns() -> None:
    assert len(COLUMNS) == 5

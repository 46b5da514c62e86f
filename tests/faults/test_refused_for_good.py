"""One call that AWS always refuses, whichever it is: the law of laws/test_refused_call.py over HTTP, on a company."""

import re
from collections.abc import Iterator

import pytest

from faults.company import Picture, of, picture
from faults.conftest import Company
from faults.network import NAMES, Fault, Write
from faults.sweeps import every_write
from iamsync.core.deny import SUSPENDED_POLICY

RUNS = 3
IN_ORDER = ("--parallel", "1")
SUSPENDED = "chie"
LEAVERS = ("leaver-1", "leaver-2")
BY_HAND = ("dai", "emi", "ivo")
"""Who has an administrator's policy that no file declares."""

ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"
GUARD = "arn:aws:iam::123456789012:policy/Guard"


def attach_by_hand(company: Company) -> None:
    company.begin_again()
    for name in BY_HAND:
        of(company.network.sandbox).attach_user_policy(UserName=name, PolicyArn=ADMIN)


def only(write: Write) -> str:
    """A pattern that fits this call and no other of the plan."""
    named = [f"{key}={re.escape(write.params[key])}" for key in (*NAMES, "AccessKeyId") if key in write.params]
    return "".join([f"^{write.operation} ", *(rf"(?=.*\b{one}(?: |$))" for one in named)])


def credentials(user: Picture) -> list[str]:
    return ["LoginProfile"] * user["password"] + ["AccessKey" for key in user["keys"] if key == "Active"]


def access_left(users: Picture) -> Iterator[tuple[str, str]]:
    """Who can still use what, though the files take it; or is without what protects."""
    chie = users[SUSPENDED]
    yield from ((SUSPENDED, one) for one in credentials(chie))
    if SUSPENDED_POLICY not in chie["inline"]:
        yield SUSPENDED, SUSPENDED_POLICY
    for name in users.keys() & set(LEAVERS):
        user = users[name]
        granting = {*user["attached"], *user["inline"], *user["groups"]} - {GUARD}
        yield from ((name, one) for one in [*credentials(user), *sorted(granting)])
    yield from ((name, ADMIN) for name in BY_HAND if ADMIN in users[name]["attached"])


def is_about(write: Write, name: str, what: str) -> bool:
    """Whether the refused call is the one that takes this from this user."""
    return write.params.get("UserName") == name and (what in write.operation or what in write.params.values())


@pytest.mark.parametrize("number", every_write(default=12))
def test_nothing_is_left_but_what_the_refused_call_takes(company: Company, number: int) -> None:
    attach_by_hand(company)
    company.apply(*IN_ORDER)
    write = company.network.writes[number - 1]
    attach_by_hand(company)
    company.network.script = [Fault(match=only(write), code="AccessDenied", times=10**9)]

    first, *_ = [company.apply(*IN_ORDER, csv=f"{run}.csv") for run in range(RUNS)]

    assert first.code == 1
    left = list(access_left(picture(company.network.sandbox)["users"]))
    assert [one for one in left if not is_about(write, *one)] == []

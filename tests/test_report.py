"""`iamsync report`: what an auditor reads, in each format, and what it costs."""

import csv
import json
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from html.parser import HTMLParser
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from faults.network import Fault, Network
from mypy_boto3_iam import IAMClient
from shell import Iamsync, write
from surroundings import bare

from iamsync.cli import main
from iamsync.core.operations import WRITES
from iamsync.sandbox import Sandbox
from iamsync.sandbox.company import client as company_client

BULK = {"GetCallerIdentity": 1, "GetAccountAuthorizationDetails": 1}
FILES = """
version: 1
settings: {owner: us}
policy_sets: {data: {policies: ["aws:AmazonAthenaFullAccess", "arn:aws:iam::123456789012:policy/CompanyBaseline"]}}
users:
  aiko.sato:
    path: /people/
    tags: {Team: data, Company: Example}
    policy_sets: [data]
    policies: [{name: "arn:aws:iam::123456789012:policy/data/DataLakeRead", until: 2999-01-01}]
  kim.park: {expires: 2998-07-01}
"""


def of(data: dict[str, Any], name: str) -> dict[str, Any]:
    (user,) = (one for one in data["users"] if one["name"] == name)
    return dict(user)


@pytest.fixture(scope="module")
def reported(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The report in JSON, with a few files."""
    folder = tmp_path_factory.mktemp("reported")
    write(folder, all=FILES)
    stop = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]}
    with Sandbox() as sandbox, pytest.MonkeyPatch.context() as patch:
        sandbox.add_company()
        iam = company_client(sandbox.environment)
        for name in ("aiko.sato", "bo.lind"):
            iam.tag_user(UserName=name, Tags=[{"Key": "iamsync:owner", "Value": "us"}])
        iam.put_user_policy(UserName="aiko.sato", PolicyName="stop", PolicyDocument=json.dumps(stop))
        for name in [one for one in os.environ if one.startswith(("AWS_", "IAMSYNC_", "GITHUB_"))]:
            patch.delenv(name)
        for name, value in sandbox.environment.items():
            patch.setenv(name, value)
        patch.chdir(folder)
        assert main(["report", "--format", "json", "-o", "report.json"]) == 0
    return dict(json.loads((folder / "report.json").read_text()))


def test_each_user_has_sets_groups_policies_and_who_manages_the_user(reported: dict[str, Any]) -> None:
    aiko, jan = of(reported, "aiko.sato"), of(reported, "jan.kowal")

    assert (aiko["status"], aiko["declared_at"], aiko["policy_sets"]) == ("managed", "desired/all.yaml:6", ["data"])
    assert {"name": "aws:AmazonAthenaFullAccess", "inline": False, "by": "set data"} in aiko["policies"]
    assert {"name": "stop", "inline": True, "by": None} in aiko["policies"]
    assert (jan["status"], jan["groups"], jan["permissions_boundary"]) == (
        "unmanaged",
        ["developers"],
        "DeveloperBoundary",
    )
    assert {"name": "logs", "inline": True, "by": "group developers"} in jan["policies"]
    assert of(reported, "bo.lind")["status"] == "orphan"
    assert of(reported, "kim.park")["status"] == "declared, not adopted"


def test_credentials_have_their_ages_and_last_uses(reported: dict[str, Any]) -> None:
    chen, root = of(reported, "chen.wei"), of(reported, "root-admin")

    assert chen["credentials"] == {
        "console": True,
        "mfa": True,
        "last_used_days": 1,
        "password_age_days": 90,
        "password_idle_days": None,
        "access_keys": [{"key": "1", "active": True, "age_days": 30, "idle_days": 1}],
    }
    assert (root["administrator"], root["credentials"]["mfa"]) == (True, False)
    assert of(reported, "olga.petrova")["quarantined"]


def test_what_nobody_manages_and_what_holds_denies_and_expires_is_listed(reported: dict[str, Any]) -> None:
    assert reported["unmanaged"]["users"][:2] == ["JSmith", "root-admin"], "administrators first"
    assert "LegacyS3" in reported["unmanaged"]["policies"]
    assert "developers" in reported["unmanaged"]["groups"]
    assert reported["orphans"] == ["user/bo.lind"]
    assert {"subject": "user/yuki.mori", "reason": "under investigation"} in reported["holds"]
    assert {"subject": "user/aiko.sato", "policy": "stop"} in reported["undeclared_denies"]
    assert [(one["subject"], one["what"], one["at"][:10]) for one in reported["expiring"]] == [
        ("user/kim.park", "is suspended", "2998-07-01"),
        ("user/aiko.sato", "loses policy arn:aws:iam::123456789012:policy/data/DataLakeRead", "2999-01-01"),
    ]


@pytest.mark.parametrize(
    ("rule", "cis", "subject", "text"),
    [
        ("quarantined", None, "user/olga.petrova", "AWS has attached its quarantine policy"),
        ("unmanaged-administrator", None, "user/JSmith", "is an administrator, unmanaged"),
        ("console-mfa", "1.10", "user/emil.berg", "has a console password and no MFA device"),
        ("unused-credentials", "1.12", "user/uma.patel", "access key 1 unused for 400 days"),
        ("unused-credentials", "1.12", "user/emil.berg", "access key 1 never used in 900 days"),
        ("one-active-key", "1.13", "user/uma.patel", "has 2 active access keys"),
        ("key-rotation", "1.14", "user/null", "access key 1 is 700 days old"),
        ("through-groups", "1.15", "user/stack-worker", "has 1 policy directly"),
        ("full-administrator", "1.16", "policy/aws:AdministratorAccess", "attached to group/break-glass, user/JSmith"),
    ],
)
def test_findings_have_their_rule(
    rule: str, cis: str | None, subject: str, text: str, reported: dict[str, Any]
) -> None:
    assert {"rule": rule, "cis": cis, "subject": subject, "text": text} in reported["findings"]


def test_nothing_is_found_where_nothing_is_wrong(reported: dict[str, Any]) -> None:
    found = {(one["rule"], one["subject"]) for one in reported["findings"]}

    assert ("console-mfa", "user/kim.park") not in found, "has MFA"
    assert ("unused-credentials", "user/rosa.diaz") not in found, "a password of 30 days"
    assert ("key-rotation", "user/olga.petrova") not in found, "the key is inactive"
    assert ("through-groups", "user/root-admin") not in found
    assert not any(rule.startswith("root-") for rule, _ in found)


def test_it_costs_the_bulk_answer_and_the_credential_report_and_says_so_before(
    company: Sandbox, iamsync: Iamsync
) -> None:
    ended = iamsync("report")
    calls = Counter(call.operation for call in company.calls)

    assert calls == BULK | {"GenerateCredentialReport": 2, "GetCredentialReport": 1}, "the first call starts it"
    assert not {("iam", name) for name in calls} & WRITES.keys()
    assert "AWS's credential report, which is two calls. --cheap leaves out the latter" in ended.err
    assert "No files in desired: all users are reported as unmanaged." in ended.err
    company.forget_calls()
    cheap = iamsync("report", "--cheap")
    assert Counter(call.operation for call in company.calls) == BULK
    assert "Passwords, MFA and access keys were not asked for (--cheap)." in cheap.out
    assert "CIS 1.15" in cheap.out
    assert "CIS 1.10" not in cheap.out


def test_without_the_permission_for_the_report_each_user_is_read(
    company: Sandbox, iamsync: Iamsync, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = json.loads(iamsync("report", "--format", "json").out)["findings"]
    company.forget_calls()
    with Network(company, [Fault(match="CredentialReport", code="AccessDenied", times=9)]) as network:
        monkeypatch.setenv("AWS_ENDPOINT_URL", network.url)
        ended = iamsync("report", "--format", "json")

    made = Counter(call.operation for call in company.calls)
    assert "is denied: reads 40 users, 3 calls for each of them, and one for each access key" in ended.err
    assert (made["GetLoginProfile"], made["ListMFADevices"], made["ListAccessKeys"]) == (40, 40, 40)
    assert made["GetAccessKeyLastUsed"] == 11
    found = json.loads(ended.out)["findings"]
    named = [{**one, "text": re.sub(r"AKIA\w+", "1", one["text"])} for one in found]
    assert [one for one in expected if "access key 2" not in one["text"] and one not in named] == []


def test_the_table_has_a_row_for_each_user(company: Sandbox, iamsync: Iamsync) -> None:
    assert company.calls == []
    rows = {row["user"]: row for row in csv.DictReader(StringIO(iamsync("report", "--format", "csv").out))}

    assert len(rows) == 40
    assert rows["0042"]["access_key_1_age_days"] == "2000"
    assert (rows["JSmith"]["administrator"], rows["JSmith"]["last_used_days"]) == ("true", "700")
    assert rows["chen.wei"]["policies"].startswith("CompanyBaseline; DataLakeRead; ")
    assert rows["uma.patel"]["findings"] == "unused-credentials one-active-key key-rotation through-groups"


class _Page(HTMLParser):
    """Which elements and attributes a page has, and whether each element is closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements = Counter[str]()
        self.attributes = Counter[str]()
        self.open: list[str] = []
        self.words = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements[tag] += 1
        self.attributes.update(name for name, _ in attrs)
        if tag not in {"meta", "br"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words += data


def test_the_page_is_whole_without_scripts_and_without_anything_from_elsewhere(
    company: Sandbox, iamsync: Iamsync, iam: IAMClient, tmp_path: Path
) -> None:
    iam.tag_user(UserName="zoe.martin", Tags=[{"Key": "iamsync:hold", "Value": "a = b / c"}])
    company.forget_calls()

    assert iamsync("report", "--format", "html", "-o", "report.html").code == 0

    text = (tmp_path / "report.html").read_text("utf-8")
    page = _Page(text)
    assert page.open == []
    assert page.elements.keys().isdisjoint({"script", "link", "img", "iframe", "object", "a", "form"})
    assert set(page.attributes) <= {"lang", "charset", "http-equiv", "content", "name", "class"}
    assert "url(" not in text
    assert "default-src 'none'" in text
    assert "@media print" in text
    assert page.elements["tr"] == 41
    assert "on hold: a = b / c" in page.words
    assert "CIS 1.16: no attached policy allows full" in page.words


def people(sandbox: Sandbox, number: int) -> None:
    """So many users, with what a user of a company has."""
    with sandbox._accounts.first() as account:  # noqa: SLF001 - calls would take minutes
        backend = account.backend
        group = backend.create_group("staff", "/")
        backend.attach_group_policy("arn:aws:iam::aws:policy/ReadOnlyAccess", "staff")
        for one in range(number):
            user = backend.create_user(
                "us-east-1", f"person.{one:04}", "/people/", tags=[{"Key": "Team", "Value": f"{one % 40}"}]
            )
            backend.attach_user_policy("arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess", user.name)
            group.users.append(user)
    sandbox.forget_calls()


def test_many_users_cost_the_pages_of_the_bulk_answer_and_no_other_call(sandbox: Sandbox, iamsync: Iamsync) -> None:
    people(sandbox, 1200)

    ended = iamsync("report", "--cheap", "--format", "csv")

    assert Counter(call.operation for call in sandbox.calls) == BULK | {"GetAccountAuthorizationDetails": 2}
    assert len(ended.out.splitlines()) == 1201


@pytest.fixture
def five_thousand() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        people(sandbox, 5000)
        yield sandbox


@pytest.mark.slow
@pytest.mark.parametrize("form", ["text", "json", "csv", "html"])
def test_five_thousand_users_take_six_pages_and_less_than_200_megabytes(
    form: str, five_thousand: Sandbox, tmp_path: Path
) -> None:
    command = [sys.executable, "-m", "iamsync", "report", "--cheap", "--format", form, "-o", "report"]
    limited = f"import resource, subprocess, sys; subprocess.run({command!r}, check=True); "
    limited += "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    ended = subprocess.run(
        [sys.executable, "-c", limited],
        cwd=tmp_path,
        env=bare(**five_thousand.environment),
        capture_output=True,
        text=True,
        check=True,
    )

    unit = 1024 if sys.platform == "linux" else 1
    assert int(ended.stdout) * unit < 200_000_000
    assert Counter(call.operation for call in five_thousand.calls) == BULK | {"GetAccountAuthorizationDetails": 6}
    assert (tmp_path / "report").read_text().count("person.4999") >= 1


def test_the_permissions_of_its_role_are_its_reads(iamsync: Iamsync, tmp_path: Path) -> None:
    write(tmp_path, all=FILES.replace("owner: us", 'owner: us, account_id: "123456789012"'))

    printed = json.loads(iamsync("permissions", "report").out)

    (policy,) = printed["policies"].values()
    (statement,) = policy["Statement"]
    assert statement["Action"] == [
        "iam:GenerateCredentialReport",
        "iam:GetAccessKeyLastUsed",
        "iam:GetAccountAuthorizationDetails",
        "iam:GetCredentialReport",
        "iam:GetLoginProfile",
        "iam:ListAccessKeys",
        "iam:ListMFADevices",
    ]

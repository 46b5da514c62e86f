"""The built-in policies: right in all that the judge of sign-ins asks, for every kind of user, in every partition."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import fields
from datetime import UTC, datetime
from hashlib import sha256
from itertools import product
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import pytest
from mypy_boto3_iam import IAMClient
from shell import Iamsync, write

from iamsync import desired
from iamsync.builtin import NAMES, builtin
from iamsync.core import sign_in
from iamsync.core.access import Decision
from iamsync.core.arn import Account, Arn, policy_arn
from iamsync.core.document import Document
from iamsync.core.iam_limits import POLICY_SIZE
from iamsync.core.model import DesiredState
from iamsync.core.sign_in.mfa import mfa_findings
from iamsync.core.sign_in.password import password_findings
from iamsync.core.sign_in.person import Person, people
from iamsync.desired.builtins import BuiltinEntry
from iamsync.desired.substitute import filled

NOW = datetime(2027, 1, 15, tzinfo=UTC)
PARTITIONS = ("aws", "aws-cn", "aws-us-gov")
ID = "123456789012"
SETTINGS = f'version: 1\nsettings: {{owner: us, account_id: "{ID}"}}\n'

REVISIONS = {
    "deny-all": {1: "a9b6812bab3cda2f"},
    "deny-outside-network": {1: "92ed0fe230a19d7d"},
    "require-mfa": {1: "a4bc983783e85340"},
    "self-manage-credentials": {1: "fb7c6a24f550cc97"},
}
"""The text of each revision. A new text is a new revision, with a line of its own here and in the changelog."""


@pytest.mark.parametrize("name", NAMES)
def test_a_new_text_is_a_new_revision(name: str) -> None:
    known = builtin(name)
    text = json.dumps(known.template, sort_keys=True)

    assert known.revision == max(REVISIONS[name])
    assert sha256(text.encode()).hexdigest()[:16] == REVISIONS[name][known.revision]
    assert datetime.fromisoformat(known.date) < datetime(2100, 1, 1)  # noqa: DTZ001 - a day


def test_the_language_names_each_builtin_and_each_parameter() -> None:
    assert BuiltinEntry.model_fields["builtin"].annotation.__args__ == NAMES  # type: ignore[union-attr]
    assert {"builtin"}.union(*(builtin(name).parameters for name in NAMES)) == set(BuiltinEntry.model_fields)


class Holding(NamedTuple):
    """How a user gets the policy P, and where it is said."""

    user: str = ""
    more: str = ""


HOLDINGS = {
    "attached": Holding("policies: [P]"),
    "inline": Holding("inline_policies: {p: DOCUMENT}"),
    "by-a-set": Holding("policy_sets: [direct]", "policy_sets: {direct: {policies: [P]}}\n"),
    "by-the-group-of-a-set": Holding(
        "policy_sets: [grouped]", "policy_sets: {grouped: {attach: group, policies: [P]}}\n"
    ),
    "by-a-group": Holding("groups: [team]", "groups: {team: {policies: [P]}}\n"),
    "inline-in-a-group": Holding("groups: [team]", "groups: {team: {inline_policies: {p: DOCUMENT}}}\n"),
}
PATHS = ("/", "/people/", "/a/b/c/")
BESIDE = ("", "aws:AdministratorAccess", "aws:ReadOnlyAccess", "aws:IAMUserChangePassword")
CONSOLES = ("true", "{password_reset_required: false}")
KEYS = ("", "access_keys: 1, ")
BUILTIN = "{builtin: require-mfa}"


def everybody(folder: Path, holding: Holding, document: str = BUILTIN, beside: Sequence[str] = BESIDE) -> DesiredState:
    """A user of every kind with the document, at whichever account the tests ask for."""
    kinds = product(PATHS, beside, CONSOLES, KEYS)
    users = "".join(
        f"  user{number}: {{path: {path}, console: {console}, {keys}{_having(holding, other)}}}\n"
        for number, (path, other, console, keys) in enumerate(kinds)
    )
    text = f"{SETTINGS}policies: {{P: {{document: DOCUMENT}}}}\n{holding.more}users:\n{users}"
    write(folder, all=text.replace("DOCUMENT", document))
    return desired.load(folder / "desired").state(Account(id=ID, partition="aws"), NOW)


def _having(holding: Holding, beside: str) -> str:
    own = holding.user if "groups:" in holding.user else f"{holding.user}, groups: []"
    if not beside:
        return own
    return (
        own.replace("policies: [P]", f"policies: [P, {beside}]")
        if "policies: [P]" in own
        else f"{own}, policies: [{beside}]"
    )


def in_partition(folder: Path, partition: str) -> DesiredState:
    return desired.load(folder / "desired").state(Account(id=ID, partition=partition), NOW)


@pytest.mark.parametrize("partition", PARTITIONS)
@pytest.mark.parametrize("holding", HOLDINGS.values(), ids=HOLDINGS)
def test_the_judge_finds_nothing_wrong_with_require_mfa(holding: Holding, partition: str, tmp_path: Path) -> None:
    everybody(tmp_path, holding)
    state = in_partition(tmp_path, partition)
    assert len(state.users) == len(PATHS) * len(BESIDE) * len(CONSOLES) * len(KEYS)

    for users_may, expires, have in ((None, True, False), (False, True, True), (False, False, False)):
        found = sign_in.problems(
            state,
            users_may_change_password=users_may,
            passwords_expire=expires,
            have_passwords=state.users if have else (),
        )
        assert [problem.message for problem in found] == []


class Listening(Person):
    """A person who remembers what was asked."""

    heard: ClassVar[set[tuple[str, str, bool | None]]] = set()

    def asks(self, action: str, resource: Arn, *, mfa: bool | None = False) -> Decision:
        kind = "the device" if ":mfa/" in resource else "the user" if resource == self.arn else "another"
        self.heard.add((action, kind, mfa))
        return super().asks(action, resource, mfa=mfa)


def listening(person: Person) -> Listening:
    return Listening(**{one.name: getattr(person, one.name) for one in fields(Person)})


QUESTIONS = {
    # at the first sign-in and when a password has expired, before there can be MFA
    ("iam:ChangePassword", "the user", False): True,
    ("iam:ChangePassword", "the user", None): True,
    # an authenticator app, a passkey, a security key and a hardware token are enrolled
    ("iam:CreateVirtualMFADevice", "the device", False): True,
    ("iam:EnableMFADevice", "the user", False): True,
    ("iam:ListMFADevices", "the user", False): True,
    # whoever has the password or a key must not take the device off
    ("iam:DeactivateMFADevice", "the user", False): False,
    ("iam:DeactivateMFADevice", "the user", None): False,
}
"""All that the judge asks of a user with `require-mfa`, in the console without MFA (False) or with a key (None), with
the right answer.
"""


@pytest.mark.parametrize("partition", PARTITIONS)
def test_the_questions_of_the_judge_are_these_and_each_has_the_right_answer(partition: str, tmp_path: Path) -> None:
    everybody(tmp_path, HOLDINGS["attached"])
    state = in_partition(tmp_path, partition)
    heard = Listening.heard
    heard.clear()

    for person in map(listening, people(state, None)):
        assert [*mfa_findings(person), *password_findings(person, users_may=False, expires=True)] == []
        for (action, kind, mfa), expected in QUESTIONS.items():
            resource = person.device("any-name") if kind == "the device" else person.arn
            assert person.asks(action, resource, mfa=mfa).allowed is expected, (person.user.path, action, mfa)
    assert heard == QUESTIONS.keys()


DEVICES = {
    "an authenticator app": ("iam:CreateVirtualMFADevice", "iam:EnableMFADevice", "iam:ResyncMFADevice"),
    "a passkey or a security key": ("iam:EnableMFADevice", "iam:GetMFADevice"),
    "a hardware token": ("iam:EnableMFADevice", "iam:ResyncMFADevice"),
}
"""What the enrolment of a device of each kind takes (IAM User Guide: "Enable a virtual MFA device for an IAM user",
"Enable a passkey or security key for the IAM user", "Enable a hardware TOTP token for an IAM user").
"""
PAGE = ("iam:GetUser", "iam:ListMFADevices", "iam:GetAccountPasswordPolicy", "iam:ListVirtualMFADevices")
ON_ALL = {"iam:GetAccountPasswordPolicy", "iam:ListVirtualMFADevices"}


@pytest.mark.parametrize("partition", PARTITIONS)
def test_each_kind_of_device_is_enrolled_without_mfa_and_everything_else_needs_it(
    partition: str, tmp_path: Path
) -> None:
    everybody(tmp_path, HOLDINGS["attached"])
    others = Arn(f"arn:{partition}:iam::{ID}:user/people/somebody.else")

    for person in people(in_partition(tmp_path, partition), None):
        for action in (*PAGE, *(one for actions in DEVICES.values() for one in actions)):
            resource = Arn("*") if action in ON_ALL else person.arn
            resource = person.device("x") if action == "iam:CreateVirtualMFADevice" else resource
            assert person.asks(action, resource).allowed is True, action
        assert person.asks("iam:DeactivateMFADevice", person.arn, mfa=True).allowed is True
        for mfa in (False, None):
            for action in ("s3:ListAllMyBuckets", "iam:CreateAccessKey", "iam:DeactivateMFADevice", "sts:AssumeRole"):
                assert person.asks(action, Arn("*"), mfa=mfa).explicitly_denied is True, action
            assert person.asks("sts:GetSessionToken", Arn("*"), mfa=mfa).explicitly_denied is False
        is_administrator = any("Administrator" in one.policy for one in person.user.attachments)
        assert person.asks("iam:EnableMFADevice", others).allowed is is_administrator
        assert person.asks("iam:ChangePassword", others).allowed is is_administrator


def _without(document: Any, entry: str) -> Any:  # noqa: ANN401 - JSON
    """The document without an entry of its lists, wherever it stands in one."""
    match document:
        case list():
            return [_without(one, entry) for one in document if one != entry]
        case dict():
            return {key: _without(one, entry) for key, one in document.items()}
        case _:
            return document


def _entries(document: Any) -> Iterator[str]:  # noqa: ANN401 - JSON
    match document:
        case list():
            yield from (one for one in document if isinstance(one, str))
            for one in document:
                yield from _entries(one)
        case dict():
            for one in document.values():
                yield from _entries(one)
        case _:
            pass


JUDGED = {action for (action, _, _), expected in QUESTIONS.items() if expected}


@pytest.mark.parametrize("entry", sorted(set(_entries(builtin("require-mfa").template))))
def test_the_judge_sees_when_a_line_is_missing_that_it_asks_about(entry: str, tmp_path: Path) -> None:
    """So that an empty list of findings means something."""
    shorter = json.dumps(_without(builtin("require-mfa").template, entry))
    state = everybody(tmp_path, HOLDINGS["attached"], shorter, BESIDE[:1])

    found = [*sign_in.problems(state, users_may_change_password=False)]

    assert bool(found) is (entry in JUDGED or ":user/" in entry)


def test_self_manage_credentials_is_right_alone_and_beside_require_mfa(tmp_path: Path) -> None:
    own = "{builtin: self-manage-credentials}"
    for inline in ("", f"inline_policies: {{mfa: {BUILTIN}}}, "):
        everybody(tmp_path, Holding(f"{inline}policies: [P]"), own)
        for partition in PARTITIONS:
            state = in_partition(tmp_path, partition)
            assert list(sign_in.problems(state, users_may_change_password=False, passwords_expire=True)) == []
            for person in people(state, None):
                if not any(one.policy.startswith(f"arn:{partition}:iam::aws:") for one in person.user.attachments):
                    assert person.asks("iam:CreateAccessKey", person.arn).allowed is not bool(inline)
                    assert person.asks("iam:CreateAccessKey", person.arn, mfa=True).allowed is True
                    assert person.asks("iam:DeactivateMFADevice", person.arn).allowed is False
                    assert person.asks("iam:AttachUserPolicy", person.arn, mfa=True).allowed is False


def test_who_has_deny_all_and_a_password_is_refused(tmp_path: Path) -> None:
    state = everybody(tmp_path, HOLDINGS["attached"], "{builtin: deny-all}")

    harmed = {name for problem in sign_in.problems(state) for name in problem.users}
    assert harmed == {
        user.name for user in state.users.values() if user.console and user.console.password_reset_required
    }


def test_deny_outside_network_locks_nobody_out_and_takes_vpcs(tmp_path: Path) -> None:
    networks = "{builtin: deny-outside-network, networks: [203.0.113.0/24, '2001:db8::/32']VPCS}"
    for vpcs in ("", ", vpcs: [vpc-0123456789abcdef0]"):
        own = f"policies: [P], inline_policies: {{mfa: {BUILTIN}}}"
        state = everybody(tmp_path, Holding(own), networks.replace("VPCS", vpcs), BESIDE[:1])

        assert list(sign_in.problems(state, users_may_change_password=False)) == []
        [statement] = state.policies[policy_arn(state.account, "/", "P")].document.as_json()["Statement"]  # type: ignore[union-attr]
        assert statement["Condition"]["NotIpAddressIfExists"] == {"aws:SourceIp": ["203.0.113.0/24", "2001:db8::/32"]}
        assert ("StringNotEqualsIfExists" in statement["Condition"]) is bool(vpcs)


@pytest.mark.parametrize("partition", PARTITIONS)
def test_each_builtin_is_of_the_partition_and_small_enough(partition: str, iamsync: Iamsync) -> None:
    for name in NAMES:
        more = ("--network", "203.0.113.0/24") if builtin(name).parameters else ()
        document = Document.parse(iamsync("builtin", name, "--partition", partition, *more).out)

        assert document.size <= POLICY_SIZE / 2
        assert {text.split(":")[1] for text in document.texts if text.startswith("arn:")} <= {partition}


WRONG = {
    ("no-such",): "use deny-all, deny-outside-network, require-mfa, self-manage-credentials",
    ("require-mfa", "--network", "203.0.113.0/24"): "require-mfa takes no networks",
    ("deny-outside-network",): "deny-outside-network needs networks",
    ("deny-outside-network", "--network", "10.0.0.0/8"): "a private network matches nobody",
    ("deny-outside-network", "--network", "203.0.113.0/24", "--vpc", "main"): "the id of a VPC",
}


@pytest.mark.parametrize("arguments", WRONG, ids=" ".join)
def test_the_command_refuses_what_the_files_may_not_say(arguments: tuple[str, ...], iamsync: Iamsync) -> None:
    ended = iamsync("builtin", *arguments)

    assert (ended.code, ended.out) == (1, "")
    assert WRONG[arguments] in ended.err


def test_without_a_name_all_are_listed(iamsync: Iamsync) -> None:
    listed = iamsync("builtin").out

    for name in NAMES:
        assert f"{name} " in listed
        assert builtin(name).description in listed


def test_a_builtin_with_another_text_is_an_ordinary_change(iamsync: Iamsync, tmp_path: Path, iam: IAMClient) -> None:
    """As after an upgrade of iamsync: the account has the earlier revision."""
    write(tmp_path, all=SETTINGS + f"policies:\n  P:\n    document: {BUILTIN}\n")
    earlier = _without(builtin("require-mfa").template, "iam:ResyncMFADevice")
    text = filled(json.dumps(earlier), {"partition": "aws"})
    iam.create_policy(PolicyName="P", PolicyDocument=text, Tags=[{"Key": "iamsync:owner", "Value": "us"}])

    planned = iamsync("plan")

    assert planned.code == 0
    assert "desired/all.yaml:4" in planned.out
    assert 'statement "ManageOwnMFADevices": action added iam:ResyncMFADevice' in planned.out
    assert iamsync("apply", "--yes").code == 0
    assert "Nothing to do" in iamsync("plan").out

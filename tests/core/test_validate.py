"""What IAM would refuse is reported before IAM is asked."""

from typing import Any

import pytest

from iamsync.core import iam_limits, validate
from iamsync.core.arn import Account, Arn
from iamsync.core.document import Document
from iamsync.core.guarded_users import guarded_users
from iamsync.core.model import (
    AccessKeys,
    Attachment,
    DesiredState,
    Group,
    Guards,
    Origin,
    Policy,
    Problem,
    Quotas,
    Settings,
    User,
)
from iamsync.core.tags import OWNER_TAG

ACCOUNT = Account(id="123456789012", partition="aws")
HERE = Origin(file="desired/a.yaml", line=3, column=5)
STATEMENT = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
ALLOW = Document.parse({"Version": "2012-10-17", "Statement": STATEMENT})


def user(name: str = "bob", **fields: Any) -> User:  # noqa: ANN401 - whatever fields a user has
    return User(name=name, origin=HERE, **fields)


def policy(name: str = "P", **fields: Any) -> Policy:  # noqa: ANN401 - as above
    path = fields.pop("path", "/")
    arn = Arn(f"arn:aws:iam::123456789012:policy{path}{name}")
    return Policy(arn=arn, name=name, path=path, origin=HERE, **{"document": ALLOW, **fields})


def found(
    *things: User | Group | Policy, settings: Settings | None = None, account: Account = ACCOUNT
) -> list[Problem]:
    return list(
        validate.problems(
            DesiredState(
                account=account,
                settings=settings or Settings(owner="team"),
                users={one.name: one for one in things if isinstance(one, User)},
                groups={one.name: one for one in things if isinstance(one, Group)},
                policies={one.arn: one for one in things if isinstance(one, Policy)},
            )
        )
    )


def messages(*things: User | Group | Policy, **how: Any) -> list[str]:  # noqa: ANN401 - as above
    return [f"{problem.path}: {problem.message}" for problem in found(*things, **how)]


def attached(*arns: str) -> frozenset[Attachment]:
    return frozenset(Attachment(policy=Arn(arn)) for arn in arns)


def aws(*names: str) -> frozenset[Attachment]:
    return attached(*(f"arn:aws:iam::aws:policy/{name}" for name in names))


def sized(size: int) -> Document:
    empty = Document.parse({"Version": "2012-10-17", "Statement": {**STATEMENT, "Resource": "arn:aws:s3:::"}})
    resource = "arn:aws:s3:::" + "x" * (size - empty.size)
    return Document.parse({"Version": "2012-10-17", "Statement": {**STATEMENT, "Resource": resource}})


def test_what_iam_takes_has_no_problem() -> None:
    everything = user(
        path="/people/{x}/",
        tags={"Team": "data", OWNER_TAG: "team"},
        attachments=aws(*map(str, range(10))),
        inline={"i": sized(validate.USER_INLINE_SIZE)},
        groups=frozenset("abcde"),
        added_groups=frozenset("fghij"),
        previous_names=("rob",),
        boundary=Arn("arn:aws:iam::123456789012:policy/x/B"),
    )
    group = Group(name="g", path="/iamsync/team/", inline={"i": sized(iam_limits.GROUP_INLINE_SIZE)}, origin=HERE)
    assert found(everything, group, policy(document=sized(iam_limits.POLICY_SIZE), tags={"a": "1", "A": "2"})) == []


def test_a_problem_has_the_place_and_the_path() -> None:
    (problem,) = found(user(path="people"))
    assert (problem.origin, problem.path, problem.warning) == (HERE, "users.bob.path", False)


@pytest.mark.parametrize("name", ["a b", "ä", "a\n", "a:b", "a/b", "", "a*", "٣"])
def test_a_name_is_ascii_of_a_few_kinds(name: str) -> None:
    assert len(found(user(name))) == 1
    assert len(found(Group(name=name, path="/", origin=HERE))) == 1
    assert len(found(policy(name))) == 1


@pytest.mark.parametrize("name", ["a", "A_z", "a+b=c,d.e@f-g", "0", "a" * 64])
def test_names_that_iam_takes(name: str) -> None:
    assert found(user(name), Group(name=name, path="/"), policy(name)) == []


def test_a_user_name_ends_at_64_characters_and_others_at_128() -> None:
    assert messages(user("a" * 65)) == [f"users.{'a' * 65}: a name of 65 characters, expected at most 64"]
    assert found(Group(name="a" * 128, path="/"), policy("a" * 128)) == []
    assert len(found(Group(name="a" * 129, path="/"), policy("a" * 129))) == 2


@pytest.mark.parametrize("path", ["", "a", "/a", "a/", "//", "/a b/", "/ä/", "/a/\n"])
def test_paths_that_iam_refuses(path: str) -> None:
    assert len(found(user(path=path))) == 1


@pytest.mark.parametrize(
    ("path", "takes"), [("/a//b/", 0), ("/a|b/", 0), ("/" + "a" * 510 + "/", 0), ("/" + "a" * 511 + "/", 1)]
)
def test_a_path_of_a_user_is_nearly_free(path: str, takes: int) -> None:
    assert len(found(user(path=path))) == takes


@pytest.mark.parametrize("path", ["/a//b/", "/a|b/", "//"])
def test_a_path_of_a_policy_is_narrower(path: str) -> None:
    assert len(found(policy(path=path))) == 1


def test_names_are_one_without_regard_to_case_over_all_paths() -> None:
    later = Origin(file="desired/b.yaml", line=1)
    (problem,) = found(user("Bob"), User(name="bob", path="/x/", origin=later))
    assert problem.origin == later
    assert problem.message == 'the same name for IAM as "Bob" at desired/a.yaml:3: it ignores case, over all paths'
    assert len(found(policy("p"), policy("P", path="/x/"))) == 1
    assert len(found(Group(name="g", path="/"), Group(name="G", path="/x/"))) == 1


def test_tag_keys_of_users_are_one_without_regard_to_case() -> None:
    assert messages(user(tags={"Team": "a", "team": "b"})) == ['users.bob.tags.team: the same key for IAM as "Team"']


@pytest.mark.parametrize(
    "tags", [{"": "a"}, {"a" * 129: "a"}, {"a": "b" * 257}, {"aws:x": "a"}, {"a!": "b"}, {"a": "b,c"}]
)
def test_tags_that_iam_refuses(tags: dict[str, str]) -> None:
    assert len(found(user(tags=tags))) == 1
    assert len(found(policy(tags=tags))) == 1


@pytest.mark.parametrize(("count", "problems"), [(0, 0), (1, 1)])
def test_a_new_access_key_needs_room_for_a_tag(count: int, problems: int) -> None:
    tags = {f"t{number}": "" for number in range(iam_limits.TAGS)}
    assert len(found(user(tags=tags, access_keys=AccessKeys(count=count)))) == problems


@pytest.mark.parametrize("tags", [{"a" * 128: "b" * 256}, {"größe 東京": "é _.:/=+-@"}, {"a": ""}])
def test_tags_that_iam_takes(tags: dict[str, str]) -> None:
    assert found(user(tags=tags)) == []


def test_fifty_tags_are_the_most() -> None:
    assert found(user(tags={f"k{number}": "" for number in range(50)})) == []
    assert messages(user(tags={f"k{number}": "" for number in range(51)})) == [
        "users.bob.tags: 51 tags with that of ownership, expected at most 50"
    ]


def test_attachments_of_a_user_are_counted_against_the_quota_of_the_account() -> None:
    eleven = user(attachments=aws(*map(str, range(11))))
    assert messages(eleven)[0].startswith("users.bob: 11 policies attached, expected at most 10")
    assert found(eleven, settings=Settings(owner="team", quotas=Quotas(policies_per_user=11))) == []


def test_attachments_of_a_group_are_ten_whatever_the_quota() -> None:
    group = Group(name="g", path="/", attachments=aws(*map(str, range(11))))
    assert len(found(group, settings=Settings(owner="team", quotas=Quotas(policies_per_user=20)))) == 1


def test_declared_groups_and_those_of_sets_are_counted_together() -> None:
    assert len(found(user(groups=frozenset("abcdef"), added_groups=frozenset("ghijk")))) == 1


def test_inline_policies_are_counted_together() -> None:
    assert len(found(user(inline={"a": sized(1024), "b": sized(1025)}))) == 1
    assert len(found(Group(name="g", path="/", inline={"a": sized(5121)}))) == 1


def test_a_managed_policy_is_counted_alone() -> None:
    assert len(found(policy(document=sized(6145)))) == 1


def test_a_document_is_of_the_new_version() -> None:
    old = Document.parse({"Version": "2008-10-17", "Statement": STATEMENT})
    without = Document.parse({"Statement": STATEMENT})
    assert len(found(policy(document=old))) == len(found(policy(document=without))) == 1
    assert found(user(inline={"a": without, "b": old})) == []


def test_a_description_is_of_latin_1() -> None:
    assert found(policy(description="größer")) == []
    assert len(found(policy(description="東京"))) == 1
    assert len(found(policy(description="x" * 1001))) == 1


@pytest.mark.parametrize(
    "arn",
    [
        "arn:aws:iam::999999999999:policy/P",
        "arn:aws-cn:iam::aws:policy/P",
        "arn:aws:iam::123456789012:role/P",
        "arn:aws:iam::aws:policy/aws-service-role/P",
        "arn:aws:iam::aws:policy/root-task/P",
        "arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV3",
        "P",
    ],
)
def test_policies_that_cannot_be_attached(arn: str) -> None:
    assert len(found(user(attachments=attached(arn)))) == 1
    assert len(found(Group(name="g", path="/", attachments=attached(arn)))) == 1


def test_an_attachment_is_wrong_where_it_is_written() -> None:
    there = Origin(file="desired/sets.yaml", line=9, column=3)
    wrong = frozenset({Attachment(policy=Arn("P"), via="s", origin=there)})
    assert [problem.origin for problem in found(user(attachments=wrong))] == [there]


def test_nothing_is_judged_by_an_account_that_nobody_named() -> None:
    unknown = Account(id=validate.UNKNOWN_ACCOUNT, partition="aws")
    assert found(user(attachments=attached("arn:aws:iam::999999999999:policy/P")), account=unknown) == []


def test_a_boundary_is_of_this_account_or_of_aws() -> None:
    assert len(found(user(boundary=Arn("arn:aws:iam::999999999999:policy/P")))) == 1
    assert found(user(boundary=Arn("arn:aws:iam::aws:policy/PowerUserAccess"))) == []


def test_a_previous_name_is_nobodys_now() -> None:
    assert messages(user(previous_names=("bob",)))[0].endswith("is its name now")
    assert messages(user(previous_names=("Ann",)), user("ann"))[0].endswith("is in use, at desired/a.yaml:3")
    assert len(found(user(previous_names=("x",)), user("ann", previous_names=("X",)))) == 1
    assert found(user("Bob", previous_names=("bob",))) == []


def test_required_users_are_declared_and_neither_they_nor_protected_ones_are_suspended() -> None:
    def problems_of(*users: User) -> list[str]:
        guards = Guards(required_users=("bob",), protected_users=("break-*",))
        state = DesiredState(
            account=ACCOUNT,
            users={one.name: one for one in users},
            settings=Settings(owner="team", guards=guards),
        )
        return [f"{problem.path}: {problem.message}" for problem in guarded_users(state)]

    advice = "so iamsync does not suspend the user: remove one of the two"
    assert problems_of(user(), user("break-glass")) == []
    assert problems_of() == ["settings.guards.required_users[0]: bob is required by settings.guards, and not declared"]
    assert problems_of(user(suspended=True, may_end="suspended")) == [
        f"users.bob.suspended: bob is required by settings.guards, {advice}"
    ]
    assert problems_of(user(), user("Break-Glass", may_end="expires")) == [
        f"users.Break-Glass.expires: Break-Glass is protected by settings.guards, {advice}"
    ]


def test_an_account_holds_five_thousand_users() -> None:
    assert found(*(user(f"u{number}") for number in range(5000))) == []
    assert len(found(*(user(f"u{number}") for number in range(5001)))) == 1


def test_what_is_shown_plays_no_tricks_on_a_terminal() -> None:
    assert validate.shown('a"\x1b[31m\u202e') == r'"a\"\u001b[31m\u202e"'
    assert validate.shown("größer 東京") == '"größer 東京"'
    assert validate.shown("x" * 81) == f'"{"x" * 80}..."'

"""Users have the same problems with policies specialized once for all of them as with policies of their own."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from document_pairs import allow, deny, document
from hypothesis import example, given, settings
from hypothesis import strategies as st
from states import OURS, attached

from iamsync.core.access import (
    Citation,
    Context,
    Decision,
    Policies,
    Request,
    decision,
    is_about_the_user,
    policies_of,
)
from iamsync.core.access.conditions import holds, keys_read
from iamsync.core.arn import Account, aws_policy_arn, policy_arn, short_name
from iamsync.core.document import Document
from iamsync.core.model import AccessKeys, Console, DesiredState, Group, Policy, Problem, Settings, User
from iamsync.core.sign_in import problems
from iamsync.core.sign_in.best_case import best_case
from iamsync.core.sign_in.contexts import contexts_of
from iamsync.core.sign_in.demand import demands_of, greatest
from iamsync.core.sign_in.person import Person, people

ACTIONS = (
    *("iam:ChangePassword", "iam:GetAccountPasswordPolicy", "iam:EnableMFADevice", "iam:ListMFADevices"),
    *("iam:CreateVirtualMFADevice", "iam:DeactivateMFADevice"),
)
HERE, ELSEWHERE = "111122223333", "444455556666"
CONDITIONS: tuple[dict[str, Any], ...] = (
    {},
    {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
    {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}},
    {"StringEquals": {"aws:username": ["aiko", "ben"]}},
    {"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{HERE}:user/people/*"}},
    {"StringEquals": {"aws:PrincipalAccount": HERE}},
    {"StringNotEquals": {"aws:PrincipalTag/Account": "${aws:PrincipalAccount}"}},
    {"StringEquals": {"iam:ResourceTag/Team": "data"}},
    {"StringEquals": {"aws:PrincipalTag/Team": "${aws:username}"}},
    {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}},
)

law = settings(max_examples=100, deadline=None)

some_actions = st.sampled_from(("*", "iam:*", "iam:*MFADevice", "iam:ChangePassword", "s3:Get*")) | st.lists(
    st.sampled_from(ACTIONS), min_size=1, max_size=4, unique=True
)
entries = st.sampled_from(("*", "arn:aws:iam", "arn:*:iam:*", "arn:aws:s3:::bucket/*", "arn:aws:iam::*:*")) | st.builds(
    "arn:{}:iam::{}:{}".format,
    st.sampled_from(("aws", "aws", "aws-cn")),
    st.sampled_from((HERE, ELSEWHERE, "*", "1111*", "?11122223333", "${aws:PrincipalTag/Account}")),
    st.sampled_from(
        (
            "*",
            "user/*",
            "user/a*",
            "user/aiko",
            "user/${aws:username}",
            "user/*/${aws:username}",
            "mfa/*",
            "mfa/phone-?",
        )
    ),
)


@st.composite
def statements(draw: st.DrawFn) -> dict[str, Any]:
    conditions = (draw(st.sampled_from(CONDITIONS)), draw(st.sampled_from(CONDITIONS)))
    return {
        "Effect": draw(st.sampled_from(("Allow", "Allow", "Deny"))),
        draw(st.sampled_from(("Action", "Action", "NotAction"))): draw(some_actions),
        draw(st.sampled_from(("Resource", "Resource", "NotResource"))): draw(st.lists(entries, min_size=1, max_size=2)),
        "Condition": {**conditions[0], **conditions[1]},
    }


documents = st.builds(
    lambda version, chosen: Document.parse({**document(*chosen), "Version": version}),
    st.sampled_from(("2012-10-17", "2012-10-17", "2008-10-17")),
    st.lists(statements(), min_size=1, max_size=3),
)
users = st.builds(
    User,
    name=st.sampled_from(("aiko", "ben", "data")),
    path=st.sampled_from(("/", "/people/")),
    tags=st.sampled_from((OURS, {"Team": "data", "Account": HERE}, {"team": "aiko", "Account": HERE})),
    inline=st.just({}) | st.builds(lambda one: {"own": one}, documents),
    groups=st.sampled_from((None, frozenset(), frozenset({"team"}))),
    console=st.builds(Console, password_reset_required=st.booleans()),
    access_keys=st.sampled_from((None, AccessKeys(count=1))),
)
accounts = st.builds(
    Account, id=st.sampled_from((HERE, ELSEWHERE)), partition=st.sampled_from(("aws", "aws", "aws-cn"))
)


@st.composite
def states(draw: st.DrawFn) -> DesiredState:
    """Users who share policies, or the texts of policies, and differ in what policies can ask about them."""
    account = draw(accounts)
    texts = {policy_arn(account, "/", name): draw(documents) for name in ("A", "B", "C")}
    some = st.lists(st.sampled_from([*texts, aws_policy_arn(account.partition, "IAMUserChangePassword")]), unique=True)
    declared = [
        replace(user, attachments=attached(*draw(some)), boundary=draw(st.sampled_from((None, None, *texts))))
        for user in draw(st.lists(users, min_size=2, max_size=3, unique_by=lambda one: one.name))
    ]
    team = Group(name="team", path="/", attachments=attached(*draw(some)), inline={"rules": draw(documents)})
    return DesiredState(
        account=account,
        users={user.name: user for user in declared},
        groups={"team": team},
        policies={arn: Policy(arn=arn, name=short_name(arn), path="/", document=text) for arn, text in texts.items()},
        settings=Settings(owner="us"),
    )


@law
@given(states(), st.booleans())
def test_all_users_together_have_the_problems_that_each_has_alone(state: DesiredState, expires: bool) -> None:  # noqa: FBT001
    alone: dict[tuple[str, bool], list[Problem]] = {}
    for user in state.users.values():
        for problem in problems(replace(state, users={user.name: user}), passwords_expire=expires):
            alone.setdefault((problem.message, problem.warning), []).append(problem)

    found = list(problems(state, passwords_expire=expires))

    assert found == [_with_the_others(*same) for same in alone.values()]


def _with_the_others(first: Problem, *others: Problem) -> Problem:
    names = ", ".join(one.path.split(".")[1] for one in others)
    return replace(first, message=f"{first.message}. The same holds for {names}") if names else first


def teams(version: str, statement: dict[str, Any]) -> DesiredState:
    """Users of two teams, who all have one policy."""
    account = Account(id=HERE, partition="aws")
    text = Document.parse({**document(statement), "Version": version})
    arn = policy_arn(account, "/", "A")
    declared = [
        User(name=name, tags=tags, attachments=attached(arn), groups=frozenset(), console=Console())
        for name, tags in {
            "cleo": {"Team": "aiko", "Account": HERE},
            "aiko": {"Team": "aiko", "Account": HERE},
            "ben": {"Team": "data", "Account": ELSEWHERE},
        }.items()
    ]
    return DesiredState(
        account=account,
        users={user.name: user for user in declared},
        policies={arn: Policy(arn=arn, name="A", path="/", document=text)},
        settings=Settings(owner="us"),
    )


OWN_TEAM = {"StringEquals": {"aws:PrincipalTag/Team": "${aws:username}"}}
OTHER_TEAM = {"StringNotEquals": {"aws:PrincipalTag/Team": "${aws:username}"}}


@law
@given(states())
@example(teams("2012-10-17", allow("iam:*", Condition=OWN_TEAM)))
@example(teams("2008-10-17", allow("iam:*", Condition=OTHER_TEAM)))
@example(teams("2012-10-17", allow("iam:*", Condition={"StringEquals": {"iam:ResourceTag/Team": "data"}})))
@example(teams("2012-10-17", allow("iam:*", "arn:aws:iam::${aws:PrincipalTag/Account}:*")))
@example(teams("2012-10-17", allow("iam:*", "arn:aws:iam::?11122223333:*")))
def test_answers_are_those_of_all_statements_in_the_best_case_for_the_user(state: DesiredState) -> None:
    for person in people(state, None):
        policies = policies_of(person.user, state)
        identity = tuple(best_case(one, person.contexts) for one in policies.identity)
        boundary = None if policies.boundary is None else best_case(policies.boundary, person.contexts)
        whole = Policies(identity=identity, boundary=boundary)
        for action in ACTIONS:
            for resource in _resources(person):
                for mfa in (True, False, None):
                    context = person.contexts[mfa, ":user/" in resource]
                    request = Request(action=action, resource=resource, context=context)
                    assert _seen(person.asks(action, resource, mfa=mfa)) == _seen(decision(whole, request))
        assert person.demand == greatest(one for source in whole.sources for one in demands_of(source, person.contexts))


def _resources(person: Person) -> Iterator[Any]:
    yield from ("*", person.arn, person.arn_without_path, person.device("any-name"), person.device(person.user.name))


def _seen(found: Decision) -> tuple[object, ...]:
    """A decision without the texts of the policies, from which statements are left out."""

    def cited(citation: Citation | None) -> tuple[object, ...]:
        return () if citation is None else (citation.source.label, citation.source.is_fixed, citation.statement)

    doubts = [cited(one) for one in found.doubts]
    return found.allowed, found.explicitly_denied, found.withheld, cited(found.by), doubts


def test_a_policy_is_specialized_once_for_all_users_that_its_conditions_do_not_tell_apart() -> None:
    state = teams("2012-10-17", allow("iam:*", Condition={"StringEquals": {"aws:PrincipalTag/Team": "data"}}))

    [cleo], [aiko], [ben] = (person.policies for person in people(state, None))

    assert cleo is aiko
    assert cleo is not ben


def test_equal_policies_that_are_written_in_another_order_are_cited_as_they_are_written() -> None:
    every, first, second = allow("*"), deny("iam:ChangePassword", Sid="First"), deny("iam:Change*", Sid="Second")
    people = {
        name: User(name=name, inline={"own": Document.parse(document(every, *denies))}, console=Console())
        for name, denies in {"aiko": (first, second), "ben": (second, first)}.items()
    }
    assert people["aiko"].inline == people["ben"].inline
    state = DesiredState(account=Account(id=HERE, partition="aws"), users=people, settings=Settings(owner="us"))

    found = {problem.path: problem.message.split(" of ")[0] for problem in problems(state)}

    assert found == {"users.aiko.console": 'statement "First"', "users.ben.console": 'statement "Second"'}


@law
@given(users, users, st.sampled_from((True, False, None)))
def test_only_keys_about_the_user_differ_between_users(one: User, other: User, mfa: bool | None) -> None:  # noqa: FBT001
    account = Account(id=HERE, partition="aws")
    for is_on_the_user in (True, False):
        first, second = (contexts_of(user, account)[mfa, is_on_the_user] for user in (one, other))
        for key in {*first.known, *second.known, "aws:sourceip", "aws:principaltag/none"}:
            assert is_about_the_user(key) or first.values(key) == second.values(key)


KEYS = ("aws:username", "aws:principaltag/team", "s3:prefix")
values = st.dictionaries(st.sampled_from(KEYS), st.none() | st.sampled_from(("data", "x")))


@law
@given(
    values,
    values,
    st.sampled_from(KEYS),
    st.sampled_from(("StringEquals", "StringNotLikeIfExists", "ForAllValues:StringEquals", "Null")),
    st.sampled_from(("data", "${aws:username}", "${ s3:Prefix , 'x'}", "x${aws:PrincipalTag/Team}", "true")),
    st.booleans(),
)
def test_a_condition_looks_at_no_other_keys_than_it_is_said_to_read(
    known: dict[str, str | None],
    others: dict[str, str | None],
    key: str,
    operator: str,
    value: str,
    variables: bool,  # noqa: FBT001
) -> None:
    [statement] = Document.parse(document(allow("*", Condition={operator: {key: value}}))).statements
    [condition] = statement.conditions
    read = {name: one for name, one in known.items() if name in keys_read(condition)}
    not_read = {name: one for name, one in others.items() if name not in keys_read(condition)}

    answers = [holds(condition, Context.of(one), variables=variables) for one in (known, {**not_read, **read})]

    assert answers[0] is answers[1]

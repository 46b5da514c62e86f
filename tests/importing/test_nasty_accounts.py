"""Accounts that make trouble, one kind at a time: what is written of each, and what is not, and why."""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from iamsync.core.arn import Arn, policy_arn
from iamsync.core.document import Document
from iamsync.core.model import Attachment, Group, LiveState, Policy, PolicyVersion, User
from iamsync.importing import Selection
from iamsync.importing.builtins import builtins_in
from importing.accounts import ACCOUNT, AWS, QUARANTINE
from importing.round_trip import assert_nothing_but_adoption, import_into

S3 = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}


def document(**elements: Any) -> Document:  # noqa: ANN401 - JSON
    statement = {"Effect": "Allow", "Action": "s3:*", "Resource": "*", **elements}
    return Document.parse({"Version": "2012-10-17", "Statement": [statement]})


def policy(name: str, text: Document | None = None, path: str = "/", **more: Any) -> Policy:  # noqa: ANN401 - fields
    arn = policy_arn(ACCOUNT, path, name)
    return Policy(arn=arn, name=name, path=path, document=text or document(), **more)


def user(name: str, *policies: Arn, **more: Any) -> User:  # noqa: ANN401 - as above
    return User(
        name=name, attachments=frozenset(Attachment(policy=one) for one in policies), **{"groups": frozenset(), **more}
    )


def account(*things: User | Group | Policy) -> LiveState:
    policies = {one.arn: one for one in things if isinstance(one, Policy)}
    return LiveState(
        account=ACCOUNT,
        users={one.name: one for one in things if isinstance(one, User)},
        groups={one.name: one for one in things if isinstance(one, Group)},
        policies=policies,
        versions={
            arn: tuple(
                PolicyVersion(id=f"v{number}", document=one.document if number == 3 else None, is_default=number == 3)
                for number in range(1, 6)
            )
            for arn, one in policies.items()
        },
    )


def text_of(root: Path) -> str:
    return "\n".join(file.read_text("utf-8") for file in sorted(root.rglob("*.yaml")))


def said(root: Path) -> dict[str, dict[str, Any]]:
    """All sections of all files together."""
    whole: dict[str, dict[str, Any]] = {}
    for file in root.rglob("*.yaml"):
        for section, entries in (yaml.safe_load(file.read_text("utf-8")) or {}).items():
            if isinstance(entries, Mapping):
                whole.setdefault(section, {}).update(entries)
    return whole


OLD = Document.parse({**S3, "Version": "2008-10-17"})
OLD_ARN = policy("Old").arn


def test_a_document_of_2008_stays_where_it_is_and_is_attached_by_its_arn(tmp_path: Path) -> None:
    live = account(policy("Old", OLD), user("aiko", OLD_ARN, inline={"old": OLD}))
    import_into(tmp_path / "d", live)

    assert_nothing_but_adoption(tmp_path / "d", live)
    assert said(tmp_path / "d")["users"]["aiko"]["policies"] == [OLD_ARN]
    assert '# - policy/Old: expected Version: "2012-10-17"' in (tmp_path / "d/policies.yaml").read_text()


def test_inline_policies_are_written_out_at_users_and_groups(tmp_path: Path) -> None:
    texts = {"a": document(), "no": document(Condition={"Bool": {"aws:SecureTransport": "true"}}), "1": OLD}
    live = account(
        user("aiko", inline=texts, groups=frozenset({"ops"})), Group(name="ops", path="/teams/", inline=texts)
    )
    import_into(tmp_path / "d", live)

    assert_nothing_but_adoption(tmp_path / "d", live)
    assert set(said(tmp_path / "d")["groups"]["ops"]["inline_policies"]) == set(texts)


def test_of_five_versions_the_one_in_force_is_written(tmp_path: Path) -> None:
    live = account(policy("Five", document(Action="sqs:*"), "/data/"), user("aiko", policy("Five", path="/data/").arn))
    import_into(tmp_path / "d", live)

    assert_nothing_but_adoption(tmp_path / "d", live)
    written = json.loads((tmp_path / "d/policies/Five.json").read_text())
    assert written["Statement"][0]["Action"] == "sqs:*"


@pytest.mark.parametrize("name", ["null", "0042", "1e3", "no", "=", "-", "a,b", "2026-11-25", "svc_ci+build@x", "Y"])
def test_odd_names_stay_names(name: str, tmp_path: Path) -> None:
    live = account(policy(name), user(name, policy(name).arn, groups=frozenset({name})), Group(name=name, path="/"))
    import_into(tmp_path / "d", live)

    assert len(assert_nothing_but_adoption(tmp_path / "d", live).actions) == 3


def test_boundaries_are_a_default_and_none_is_an_exception(tmp_path: Path) -> None:
    bound = policy("Bound", path="/boundaries/")
    live = account(
        bound,
        user("a", boundary=bound.arn),
        user("b", boundary=bound.arn),
        user("c", boundary=bound.arn),
        user("d", boundary=AWS[0]),
        user("e", path="/services/"),
    )
    import_into(tmp_path / "d", live)

    assert_nothing_but_adoption(tmp_path / "d", live)
    whole = said(tmp_path / "d")
    assert whole["settings"]["defaults"] == {"user": {"permissions_boundary": "Bound"}}
    assert whole["users"]["a"] == {}
    assert whole["users"]["d"] == {"permissions_boundary": "aws:ReadOnlyAccess"}
    assert whole["users"]["e"] == {"path": "/services/", "permissions_boundary": None}


def test_umlauts_in_tags_and_odd_ones_are_kept_and_name_files_in_ascii(tmp_path: Path) -> None:
    tags = {"Team": "Größe + mehr", "Straße 1": "Zürich\u00a0Nord", "empty": "", "AKIAEXAMPLE": "key"}
    live = account(user("aiko", tags=tags), user("bo", tags={"Team": "../../etc"}))
    import_into(tmp_path / "d", live)

    assert_nothing_but_adoption(tmp_path / "d", live)
    assert (tmp_path / "d/users/groe-mehr.yaml").exists()
    assert (tmp_path / "d/users/etc.yaml").exists()
    assert "AKIAEXAMPLE" not in text_of(tmp_path / "d")


def test_groups_are_as_they_are(tmp_path: Path) -> None:
    live = account(
        Group(name="Ops", path="/teams/", attachments=frozenset({Attachment(policy=AWS[1])})),
        Group(name="theirs", path="/iamsync/them/"),
        Group(name="empty", path="/"),
        user("aiko", groups=frozenset({"Ops", "theirs"})),
    )
    import_into(tmp_path / "d", live)

    assert_nothing_but_adoption(tmp_path / "d", live)
    whole = said(tmp_path / "d")
    assert whole["groups"] == {"Ops": {"policies": ["aws:job-function/Billing"]}, "empty": {}}
    assert whole["users"]["aiko"] == {"groups": ["Ops", "theirs"]}
    assert '# - group/theirs: exists, owned by "them"' in text_of(tmp_path / "d")


def test_users_and_policies_of_cloudformation_and_of_others_are_left_to_them(tmp_path: Path) -> None:
    stack = {"aws:cloudformation:stack-name": "messaging"}
    live = account(
        policy("Queue", tags=stack),
        user("worker", policy("Queue").arn, tags=stack),
        user("theirs", tags={"iamsync:owner": "them"}),
        user("aiko", policy("Queue").arn),
    )
    import_into(tmp_path / "d", live)

    assert_nothing_but_adoption(tmp_path / "d", live)
    notes = text_of(tmp_path / "d")
    assert said(tmp_path / "d")["users"] == {"aiko": {"policies": [policy("Queue").arn]}}
    assert notes.count('owned by the CloudFormation stack "messaging"') == 2
    assert '# - user/theirs: exists, owned by "them"' in notes


def test_names_that_differ_in_case_from_section_to_section_are_all_kept(tmp_path: Path) -> None:
    live = account(
        policy("Data"),
        Group(name="DATA", path="/"),
        user("data", policy("Data").arn, AWS[0], tags={"Team": "Data"}, groups=frozenset({"DATA"})),
        user("Data2", policy("Data").arn, AWS[0], tags={"team": "data"}, groups=frozenset({"DATA"})),
    )
    import_into(tmp_path / "d", live)

    assert_nothing_but_adoption(tmp_path / "d", live)
    whole = said(tmp_path / "d")
    assert set(whole["policy_sets"]) == {"data-2"}, "a set has no name that a group has"
    assert (tmp_path / "d/users/data.yaml").read_text().count("data-2") == 2


def test_five_hundred_users_in_thirty_groups(tmp_path: Path) -> None:
    groups = [Group(name=f"g{number}", path="/") for number in range(30)]
    users = [
        user(
            f"person.{number:03}",
            AWS[number % 3],
            AWS[(number + 1) % 3],
            path="/people/",
            tags={"Team": f"team {number % 7}", "Company": "Example"},
            groups=frozenset({f"g{number % 30}"}),
        )
        for number in range(500)
    ]
    live = account(*groups, *users)
    import_into(tmp_path / "d", live)

    plan = assert_nothing_but_adoption(tmp_path / "d", live)
    assert len(plan.actions) == 530
    assert said(tmp_path / "d")["settings"]["defaults"]["user"] == {"path": "/people/", "tags": {"Company": "Example"}}
    assert len(list((tmp_path / "d/users").iterdir())) == 7
    assert len(said(tmp_path / "d")["policy_sets"]) == 3


def test_a_quarantined_user_is_written_without_the_quarantine_which_stays(tmp_path: Path) -> None:
    live = account(user("aiko", AWS[0], QUARANTINE))
    import_into(tmp_path / "d", live)

    assert_nothing_but_adoption(tmp_path / "d", live)
    text = text_of(tmp_path / "d")
    assert said(tmp_path / "d")["users"]["aiko"] == {"policies": ["aws:ReadOnlyAccess"]}
    assert "  # aws:AWSCompromisedKeyQuarantineV2 stays attached and is not declared: AWS attached it" in text


def test_policies_that_only_roles_use_stay_with_them(tmp_path: Path) -> None:
    live = account(policy("OfRoles"), policy("Shared"), user("aiko", policy("Shared").arn))
    live = replace(live, used_by={policy("Shared").arn: frozenset({"role/ci", "user/aiko"})})
    import_into(tmp_path / "d", live)

    assert_nothing_but_adoption(tmp_path / "d", live)
    assert set(said(tmp_path / "d")["policies"]) == {"Shared"}


def test_what_the_language_cannot_say_is_a_comment_with_the_reason(tmp_path: Path) -> None:
    live = account(
        policy("Template", document(Resource="arn:aws:s3:::{{ bucket }}")),
        policy("Unreadable"),
        user("a", inline={"x": document(Resource="arn:aws:s3:::{{ bucket }}")}),
        user("b", inline={"x": None}),
        user(
            "c",
            inline={
                "x": document(
                    Resource=[f"arn:aws:s3:::{letter * 50}" for letter in "abcdefghijklmnopqrstuvwxyzABCDEFGHI"]
                )
            },
        ),
        user("d", tags={f"key{number}": "" for number in range(50)}),
        user("e", tags={"iamsync:strange": ""}),
        user("f", path="/{{ x }}/"),
        user("g", policy("Template").arn, policy("Unreadable").arn, tags={"Team": "data"}),
    )
    unreadable = replace(live.policies[policy("Unreadable").arn], document=None)
    live = replace(live, policies={**live.policies, unreadable.arn: unreadable})
    what = import_into(tmp_path / "d", live)

    assert_nothing_but_adoption(tmp_path / "d", live)
    assert {subject: re.split(r"[:;,]", why)[0] for subject, why in sorted(what.notes.items())} == {
        "policy/Template": 'the text has "{{" in it',
        "policy/Unreadable": "the text is not a policy document that iamsync can read",
        "user/a": "inline policy x",
        "user/b": "inline policy x",
        "user/c": "inline policies of 2",
        "user/d": "51 tags with that of ownership",
        "user/e": 'has the tag "iamsync',
        "user/f": 'has "{{" in "/{{ x }}/"',
    }
    for subject, why in what.notes.items():
        file = "policies" if subject.startswith("policy") else "users/others"
        assert f"# - {subject}: {why}" in (tmp_path / f"d/{file}.yaml").read_text()


def test_built_in_policies_are_recognized(tmp_path: Path) -> None:
    found = {name: document for document, name in builtins_in(ACCOUNT).items()}
    live = account(
        policy("MFA", found["require-mfa"]), user("aiko", policy("MFA").arn, inline={"stop": found["deny-all"]})
    )
    import_into(tmp_path / "d", live)

    assert_nothing_but_adoption(tmp_path / "d", live)
    assert said(tmp_path / "d")["policies"] == {"MFA": {"document": {"builtin": "require-mfa"}}}
    assert not (tmp_path / "d/policies").exists()


def test_more_than_ten_policies_are_a_quota_that_aws_has_raised(tmp_path: Path) -> None:
    many = [policy(f"P{number:02}") for number in range(12)]
    live = account(*many, user("aiko", *(one.arn for one in many)))
    import_into(tmp_path / "d", live)

    assert_nothing_but_adoption(tmp_path / "d", live)
    assert said(tmp_path / "d")["settings"]["quotas"] == {"policies_per_user": 20}


def test_a_second_import_adds_what_is_new_and_keeps_every_line(tmp_path: Path) -> None:
    team = {"Team": "data", "Company": "x"}
    old = account(
        policy("P"),
        user("aiko", policy("P").arn, AWS[0], tags=team),
        user("bo", policy("P").arn, AWS[0], tags=team),
        user("theirs", tags={**team, "iamsync:owner": "them"}),
    )
    root = tmp_path / "d"
    import_into(root, old)
    file = root / "users/data.yaml"
    file.write_text(file.read_text().replace("  bo:", "  # Bo is new here.\n  bo:"))
    (root / "policies/Q.json").write_text("notes of somebody\n")
    before = {one: one.read_text().splitlines() for one in root.rglob("*") if one.is_file()}
    new = account(
        *old.policies.values(),
        policy("Q"),
        *old.users.values(),
        user("ana", policy("P").arn, AWS[0], tags=team),
        user("cem", policy("Q").arn, AWS[1], AWS[2], tags={**team, "Cost": "7"}),
        user("dee", policy("Q").arn, AWS[1], AWS[2], tags=team),
        user("eli", tags={"Team": "data"}),
    )

    what = import_into(root, new)

    assert_nothing_but_adoption(root, new)
    for one, lines in before.items():
        rest = iter(one.read_text().splitlines())
        assert all(line in rest for line in lines), one
    assert {name: said(root)["users"][name] for name in ("ana", "cem", "dee")} == {
        "ana": {"policy_sets": ["data"]},
        "cem": {"policy_sets": ["data-2"], "tags": {"Cost": "7"}},
        "dee": {"policy_sets": ["data-2"]},
    }
    assert said(root)["policies"]["Q"] == {"document": "policies/Q-2.json"}
    assert what.notes["user/eli"].startswith('has no tag "Company", which settings.defaults.user.tags gives')
    assert file.read_text().count("Not imported:") == 1


def test_a_file_that_is_not_canonical_is_not_touched(tmp_path: Path) -> None:
    root = tmp_path / "d"
    root.mkdir()
    mine = 'version: 1\nsettings: {owner: us, account_id: "123456789012"}\nusers: {aiko: {}}   # mine\n'
    (root / "users").mkdir()
    (root / "users/others.yaml").write_text(mine)
    live = account(user("aiko"), user("bo", AWS[0]))

    import_into(root, live)

    assert (root / "users/others.yaml").read_text() == mine
    assert (root / "users/others-2.yaml").read_text() == "users:\n  bo:\n    policies: [aws:ReadOnlyAccess]\n"


def test_only_what_is_selected_is_written(tmp_path: Path) -> None:
    live = account(
        policy("A"),
        policy("B"),
        Group(name="ops", path="/", attachments=frozenset({Attachment(policy=policy("B").arn)})),
        Group(name="dev", path="/"),
        user("aiko", policy("A").arn, groups=frozenset({"dev"})),
        user("bo", groups=frozenset({"ops"})),
        user("cy", path="/services/x/"),
        user("dee"),
    )

    def names(folder: str, selection: Selection) -> dict[str, set[str]]:
        import_into(tmp_path / folder, live, selection)
        assert_nothing_but_adoption(tmp_path / folder, live)
        return {section: set(found) for section, found in said(tmp_path / folder).items() if section != "settings"}

    assert names("1", Selection(users=("AI*",))) == {"users": {"aiko"}, "policies": {"A"}}
    assert names("2", Selection(groups=("o*",))) == {"users": {"bo"}, "groups": {"ops"}, "policies": {"B"}}
    assert names("3", Selection(users=("dee",), paths=("/services/",))) == {"users": {"dee", "cy"}}

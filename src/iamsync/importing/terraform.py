"""A Terraform state (`terraform show -json`) as an account, and the blocks by which Terraform lets go of it.

Source: Terraform documentation, "JSON Output Format" (values, root_module, child_modules, resources) and "removed block
reference" (since Terraform 1.7; an address in `from` has no instance keys). Secrets of the state are never looked at.
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from iamsync.core.arn import Account, Arn, account_of
from iamsync.core.document import Document, DocumentError
from iamsync.core.model import Attachment, Group, LiveState, Policy, User
from iamsync.errors import IamsyncError
from iamsync.importing.entries import GROUPS, POLICIES, USERS, Import

_MOST_BYTES: Final = 256 * 1024 * 1024
_INSTANCE: Final = re.compile(r'\[(?:\d+|"(?:[^"\\]|\\.)*")\]')


class NotAState(IamsyncError):
    """A file that is not the output of `terraform show -json`."""


@dataclass(frozen=True, slots=True)
class Resource:
    """A managed resource of type `aws_iam_...`: its address, with instance keys, its type, and its attributes."""

    address: str
    kind: str
    values: Mapping[str, Any]

    def text(self, name: str) -> str:
        """An attribute that is a text; "" where there is none."""
        value = self.values.get(name)
        return value if isinstance(value, str) else ""

    def texts(self, name: str) -> list[str]:
        """An attribute that is a list or set of texts."""
        value = self.values.get(name)
        return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []

    @property
    def subjects(self) -> list[tuple[str, str]]:
        """The users, groups and policies whose declaration says what this resource says: section and name."""
        match self.kind:
            case "aws_iam_user":
                return [(USERS, self.text("name"))]
            case "aws_iam_group":
                return [(GROUPS, self.text("name"))]
            case "aws_iam_policy":
                return [(POLICIES, self.text("name"))]
            case "aws_iam_policy_attachment":
                roles = [("roles", name) for name in self.texts("roles")]
                users = [(USERS, name) for name in self.texts("users")]
                return [*roles, *users, *((GROUPS, name) for name in self.texts("groups"))]
            case "aws_iam_group_membership":
                return [(USERS, name) for name in self.texts("users")]
            case _:
                user, group = self.text("user"), self.text("group")
                return [(USERS, user)] if user else [(GROUPS, group)] if group else []


def resources_in(file: Path) -> list[Resource]:
    """All managed resources of IAM in the state. Raises NotAState."""
    try:
        with file.open("rb") as opened:
            text = opened.read(_MOST_BYTES + 1)
        state = json.loads(text) if len(text) <= _MOST_BYTES else None
    except (OSError, ValueError, RecursionError) as error:
        raise NotAState(f"{file} cannot be read as JSON: write it with terraform show -json > {file.name}") from error
    root = state.get("values", {}).get("root_module") if isinstance(state, dict) else None
    if not isinstance(root, dict):
        raise NotAState(f"{file} has no values.root_module: write it with terraform show -json > {file.name}")
    return list(_of_module(root))


def _of_module(module: Mapping[str, Any]) -> Iterator[Resource]:
    for one in module.get("resources", ()):
        kind = str(one.get("type", ""))
        if one.get("mode") == "managed" and kind.startswith("aws_iam_"):
            yield Resource(str(one["address"]), kind, one.get("values") or {})
    for child in module.get("child_modules", ()):
        yield from _of_module(child)


def live_of(resources: Iterable[Resource]) -> LiveState:
    """The account as Terraform manages it: its users, groups and policies, and what it attaches to them.

    Raises NotAState if no user, group or policy says which account it is in.
    """
    resources = list(resources)
    account = next((found for one in resources if (found := account_of(Arn(one.text("arn"))))), None)
    if account is None:
        raise NotAState("the state has no user, group or policy of IAM with an ARN")
    attached: dict[tuple[str, str], set[str]] = defaultdict(set)
    inline: dict[tuple[str, str], dict[str, Document | None]] = defaultdict(dict)
    groups: dict[str, set[str]] = defaultdict(set)
    for one in resources:
        for section, name in one.subjects:
            if one.text("policy_arn"):
                attached[section, name].add(one.text("policy_arn"))
            if one.kind in {"aws_iam_user_policy", "aws_iam_group_policy"}:
                inline[section, name][one.text("name")] = _document(one.text("policy"))
            if one.kind == "aws_iam_user_group_membership":
                groups[name].update(one.texts("groups"))
            if one.kind == "aws_iam_group_membership":
                groups[name].add(one.text("group"))
    return LiveState(
        account=account,
        users={
            one.text("name"): User(
                name=one.text("name"),
                path=one.text("path") or "/",
                tags=_tags(one),
                boundary=Arn(one.text("permissions_boundary")) if one.text("permissions_boundary") else None,
                attachments=_attachments(attached[USERS, one.text("name")]),
                inline=inline[USERS, one.text("name")],
                groups=frozenset(groups[one.text("name")]),
            )
            for one in resources
            if one.kind == "aws_iam_user"
        },
        groups={
            one.text("name"): Group(
                name=one.text("name"),
                path=one.text("path") or "/",
                attachments=_attachments(attached[GROUPS, one.text("name")]),
                inline=inline[GROUPS, one.text("name")],
            )
            for one in resources
            if one.kind == "aws_iam_group"
        },
        policies={Arn(one.text("arn")): _policy(one) for one in resources if one.kind == "aws_iam_policy"},
    )


def _attachments(policies: Iterable[str]) -> frozenset[Attachment]:
    return frozenset(Attachment(policy=Arn(one)) for one in policies)


def _policy(one: Resource) -> Policy:
    return Policy(
        arn=Arn(one.text("arn")),
        name=one.text("name"),
        path=one.text("path") or "/",
        document=_document(one.text("policy")),
        description=one.text("description"),
        tags=_tags(one),
    )


def _tags(one: Resource) -> dict[str, str]:
    """Those of the resource and of the provider together."""
    tags = one.values.get("tags_all") or one.values.get("tags") or {}
    return {str(key): str(value) for key, value in tags.items() if value is not None}


def _document(text: str) -> Document | None:
    try:
        return Document.parse(text)
    except DocumentError:
        return None


def removed_blocks(resources: Iterable[Resource], what: Import, account: Account) -> str:
    """The text of a Terraform file: a `removed` block for each address of which all instances are imported."""
    declared = {
        (section, name) for file in what.files.values() for section, named in file.sections.items() for name in named
    }
    instances: dict[str, list[Resource]] = defaultdict(list)
    for one in resources:
        instances[_INSTANCE.sub("", one.address)].append(one)
    lines = [
        f"# Terraform lets go of what iamsync manages in account {account.id}, and destroys nothing.",
        "# Put this file beside the configuration, delete the resource blocks that it names, and run terraform plan.",
    ]
    kept = []
    for address, ones in sorted(instances.items()):
        subjects = {subject for one in ones for subject in one.subjects}
        if subjects and subjects <= declared:
            lines += ["", "removed {", f"  from = {address}", "  lifecycle {", "    destroy = false", "  }", "}"]
        elif subjects & declared:
            kept.append(address)
    lines += [""] if kept else []
    lines += [f"# Not removed, since it is also about what is not imported: {address}" for address in kept]
    return "\n".join(lines) + "\n"

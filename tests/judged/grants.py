"""What policies grant, taken apart: one action on one kind of resource under one kind of condition."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from judged.authorization import Asked
from judged.judges import Documents, Evaluator

Conditions = frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Grant:
    """An action, the form of a resource (`user/NAME`), and the operators and keys of the conditions."""

    action: str
    form: str
    conditions: Conditions

    def __str__(self) -> str:
        return f"{self.action} on {self.form} if {', '.join(sorted(f'{op} {key}' for op, key in self.conditions))}"


def grants(documents: Documents) -> Iterator[tuple[Grant, Mapping[str, Any]]]:
    """Each grant, with a document that has nothing else."""
    for document in documents:
        for statement in (one for one in _list(document["Statement"]) if one["Effect"] == "Allow"):
            conditions = frozenset(
                (operator, key) for operator, keys in statement.get("Condition", {}).items() for key in keys
            )
            for action in _list(statement["Action"]):
                for resource in _list(statement["Resource"]):
                    alone = {**statement, "Action": action, "Resource": resource}
                    yield Grant(action, _form(resource), conditions), {**document, "Statement": [alone]}


def without(documents: Documents, action: str) -> Documents:
    """The policies, of whose Allow statements none has this action."""
    return [{**document, "Statement": list(_others(document, action))} for document in documents]


def needed(documents: Documents, requests: set[Asked], evaluator: Evaluator) -> set[Grant]:
    """The grants without which some of these requests would be denied: each is the only one that allows it."""
    found: dict[str, list[tuple[Grant, Mapping[str, Any]]]] = {}
    for grant, alone in grants(documents):
        found.setdefault(grant.action, []).append((grant, alone))
    by_request = (
        {grant for grant, alone in found[one.action] if evaluator([alone], one)} for one in sorted(requests, key=str)
    )
    return {grant for allowing in by_request if len(allowing) == 1 for grant in allowing}


def _others(document: Mapping[str, Any], action: str) -> Iterator[Mapping[str, Any]]:
    for one in _list(document["Statement"]):
        if one["Effect"] == "Deny":
            yield one
        elif kept := [name for name in _list(one["Action"]) if name != action]:
            yield {**one, "Action": kept}


def _list(value: Any) -> list[Any]:  # noqa: ANN401 - an element of a policy, of which one alone is no list
    return value if isinstance(value, list) else [value]


def _form(resource: str) -> str:
    path = resource.rpartition(":")[2]
    kind, _, rest = path.partition("/")
    match rest:
        case "" | "*":
            return path
        case _ if path.startswith("group/iamsync/"):
            return "group/iamsync/OWNER/*"
        case _ if rest.endswith("*"):
            return f"{kind}/PATH/*"
        case _ if rest.startswith("*/"):
            return f"{kind}/*/NAME"
        case _:
            return f"{kind}/NAME"

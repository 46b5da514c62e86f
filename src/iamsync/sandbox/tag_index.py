"""GetResources of the Resource Groups Tagging API for customer-managed policies, which moto's own answer does not have.

Source: Resource Groups Tagging API Reference, "GetResources". AWS has an index of tags beside IAM; here, too, it can be
late, incomplete or closed.
"""

import json
from collections.abc import Mapping
from typing import Any, Final

from iamsync.sandbox.accounts import Account, Accounts
from iamsync.sandbox.wire import Refused

OPERATION: Final = "GetResources"

_REGIONS: Final = {"us-east-1", "cn-north-1", "us-gov-west-1"}
"""Where IAM is: elsewhere, the index has none of its tags."""
_MAX_PAGE: Final = 100

Tags = Mapping[str, str]


class TagIndex:
    """What GetResources knows of the accounts of a sandbox: everything, at once, unless a test asks for less."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts
        self.catch_up()

    def catch_up(self) -> None:
        """Know everything again."""
        self._held: Mapping[tuple[str, str], Mapping[str, Tags]] | None = None
        self._left_out: frozenset[str] = frozenset()
        self._is_closed = False

    def fall_behind(self) -> None:
        """Know from now on only what is true at this moment: what is deleted or untagged later stays."""
        self._held = {key: _tags(account) for key, account in self._accounts.known().items()}

    def leave_out(self, *arns: str) -> None:
        """Never mention these policies."""
        self._left_out |= {*arns}

    def close(self) -> None:
        """Deny every call."""
        self._is_closed = True

    def answer(self, account: Account, region: str, body: bytes) -> tuple[int, bytes]:
        """HTTP status and answer to a request of GetResources."""
        try:
            return 200, json.dumps(self._page(account, region, json.loads(body))).encode()
        except Refused as refused:
            return refused.status, json.dumps({"__type": refused.code, "message": refused.message}).encode()

    def _page(self, account: Account, region: str, params: Mapping[str, Any]) -> Mapping[str, object]:
        if self._is_closed:
            raise Refused("AccessDeniedException", "User is not authorized to perform: tag:GetResources")
        size, token = params.get("ResourcesPerPage", _MAX_PAGE), params.get("PaginationToken") or "0"
        if not 1 <= size <= _MAX_PAGE or not token.isdecimal():
            raise Refused("InvalidParameterException", "ResourcesPerPage or PaginationToken is invalid.")
        found = [
            {"ResourceARN": arn, "Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}
            for arn, tags in self._known(account, region).items()
            if _is_meant(tags, params)
        ]
        end = int(token) + size
        return {
            "ResourceTagMappingList": found[int(token) : end],
            "PaginationToken": str(end) if end < len(found) else "",
        }

    def _known(self, account: Account, region: str) -> Mapping[str, Tags]:
        if region not in _REGIONS:
            return {}
        known = _tags(account) if self._held is None else self._held.get((account.id, account.partition), {})
        return {arn: tags for arn, tags in known.items() if arn not in self._left_out}


def _tags(account: Account) -> dict[str, Tags]:
    """The tags of each policy that has some."""
    return {
        policy.arn: {key: tag["Value"] for key, tag in policy.tags.items()}
        for policy in account.own_policies()
        if policy.tags
    }


def _is_meant(tags: Tags, params: Mapping[str, Any]) -> bool:
    """Whether a policy with these tags is asked for: all filters must fit, and of a filter's values one."""
    kinds = params.get("ResourceTypeFilters") or ["iam"]
    return bool({"iam", "iam:policy"} & {*kinds}) and all(
        one["Key"] in tags and (not one.get("Values") or tags[one["Key"]] in one["Values"])
        for one in params.get("TagFilters") or ()
    )

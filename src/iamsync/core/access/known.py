"""What the policies say that AWS manages, as far as this version of iamsync knows them."""

import json
from functools import lru_cache
from typing import Final

from iamsync.aws_data.managed_policies import ManagedPolicy, managed_policy
from iamsync.core.arn import Arn, parse_policy_arn
from iamsync.core.document import Document

_MANY_POLICIES: Final = 4096


@lru_cache(maxsize=_MANY_POLICIES)
def known_document(policy: Arn) -> Document | None:
    """The document of an AWS-managed policy, or None if it is not known.

    The texts are those of the partition `aws`. AWS publishes no list of the other partitions' policies: those of the
    same name are taken to say the same, of the ARNs of their own partition.
    """
    parts, found = parse_policy_arn(policy), _found(policy)
    if parts is None or found is None:
        return None
    return Document.parse(json.dumps(found.document).replace('"arn:aws:', f'"arn:{parts.partition}:'))


def known_version(policy: Arn) -> str | None:
    """The id of the version that `known_document` is of (`v5`), or None. Those of other partitions are not known."""
    parts, found = parse_policy_arn(policy), _found(policy)
    return found.version if parts and found and parts.partition == "aws" else None


def _found(policy: Arn) -> ManagedPolicy | None:
    parts = parse_policy_arn(policy)
    return managed_policy(f"{parts.path[1:]}{parts.name}") if parts and parts.account == "aws" else None

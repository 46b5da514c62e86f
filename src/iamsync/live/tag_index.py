"""The tags of many policies by one call, from the index that AWS keeps of the tags of all its services.

Source: Resource Groups Tagging API Reference, "GetResources": it returns "tagged or previously tagged resources", each
with all its tags, and none that is untagged. It says nothing of how soon a change is in it, and what was deleted may
stay for hours (github.com/aws/aws-sdk/issues/302). "Services that support the Resource Groups Tagging API": it has
customer-managed policies, but neither users nor roles. So what it says proves nothing; but most of the time it is true.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from botocore.exceptions import BotoCoreError, ClientError

from iamsync.core.arn import Arn
from iamsync.core.tags import OWNER_TAG
from iamsync.live.bulk import tags_of

if TYPE_CHECKING:
    from mypy_boto3_resourcegroupstaggingapi import ResourceGroupsTaggingAPIClient

PolicyTags = Mapping[Arn, Mapping[str, str]]
"""What only a call per policy tells for certain."""

FEW: Final = 10
"""So many policies are asked one by one, eight at a time: that is hardly slower, and certain."""

_PAGE_SIZE: Final = 100
"""The most that GetResources gives at once (ResourcesPerPage)."""


def indexed_tags(tagging: "ResourceGroupsTaggingAPIClient", owner: str) -> PolicyTags:
    """The tags of the policies that are `owner`'s by the index, which may be late and incomplete; none where the caller
    may not ask it, or where it cannot be reached.
    """
    pages = tagging.get_paginator("get_resources").paginate(
        TagFilters=[{"Key": OWNER_TAG, "Values": [owner]}],
        ResourceTypeFilters=["iam:policy"],
        PaginationConfig={"PageSize": _PAGE_SIZE},
    )
    try:
        found = [one for page in pages for one in page.get("ResourceTagMappingList", ())]
    except (ClientError, BotoCoreError):
        return {}
    tags = {Arn(one["ResourceARN"]): tags_of(one["Tags"]) for one in found}
    return {arn: of_policy for arn, of_policy in tags.items() if of_policy.get(OWNER_TAG) == owner}

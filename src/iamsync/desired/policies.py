"""Customer-managed policies and policy sets, as the files declare them."""

from typing import Annotated, Final, Literal

from pydantic import Field, Tag

from iamsync.core import iam_limits
from iamsync.desired import editors
from iamsync.desired.builtins import BUILTIN, BuiltinEntry, document_or_builtin
from iamsync.desired.fields import (
    MAPPING,
    SCALAR,
    AsWritten,
    FileName,
    NonEmpty,
    PolicyDocument,
    PolicyPath,
    Reference,
    Strict,
    Tags,
)

MOST_NAMES: Final = 100
"""In one list. AWS attaches fewer policies at most, so that more can only be a mistake."""


class PolicyEntry(Strict):
    """A customer-managed policy that iamsync creates and versions."""

    path: PolicyPath = Field(
        default="/",
        description="The IAM path. It is part of the ARN and cannot be changed later",
        examples=["/iamsync/"],
    )
    description: str = Field(
        default="",
        max_length=iam_limits.DESCRIPTION,
        json_schema_extra={**editors.SCALAR, "pattern": editors.DESCRIPTION},
        description="What the policy is for. IAM does not allow changes of a description",
        examples=["A user manages their own MFA device"],
    )
    tags: Tags = Field(
        default_factory=dict,
        description="The tags of the policy. Other tags are removed",
        examples=[{"Team": "security"}],
    )
    document: Annotated[
        Annotated[FileName, Tag(SCALAR)]
        | Annotated[PolicyDocument, Tag(MAPPING)]
        | Annotated[BuiltinEntry, Tag(BUILTIN)],
        document_or_builtin("the name of a JSON file beside this one, or the document itself"),
    ] = Field(
        description="The policy document: a JSON file beside this one, the document itself as YAML, or a built-in one",
        examples=["policies/IAMSelfManageMFADevice.json", {"builtin": "require-mfa"}],
    )


class SetEntry(Strict):
    """A named set of policies."""

    description: AsWritten = Field(
        default="",
        description="What the set is for. For readers of the files only",
        examples=["Console user who may look at S3"],
    )
    policies: list[Reference] = Field(
        default_factory=list,
        max_length=MOST_NAMES,
        description="The policies of the set. Write the name of a policy from `policies`, `aws:[path/]Name` for an "
        "AWS-managed policy, or the ARN of any other policy",
        examples=[["aws:AmazonS3ReadOnlyAccess", "IAMSelfManageMFADevice"]],
    )
    includes: list[NonEmpty] = Field(
        default_factory=list,
        max_length=MOST_NAMES,
        description="Other policy sets. Their policies belong to this set as well",
        examples=[["everybody"]],
    )
    attach: Literal["direct", "group"] = Field(
        default="direct",
        description="`direct` attaches the policies to each user; `group` to an IAM group named after the set, "
        "below `/iamsync/<owner>/`, that its users join. The `attach` of an included set is ignored",
        examples=["group"],
    )

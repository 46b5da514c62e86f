"""Who may assume the role of iamsync: the trust policy for a CI system that signs in by OpenID Connect.

Sources: "Configuring OpenID Connect in Amazon Web Services" (GitHub Docs), "Configure OpenID Connect in AWS to retrieve
temporary credentials" (GitLab Docs), "Create a role for OpenID Connect federation" (IAM User Guide).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from iamsync.core.arn import Account


class Provider(Enum):
    """A CI system: the host of its tokens, and the audience that it puts into them for AWS."""

    GITHUB = ("token.actions.githubusercontent.com", "sts.amazonaws.com")
    GITLAB = ("gitlab.com", "https://gitlab.com")

    @property
    def host(self) -> str:
        """The name of the identity provider in IAM."""
        return self.value[0]

    @property
    def audience(self) -> str:
        """The `aud` of a token."""
        return self.value[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Repository:
    """A repository of a CI system (`owner/name`), and the branch that is applied. A GitHub job that names an
    `environment` has that in its token, and not the branch.
    """

    provider: Provider
    name: str
    branch: str
    environment: str = ""

    def subject(self, *, writes: bool) -> str:
        """The `sub` of the tokens that may assume the role: if the role `writes`, of jobs of the branch; otherwise of
        pull requests (GitHub), or of any branch (GitLab, whose tokens of merge requests name their branch).
        """
        if self.provider is Provider.GITHUB and writes and self.environment:
            return f"repo:{self.name}:environment:{self.environment}"
        if self.provider is Provider.GITHUB:
            return f"repo:{self.name}:ref:refs/heads/{self.branch}" if writes else f"repo:{self.name}:pull_request"
        return f"project_path:{self.name}:ref_type:branch:ref:{self.branch if writes else '*'}"


def trust_policy(account: Account, repository: Repository, *, writes: bool) -> Mapping[str, object]:
    """The trust policy of a role in an account."""
    host, subject = repository.provider.host, repository.subject(writes=writes)
    exactly = {f"{host}:aud": repository.provider.audience}
    like: dict[str, dict[str, str]] = {"StringLike": {f"{host}:sub": subject}} if subject.endswith("*") else {}
    if not like:
        exactly[f"{host}:sub"] = subject
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Federated": f"arn:{account.partition}:iam::{account.id}:oidc-provider/{host}"},
                "Action": "sts:AssumeRoleWithWebIdentity",
                "Condition": {"StringEquals": exactly, **like},
            }
        ],
    }

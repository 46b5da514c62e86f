"""Tags of users and policies. Keys of users' tags are one without case and keep the case they were last written in;
keys of policies' tags are distinguished by case (IAM User Guide, "Rules for tagging in IAM"). moto has it the other way
round.
"""

from iamsync.sandbox.answers.shapes import Shape, tag_list
from iamsync.sandbox.request import Request, answer


@answer("TagUser")
def tag_user(request: Request) -> Shape:
    """Add or replace."""
    tags = request.account.tags_of(request.user)
    for tag in request.listed("Tags"):
        _drop(tags, tag["Key"])
        tags[tag["Key"]] = tag["Value"]
    return {}


@answer("UntagUser")
def untag_user(request: Request) -> Shape:
    """Remove; what is not there is success."""
    for key in request.listed("TagKeys"):
        _drop(request.account.tags_of(request.user), key)
    return {}


@answer("ListUserTags")
def list_user_tags(request: Request) -> Shape:
    """Moto has no pages."""
    return request.page("Tags", tag_list(request.account.tags_of(request.user)), lambda tag: tag)


@answer("TagPolicy")
def tag_policy(request: Request) -> Shape:
    """Add or replace."""
    request.policy.tags.update({tag["Key"]: tag for tag in request.listed("Tags")})
    return {}


@answer("UntagPolicy")
def untag_policy(request: Request) -> Shape:
    """Remove; what is not there is success."""
    for key in request.listed("TagKeys"):
        request.policy.tags.pop(key, None)
    return {}


@answer("ListPolicyTags")
def list_policy_tags(request: Request) -> Shape:
    """In the order of their keys."""
    tags = {key: tag["Value"] for key, tag in sorted(request.policy.tags.items())}
    return request.page("Tags", tag_list(tags), lambda tag: tag)


def _drop(tags: dict[str, str | None], key: str) -> None:
    for same in [name for name in tags if name.lower() == key.lower()]:
        del tags[same]

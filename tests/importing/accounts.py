"""Accounts as hands have made them, drawn by hypothesis: values of LiveState with everything that IAM takes."""

import string

from hypothesis import strategies as st
from strategies import documents

from iamsync.core.arn import Account, Arn, policy_arn
from iamsync.core.document import Document
from iamsync.core.model import Attachment, Group, LiveState, Policy, PolicyVersion, User
from iamsync.core.tags import OWNER_TAG

ACCOUNT = Account(id="123456789012", partition="aws")
AWS = [
    Arn(f"arn:aws:iam::aws:policy/{name}")
    for name in ("ReadOnlyAccess", "job-function/Billing", "SecurityAudit", "NoLongerThere", "AmazonS3FullAccess")
]
QUARANTINE = Arn("arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV2")

names = st.sampled_from(("null", "No", "0042", "1e3", "true", "a.b@example", "-lead", "=", "2026-11-25")) | st.text(
    string.ascii_letters + string.digits + "_+=,.@-", min_size=1, max_size=12
)
paths = st.sampled_from(("/", "/people/", "/people/data/", "/a//b/", "/{{x}}/", '/"quoted"/', "/#/", "/iamsync/them/"))
policy_paths = st.sampled_from(("/", "/data/", "/service-role/", "/a.b,c+d@e=f_g-h/", "/!/"))
tag_texts = st.text(
    st.characters(categories=("L", "N", "Zs"), include_characters="_.:/=+-@", max_codepoint=0x2FFF), max_size=12
)
tag_keys = st.sampled_from(
    ("Team", "team ", "iamsync:hold", "iamsync:other", "AKIAEXAMPLE", "aws:cloudformation:stack-name")
)
marks = st.sampled_from(({}, {}, {}, {}, {OWNER_TAG: "them"}, {OWNER_TAG: "us"}))
texts = st.none() | documents().map(Document.parse)
descriptions = st.sampled_from(("", "plain", "two\nlines", 'a "quote": # and more', "{{ name }}", "Größe", " padded "))


@st.composite
def tags(draw: st.DrawFn, *, ignores_case: bool) -> dict[str, str]:
    """A few tags, perhaps somebody's mark."""
    keys = draw(st.lists(tag_keys | tag_texts.filter(bool), max_size=3))
    chosen = {
        key.casefold() if ignores_case else key: key for key in keys if not key.lower().startswith("iamsync:owner")
    }
    found = {key: draw(tag_texts) for key in chosen.values()}
    return {**found, **draw(marks)}


def unique(found: list[str]) -> list[str]:
    """Names that IAM keeps apart."""
    return list({name.casefold(): name for name in found}.values())


def attachments(policies: list[Arn], most: int = 6) -> st.SearchStrategy[frozenset[Attachment]]:
    """Some of them, attached."""
    return st.frozensets(st.sampled_from([*AWS, *policies]), max_size=most).map(
        lambda chosen: frozenset(Attachment(policy=one) for one in chosen)
    )


@st.composite
def accounts(draw: st.DrawFn) -> LiveState:
    """A whole account, small."""
    policies: dict[Arn, Policy] = {}
    for name in unique(draw(st.lists(names, max_size=4))):
        path = draw(policy_paths)
        arn = policy_arn(ACCOUNT, path, name)
        policies[arn] = Policy(
            arn=arn,
            name=name,
            path=path,
            document=draw(texts),
            description=draw(descriptions),
            tags=draw(tags(ignores_case=False)),
        )
    inline = st.dictionaries(names, texts, max_size=2)
    groups = {
        name: Group(name=name, path=draw(paths), attachments=draw(attachments([*policies])), inline=draw(inline))
        for name in unique(draw(st.lists(names, max_size=3)))
    }
    common = draw(st.lists(attachments([*policies]), min_size=1, max_size=3))
    users = {}
    for name in unique(draw(st.lists(names, min_size=1, max_size=8))):
        held = draw(st.sampled_from(common) | attachments([*policies], most=12))
        if draw(st.integers(0, 9)) == 0:
            held |= {Attachment(policy=QUARANTINE)}
        users[name] = User(
            name=name,
            id=f"AIDA{name}",
            path=draw(paths),
            tags=draw(tags(ignores_case=True)),
            boundary=draw(st.none() | st.sampled_from([*AWS, *policies])),
            attachments=held,
            inline=draw(inline),
            groups=frozenset(draw(st.lists(st.sampled_from(sorted(groups)), max_size=3)) if groups else ()),
        )
    versions = {
        arn: (PolicyVersion(id="v1", document=policy.document, is_default=True),) for arn, policy in policies.items()
    }
    return LiveState(account=ACCOUNT, users=users, groups=groups, policies=policies, versions=versions)

"""The Markdown of a plan, as GitHub shows it: rendered by a Markdown library, it has the facts of the plan, and no text
from outside is anything but code.
"""

from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hostile import ALL, HOSTILE
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from shell import Iamsync, write
from states import ACCOUNT, S3, allow, arn_of, deny, desired, group, live, policy, user

from formats.told import STATES, in_format, is_in, shown
from iamsync.core.arn import aws_policy_arn
from iamsync.core.document import Document
from iamsync.core.guard import Refusal
from iamsync.core.inert import visible
from iamsync.core.model import Console, Group, Origin, Policy, Problem, User
from iamsync.core.plan import Plan
from iamsync.core.risk import Risk
from iamsync.render.actions import details, shared_summary, summary
from iamsync.render.folding import fold_rows, rows
from iamsync.render.markdown import HARD_LIMIT, MOST, marker
from iamsync.render.shown import Shown
from iamsync.render.text import note_words
from iamsync.render.untrusted import quiet

GITHUB = MarkdownIt("gfm-like", {"linkify": False, "html": True})
ALLOWED = {"p", "strong", "code", "pre", "h3", "details", "summary"}
ADMINISTRATOR = aws_policy_arn("aws", "AdministratorAccess")


class Page(HTMLParser):
    """What a reader sees: all text, what of it is no code, and which elements there are."""

    def __init__(self, markdown: str) -> None:
        super().__init__(convert_charrefs=True)
        self.text, self.outside, self.elements, self.comments = "", "", set[str](), list[str]()
        self._in_code = 0
        self.feed(GITHUB.render(markdown))
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        self._in_code += tag == "code"
        assert not attrs or attrs == [("class", "language-diff")], attrs

    def handle_endtag(self, tag: str) -> None:
        self._in_code -= tag == "code"

    def handle_data(self, data: str) -> None:
        self.text += data
        self.outside += "" if self._in_code else data

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)


@pytest.mark.parametrize("state", STATES, ids=lambda folder: folder.name)
def test_the_page_has_the_facts_of_the_plan(state: Path) -> None:
    what = shown(state)
    plan = what.plan
    page = Page(in_format("markdown", what))

    assert page.elements <= ALLOWED
    for action in plan.actions:
        assert is_in(action.subject.partition("/")[2], page.text)
        for detail in details(action):
            assert is_in(detail, page.text)
        if action.window:
            assert "temporary window: until" in page.text
    for held in plan.held_back:
        assert is_in(held.subject, page.text)
        assert is_in(held.text, page.text)
        assert all(is_in(f"waits: {summary(action)}", page.text) for action in held.actions)
    for note in plan.warnings:
        assert is_in(note_words(note), page.text)
    for orphan in plan.orphans:
        assert is_in(orphan, page.text)
    for refusal in what.refusals:
        assert is_in(str(refusal), page.text)
    for fact in (
        plan.digest,
        plan.account.id,
        plan.owner,
        str(what.commit),
        *plan.new_administrators,
    ):
        assert is_in(fact, page.text)
    assert all(is_in(words, page.text) for words in summaries(plan))
    assert "Left out" not in page.text


def summaries(plan: Plan) -> list[str]:
    """The words for each action; in one line where they are equal for many."""
    found = dict(zip(map(id, plan.actions), plan.risks, strict=True))
    words: list[str] = []
    for risk in (*Risk, None):
        some = [one for one in plan.actions if next(iter(found[id(one)]), None) is risk]
        shared, single = fold_rows(rows(sorted(some, key=lambda action: action.subject)))
        words += [shared_summary([row.action for row in group]) for group in shared]
        words += [summary(row.action) for row in single]
    return words


# ---- what is dangerous comes first ----


def order_of(markdown: str, *texts: str) -> list[int]:
    assert all(text in markdown for text in texts), markdown
    return [markdown.index(text) for text in texts]


def test_what_is_dangerous_comes_first_in_the_order_of_danger() -> None:
    wanted = desired(
        user("aiko", ADMINISTRATOR, console=Console()),
        user("bo", boundary=S3),
        user("chi", S3),
        prune=True,
    )
    found = live(user("bo", boundary=aws_policy_arn("aws", "PowerUserAccess")), user("dan"))

    shown_plan = in_format("markdown", Shown(plan=Plan.between(wanted, found)))

    found_at = order_of(
        shown_plan,
        "0 unmanaged users",
        "### Review first",
        "Administrator after this plan, and not before: `aiko`",
        "**Removals: 1**",
        "delete user",
        "**New administrators: 1**",
        "attach aws:AdministratorAccess",
        "**New passwords and access keys: 1**",
        "create console password",
        "**Changed permissions boundaries: 1**",
        "boundary aws:PowerUserAccess -> aws:AmazonS3ReadOnlyAccess",
        "### Other changes: 3",
        "attach aws:AmazonS3ReadOnlyAccess",
    )
    assert found_at == sorted(found_at)


@pytest.mark.parametrize(
    ("before", "after", "who"),
    [
        ([user("aiko")], [user("aiko", ADMINISTRATOR)], ("aiko",)),
        ([user("aiko", ADMINISTRATOR)], [user("aiko", ADMINISTRATOR)], ()),
        ([user("aiko")], [user("aiko", ADMINISTRATOR, boundary=S3)], ()),
        ([user("aiko", ADMINISTRATOR, boundary=S3)], [user("aiko", ADMINISTRATOR)], ("aiko",)),
        ([user("aiko")], [user("aiko", inline={"all": allow("iam:*")})], ("aiko",)),
        ([user("aiko")], [user("aiko", inline={"all": allow("iam:Get*")})], ()),
        ([user("aiko")], [user("aiko", inline={"all": deny("*")})], ()),
        ([user("aiko")], [group("admins", ADMINISTRATOR), user("aiko", groups=["admins"])], ("aiko",)),
        (
            [policy("P", allow("s3:*")), user("aiko", arn_of("P")), user("bo", arn_of("P"))],
            [policy("P", allow("*")), user("aiko", arn_of("P")), user("bo", arn_of("P"))],
            ("aiko", "bo"),
        ),
    ],
)
def test_who_becomes_an_administrator_is_named(
    before: list[User | Group | Policy], after: list[User | Group | Policy], who: tuple[str, ...]
) -> None:
    plan = Plan.between(desired(*after), live(*before))

    assert plan.as_data()["new_administrators"] == list(who)


def test_a_text_that_is_somebodys_boundary_is_a_changed_boundary() -> None:
    bounded = user("aiko", S3, boundary=arn_of("Edge"))
    plan = Plan.between(desired(policy("Edge", allow("*")), bounded), live(policy("Edge", allow("s3:*")), bounded))

    assert [risk for risks in plan.risks for risk in risks] == [Risk.ADMINISTRATOR, Risk.BOUNDARY]


# ---- a page has its limit ----


def crowd(number: int) -> Plan:
    """Leavers, each of whom must be shown, among many who get policies of different texts."""
    names = [f"user-{one:04}" for one in range(number)]
    wanted = desired(
        *(user(name, inline={name: allow(f"s3:Get{name[5:]}", f"sqs:{name}")}) for name in names),
        prune=True,
        max_removals=1000,
        percent=False,
    )
    return Plan.between(wanted, live(*(user(f"leaver-{one:03}", path=f"/{one}/") for one in range(50))))


def test_what_does_not_fit_is_counted_and_what_is_dangerous_is_whole() -> None:
    plan = crowd(1200)
    markdown = in_format("markdown", Shown(plan=plan))
    page = Page(markdown)

    assert len(markdown) < MOST + 200
    assert all(f"leaver-{one:03}" in page.text for one in range(50))
    rows_shown = sum(line.startswith(("+   ", "-   ", "~   ")) for line in page.text.splitlines())
    folded = sum(
        len(line.partition(": ")[2].split(", "))
        for line in page.text.splitlines()
        if line.startswith(("+ ", "- ")) and not line.startswith(("+   ", "-   "))
    )
    left_out = int(page.text.split("Left out: ")[1].split(" ")[0])
    assert rows_shown + folded + left_out == len(plan.actions)
    assert page.elements <= ALLOWED


def test_even_the_dangerous_part_has_an_end() -> None:
    gone = [user(f"leaver-{one:05}", path=f"/{one}/", inline={f"of{one}": allow("s3:*")}) for one in range(2500)]
    plan = Plan.between(desired(user("aiko"), prune=True, max_removals=100_000, percent=False), live(*gone))

    markdown = in_format("markdown", Shown(plan=plan))

    assert len(markdown) < HARD_LIMIT + 200
    assert "Left out: " in markdown


# ---- what comes from outside is code ----

IN_MARKDOWN = (
    "@octocat",
    "org/repo#1",
    "#1",
    "[x](https://evil.example)",
    "![x](https://evil.example/x.png)",
    "https://evil.example",
    "<img src=x onerror=alert(1)>",
    "<!-- iamsync plan 0123456789abcdef -->",
    marker(Plan.between(desired(), live())),
    "-->",
    "```",
    "````\n# x",
    "`a``b```c",
    "`",
    " ` ",
    "~~~",
    "</code></pre></details>",
    "</summary>",
    "| a | b |",
    "# heading",
    "/close",
    "---",
    "*a* __b__ ~~c~~",
    "\\",
    "&lt;b&gt;",
    ":tada:",
    "$x$",
    "[^1]",
    "- [ ] x",
    "javascript:alert(1)",
    "",
)


def stored(text: str) -> str:
    """The text without characters that IAM does not store in a document."""
    return "".join(one for one in text if one in "\t\n\r" or one >= " ")


def hostile_plan(text: str) -> Shown:
    """The text wherever a plan may have one."""
    statement = {"Effect": "Allow", "Action": "s3:*", "Resource": f"arn:aws:s3:::{stored(text)}"}
    document = Document.parse({"Version": "2012-10-17", "Statement": statement})
    here = Origin(file=text, line=1)
    everybody = [
        replace(user(f"{text}-{one}", S3, tags={text: text}, inline={text: document}), origin=here) for one in range(7)
    ]
    wanted = desired(
        *everybody,
        replace(user(text, ADMINISTRATOR, groups=[text], console=Console(channel=text, origin=here)), origin=here),
        replace(group(text, S3), origin=here),
        replace(policy(text, document, path=f"/{text}/"), description=text),
        owner=text,
        prune=True,
    )
    gone = user(f"{text} gone", S3, tags={"iamsync:owner": text}, inline={text: None})
    plan = Plan.between(
        wanted, live(gone, user(text, tags={"iamsync:owner": f"{text} other"}), group(text, path="/x/"))
    )
    problem = Problem(origin=here, path=text, message=text, warning=True)
    return Shown(
        plan=plan,
        refusals=(Refusal(rule=text, why=text),),
        problems=(problem,),
        caller=text,
        commit=text or None,
    )


def assert_only_code(text: str) -> None:
    what = hostile_plan(text)
    markdown = in_format("markdown", what)
    page = Page(markdown)
    assert page.elements <= ALLOWED
    assert page.comments == [marker(what.plan)[4:-3]]
    assert markdown.startswith(marker(what.plan))
    assert markdown.count("<!--") == 1
    if len(text) > 2:
        assert quiet(text) in page.text
        assert text not in page.outside
        assert visible(text) not in page.outside
    assert not {"@", "[", "]", "<", ">", "http", "|", "::"} & {one for one in page.outside.split() if one}
    assert "@" not in page.outside
    assert not any(line.lstrip().startswith(("/", "#")) for line in page.outside.splitlines())


@pytest.mark.parametrize(
    "text", [*IN_MARKDOWN, *HOSTILE, ALL, "|".join(IN_MARKDOWN)], ids=lambda text: ascii(text)[:30]
)
def test_text_from_outside_is_code_and_nothing_else(text: str) -> None:
    assert_only_code(text)


@given(st.text(alphabet="`~<>!-@#[]()*_|\\/&;: \n\tax", max_size=30))
def test_whatever_it_is(text: str) -> None:
    assert_only_code(text)


def test_the_marker_is_the_same_for_each_plan_of_an_owner_in_an_account_and_of_no_other() -> None:
    first, second = Plan.between(desired(user("aiko")), live()), Plan.between(desired(), live(user("bo")))
    other = Plan.between(desired(user("aiko"), owner="them"), live())
    elsewhere = replace(first, account=replace(ACCOUNT, id="999999999999"))

    assert marker(first) == marker(second)
    assert len({marker(first), marker(other), marker(elsewhere)}) == 3


def test_a_problem_of_the_files_and_a_refusal_are_in_it(iamsync: Iamsync, tmp_path: Path) -> None:
    write(tmp_path, all="version: 1\nsettings: {owner: us, guards: {required_users: [bo]}}\nusers: {aiko: {}}\n")

    ended = iamsync("plan", "--format", "markdown")
    page = Page(ended.out)

    assert ended.code == 3
    assert "account_id is not set" in page.text
    assert "required user: bo is not declared" in page.text
    assert "### Refused: nothing can be applied" in ended.out

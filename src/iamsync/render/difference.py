"""What has become of a plan since somebody agreed to it, in words."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence

from iamsync.core.document import Document, DocumentError
from iamsync.core.explain import differences
from iamsync.core.inert import inert_json
from iamsync.core.plan import Plan
from iamsync.core.reviewed import ReviewedCall
from iamsync.render.actions import summary


def reviewed_calls(plan: Plan) -> tuple[ReviewedCall, ...]:
    """The calls of a plan with the words that a reviewer reads."""
    return tuple(
        ReviewedCall(subject=action.subject, words=summary(action), call=json.loads(inert_json(call)))
        for action, call in zip(plan.actions, plan.calls, strict=True)
    )


def difference(agreed: Sequence[ReviewedCall], now: Sequence[ReviewedCall]) -> Iterator[str]:
    """What the plan does now that nobody has agreed to, and what it does not do any more, action by action."""
    gone, new = _beyond(agreed, now), _beyond(now, agreed)
    for call in tuple(new):
        same = next((one for one in gone if (one.subject, one.words) == (call.subject, call.words)), None)
        if same is not None:
            gone.remove(same)
            new.remove(call)
            yield f"it would now do otherwise: {_named(call)}: {'; '.join(_how(same, call))}"
    yield from (f"it would now also {_named(call)}" for call in new)
    yield from (f"it would no longer {_named(call)}" for call in gone)
    if [one.key for one in agreed] != [one.key for one in now] and _is_same_set(agreed, now):
        yield "it would make the same calls in another order"


def _beyond(calls: Sequence[ReviewedCall], others: Sequence[ReviewedCall]) -> list[ReviewedCall]:
    """The calls that the others do not make, or not as often."""
    left = Counter(one.key for one in others)
    found = []
    for call in calls:
        if left[call.key]:
            left[call.key] -= 1
        else:
            found.append(call)
    return found


def _is_same_set(agreed: Sequence[ReviewedCall], now: Sequence[ReviewedCall]) -> bool:
    return sorted(one.key for one in agreed) == sorted(one.key for one in now)


def _named(call: ReviewedCall) -> str:
    return f"{call.words} ({call.subject})"


def _how(before: ReviewedCall, after: ReviewedCall) -> Iterator[str]:
    """In what two calls differ of which the words are equal."""
    old, new = _params(before), _params(after)
    for name in sorted(old.keys() | new.keys()):
        if old.get(name) != new.get(name):
            texts = _as_document(old.get(name)), _as_document(new.get(name))
            if texts[0] is not None and texts[1] is not None and texts[0] != texts[1]:
                yield from differences(texts[0], texts[1])
            else:
                yield f"another {name}"
    if [*before.call][2:] != [*after.call][2:]:
        yield "the access keys of the user, or the delivery channel, have changed"


def _params(call: ReviewedCall) -> dict[str, object]:
    params = call.call[1] if len(call.call) > 1 else None
    return params if isinstance(params, dict) else {}


def _as_document(value: object) -> Document | None:
    try:
        return Document.parse(value) if isinstance(value, str) else None
    except DocumentError:
        return None

"""Which tags to remove and which to set."""

from collections.abc import Mapping

from iamsync.core.tags import OWNER_TAG, is_own_tag


def tag_changes(desired: Mapping[str, str], live: Mapping[str, str]) -> tuple[tuple[str, ...], dict[str, str]]:
    """Keys to remove, then tags to set; marks that are set by actions of their own are left out.

    In that order, unless permissions depend on it: user tag keys are one regardless of case, and setting `team` before
    removing `Team` would remove both (IAM User Guide, "Tagging IAM resources"). So the mark in another case stays in
    the plan that sets the mark: that replaces it.
    """
    stale = tuple(key for key in sorted(live) if key not in desired and _may_go(key, live))
    missing = {key: value for key, value in desired.items() if live.get(key) != value and key != OWNER_TAG}
    return stale, missing


def _may_go(key: str, live: Mapping[str, str]) -> bool:
    if key == OWNER_TAG:
        return True
    is_mark = key.casefold() == OWNER_TAG.casefold()
    return not is_own_tag(key) and not (is_mark and OWNER_TAG not in live)

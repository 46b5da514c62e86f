"""Metrics: the table in the documentation has each, and nothing but numbers and the commit is in them."""

import re
from pathlib import Path

import hostile
import pytest
from cycle_results import ALL, APPLIED, CONTESTED, DRIFTED, FAILED, LOOKED, PAUSED, after, cycle
from prometheus_client.parser import text_string_to_metric_families

from iamsync.aws.calls import OUTCOMES
from iamsync.core.hold import HeldBack
from iamsync.daemon.board import Seen
from iamsync.daemon.metrics import families, metrics_text
from iamsync.daemon.result import Result
from iamsync.daemon.status import LoopStatus

OPERATIONS = (Path(__file__).parents[2] / "docs" / "operations.md").read_text("utf-8")


def value(status: LoopStatus, name: str, **labels: str) -> float | None:
    """What a metric has for these labels."""
    samples = [one for family in families(Seen(status=status)) for one in family.samples]
    return next((one.value for one in samples if one.name == name and one.labels == labels), None)


def test_the_table_in_the_documentation_is_what_a_loop_has() -> None:
    documented = dict(re.findall(r"^\| `(iamsync_[a-z_]+)`(?: \(([a-z_, `]+)\))? \|", OPERATIONS, re.MULTILINE))
    calls = {("iam", "GetUser", "ok"): 1}
    seen = Seen(status=after([FAILED, DRIFTED, LOOKED]), calls=calls)
    found = {family.name: family for family in text_string_to_metric_families(metrics_text(seen))}

    names, labels = {}, {}
    for name, family in found.items():
        if name.startswith("iamsync_"):
            full = f"{name}_total" if family.type == "counter" else name
            names[full] = family
            labels[full] = {key for sample in family.samples for key in sample.labels} - {"le"}
    assert sorted(documented) == sorted(names)
    assert {name: set(re.findall(r"[a-z_]+", text)) for name, text in documented.items()} == labels


def test_every_name_has_its_unit_and_help() -> None:
    for family in families(Seen(status=after(ALL))):
        assert family.documentation.endswith("."), family.name
        assert re.fullmatch("iamsync_[a-z_]+", family.name)
        assert "milli" not in family.name


def test_cycles_are_counted_by_result() -> None:
    status = after([APPLIED, APPLIED, FAILED])

    assert value(status, "iamsync_cycles_total", result="applied") == 2
    assert value(status, "iamsync_cycles_total", result="refused") == 0, "so that an alarm sees the first"
    assert value(status, "iamsync_cycle_duration_seconds_bucket", le="1.0") == 0
    assert value(status, "iamsync_cycle_duration_seconds_bucket", le="2.5") == 3
    assert value(status, "iamsync_cycle_duration_seconds_sum") == 6


def test_gauges_are_those_of_the_last_plan() -> None:
    assert value(after([PAUSED]), "iamsync_held_back") == 1
    assert value(after([PAUSED]), "iamsync_paused") == 1
    assert value(after([PAUSED, APPLIED]), "iamsync_held_back") == 0
    assert value(after([CONTESTED]), "iamsync_contested") == 1
    assert value(after([LOOKED]), "iamsync_pending_actions", kind="user", verb="create") == 1
    assert value(after([APPLIED]), "iamsync_pending_actions", kind="user", verb="create") is None
    assert value(after([DRIFTED]), "iamsync_drift_total", kind="user", verb="create") == 1
    assert value(after([APPLIED]), "iamsync_commit_info", commit="c0ffee") == 1
    assert value(after([cycle(Result.IN_SYNC, suspended=2, on_hold=1)]), "iamsync_on_hold_users") == 1


@pytest.mark.parametrize("leads", [True, False])
def test_who_leads_is_known_at_any_time(leads: bool) -> None:  # noqa: FBT001 - a parameter
    samples = [one for family in families(Seen(status=after([]), leads=leads)) for one in family.samples]

    assert [one.value for one in samples if one.name == "iamsync_leader"] == [float(leads)]


@pytest.mark.parametrize("text", [hostile.ALL, "aiko.sato"])
def test_no_name_and_no_reason_is_in_them(text: str) -> None:
    bad = cycle(
        Result.ERROR, reasons=(text,), held_back=(HeldBack(subject=f"user/{text}", text=text),), orphans=(text,)
    )
    page = metrics_text(Seen(status=after([cycle(Result.PENDING, held_back=bad.held_back, orphans=(text,)), bad])))

    assert "aiko" not in page
    assert hostile.controls(page) == []
    assert all(ord(one) < 128 for one in page)


def test_how_calls_end_is_a_short_list() -> None:
    assert len(OUTCOMES) == len(set(OUTCOMES)) < 10

"""What runners of CI know beside text: parts of a log that can be folded, summaries of a job, outputs of a step.

Sources: GitHub Docs, "Workflow commands for GitHub Actions"; GitLab Docs, "Custom collapsible sections".
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from iamsync.core.plan import Plan
from iamsync.render.line import Line, line


@dataclass(frozen=True, slots=True)
class Folding:
    """The lines that begin and end a part of a log; the only text in them is ours."""

    begin: str
    end: str


_GITHUB = Folding("::group::iamsync: the whole plan", "::endgroup::")


def folding(environment: Mapping[str, str], now: int) -> Folding | None:
    """How the runner that `environment` describes folds; None for any other. `now` is in seconds since 1970."""
    if environment.get("GITHUB_ACTIONS") == "true":
        return _GITHUB
    if environment.get("GITLAB_CI") == "true":
        begin = f"\x1b[0Ksection_start:{now}:iamsync_plan[collapsed=true]\r\x1b[0Kiamsync: the whole plan"
        return Folding(begin, f"\x1b[0Ksection_end:{now}:iamsync_plan\r\x1b[0K")
    return None


def summary_file(environment: Mapping[str, str]) -> Path | None:
    """Where GitHub Actions takes the summary of a step from, in Markdown."""
    return _file(environment, "GITHUB_STEP_SUMMARY")


def output_file(environment: Mapping[str, str]) -> Path | None:
    """Where GitHub Actions takes the outputs of a step from."""
    return _file(environment, "GITHUB_OUTPUT")


def plan_outputs(plan: Plan, *, refused: bool) -> Iterator[Line]:
    """What other steps may ask for: the digest, and whether there is something to apply."""
    yield line(f"digest={plan.digest}")
    yield line(f"changes={'true' if plan.actions else 'false'}")
    yield line(f"held-back={'true' if plan.held_back else 'false'}")
    yield line(f"refused={'true' if refused else 'false'}")


def _file(environment: Mapping[str, str], name: str) -> Path | None:
    is_github = environment.get("GITHUB_ACTIONS") == "true"
    return Path(environment[name]) if is_github and environment.get(name) else None

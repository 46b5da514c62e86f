"""Fetch the plan that was reviewed: the artifact of the merge request whose merge made this commit.

    reviewed_plan.py FILE      in a job of the default branch

The plan must be of the newest pipeline of the merge request that ran in this project, and not in a fork. `iamsync
apply` takes it from there: a plan that is not the one for these files and this account is refused.
"""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

from gitlab_api import called, fetched, project

_JOB = "plan"
_FILE = "plan.iamsync"


def merged_with(commit: str) -> Iterator[Any]:
    """The merge requests of this project whose merge made this commit."""
    for one in called(f"{project()}/repository/commits/{commit}/merge_requests"):
        # A merge request that was fast-forwarded has neither commit: its own last commit is that of the branch.
        commits = [one["merge_commit_sha"], one["squash_commit_sha"]]
        if not any(commits):
            commits = [one["sha"]]
        is_merged = one["state"] == "merged" and one["target_branch"] == os.environ["CI_DEFAULT_BRANCH"]
        if is_merged and commit in commits and one["source_project_id"] == one["target_project_id"]:
            yield one


def plan_of(merge_request: Any) -> bytes | None:  # noqa: ANN401 - JSON
    """The plan that the newest pipeline of a merge request has kept, if it has."""
    pipelines = called(f"{project()}/merge_requests/{int(merge_request['iid'])}/pipelines")
    own = [one for one in pipelines if one["project_id"] == int(os.environ["CI_PROJECT_ID"])]
    if not own:
        return None
    newest = max(int(one["id"]) for one in own)
    for job in called(f"{project()}/pipelines/{newest}/jobs?per_page=100"):
        if job["name"] == _JOB:
            try:
                return fetched(f"{project()}/jobs/{int(job['id'])}/artifacts/{_FILE}")
            except HTTPError as error:
                if error.code != 404:  # noqa: PLR2004 - the artifact has expired, or the job has made none
                    raise
    return None


def main(file: Path) -> None:
    """Write the plan to `file`; end with 3 if there is none."""
    for merge_request in merged_with(os.environ["CI_COMMIT_SHA"]):
        if plan := plan_of(merge_request):
            file.write_bytes(plan)
            return
    print("No reviewed plan was found for this commit: nothing is applied. Run a pipeline of this branch by hand.")
    sys.exit(3)


if __name__ == "__main__":
    main(Path(sys.argv[1]))

"""Fetch the plan that was reviewed: the artifact of the pull request whose merge made this commit.

    reviewed.py FILE        with TOKEN, in a step of GitHub Actions after a merge

The plan must be of the last commit of the pull request, and made in this repository, not in a fork. `iamsync apply`
takes it from there: a plan that is not the one for these files and this account is refused.
"""

import io
import os
import sys
import zipfile
from pathlib import Path

from api import called, fetched, repository

_MOST_BYTES = 256 * 1024 * 1024


def main(file: Path) -> None:
    """Write the plan to `file`; end with 3 if there is none."""
    commit = os.environ["GITHUB_SHA"]
    merged = [
        one
        for one in called(f"{repository()}/commits/{commit}/pulls")
        if one["merge_commit_sha"] == commit and one["merged_at"]
    ]
    for pull in merged:
        head = pull["head"]["sha"]
        found = called(f"{repository()}/actions/artifacts?name=iamsync-plan-{head}&per_page=100")["artifacts"]
        usable = [
            one
            for one in found
            if not one["expired"]
            and one["workflow_run"]["head_sha"] == head
            and one["workflow_run"]["head_repository_id"] == one["workflow_run"]["repository_id"]
        ]
        if usable:
            newest = max(usable, key=lambda one: str(one["created_at"]))
            with zipfile.ZipFile(io.BytesIO(fetched(newest["archive_download_url"], _MOST_BYTES))) as archive:
                file.write_bytes(archive.read("plan.iamsync"))
            return
    print("No reviewed plan was found for this commit: nothing is applied. Plan again, and give apply the digest.")
    sys.exit(3)


if __name__ == "__main__":
    main(Path(sys.argv[1]))

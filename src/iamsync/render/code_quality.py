"""Problems as a code quality report, which GitLab shows in a merge request and beside the lines of its changes.

Source of the format: GitLab Docs, "Code Quality", "Code Quality report format".
"""

from collections import Counter
from collections.abc import Sequence
from hashlib import sha256

from iamsync.core.model import Problem

_CHECK = "iamsync"


def code_quality(problems: Sequence[Problem]) -> list[dict[str, object]]:
    """Each problem once, sorted. GitLab finds a problem again by its fingerprint, in the report of another commit: it
    does not depend on the line, and differs for problems that are otherwise the same.
    """
    seen: Counter[tuple[str, str, str]] = Counter()
    report: list[dict[str, object]] = []
    for problem in sorted(set(problems)):
        file, line = problem.origin.file, problem.origin.line
        same = (file, problem.path, problem.message)
        fingerprint = sha256("\0".join((*same, str(seen[same]))).encode()).hexdigest()
        seen[same] += 1
        report.append(
            {
                "description": f"{problem.path}: {problem.message}" if problem.path else problem.message,
                "check_name": _CHECK,
                "fingerprint": fingerprint,
                "severity": "minor" if problem.warning else "critical",
                "location": {"path": file, "lines": {"begin": line or 1}},
            }
        )
    return report

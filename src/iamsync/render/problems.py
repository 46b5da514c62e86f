"""Problems for programs: as one JSON document."""

from collections.abc import Sequence

from iamsync.core.model import Problem


def problems_data(problems: Sequence[Problem]) -> dict[str, object]:
    """All problems, sorted, and their counts."""
    warnings = sum(problem.warning for problem in problems)
    return {
        "problems": [problem_data(problem) for problem in sorted(problems)],
        "errors": len(problems) - warnings,
        "warnings": warnings,
    }


def problem_data(problem: Problem) -> dict[str, object]:
    """One problem; line and column are None where it is a whole file or folder."""
    return {
        "file": problem.origin.file,
        "line": problem.origin.line or None,
        "column": problem.origin.column if problem.origin.line else None,
        "path": problem.path,
        "message": problem.message,
        "severity": "warning" if problem.warning else "error",
    }

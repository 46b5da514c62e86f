"""Problems for programs: as JSON, and as the commands that GitHub shows beside the lines of a pull request."""

import json
from collections.abc import Sequence

from iamsync.core.model import Problem
from iamsync.render.text import printable


def problems_json(problems: Sequence[Problem]) -> str:
    """All problems and their counts, as one JSON document."""
    warnings = sum(problem.warning for problem in problems)
    whole = {
        "problems": [
            {
                "file": problem.origin.file,
                "line": problem.origin.line,
                "column": problem.origin.column,
                "path": problem.path,
                "message": problem.message,
                "severity": _severity(problem),
            }
            for problem in sorted(problems)
        ],
        "errors": len(problems) - warnings,
        "warnings": warnings,
    }
    return json.dumps(whole, indent=2)


def problems_github(problems: Sequence[Problem]) -> str:
    """One workflow command a line, `::error file=...,line=...::message`, escaped as GitHub Actions expects it."""
    return "\n".join(map(_command, sorted(problems)))


def _command(problem: Problem) -> str:
    properties = {
        "file": problem.origin.file,
        "line": str(problem.origin.line),
        "col": str(problem.origin.column),
        "title": problem.path or "iamsync",
    }
    listed = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{_severity(problem)} {listed}::{_data(problem.message)}"


def _severity(problem: Problem) -> str:
    return "warning" if problem.warning else "error"


def _data(text: str) -> str:
    escaped = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return printable(escaped)


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")

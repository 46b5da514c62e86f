"""One door to the screen: nothing in the source prints but `render/screen.py`."""

from pathlib import Path

import pytest
from printing import raw_prints

import iamsync

SOURCE = Path(iamsync.__file__).parent
DOOR = SOURCE / "render" / "screen.py"
MODULES = sorted(path for path in SOURCE.rglob("*.py") if path != DOOR)


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_a_module_prints_through_the_door_only(module: Path) -> None:
    assert raw_prints(module.read_text("utf-8")) == []


@pytest.mark.parametrize(
    "planted",
    [
        "print(name)",
        "import builtins\nbuiltins.print(name)",
        "say = print",
        "import sys\nsys.stdout.write(name)",
        "import sys as s\ns.stderr.write(name)",
        "from sys import stdout\nstdout.write(name)",
        "from sys import stderr as out\nout.write(name)",
        "import sys\nout = sys.stdout",
        "import sys\ngetattr(sys, 'stdout').write(name)",
        "import sys\nsys.__stdout__.write(name)",
        "import sys\nsys.exit(name)",
        "raise SystemExit(f'{name} is wrong')",
        "import typer\ntyper.echo(name)",
        "from typer import secho\nsecho(name)",
        "import typer\ntyper.confirm(name)",
        "import typer\ndef run(name: str = typer.Option(prompt=True)) -> None: ...",
        "from rich.console import Console\nConsole().print(name)",
        "import rich\nrich.print(name)",
        "console.print(name)",
        "import click\nclick.echo(name)",
        "import logging\nlogging.warning(name)",
        "import logging\nlogging.getLogger().warning(name)",
        "import logging\nlogging.getLogger('other').warning(name)",
        "import logging\nlogging.getLogger('iamsync').addHandler(logging.StreamHandler())",
        "from logging import StreamHandler",
        "import logging\nlogging.basicConfig()",
        "import logging\nclass Mine(logging.Handler): ...",
        "import structlog\nstructlog.get_logger().info(name)",
        "import warnings\nwarnings.warn(name)",
        "import traceback\ntraceback.print_exc()",
        "from pprint import pprint\npprint(name)",
        "import os\nos.write(1, name)",
        "import os\nos.fdopen(2, 'w').write(name)",
        "open(1, 'w').write(name)",
        "open('/dev/stderr', 'w').write(name)",
        "from pathlib import Path\nPath('/dev/tty').write_text(name)",
        "import os\nos.system(name)",
        "import subprocess\nsubprocess.run(['echo', name])",
        "import subprocess\nsubprocess.Popen(['echo', name], stdout=subprocess.PIPE)",
        "input(name)",
        "breakpoint()",
    ],
)
def test_a_planted_print_is_found(planted: str) -> None:
    assert raw_prints(planted)


@pytest.mark.parametrize(
    "harmless",
    [
        "import subprocess\nended = subprocess.run([], capture_output=True)\nended.stdout",
        "import subprocess\nsubprocess.Popen([], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stderr",
        "import os\nos.write(2, b'Interrupted.')",
        "import logging\nlogging.getLogger(__name__).warning('a')",
        "import logging\nlogging.getLogger('other').setLevel(logging.INFO)",
        "import sys\nsys.stdin.isatty()",
        "self.printed = blueprint(1)",
    ],
)
def test_what_does_not_print_is_not(harmless: str) -> None:
    assert raw_prints(harmless) == []

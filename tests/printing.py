"""What in a module's source would print past `iamsync.render.screen`, found by its syntax tree."""

import ast
from collections.abc import Iterator

LIBRARIES = frozenset({"rich", "click", "pprint", "getpass", "curses", "pdb", "code", "faulthandler", "tqdm"})
BUILTINS = frozenset({"print", "input", "breakpoint", "help"})
NAMES = (
    *("sys.stdout", "sys.stderr", "sys.__stdout__", "sys.__stderr__", "sys.displayhook", "sys.excepthook"),
    *("os.system", "os.popen", "os.spawn", "os.posix_spawn", "os.exec", "pty.", "warnings.warn"),
    *("traceback.print_", "logging.StreamHandler", "logging.Handler", "logging.basicConfig", "logging.lastResort"),
    *(f"logging.{level}" for level in ("debug", "info", "warning", "error", "exception", "critical", "log(")),
    *(f"typer.{one}" for one in ("echo", "secho", "confirm", "prompt", "progressbar", "clear", "pause", "launch")),
    *("typer.edit", "typer.get_text_stream", "typer.get_binary_stream", "typer._click", "typer.rich_utils"),
    *("structlog.Print", "structlog.Write", "structlog.get_logger", "structlog.configure", "structlog.dev.Rich"),
)
DEVICES = ("/dev/std", "/dev/tty", "/dev/fd", "/dev/console", "/proc/self/fd")
STARTS_A_PROCESS = frozenset(f"subprocess.{one}" for one in ("run", "Popen", "call", "check_call", "check_output"))
DESCRIPTORS = (1, 2)


def raw_prints(source: str) -> list[str]:
    """Each with its line."""
    tree = ast.parse(source)
    names = dict(_imported(tree))
    return [f"{line}: {what}" for line, what in sorted(set(_found(tree, names)))]


def _imported(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """What each imported name stands for (`out` -> `sys.stdout`)."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield (alias.asname, alias.name) if alias.asname else (alias.name.partition(".")[0],) * 2
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from ((alias.asname or alias.name, f"{node.module}.{alias.name}") for alias in node.names)


def _found(tree: ast.AST, names: dict[str, str]) -> Iterator[tuple[int, str]]:
    yield from ((1, f"imports {name}") for name in names.values() if name.partition(".")[0] in LIBRARIES)
    silenced = {
        id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Attribute) and node.attr == "setLevel"
    }
    for node in ast.walk(tree):
        line = getattr(node, "lineno", 0)
        if isinstance(node, ast.Name | ast.Attribute) and (name := _dotted(node, names)):
            if name in BUILTINS or _is_forbidden(name):
                yield line, name
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.startswith(DEVICES):
            yield line, node.value
        if isinstance(node, ast.Call) and id(node) not in silenced:
            yield from ((line, what) for what in _by_call(node, names))
        if isinstance(node, ast.ImportFrom | ast.Import):
            imported = [f"{getattr(node, 'module', None) or ''}.{alias.name}".lstrip(".") for alias in node.names]
            yield from ((line, name) for name in imported if _is_forbidden(name))


def _is_forbidden(name: str) -> bool:
    return any(name == one or (name + "(").startswith(one) for one in NAMES)


def _by_call(call: ast.Call, names: dict[str, str]) -> Iterator[str]:
    """Calls that print by what they are given."""
    name = _dotted(call.func, names) or ""
    last = name.rpartition(".")[2]
    given = {keyword.arg for keyword in call.keywords}
    first = call.args[0].value if call.args and isinstance(call.args[0], ast.Constant) else None
    is_own_logger = (isinstance(first, str) and first.startswith("iamsync")) or _is_name(call.args[:1], "__name__")
    is_captured = "capture_output" in given or {"stdout", "stderr"} <= given
    rules = {
        "a method print()": isinstance(call.func, ast.Attribute) and call.func.attr == "print",
        f"{name} with an output that is not captured": name in STARTS_A_PROCESS and not is_captured,
        "os.write to a standard stream": name == "os.write" and first in DESCRIPTORS and not _is_literal(call.args[1]),
        f"{name} of a standard stream": last in {"open", "fdopen", "FileIO"} and first in DESCRIPTORS,
        f"{name} with a message": name in {"sys.exit", "SystemExit"} and bool(call.args) and not isinstance(first, int),
        "getattr of sys": name == "getattr" and _is_name(call.args[:1], "sys", names),
        "a logger that is not iamsync's": name == "logging.getLogger" and not is_own_logger,
        "a prompt of typer": name in {"typer.Option", "typer.Argument"} and "prompt" in given,
    }
    return (what for what, is_so in rules.items() if is_so)


def _is_literal(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant)


def _is_name(nodes: list[ast.expr], name: str, names: dict[str, str] | None = None) -> bool:
    return any(_dotted(node, names or {}) == name for node in nodes)


def _dotted(node: ast.AST, names: dict[str, str]) -> str | None:
    """`out.write` -> `sys.stdout.write`; None for what is no name."""
    if isinstance(node, ast.Name):
        return names.get(node.id, node.id)
    if isinstance(node, ast.Attribute) and (of := _dotted(node.value, names)):
        return f"{of}.{node.attr}"
    return None

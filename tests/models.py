"""botocore reads and parses megabytes of JSON for each session, half of what a short test takes. They never change."""

from functools import cache

from botocore.loaders import JSONFileLoader, Loader


def read_once() -> None:
    """From now on, for all sessions of this process."""
    files = JSONFileLoader()
    files.load_file = cache(files.load_file)  # type: ignore[method-assign]
    Loader.FILE_LOADER_CLASS = lambda _: files  # type: ignore[assignment]

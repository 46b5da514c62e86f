"""YAML files in, desired state out; every problem with its file, line and column."""

from iamsync.desired.declaration import Declaration, load

__all__ = ["Declaration", "load"]

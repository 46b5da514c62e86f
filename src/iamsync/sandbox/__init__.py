"""A local fake AWS: moto's server in this process, taught what IAM refuses."""

from iamsync.sandbox.server import Sandbox, SandboxError, running
from iamsync.sandbox.wire import Call

__all__ = ["Call", "Sandbox", "SandboxError", "running"]

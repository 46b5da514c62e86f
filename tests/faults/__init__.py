"""The fault matrix: what the network, AWS and the machine do to a run, and what must hold whatever they do."""

from faults.forking import Forks, forks
from faults.network import After, Fault, Network, Weather, client, network, writer

__all__ = ["After", "Fault", "Forks", "Network", "Weather", "client", "forks", "network", "writer"]

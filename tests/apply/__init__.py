"""How a plan is carried out, against the sandbox over a network that a test may break."""

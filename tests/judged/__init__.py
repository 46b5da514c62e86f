"""iamsync as the role that `iamsync permissions` prints, before a proxy that allows what the printed policies allow."""

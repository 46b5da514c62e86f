"""`python -m iamsync` is the same program as `iamsync`."""

from iamsync.cli import run_and_exit

if __name__ == "__main__":
    run_and_exit()

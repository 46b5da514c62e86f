"""A long wire: what goes in comes out so many milliseconds later, unchanged. Prints the port that it listens on.

The way to the server is delayed and the way back is not, so a call takes that much longer, whatever is in it.
"""
# ruff: noqa: INP001, T201 - a script that says where it listens

import asyncio
import sys
from contextlib import suppress


async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, delay: float) -> None:
    """All that comes, in order, each piece `delay` seconds after it came."""
    loop = asyncio.get_running_loop()
    with suppress(ConnectionError):
        while piece := await reader.read(1 << 16):
            if delay:
                loop.call_later(delay, writer.write, piece)
            else:
                writer.write(piece)
    loop.call_later(delay, writer.close)


async def listen(to: int, delay: float) -> None:
    """Serve until the process ends."""

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", to)
        await asyncio.gather(carry(reader, far_writer, delay), carry(far_reader, writer, 0))

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        asyncio.run(listen(int(sys.argv[1]), int(sys.argv[2]) / 1000))

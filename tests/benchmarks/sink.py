"""A mail server that takes everything and keeps the last message.

python -m tests.benchmarks.sink PORT FILE
"""

import asyncio
import signal
import sys
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session


class Sink:
    """Takes every message; `last` holds the content of the newest."""

    def __init__(self) -> None:
        """Begin with none."""
        self.last = b""

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802  # aiosmtpd's
        """Take a message."""
        self.last = envelope.original_content or b""
        return "250 OK"


async def serve(port: int, file: Path) -> None:
    """Take mail until SIGTERM; then write the last message to `file`."""
    loop, sink, stopped = asyncio.get_running_loop(), Sink(), asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, stopped.set)
    server = await loop.create_server(lambda: SMTP(sink, loop=loop), "127.0.0.1", port)
    async with server:
        await stopped.wait()
        file.write_bytes(sink.last)


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), Path(sys.argv[2])))

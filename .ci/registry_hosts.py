"""Refuse a tracked file that names a package registry's host: which one to use is each machine's own setting."""

import subprocess
import sys
from pathlib import Path

# Put together here, so that this file names none itself.
HOSTS = [
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("registry", "npmjs", "org"),
        ("registry", "yarnpkg", "com"),
        ("deb", "debian", "org"),
        ("security", "debian", "org"),
    )
]


def main() -> int:
    """Print each file and line that names a host; return the exit code."""
    listing = ["git", "ls-files", "-z"]
    listed = subprocess.run(listing, capture_output=True, check=True).stdout  # noqa: S603  # a constant command
    found = 0
    for path in (Path(name.decode()) for name in listed.split(b"\0") if name):
        if not path.is_file():
            continue
        lines = path.read_bytes().decode(errors="replace").splitlines()
        for number, line in enumerate(lines, start=1):
            if any(host in line for host in HOSTS):
                sys.stdout.write(f"{path}:{number} names a package registry's host\n")
                found += 1
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())

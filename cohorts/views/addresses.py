"""The addresses to which rows of lists and redirects lead."""

from uuid import UUID

from portal.addresses import Addresses

SESSIONS = Addresses("session", 0)
CHECKS = Addresses("book", 0)
BOOKINGS = Addresses("booking", UUID(int=0))
SWAPS = Addresses("swap_to", UUID(int=0), 1)
COMPONENTS = Addresses("component", 0, "slug")
REGISTERS = Addresses("register", 0)

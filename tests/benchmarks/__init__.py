"""How fast the portal is and how much memory it takes: `make bench` (docs/performance.md says how to read it)."""

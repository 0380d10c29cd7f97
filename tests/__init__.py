"""The test suite. It mirrors the apps; see docs/architecture.md."""

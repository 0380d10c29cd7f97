"""People, their organisations, their roles, and how they sign in."""

"""QI projects: from an idea on the ward to evidence that something changed."""

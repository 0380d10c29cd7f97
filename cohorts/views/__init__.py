"""Pages of the cohorts application."""

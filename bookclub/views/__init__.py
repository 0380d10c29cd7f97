"""The pages of book clubs."""

"""Book clubs of cohorts: which books they read, at which meetings, and what people write and say of them."""

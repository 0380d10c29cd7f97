"""Data for demonstrations, load tests and benchmarks: plainly fictional, and never made in production."""

"""Programmes and the cohorts that go through them: sessions, bookings, registers and progress."""

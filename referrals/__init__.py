"""Confidential referral to therapy: sealed from the form to the provider's triagers (docs/threat-model.md)."""

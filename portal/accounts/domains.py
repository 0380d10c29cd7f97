"""The domains of an organisation: whoever holds an address at one may make an account."""

from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.core.validators import validate_domain_name


def cleaned(written: Iterable[str]) -> list[str]:
    """Return domains in the one form in which they are kept, in alphabetical order. Raises ValidationError."""
    domains = sorted({domain.strip().lower().lstrip("@") for domain in written} - {""})
    for domain in domains:
        try:
            validate_domain_name(domain)
        except ValidationError:
            raise ValidationError(f"Enter {domain[:100]} as a domain, for example trust.nhs.uk") from None
    return domains

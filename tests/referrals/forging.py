"""What somebody does who can write every row, and has neither a passphrase nor SECRET_KEY."""

import json

from referrals import sealing, vault
from referrals.models import Envelope, Epoch, Section
from referrals.vault import PublicKey


def forge(section: Section, content: object) -> None:
    """Put words of one's own in a section's place, or bytes as they are: sealed to the team's public key, as anybody
    can seal."""
    said = content if isinstance(content, bytes) else json.dumps(content).encode()
    key, sealed = vault.seal_content(said, *sealing._names(section))
    names = sealing.envelope_names(section, f"epoch {section.epoch.number}")
    Section.objects.filter(pk=section.pk).update(sealed=sealed)
    section.envelopes.update(sealed=PublicKey(bytes(section.epoch.public_key)).seal(key, *names))


def put_beside(section: Section, epoch: Epoch) -> None:
    """Put an envelope of one's own beside a section: it says that the whole team reads it."""
    names = sealing.envelope_names(section, f"epoch {epoch.number}")
    sealed = PublicKey(bytes(epoch.public_key)).seal(b"k" * vault.KEY_BYTES, *names)
    Envelope.objects.create(section=section, epoch=epoch, sealed=sealed)

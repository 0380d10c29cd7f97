"""What referrals have to say when people or organisations merge.

Who works in a provider's team, or did, keeps their account as it is: keys, and what they did, are bound to it. Who paid
for a referral, paid for it.
"""

from portal.accounts.merging import objects_to_merging
from portal.accounts.models import User
from portal.accounts.organisations import stays_with_organisations
from referrals.models import Triager

stays_with_organisations(
    {
        "referrals.offer.commissioner": "who pays for an offer is the provider's and its commissioner's to agree",
        "referrals.referral.commissioner": "who paid for it then",
        "referrals.proof.commissioner": "drawn up for it then",
    }
)


@objects_to_merging("referrals.triager.user")
def is_or_was_in_a_team(person: User) -> str:
    """Say why such an account is put together with none: nothing, for anybody else's."""
    if Triager.objects.filter(user=person).exists():
        return "One of them works, or worked, in a provider's team: that account is put together with none."
    return ""

"""SECRET_KEY is changed as docs/running.md says, and nobody loses their second factor."""

import secrets

import pytest

from tests.production.deployment import VARIABLES, Deployment
from tests.production.running_md import commands

OLD, NEW = VARIABLES["SECRET_KEY"], secrets.token_urlsafe(64)

SET_UP = """
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from portal.accounts import needs
person = factories.make_user(email="change.of.key@trust.example")
TOTP.activate(person, "JBSWY3DPEHPK3PXP")
needs.say(person, needs.Needed(access="A hearing loop", diet=""))
print(RecoveryCodes.activate(person).generate_codes()[0])
"""

READ = """
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import decrypt
from portal.accounts import needs
from portal.accounts.models import User
person = User.objects.get(email="change.of.key@trust.example")
rows = {row.type: row for row in Authenticator.objects.filter(user=person)}
print(decrypt(rows["totp"].data["secret"]), rows["recovery_codes"].wrap().generate_codes()[0])
print(needs.said_by(person)[0].access)
"""


def test_second_factors_outlive_the_key_that_sealed_them(deployment: Deployment) -> None:
    code = deployment.seed(SET_UP)
    with pytest.raises(RuntimeError, match="InvalidToken"):
        deployment.seed(READ, also={"SECRET_KEY": NEW})

    with_both = {"SECRET_KEY": NEW, "SECRET_KEY_FALLBACKS": OLD}
    sealed = deployment.run(["python", "manage.py", "seal_anew"], also=with_both)
    assert sealed.stdout == (
        "2 second factors are sealed under the present key.\n1 people's needs are sealed under the present key.\n"
    )

    assert deployment.seed(READ, also={"SECRET_KEY": NEW}) == f"JBSWY3DPEHPK3PXP {code}\nA hearing loop"
    # Back to the deployment's own key, for the tests that come after.
    back = deployment.run(["python", "manage.py", "seal_anew"], also={"SECRET_KEY": OLD, "SECRET_KEY_FALLBACKS": NEW})
    assert back.returncode == 0


def test_the_page_says_so() -> None:
    told = [
        f"docker compose exec -T web python manage.py {name}"
        for name in (
            *("seal_anew", "attest_referrals", "rename_evaluations", "seal_conversations", "seal_reflections"),
            "seal_threads",
        )
    ]
    assert list(commands("key")) == told


def test_nothing_is_changed_when_no_key_opens(deployment: Deployment) -> None:
    failed = deployment.run(["python", "manage.py", "seal_anew"], also={"SECRET_KEY": NEW})
    assert failed.returncode == 1
    assert deployment.seed(READ).startswith("JBSWY3DPEHPK3PXP ")

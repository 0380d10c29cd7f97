"""What the portal decides where allauth asks: who may make an account, how mail leaves, what a second factor is."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context as allauth_context
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialApp, SocialLogin
from django.conf import settings
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from portal.accounts import wording
from portal.accounts.demo_people import is_demo_address
from portal.accounts.letters import write_letter
from portal.accounts.models import Organisation, User
from portal.accounts.names import clean_name
from portal.accounts.openid_connect import vouches_for
from portal.accounts.resealing import SECOND_FACTOR
from portal.accounts.rules import needs_second_factor
from portal.accounts.service_session import ServiceSession
from portal.nhsuk.layout import Layout
from portal.secret_box import secret_box


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    """Accounts of the portal's own."""

    error_messages = DefaultAccountAdapter.error_messages | wording.ACCOUNT

    def save_user(self, request: HttpRequest, user: User, form: Form, commit: bool = True) -> User:  # noqa: FBT001, FBT002  # allauth's signature
        """Keep the name that the person gave, and the organisation that their address belongs to."""
        user.name = form.cleaned_data["name"]
        user.organisation = Organisation.objects.of_address(form.cleaned_data["email"])
        saved: User = super().save_user(request, user, form, commit)
        return saved

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Lead whoever works for others here to that, and everybody else to their programme."""
        places = Layout(request.user).workplaces
        address: str = places[0][1] if places else super().get_login_redirect_url(request)
        return address

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """Count guesses by the account alone: allauth adds the host, whose port a visitor can vary."""
        login: str = credentials.get("email", "")
        return login.lower()

    def pre_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse | None:
        """Refuse the demonstration's people anywhere else: their password is public."""
        if is_demo_address(user.email) and not settings.DEMO:
            inactive: HttpResponse = self.respond_user_inactive(request, user)
            return inactive
        response: HttpResponse | None = super().pre_login(request, user, **kwargs)
        return response

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Put the message into the outbox, encrypted: it may carry a code."""
        values = {"request": allauth_context.request, "email": email, "service_name": settings.ORGANISATION_NAME}
        mail = self.render_mail(template_prefix, email, values | context)
        write_letter(email, mail.subject, mail.body, person=context.get("user"))


class ProviderAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    """Accounts by way of an organisation's own sign-in service (OpenID Connect)."""

    error_messages = DefaultSocialAccountAdapter.error_messages | wording.PROVIDER

    def get_requests_session(self) -> ServiceSession:
        """Ask the services with patience, and say so when one does not answer."""
        return ServiceSession()

    def list_apps(
        self, request: HttpRequest, provider: str | None = None, client_id: str | None = None
    ) -> list[SocialApp]:
        """Find the services that an address names: none by a name with a NUL, which PostgreSQL cannot be asked for."""
        if provider and "\0" in provider:
            return []
        found: list[SocialApp] = super().list_apps(request, provider, client_id)
        return found

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Let nobody in on an address that the service did not verify, or that is not its own to vouch for.

        Of what the service told, the portal keeps its key for the person, their address and their name.
        """
        if not any(self.can_authenticate_by_email(sociallogin, each.email) for each in sociallogin.email_addresses):
            raise ImmediateHttpResponse(redirect("address_not_vouched_for"))
        sociallogin.account.extra_data = {}
        if sociallogin.account.pk:
            sociallogin.account.save(update_fields=["extra_data"])

    def can_authenticate_by_email(self, login: SocialLogin, email: str) -> bool:
        """Match a person by an address that the service vouches for, and does not call unverified."""
        told = login.account.get_provider_account().get_user_data() or {}
        return told.get("email_verified") is not False and vouches_for(login.provider.app.settings, email)

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        """Open an account to whoever belongs to an organisation that takes part; lead others to what helps."""
        if not sociallogin.user.organisation:
            raise ImmediateHttpResponse(redirect("sign_up_closed"))
        return True

    def populate_user(self, request: HttpRequest, sociallogin: SocialLogin, data: dict[str, Any]) -> User:
        """Take the name and the address that the service gives."""
        person: User = super().populate_user(request, sociallogin, data)
        given = (data.get("first_name"), data.get("last_name"))
        person.name = clean_name(data.get("name") or " ".join(part for part in given if part))[:200]
        person.email = person.email.lower()
        person.organisation = Organisation.objects.of_address(person.email)
        return person

    def is_auto_signup_allowed(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        """Ask nothing more of a person whose service told their name."""
        return bool(sociallogin.user.name)

    def get_signup_form_initial_data(self, sociallogin: SocialLogin) -> dict[str, Any]:
        """Show what the service told."""
        return {"email": sociallogin.user.email, "name": sociallogin.user.name}


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth ships no types
    """Authenticator apps, passkeys and recovery codes."""

    error_messages = DefaultMFAAdapter.error_messages | wording.SECOND_FACTOR

    def encrypt(self, text: str) -> str:
        """Keep an authenticator's secret from a copy of the database."""
        return secret_box(SECOND_FACTOR).encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Open what `encrypt` sealed."""
        return secret_box(SECOND_FACTOR).decrypt(encrypted_text.encode()).decode()

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Keep the last second factor of somebody whose role asks for one."""
        if not needs_second_factor(authenticator.user):
            return True
        others = Authenticator.objects.filter(user=authenticator.user).exclude(pk=authenticator.pk)
        remains: bool = others.exclude(type=Authenticator.Type.RECOVERY_CODES).exists()
        return remains

    def generate_authenticator_name(self, user: User, type: Authenticator.Type) -> str:  # noqa: A002  # allauth's signature
        """Name a passkey that the person did not name."""
        return "Passkey"

    def build_totp_svg(self, url: str) -> str:
        """Draw the picture to scan as an element of a page: without the line that begins a file."""
        svg: str = super().build_totp_svg(url)
        return svg[svg.index("<svg") :]

    def get_totp_issuer(self) -> str:
        """Name the portal in the person's authenticator app."""
        return settings.ORGANISATION_NAME

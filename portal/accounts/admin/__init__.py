"""The admin pages about people and organisations."""

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from django.contrib import admin
from django.contrib.auth.models import Group

from portal.accounts.admin import disposals, erasure_requests, invitations, legal_holds, organisations, people, roles

__all__ = ["disposals", "erasure_requests", "invitations", "legal_holds", "organisations", "people", "roles"]

# What packages offer here would go past the verbs, the rules and the trail.
for model in (Authenticator, EmailAddress, Group, SocialAccount, SocialApp, SocialToken):
    if admin.site.is_registered(model):
        admin.site.unregister(model)

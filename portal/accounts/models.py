"""Who uses the portal: people, the organisations they work for, and what each may do."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, ClassVar, Self

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import OuterRef
from django.db.models.functions import Coalesce, Lower, Now
from django.utils import timezone
from django.utils.functional import cached_property

from portal.accounts import along
from portal.prepared import Given, Prepared


class OrganisationQuerySet(models.QuerySet["Organisation"]):
    """Reads of organisations."""

    def of_address(self, email: str) -> "Organisation | None":
        """Return the organisation at whose domain an email address is, or None."""
        return self.filter(email_domains__contains=[email.rpartition("@")[2].lower()]).first()

    def by_code(self, codes: Iterable[str]) -> "dict[str, Organisation]":
        """Return the organisation of each ODS code, in one statement: what is part of another now leads to that one."""
        found = self.filter(ods_code__in=set(codes)).select_related("merged_into")
        return {each.ods_code: each.merged_into or each for each in found}

    def present(self) -> Self:
        """Organisations that have not merged into another: where somebody can work today."""
        return self.filter(merged_into__isnull=True)


class Organisation(models.Model):
    """A trust, board, or partner whose people take part, known by its Organisation Data Service (ODS) code."""

    name = models.CharField(max_length=200)
    ods_code = models.CharField(
        "ODS code",
        max_length=10,
        unique=True,
        validators=[RegexValidator(r"^[A-Z0-9]{3,10}\Z", "Enter an ODS code: 3 to 10 capital letters and digits.")],
        help_text="The organisation's code in the NHS Organisation Data Service, for example RXX.",
    )
    email_domains = ArrayField(
        models.CharField(max_length=253),
        default=list,
        blank=True,
        help_text="Whoever holds an address at one of these may make an account. Separate them by commas.",
    )
    merged_into = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="merged",
        help_text="The organisation that it is a part of now. It stays for what happened before.",
    )

    objects = OrganisationQuerySet.as_manager()

    class Meta:
        ordering = ("name",)
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(ods_code__regex=r"^[A-Z0-9]{3,10}$"),
                name="organisation_ods_code_is_well_formed",
            ),
            models.CheckConstraint(
                condition=~models.Q(merged_into=models.F("id")), name="organisation_does_not_merge_into_itself"
            ),
        ]
        indexes: ClassVar = [GinIndex(fields=["email_domains"], name="organisation_email_domains")]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Keep domains in one form, so that an address finds its organisation by equality."""
        self.email_domains = sorted({domain.strip().lower().lstrip("@") for domain in self.email_domains} - {""})
        super().save(*args, **kwargs)


class JobRole(models.Model):
    """What somebody does at work: midwife, neonatal nurse, chief executive."""

    name = models.CharField(max_length=100, unique=True)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class UserManager(BaseUserManager["User"]):
    """Makes and finds people."""

    def signed_in(self, user_id: int) -> "User | None":
        """Return a person who may sign in, with the kinds of the roles that they hold now, in one statement."""
        return _SIGNED_IN.first(person=user_id)

    def get_by_natural_key(self, username: str | None) -> "User":
        """Find a person by address, whatever its case."""
        return self.of_address(username or "").get()

    def of_address(self, email: str) -> "models.QuerySet[User]":
        """Return who has this address, whatever its case, as the constraint compares it: nobody or one.

        The address of an account that was put together with another leads to the one that stays. Not by `iexact`, for
        which PostgreSQL compares capitals: it takes a dotless i for an i, and so a stranger's address for somebody's.
        """
        named = self.alias(address=Lower("email")).filter(address=email.strip().lower())
        return self.filter(pk__in=named.values_list(Coalesce("merged_into", "pk")))

    def by_address(self, emails: Iterable[str]) -> "dict[str, User]":
        """Return who has each of these addresses, as `of_address` finds them, by the address in lower case.

        They come with their organisations, in one statement. Whose address is not there has no account.
        """
        wanted = {email.strip().lower() for email in emails}
        found: Any = self.annotate(address=Lower("email")).filter(address__in=wanted)
        people = found.select_related("organisation", "merged_into__organisation")
        return {person.address: person.merged_into or person for person in people}

    def create_user(self, email: str, name: str, password: str | None = None, **fields: Any) -> "User":
        """Make a person; without a password they sign in by a code sent to their address."""
        user = self.model(email=email.strip().lower(), name=name, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, name: str, password: str | None = None, **fields: Any) -> "User":
        """Make a person who may do everything in the Django admin."""
        return self.create_user(email, name, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """A person with an account, known by their email address."""

    email = models.EmailField("email address", max_length=254)
    name = models.CharField("full name", max_length=200, help_text="As it should stand on a register or a certificate.")
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="people"
    )
    job_role = models.ForeignKey(JobRole, on_delete=models.PROTECT, null=True, blank=True, related_name="people")
    is_active = models.BooleanField("may sign in", default=True)
    is_staff = models.BooleanField("may use the admin pages", default=False)
    date_joined = models.DateTimeField(default=timezone.now, editable=False)
    sign_ins_end_at = models.DateTimeField(
        null=True, editable=False, help_text="Whoever signed in as this person before then is signed out."
    )
    merged_into = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="merged",
        verbose_name="put together with",
        help_text="The account of the same person that stays. This one is closed.",
    )

    objects = UserManager()

    EMAIL_FIELD = "email"
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar = ["name"]

    class Meta:
        verbose_name = "person"
        verbose_name_plural = "people"
        ordering = ("name", "id")
        constraints: ClassVar = [
            models.UniqueConstraint(
                Lower("email"),
                name="one_person_per_address",
                violation_error_message="Somebody already has an account with this email address.",
            ),
            models.CheckConstraint(
                condition=models.Q(merged_into__isnull=True)
                | (models.Q(is_active=False) & ~models.Q(merged_into=models.F("id"))),
                name="who_was_merged_is_closed",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["name", "id"], name="people_by_name")]

    def __str__(self) -> str:
        return self.name

    def get_full_name(self) -> str:
        """Return the name as the person gave it."""
        return self.name

    def get_short_name(self) -> str:
        """Return the name as the person gave it: a first word is not everywhere a first name."""
        return self.name

    @cached_property
    def role_kinds(self) -> frozenset[str]:
        """Return the kinds of role held now, read once a request (with the person, where the backend loaded them)."""
        held = getattr(self, "held_role_kinds", None)
        if held is None:
            held = self.roles.current().values_list("kind", flat=True)
        return frozenset(held)


class Needs(models.Model):
    """What somebody needs in order to come and to eat with the others, in their own words, sealed.

    It may tell of health or of religion: `portal.accounts.needs` opens it, and says who asks for that.
    """

    user = models.OneToOneField(User, on_delete=models.CASCADE, primary_key=True, related_name="needs")
    sealed = models.BinaryField(editable=False)
    said_at = models.DateTimeField(editable=False, help_text="When they said it, and agreed who may read it.")

    def __str__(self) -> str:
        # Never whose: Django names a row wherever it likes.
        return "Needs"


class RoleQuerySet(models.QuerySet["Role"]):
    """Reads of roles."""

    def current(self) -> Self:
        """Roles that have not ended."""
        return self.filter(models.Q(until__isnull=True) | models.Q(until__gt=Now()))


class Role(models.Model):
    """What a person may do beyond taking part.

    A role that is about an organisation names it. Which sessions a facilitator runs, which programmes an admin
    keeps or which projects a coach supports is written where those things are, in their own apps.
    """

    class Kind(models.TextChoices):
        """The roles of DESIGN §3."""

        PROGRAMME_ADMIN = "programme_admin", "Programme admin, of the programmes that name them"
        ALL_PROGRAMMES_ADMIN = "all_programmes_admin", "Programme admin, of all programmes"
        FACILITATOR = "facilitator", "Facilitator"
        CHAMPION = "champion", "Champion"
        COACH = "coach", "QI coach"
        ORGANISATION_LEAD = "organisation_lead", "Organisation lead"
        BOARD_SPONSOR = "board_sponsor", "Board sponsor"
        TRIAGER = "triager", "Triager"

    OF_AN_ORGANISATION = (Kind.ORGANISATION_LEAD, Kind.BOARD_SPONSOR)
    USES_ADMIN_PAGES = frozenset({Kind.PROGRAMME_ADMIN, Kind.ALL_PROGRAMMES_ADMIN})
    NEEDS_SECOND_FACTOR = USES_ADMIN_PAGES | {Kind.FACILITATOR, Kind.COACH, Kind.TRIAGER}

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="roles", verbose_name="person")
    kind = models.CharField(max_length=20, choices=Kind)
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="roles"
    )
    since = models.DateTimeField(default=timezone.now, editable=False)
    until = models.DateTimeField(null=True, blank=True, help_text="When the role ends. Empty: until it is taken away.")

    objects = RoleQuerySet.as_manager()

    class Meta:
        ordering = ("kind",)
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["user", "kind", "organisation"], name="one_role_of_a_kind", nulls_distinct=False
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=["organisation_lead", "board_sponsor"], organisation__isnull=False)
                | (~models.Q(kind__in=["organisation_lead", "board_sponsor"]) & models.Q(organisation__isnull=True)),
                name="role_names_an_organisation_where_it_has_one",
                violation_error_message="Choose an organisation for a lead or a sponsor, and for nobody else.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_kind_display()}"

    @property
    def is_current(self) -> bool:
        """Whether the role has not ended."""
        return self.until is None or self.until > timezone.now()


class InvitationQuerySet(models.QuerySet["Invitation"]):
    """Reads of invitations."""

    def unanswered(self) -> Self:
        """Invitations that were neither accepted nor taken back; some may have expired."""
        return self.filter(accepted_at__isnull=True, withdrawn_at__isnull=True)


class Invitation(models.Model):
    """A letter that lets one person make an account, whatever their address, and gives them roles when they do."""

    LASTS = timedelta(days=14)

    email = models.EmailField("email address", max_length=254)
    name = models.CharField("full name", max_length=200, blank=True)
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="invitations"
    )
    kinds = ArrayField(
        models.CharField(max_length=20, choices=Role.Kind), default=list, blank=True, verbose_name="roles"
    )
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    invited_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", editable=False)
    sent_at = models.DateTimeField(default=timezone.now, editable=False)
    accepted_at = models.DateTimeField(null=True, editable=False)
    withdrawn_at = models.DateTimeField(null=True, editable=False)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        ordering = ("-sent_at", "-id")
        constraints: ClassVar = [
            models.UniqueConstraint(
                Lower("email"),
                condition=models.Q(accepted_at__isnull=True, withdrawn_at__isnull=True),
                name="one_open_invitation_per_address",
                violation_error_message="This address has an invitation already. Send that one again.",
            )
        ]

    def __str__(self) -> str:
        return self.email

    @property
    def expires_at(self) -> datetime:
        """When the link in the last letter stops working."""
        return self.sent_at + self.LASTS

    @property
    def is_open(self) -> bool:
        """Whether the link still works."""
        return self.accepted_at is None and self.withdrawn_at is None and timezone.now() < self.expires_at


# Asked by every page of somebody who is signed in.
_SIGNED_IN = Prepared(
    lambda: User.objects.filter(pk=Given("person"), is_active=True).annotate(
        held_role_kinds=ArraySubquery(Role.objects.current().filter(user=OuterRef("pk")).values("kind").order_by()),
        **along.facts(),
    )
)

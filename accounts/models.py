import re
from collections.abc import Sequence
from datetime import timedelta
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django_countries.fields import CountryField

from . import registers
from .characters import refuse_bidirectional
from .seal import Seal

KEPT_FOR = timedelta(days=30)  # how long we keep unsaved text
# Limits for one person, so that anyone who has a page of theirs cannot fill the database.
MOST_KEPT = 200  # texts
LONGEST_KEPT = 200_000  # characters of each text: a chapter of a long book
PUT_BACK = "unsaved"  # in an address: which kept text to put back into its form; in the form: those that were


class Profession(models.TextChoices):
    """The profession that a reader gives when they declare that they are a healthcare professional."""

    DOCTOR = "doctor", "Doctor"
    NURSE = "nurse", "Nurse"
    MIDWIFE = "midwife", "Midwife"
    PHARMACIST = "pharmacist", "Pharmacist"
    PHYSICIAN_ASSISTANT = "physician_assistant", "Physician assistant"
    PARAMEDIC = "paramedic", "Paramedic"
    DENTIST = "dentist", "Dentist"
    ALLIED = "allied", "Allied health professional"
    STUDENT = "student", "Healthcare student"
    OTHER = "other", "Other healthcare professional"


class UserManager(BaseUserManager["User"]):
    """Creates and finds accounts. An email address in any capitals is the same account."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Create, save and return an account that signs in with `email`; without `password`, it has no usable password.

        Raises `ValueError` if `email` is empty.
        """
        if not email:
            raise ValueError("An account needs an email address.")
        user = self.model(email=email.lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Create, save and return an administrator's account."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        """Return the account with this email address, in any capitals; raise `User.DoesNotExist` if there is none."""
        return self.get(email=(username or "").lower())

    def from_seal(self, token: str) -> "User":
        """Return the active account whose seal, of a page or a form, is in `token`.

        Raises `User.DoesNotExist` if there is none, or if the token is forged or older than `KEPT_FOR`.
        """
        owner: Any = Seal.read(token, max_age=KEPT_FOR).owner
        return self.get(pk=owner, is_active=True)


# A registration that nobody has found on its register yet.
NOT_VERIFIED: dict[str, Any] = {
    "registration_verified_at": None,
    "registration_verified_by_id": None,
    "registration_verified_by_name": "",
}


class User(AbstractBaseUser, PermissionsMixin):
    """A person with an account: a reader, who may also be an editor, a reviewer or an administrator."""

    email = models.EmailField("email address", unique=True, error_messages={"unique": "This address has an account."})
    name = models.CharField("full name", max_length=150, validators=[refuse_bidirectional])
    profession = models.CharField(max_length=30, choices=Profession.choices, blank=True)
    declared_at = models.DateTimeField(
        "declared a healthcare professional at",
        null=True,
        blank=True,
        editable=False,
        help_text="When this person declared “I am a healthcare professional”.",
    )
    country = CountryField(blank=True)
    register = models.CharField(max_length=10, choices=registers.CHOICES, blank=True)
    registration_number = models.CharField(max_length=registers.MAX_LENGTH, blank=True)
    registration_verified_at = models.DateTimeField(null=True, blank=True, editable=False)
    registration_verified_by_id = models.BigIntegerField(null=True, blank=True, editable=False)
    registration_verified_by_name = models.CharField(max_length=150, blank=True, editable=False)
    is_staff = models.BooleanField("may enter the admin", default=False)
    is_active = models.BooleanField("active", default=True, help_text="Untick to stop this person signing in.")
    joined_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = UserManager()
    authenticator_set: Any  # allauth's relation: authenticator app, passkeys and recovery codes

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        indexes = [
            models.Index(fields=["name"], name="accounts_by_name"),
            models.Index(fields=["registration_number"], name="accounts_by_registration"),
            models.Index(
                fields=["email"],
                condition=~Q(register="") & Q(registration_verified_at=None),
                name="accounts_to_verify",
            ),
        ]
        constraints = [
            models.UniqueConstraint(Lower("email"), name="one_account_for_an_email_whatever_its_capitals"),
            models.CheckConstraint(
                condition=Q(declared_at__isnull=True) | ~Q(profession=""),
                name="a_declared_professional_has_a_profession",
            ),
            models.CheckConstraint(
                condition=Q(register="", registration_number="") | ~(Q(register="") | Q(registration_number="")),
                name="a_register_and_a_registration_number_come_together",
            ),
            models.CheckConstraint(
                condition=Q(
                    registration_verified_at__isnull=True,
                    registration_verified_by_id__isnull=True,
                    registration_verified_by_name="",
                )
                | Q(registration_verified_at__isnull=False, registration_verified_by_id__isnull=False)
                & ~Q(registration_verified_by_name=""),
                name="a_verified_registration_says_when_and_by_whom",
            ),
            models.CheckConstraint(
                condition=Q(registration_verified_at__isnull=True) | ~Q(registration_number=""),
                name="a_verified_registration_has_a_number",
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    @cached_property
    def has_second_factor(self) -> bool:
        """Whether the account has an authenticator app or a passkey: signing in then needs more than the password."""
        return self.authenticator_set.exclude(type="recovery_codes").exists()

    def clean(self) -> None:
        """Put the address in lower case; raise `ValidationError` if a declared professional has no profession."""
        self.email = self.email.lower()
        if self.declared_at and not self.profession:
            raise ValidationError({"profession": "This person is a declared professional: choose a profession."})

    def get_full_name(self) -> str:
        """Return the name to show on what this person writes or approves."""
        return self.name

    def get_short_name(self) -> str:
        """Return the name to show in the account menu."""
        return self.name

    @property
    def registration(self) -> tuple[str, str]:
        """The key of the register and the number on it; both are empty if the person gave none."""
        return self.register, self.registration_number

    @property
    def has_verified_registration(self) -> bool:
        """Whether an administrator has found this registration on its register."""
        return self.registration_verified_at is not None

    @property
    def registration_state(self) -> str:
        """The state of the registration, in a word or two."""
        if self.has_verified_registration:
            return "Verified"
        return "To verify" if self.register else "None"

    def change_registration(self, register: str, number: str) -> bool:
        """Set this registration, without saving, and return whether it differs from the previous one.

        A different registration is not verified.
        """
        if (register, number) == self.registration:
            return False
        self.register, self.registration_number = register, number
        for field, value in NOT_VERIFIED.items():
            setattr(self, field, value)
        return True

    @property
    def seal(self) -> str:
        """The seal of this account's pages: unsaved text sent with it is kept for them alone, even after sign-out."""
        return Seal(self.pk).sign()

    def keep_unsaved(self, address: str, texts: Sequence[tuple[str, ...]], form: str = "") -> None:
        """Keep `texts`, each a label, an unsaved text and the name of its field, from this site's page at `address`.

        `form` is the address that the form is sent to, and with the names says where the texts can be put back. The
        names can be left out. A text that we already have gets a new time and no copy. A text over `LONGEST_KEPT` is
        cut. If there are more than `MOST_KEPT` texts, it deletes the oldest.
        """
        now = timezone.now()
        for label, text, *names in texts[:MOST_KEPT]:
            kept = {"address": on_this_site(address), "text": storable(text.replace("\r\n", "\n"))[:LONGEST_KEPT]}
            came_from = {"saved_at": now, "form": on_this_site(form) if form else "", "field": storable("".join(names))}
            if not self.unsaved_texts.filter(**kept).update(**came_from):
                self.unsaved_texts.create(**kept, **came_from, label=storable(label)[:200])
        oldest = [*self.unsaved_texts.values_list("pk", flat=True)[MOST_KEPT:]]
        self.unsaved_texts.filter(pk__in=oldest).delete()


def on_this_site(address: str) -> str:
    """Return the path and query of an address, without what leads to another site or asks to put a text back."""
    split = urlsplit(address)
    query = re.sub(rf"(?:^|&){PUT_BACK}=\d+(?=&|$)", "", split.query).lstrip("&")
    path = storable(split._replace(scheme="", netloc="", query=query).geturl())
    return "/" + path.lstrip("/\\")


def storable(text: str) -> str:
    """Return `text` without what databases refuse: NUL, and half a character, which becomes a question mark."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()


class UnsavedTextQuerySet(models.QuerySet["UnsavedText"]):
    """Unsaved texts, including those that are too old to show."""

    def active(self) -> "UnsavedTextQuerySet":
        """Return the texts that their owners can still see."""
        return self.filter(saved_at__gt=timezone.now() - KEPT_FOR)

    def typed_with(self, kept: "UnsavedText") -> "UnsavedTextQuerySet":
        """Return the texts that were kept from the same form at the same time, `kept` among them."""
        return self.active().filter(address=kept.address, form=kept.form, saved_at=kept.saved_at)

    def outdated(self) -> "UnsavedTextQuerySet":
        """Return the texts that are too old, and are to be deleted."""
        return self.filter(saved_at__lte=timezone.now() - KEPT_FOR)


class UnsavedText(models.Model):
    """Text that its owner had not saved when they were signed out. Nobody else is shown it."""

    owner = models.ForeignKey(User, models.CASCADE, related_name="unsaved_texts")
    address = models.TextField()
    label = models.CharField(max_length=200)
    text = models.TextField()
    form = models.TextField(blank=True, help_text="The address that its form is sent to.")
    field = models.TextField(blank=True, help_text="The name of its field in that form.")
    saved_at = models.DateTimeField(default=timezone.now, db_index=True)

    objects = UnsavedTextQuerySet.as_manager()

    class Meta:
        ordering = ["-saved_at", "-pk"]

    def __str__(self) -> str:
        return f"Unsaved text {self.pk}"  # not the text: lists of what is deleted with an account show this

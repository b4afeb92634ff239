from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone


class Profession(models.TextChoices):
    """What a reader says they are when they declare themselves a healthcare professional."""

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
    """Makes accounts; an email address is one account whatever its capitals."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Make and save an account that signs in with `email`; without a password it cannot sign in by one."""
        if not email:
            raise ValueError("An account needs an email address.")
        user = self.model(email=email.lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Make and save an administrator's account."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        """The account that signs in with this email address, in any capitals."""
        return self.get(email=(username or "").lower())


class User(AbstractBaseUser, PermissionsMixin):
    """A person with an account: a reader, who may also be an editor, a reviewer or an administrator."""

    email = models.EmailField("email address", unique=True, error_messages={"unique": "This address has an account."})
    name = models.CharField("full name", max_length=150)
    profession = models.CharField(max_length=30, choices=Profession.choices, blank=True)
    declared_at = models.DateTimeField(
        "declared a healthcare professional at",
        null=True,
        blank=True,
        editable=False,
        help_text="When this person declared “I am a healthcare professional”.",
    )
    is_staff = models.BooleanField("may enter the admin", default=False)
    is_active = models.BooleanField("active", default=True, help_text="Untick to stop this person signing in.")
    joined_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("email"), name="one_account_for_an_email_whatever_its_capitals"),
            models.CheckConstraint(
                condition=Q(declared_at__isnull=True) | ~Q(profession=""),
                name="a_declared_professional_has_a_profession",
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    def clean(self) -> None:
        """One spelling of the address; whoever declared themselves a professional has a profession."""
        self.email = self.email.lower()
        if self.declared_at and not self.profession:
            raise ValidationError({"profession": "This person declared a profession: choose which."})

    def get_full_name(self) -> str:
        """The name as it is shown on what this person writes or approves."""
        return self.name

    def get_short_name(self) -> str:
        """The name as it is shown in the account menu."""
        return self.name

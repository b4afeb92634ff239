import pytest
from django.utils import timezone

from accounts import registration_check
from accounts.models import User
from tests.accounts.steps import SIGN_UP

PROFILE = "/account/profile/"
FORM = {
    "name": "Ann Nurse",
    "profession": "midwife",
    "country": "IE",
    "register": "nmc",
    "registration_number": "12a 3456e",
}


@pytest.fixture
def verified(people) -> User:
    """A reader whose registration an administrator has verified."""
    reader = people.reader
    reader.country = "GB"
    reader.change_registration("nmc", "12A3456E")
    reader.save()
    registration_check.verify(user=reader, seen=reader.registration, by=people.administrator)
    reader.refresh_from_db()
    return reader


def stored(user: User) -> User:
    return User.objects.get(pk=user.pk)


def test_a_visitor_is_asked_to_sign_in_and_what_they_typed_is_there_to_copy(client, db):
    assert client.get(PROFILE).url == "/sign-in?next=/account/profile/"
    response = client.post(PROFILE, FORM)

    assert response.status_code == 403
    assert "12a 3456e" in response.content.decode()


def test_a_person_changes_what_they_say_of_themselves(people, signed_in):
    client = signed_in(people.reader)
    response = client.post(PROFILE, FORM, follow=True)

    assert response.redirect_chain == [(PROFILE, 302)]
    assert "Your profile has been saved." in response.content.decode()
    user = stored(people.reader)
    assert (user.name, user.profession, user.country) == ("Ann Nurse", "midwife", "IE")
    assert user.registration == ("nmc", "12A3456E")
    assert stored(people.other).name == "The other"


def test_nobody_changes_more_than_the_profile_or_another_account(people, signed_in):
    other = people.other.pk
    signed_in(people.reader).post(
        PROFILE, FORM | {"id": other, "pk": other, "email": "x@x.example", "is_staff": "on", "is_superuser": "on"}
        | {"registration_verified_at": "2026-01-01", "registration_verified_by_name": "Me"},
    )  # fmt: skip

    user = stored(people.reader)
    assert (user.email, user.is_staff, user.is_superuser) == ("reader@clinic.example", False, False)
    assert not user.has_verified_registration


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ({"registration_number": "123"}, "An NMC Pin has 2 digits, a letter, 4 digits and a letter, like 12A3456E."),
        ({"registration_number": ""}, "Enter your number from this register, or choose “No register”."),
        ({"register": ""}, "Choose the register this number is from."),
        ({"name": " "}, "Enter your full name."),
        ({"country": ""}, "Choose the country you work in."),
        ({"profession": ""}, "Choose your profession."),
    ],
)
def test_what_cannot_be_saved_says_why_and_stays_in_the_form(verified, signed_in, typed, message):
    response = signed_in(verified).post(PROFILE, FORM | typed)

    html = response.content.decode()
    assert message in html
    assert 'value="midwife" selected' in html or "profession" in typed
    assert "<span>The reader</span></summary>" in html
    assert "Verified</span>" in html
    assert (stored(verified).name, stored(verified).registration) == ("The reader", ("nmc", "12A3456E"))
    assert stored(verified).has_verified_registration


def test_the_page_says_when_one_declared_and_who_verified_when(verified, signed_in):
    html = " ".join(signed_in(verified).get(PROFILE).content.decode().split())

    day = timezone.localtime(verified.registration_verified_at).strftime("%-d %b %Y")
    assert f"On {day} you declared that you are a healthcare professional." in html
    assert f"Verified</span> on {day} by The administrator." in html
    assert "If you change the register or the number, your registration is no longer verified until" in html


def test_the_page_says_that_a_registration_waits_or_is_missing(people, signed_in):
    client = signed_in(people.reader)
    assert "You have not given a registration number." in client.get(PROFILE).content.decode()

    client.post(PROFILE, FORM)

    assert "Not verified yet" in client.get(PROFILE).content.decode()
    assert "no longer verified" not in client.get(PROFILE).content.decode()


@pytest.mark.parametrize(
    ("typed", "is_verified"),
    [
        ({"register": "nmc", "registration_number": "12a-3456-e"}, True),
        ({"register": "nmc", "registration_number": "12A3457E"}, False),
        ({"register": "other", "registration_number": "12A3456E"}, False),
        ({"register": "", "registration_number": ""}, False),
    ],
)
def test_only_another_registration_is_no_longer_verified(verified, signed_in, typed, is_verified):
    signed_in(verified).post(PROFILE, FORM | typed)

    user = stored(verified)
    assert user.has_verified_registration == is_verified
    assert user.registration_verified_by_name == ("The administrator" if is_verified else "")
    assert user.name == "Ann Nurse"


def test_a_verification_at_the_same_moment_is_not_undone(verified, people, signed_in, monkeypatch):
    registration_check.take_back(user=verified, by=people.administrator)
    client, save = signed_in(verified), User.save

    def verified_just_before(self, *args, **kwargs):
        registration_check.verify(user=self, seen=("nmc", "12A3456E"), by=people.administrator)
        save(self, *args, **kwargs)

    monkeypatch.setattr(User, "save", verified_just_before)
    client.post(PROFILE, FORM)

    assert stored(verified).name == "Ann Nurse"
    assert stored(verified).has_verified_registration


def test_staff_are_told_that_publications_keep_the_old_name(people, signed_in, publish):
    version = publish()
    client = signed_in(people.editor)
    assert "Anything already published keeps the name it was published under." in client.get(PROFILE).content.decode()
    assert "keeps the name" not in signed_in(people.reader).get(PROFILE).content.decode()

    client.post(PROFILE, FORM | {"name": "Married Name"})

    version.refresh_from_db()
    assert version.author_name == "The editor"
    assert stored(people.editor).name == "Married Name"


def test_an_account_from_before_these_were_asked_shows_its_page(db, signed_in):
    user = User.objects.create_superuser("first@clinic.example", "pw-for-the-first", name="First")

    html = signed_in(user).get(PROFILE).content.decode()

    assert "You have not declared that you are a healthcare professional." in html


def test_the_profile_shows_no_meter(people, signed_in, settings):
    settings.REQUIRE_VERIFIED_REGISTRATION = True

    assert 'class="meter"' not in signed_in(people.reader).get(PROFILE).content.decode()


def test_the_profile_costs_few_queries(verified, signed_in, django_assert_num_queries):
    client = signed_in(verified)

    with django_assert_num_queries(3):  # the session, the person, and the row the form works on
        client.get(PROFILE)


OVERRIDE = "Line 1, character 5: RIGHT-TO-LEFT OVERRIDE (U+202E), which can show 05 as 50. Delete it."


def test_a_name_that_changes_the_order_of_what_is_shown_is_refused_wherever_it_is_typed(people, signed_in, client):
    reader, name = people.reader, "Ann \u202eNurse"
    account = f"/admin/accounts/user/{reader.pk}/change/"
    forms = [
        (signed_in(reader), PROFILE, FORM),
        (client, "/sign-up", SIGN_UP),
        (signed_in(people.administrator), account, {"email": reader.email}),
    ]

    for person, path, typed in forms:
        shown = person.post(path, typed | {"name": name}).content.decode()

        assert OVERRIDE in shown, path
        assert name in shown, path
    assert not User.objects.filter(name=name).exists()


def test_a_name_keeps_the_joiners_of_its_language_and_a_password_all_it_has(people, signed_in, client):
    name, password = "علی\u200cرضا 👩\u200d⚕️", "right\u202eto\u200bleft\u00ad"

    signed_in(people.reader).post(PROFILE, FORM | {"name": name})
    client.post("/sign-up", SIGN_UP | {"password1": password})

    assert stored(people.reader).name == name
    assert User.objects.get(email=SIGN_UP["email"]).check_password(password)

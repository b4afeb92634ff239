import logging

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import registration_check
from accounts.models import User

NMC = ("nmc", "12A3456E")


@pytest.fixture
def registered(people) -> User:
    """A reader who has given a registration number."""
    people.reader.change_registration(*NMC)
    people.reader.save()
    return people.reader


def test_a_registration_is_verified_by_somebody_at_some_time(registered, people):
    assert registered.registration_state == "To verify"

    assert registration_check.verify(user=registered, seen=NMC, by=people.administrator)

    registered.refresh_from_db()
    assert registered.registration_state == "Verified"
    assert (timezone.now() - registered.registration_verified_at).total_seconds() < 60
    assert registered.registration_verified_by_id == people.administrator.pk
    assert registered.registration_verified_by_name == "The administrator"


def test_who_verified_it_is_known_after_their_account_is_gone(registered, people):
    registration_check.verify(user=registered, seen=NMC, by=people.administrator)
    pk = people.administrator.pk

    people.administrator.delete()

    registered.refresh_from_db()
    assert (registered.registration_verified_by_name, registered.registration_verified_by_id) == (
        "The administrator",
        pk,
    )


def test_whoever_verifies_again_changes_nothing(registered, people):
    registration_check.verify(user=registered, seen=NMC, by=people.administrator)

    assert not registration_check.verify(user=registered, seen=NMC, by=people.other)

    registered.refresh_from_db()
    assert registered.registration_verified_by_name == "The administrator"


@pytest.mark.parametrize("seen", [("nmc", "99Z9999Z"), ("gmc", "12A3456E"), ("", "")])
def test_only_the_registration_that_was_seen_is_verified(registered, people, seen):
    with pytest.raises(registration_check.RegistrationChanged):
        registration_check.verify(user=registered, seen=seen, by=people.administrator)

    registered.refresh_from_db()
    assert not registered.has_verified_registration


def test_an_account_without_a_registration_cannot_be_verified(people):
    with pytest.raises(registration_check.RegistrationChanged):
        registration_check.verify(user=people.other, seen=("", ""), by=people.administrator)


def test_a_verification_can_be_taken_back(registered, people):
    registration_check.verify(user=registered, seen=NMC, by=people.administrator)

    assert registration_check.take_back(user=registered, by=people.administrator)
    assert not registration_check.take_back(user=registered, by=people.administrator)

    registered.refresh_from_db()
    assert registered.registration_state == "To verify"
    assert registered.registration == NMC


@pytest.mark.parametrize(
    ("another", "state"),
    [(NMC, "Verified"), (("nmc", "99Z9999Z"), "To verify"), (("hcpc", "12A3456E"), "To verify"), (("", ""), "None")],
)
def test_another_registration_is_no_longer_verified(registered, people, another, state):
    registration_check.verify(user=registered, seen=NMC, by=people.administrator)
    registered.refresh_from_db()

    assert registered.change_registration(*another) == (another != NMC)
    registered.save()

    registered.refresh_from_db()
    assert (registered.registration, registered.registration_state) == (another, state)


def test_the_log_names_accounts_and_no_person_or_number(registered, people, caplog):
    caplog.set_level(logging.INFO, "accounts.audit")

    registration_check.verify(user=registered, seen=NMC, by=people.administrator)
    registration_check.verify(user=registered, seen=NMC, by=people.administrator)
    registration_check.take_back(user=registered, by=people.administrator)

    user, by = registered.pk, people.administrator.pk
    assert [record.getMessage() for record in caplog.records if record.name == "accounts.audit"] == [
        f"event=registration_verified account={user} by={by}",
        f"event=registration_taken_back account={user} by={by}",
    ]


@pytest.mark.parametrize(
    ("broken", "truth"),
    [
        ({"register": "gmc"}, "a_register_and_a_registration_number_come_together"),
        ({"registration_number": "1"}, "a_register_and_a_registration_number_come_together"),
        (
            {
                "register": "gmc",
                "registration_number": "1234567",
                "registration_verified_at": timezone.now(),
                "registration_verified_by_id": 1,
            },
            "a_verified_registration_says_when_and_by_whom",
        ),
        ({"registration_verified_by_name": "Ann"}, "a_verified_registration_says_when_and_by_whom"),
        ({"registration_verified_by_id": 1}, "a_verified_registration_says_when_and_by_whom"),
        (
            {
                "registration_verified_at": timezone.now(),
                "registration_verified_by_id": 1,
                "registration_verified_by_name": "Ann",
            },
            "a_verified_registration_has_a_number",
        ),
    ],
)
def test_the_database_refuses_half_a_registration(people, broken, truth):
    with pytest.raises(IntegrityError, match=truth), transaction.atomic():
        User.objects.filter(pk=people.other.pk).update(**broken)

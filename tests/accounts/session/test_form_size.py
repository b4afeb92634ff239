import pytest

from accounts.session.form_size import LARGEST


@pytest.mark.parametrize(
    ("who", "size", "is_refused"),
    [
        ("visitor", LARGEST + 1000, True),
        ("reader", LARGEST + 1000, True),
        ("reader", LARGEST - 1000, False),
        ("editor", LARGEST + 1000, False),
        ("editor", 17 * 1024 * 1024, True),
    ],
)
def test_only_people_who_edit_send_much(people, signed_in, client, who, size, is_refused):
    person = client if who == "visitor" else signed_in(getattr(people, who))
    person.raise_request_exception = False

    response = person.post("/account/profile/", {"name": "x" * size})

    assert (response.status_code == 400) is is_refused
    assert ("go back in your browser" in response.content.decode()) is is_refused

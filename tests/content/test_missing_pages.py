from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.personal_data import deletion
from content import error_reports
from content.models import ErrorReport, MissingPage
from content.personal_data import ContentHoldings

TOLD = {"asked": "wegovy", "expected": "Doses in kidney disease.", "email": "ann@clinic.example"}


@pytest.fixture
def tell(db):
    """Tell the editors from a browser."""

    def send(client, **words):
        return client.post("/search/tell/?q=wegovy", TOLD | words)

    return send


def test_a_search_that_found_nothing_leads_to_the_form_with_what_was_typed(client, publish):
    publish("dose")

    html = client.get("/search/?q=%22wegovy%22+%26+co").content.decode()
    assert '<a class="button quiet" href="/search/tell/?q=%22wegovy%22%20%26%20co">Tell the editors</a>' in html
    response = client.get("/search/tell/?q=%22wegovy%22%20%26%20co")

    assert 'value="&quot;wegovy&quot; &amp; co"' in response.content.decode()
    assert "Do not name a patient" in response.content.decode()
    assert response["X-Robots-Tag"] == "noindex"
    assert "private" in response["Cache-Control"]


def test_no_more_is_filled_in_than_can_be_sent(tell, client):
    form = client.get(f"/search/tell/?q={'z' * 400}").content.decode()

    assert f'value="{"z" * 300}"' in form


def test_it_is_kept_and_reaches_the_editors(tell, client, mailoutbox):
    response = tell(client)

    kept = MissingPage.objects.get()
    assert (kept.asked, kept.expected, kept.email) == tuple(TOLD.values())
    [mail] = mailoutbox
    assert mail.to == ["contact@guidance.example"]
    assert mail.reply_to == ["ann@clinic.example"]
    assert "Looked for: wegovy" in mail.body
    assert "Doses in kidney disease." in mail.body
    assert "/admin/content/missingpage/" in mail.body
    assert response.url == "/"
    assert "The editors have your message." in client.get("/").content.decode()


def test_it_is_kept_when_no_mail_can_be_sent(tell, client, settings, caplog):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9

    assert tell(client).status_code == 302
    assert MissingPage.objects.count() == 1
    assert "wegovy" not in caplog.text


@pytest.mark.parametrize(
    "words",
    [{"asked": " ", "expected": "My text."}, {"asked": "x" * 301}, {"expected": "x" * 4001}, {"email": "no address"}],
)
def test_what_cannot_be_sent_stays_in_the_form(tell, client, words):
    response = tell(client, **words)

    assert response.status_code == 422
    assert list(words.values())[-1] in response.content.decode()
    assert not MissingPage.objects.exists()


def test_without_a_token_nothing_is_sent_and_the_text_is_kept(tell):
    response = tell(Client(enforce_csrf_checks=True), expected="Doses in liver disease.")

    assert response.status_code == 403
    assert "Doses in liver disease." in response.content.decode()
    assert not MissingPage.objects.exists()


def test_five_a_day_are_emailed_with_error_reports_and_all_are_kept(tell, client, publish, mailoutbox):
    publish("dose")
    for _ in range(2):
        assert client.post("/pages/dose/history/1/report/", {"text": "Wrong.", "email": ""}).status_code == 302
    for _ in range(4):
        assert tell(client).status_code == 302

    assert MissingPage.objects.count() == 4
    assert len(mailoutbox) == 5


def test_visitors_share_so_many_a_minute_with_error_reports_and_the_text_stays(tell, publish):
    page = publish("dose").page
    ErrorReport.objects.bulk_create(
        ErrorReport(page=page, version_number=1, text="Wrong.") for _ in range(error_reports.KEPT - 2)
    )
    MissingPage.objects.create(asked="ozempic", reported_at=timezone.now() - timedelta(minutes=2))

    assert [tell(Client()).status_code for _ in range(3)] == [302, 302, 503]
    assert "A long text." in tell(Client(), expected="A long text.").content.decode()


def test_it_is_on_the_desk_until_an_editor_resolves_it(tell, client, people, signed_in):
    tell(client)
    editor = signed_in(people.editor)
    address = f"/admin/content/missingpage/{MissingPage.objects.get().pk}/change/"
    assert f'<a href="{address}">wegovy</a>' in editor.get("/admin/").content.decode()
    assert "Doses in kidney disease." in editor.get(address).content.decode()

    data = {"action": "mark_resolved", "_selected_action": [MissingPage.objects.get().pk]}
    editor.post("/admin/content/missingpage/", data)

    assert MissingPage.objects.get().resolved_by_name == people.editor.name
    assert address not in editor.get("/admin/").content.decode()


def test_an_address_is_the_persons_own_and_goes_with_the_account(people):
    MissingPage.objects.create(asked="wegovy", email=people.reader.email)
    MissingPage.objects.create(asked="ozempic", email=people.other.email)

    told = ContentHoldings().export(people.reader)["pages that you told the editors you miss"]
    assert [each["looked for"] for each in told] == ["wegovy"]
    assert any("1 message about missing pages" in line for line in ContentHoldings().retained(people.reader))
    deletion.delete_account(user=people.reader, by=people.reader)

    assert MissingPage.objects.get(asked="wegovy").email == ""
    assert MissingPage.objects.get(asked="ozempic").email == people.other.email

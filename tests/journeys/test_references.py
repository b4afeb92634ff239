from playwright.sync_api import expect

from content.models import Draft
from tests.content.references.test_retractions import read_file

ONE = "Drug A helps.[^a]\n\n[^a]: Author A. doi:10.9999/trial.a\n"
TWO = "Drug A is cheap.[^x]\n\n[^x]: Author A, 2019. DOI 10.9999/TRIAL.A\n"


def test_a_paper_is_retracted_and_its_reference_corrected_on_every_page(visit, people, publish):
    # Given a paper that two pages cite, and that was retracted
    publish("one", ONE, title="One")
    publish("two", TWO, title="Two")
    read_file()

    # When a reader opens one of them, and follows the notice
    reader = visit(viewport={"width": 390, "height": 844})
    page = reader.sign_in(people.reader, "/pages/one/")
    page.get_by_role("link", name="Retracted 21 Feb 2023").click()

    # Then the reference says why
    expect(page.get_by_text("This paper was retracted on 21 Feb 2023.").first).to_be_in_viewport()

    # When an editor sees the sentences on the home page, and goes to the references
    editing = visit()
    desk = editing.sign_in(people.editor, "/admin/")
    expect(desk.get_by_text("Drug A helps.")).to_be_visible()
    desk.get_by_role("link", name="References: each source once").click()
    editing.look()
    desk.get_by_role("link", name="Retracted or doubted 1").click()
    desk.get_by_role("link", name="Correct this reference").click()
    editing.look()

    # And corrects it on both pages
    expect(desk.get_by_role("checkbox", checked=True)).to_have_count(2)
    desk.get_by_label("The reference").fill("Author A. Retracted. doi:10.9999/trial.a")
    desk.get_by_role("button", name="Start the drafts").click()

    # Then each page has a draft
    expect(desk.get_by_text("A draft was started.")).to_have_count(2)
    editing.look()
    assert Draft.objects.filter(body__contains="Author A. Retracted.").count() == 2

import pytest

from content import publishing
from content.models import Draft


@pytest.fixture
def draft(publish, people) -> Draft:
    page = publish().page
    text = publishing.Text("About a-page", "What a-page says.", "Give 10 mg.\n", "Dose raised.")
    return publishing.start_draft(page=page, text=text, by=people.editor, started_from=1)


@pytest.fixture
def edit(draft) -> str:
    return f"/admin/content/draft/{draft.pk}/change/"


@pytest.fixture
def review(draft) -> str:
    return f"/admin/content/draft/{draft.pk}/review/"

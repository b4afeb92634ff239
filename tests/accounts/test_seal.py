"""Which fields of a form contain text, and what is believed of what a form says."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django import forms
from django.contrib.admin import widgets
from django.core import signing

from accounts.seal import SALT, TYPED, Seal, typed_names

ONE_TIME_CODE = {"autocomplete": "one-time-code"}
PAGE_OR_OLD_FORM = Seal(1)
FORM = Seal(1, frozenset({"text", "contributors-__prefix__-name"}))
VISITORS_FORM = Seal(None, frozenset({"text"}))


@pytest.mark.parametrize(
    ("widget", "inputs"),
    [
        (forms.TextInput(), ["x"]),
        (forms.Textarea(), ["x"]),
        (forms.EmailInput(), ["x"]),
        (forms.URLInput(), ["x"]),
        (forms.SearchInput(), ["x"]),
        (forms.TelInput(), ["x"]),
        (forms.NumberInput(), ["x"]),
        (forms.DateInput(), ["x"]),
        (forms.DateInput(attrs={"type": "date"}), ["x"]),
        (widgets.AdminTextareaWidget(), ["x"]),
        (widgets.AdminTextInputWidget(), ["x"]),
        (forms.SplitDateTimeWidget(), ["x_0", "x_1"]),
        (forms.MultiWidget({"number": forms.TextInput(), "unit": forms.Select()}), ["x_number"]),
        (forms.TextInput(attrs=ONE_TIME_CODE), []),
        (forms.NumberInput(attrs=ONE_TIME_CODE), []),
        (forms.TextInput(attrs={"type": "password"}), []),
        (forms.PasswordInput(), []),
        (forms.HiddenInput(), []),
        (forms.SplitHiddenDateTimeWidget(), []),
        (forms.CheckboxInput(), []),
        (forms.CheckboxSelectMultiple(), []),
        (forms.RadioSelect(), []),
        (forms.Select(), []),
        (forms.SelectDateWidget(), []),
        (forms.FileInput(), []),
        (forms.ClearableFileInput(), []),
    ],
)
def test_a_form_names_the_fields_in_which_one_types(widget, inputs):
    form = type("Form", (forms.Form,), {"x": forms.Field(widget=widget, show_hidden_initial=True)})

    assert typed_names(form()) == inputs
    assert typed_names(form(prefix="of")) == [f"of-{name}" for name in inputs]


def test_a_formset_names_them_for_any_row_and_a_form_written_by_hand_by_itself():
    form = type("Form", (forms.Form,), {"name": forms.CharField(), "kind": forms.ChoiceField()})

    assert typed_names(forms.formset_factory(form, can_delete=True, can_order=False)(prefix="of")) == [
        "of-__prefix__-name"
    ]
    assert typed_names("comment") == ["comment"]


@pytest.mark.parametrize(
    ("seal", "name", "value", "is_text"),
    [
        (FORM, "text", "4417", True),
        (FORM, "text", " \n", False),
        (FORM, "label", "some words", False),
        (FORM, "password", "some words", False),
        (FORM, "contributors-0-name", "Ann", True),
        (FORM, "contributors-12-name", "Ann", True),
        (FORM, "contributors-__prefix__-name", "Ann", True),
        (FORM, "contributors-0-role", "Ann", False),
        (FORM, "contributors-x-name", "Ann", False),
        (FORM, "contributors-0-0-name", "Ann", False),
        (VISITORS_FORM, "text", "4417", True),
        (VISITORS_FORM, "email", "4417", False),
        (Seal(1, frozenset()), "text", "some words", False),
        # A page's own, or that of a form from before forms named their fields
        (PAGE_OR_OLD_FORM, "text", "4417", True),
        (PAGE_OR_OLD_FORM, "codes-0-code", "G35", True),
        (PAGE_OR_OLD_FORM, "text", " ", False),
        (PAGE_OR_OLD_FORM, "password", "some words", False),
        (PAGE_OR_OLD_FORM, "new_password2", "some words", False),
        (PAGE_OR_OLD_FORM, "code", "123 456", False),
        (PAGE_OR_OLD_FORM, "credential", "some words", False),
        (PAGE_OR_OLD_FORM, "csrfmiddlewaretoken", "4417", False),
        (PAGE_OR_OLD_FORM, "seal", "4417", False),
        (PAGE_OR_OLD_FORM, "_save", "Save it", False),
        (PAGE_OR_OLD_FORM, "initial-heading", "some words", False),
        # None: perhaps a form of buttons
        (Seal(), "text", "bleep 4417", True),
        (Seal(), "action", "delete", False),
        (Seal(), "revision", "3", False),
        (Seal(), "oldpassword", "some words", False),
        (Seal(), "code", "123 456", False),
    ],
)
def test_what_counts_as_typed(seal, name, value, is_text):
    assert seal.is_text(name, value) is is_text


@pytest.mark.parametrize("seal", [Seal(7), Seal(7, frozenset()), FORM, VISITORS_FORM, Seal()])
def test_what_a_form_says_is_read_again(seal):
    assert Seal.read(seal.sign()) == seal


def test_the_seal_of_a_page_that_was_opened_before_an_update_is_read():
    assert Seal.read(signing.dumps(7, salt=SALT)) == Seal(7)


@pytest.mark.parametrize("forged", ["", "x", "1:2:3", "é\0", "{}x", "x{}", "{:.30}", " {}", "{}:{}"])
def test_a_forged_or_cut_seal_is_as_none(forged):
    assert Seal.read(forged.format(FORM.sign(), FORM.sign())) == Seal()


def test_what_is_signed_for_another_purpose_is_no_seal():
    assert Seal.read(signing.dumps([7, "text"], salt="content.reporting")) == Seal()


def test_a_seal_is_as_none_only_where_its_age_is_asked_for(time_machine):
    time_machine.move_to("2026-11-26 09:00Z", tick=False)
    token = FORM.sign()
    time_machine.shift(61)

    assert Seal.read(token, max_age=timedelta(minutes=1)) == Seal()
    assert Seal.read(token) == FORM


def test_the_script_of_a_page_looks_at_the_same_kinds_of_input():
    script = (Path(__file__).parents[2] / "static/js/session.js").read_text()

    assert set(re.findall(r"\[type=([a-z-]+)\]", script)) == TYPED
    assert 'field.autocomplete !== "one-time-code"' in script


@pytest.mark.parametrize(
    ("name", "value", "is_text"),
    [
        ("title", "Ocrelizumab", True),  # of a page that was open before forms had seals
        ("registration_number", "1234567", True),
        ("name", "Ann", True),
        ("comment", "two words", True),
        ("action", "delete", False),
        ("revision", "2", False),
        ("next", "/pages/a-page/", False),
        ("sha256", "a" * 64, False),
        ("email", "reader@clinic.example", False),
        ("password1", "Correct Horse", False),
        ("code", "1234-5678", False),
        ("csrfmiddlewaretoken", "Abc123", False),
    ],
)
def test_in_a_form_without_a_seal_what_a_button_sends_is_no_text(name, value, is_text):
    assert Seal().is_text(name, value) is is_text

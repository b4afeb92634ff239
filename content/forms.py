from django import forms

from .models import ErrorReport


class ErrorReportForm(forms.ModelForm):
    """What is wrong on a page, and where to answer."""

    text = forms.CharField(
        label="What is wrong?",
        max_length=4_000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text="Say which sentence or number, and what it should be. Do not include anything that could identify "
        "a patient.",
        error_messages={"required": "Say what is wrong, then send it."},
    )
    email = forms.EmailField(label="Your email address", required=False, help_text="Only if you would like an answer.")

    def clean_email(self) -> str:
        """An address that can stand in the head of an email."""
        email = str(self.cleaned_data["email"])
        if not email.isprintable():
            raise forms.ValidationError("Enter a valid email address.")
        return email

    class Meta:
        model = ErrorReport
        fields = ["text", "email"]

import json
from collections import Counter
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.socialaccount.adapter import get_adapter as get_social_adapter
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.adapter import get_adapter as get_session_adapter
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from . import audit
from .forms import DeletionForm, ProfileForm
from .http import Request
from .models import KEPT_FOR, User
from .personal_data import deletion, download
from .seal import Seal
from .session.middleware import background_request
from .session.unsaved_text import put_back, put_back_address, takes_text_back
from .sign_in.reauthentication import reauthentication_required


@require_safe
@login_required
def account_overview(request: Request) -> HttpResponse:
    """Show the account's overview: what we have about the person and how they sign in, with links to change each."""
    factors = Counter(Authenticator.objects.filter(user=request.user).values_list("type", flat=True))
    connections = SocialAccount.objects.filter(user=request.user).count()
    context = {
        "authenticator_app": factors[Authenticator.Type.TOTP],
        "passkeys": factors[Authenticator.Type.WEBAUTHN],
        "recovery_codes": factors[Authenticator.Type.RECOVERY_CODES],
        "devices": max(1, len(UserSession.objects.purge_and_list(request.user))),  # this one, at least
        "connections": connections,
        "may_connect": connections or get_social_adapter().list_providers(request),
    }
    return render(request, "accounts/account_overview.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@takes_text_back
def profile(request: HttpRequest) -> HttpResponse:
    """Show and save the person's profile, and show whether their registration is verified."""
    # A second copy of the row: a refused form has changed it, and the page around it shows the person as stored.
    account = get_object_or_404(User, pk=request.user.pk)
    typed = put_back(request, request.path, ProfileForm.base_fields)
    form = ProfileForm(request.POST if request.method == "POST" else None, instance=account, initial=typed)
    if form.is_valid():
        form.save()
        if form.changed_data:
            audit.record("profile_changed", account=account, fields=",".join(form.changed_data))
        messages.success(request, "Your profile has been saved.")
        return redirect("account-profile")
    return render(request, "accounts/profile_edit.html", {"form": form})


@require_POST
@login_required
def session_end(request: Request, pk: int) -> HttpResponse:
    """Sign out one of the person's other devices; 404 for this device and for anyone else's."""
    others = UserSession.objects.filter(user=request.user).exclude(session_key=request.session.session_key)
    session = get_object_or_404(others, pk=pk)
    get_session_adapter().end_sessions([session])
    messages.success(request, "That device has been signed out.")
    return redirect("usersessions_list")


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@reauthentication_required
def account_download(request: Request) -> HttpResponse:
    """Say what the person's file contains; POST sends it."""
    if request.method != "POST":
        return render(request, "accounts/account_download.html", {"not_here": download.not_in_file()})
    response = HttpResponse(download.make_file(request.user), content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="{download.file_name()}"'
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@reauthentication_required
def account_delete(request: Request) -> HttpResponse:
    """Say what is deleted and what stays; POST deletes the account, and the site's cookies in this browser."""
    form = DeletionForm(request.POST if request.method == "POST" else None)
    obstacle = deletion.find_obstacle(request.user)
    if form.is_valid() and not obstacle:
        try:
            deletion.delete_account(user=request.user, by=request.user)
        except deletion.Refused as refusal:
            obstacle = str(refusal)
        else:
            return _leave(request)
    context: dict[str, Any] = {"form": form, "obstacle": obstacle}
    context |= vars(deletion.find_consequences(request.user))
    return render(request, "accounts/account_delete.html", context, status=422 if form.is_bound else 200)


@require_safe
def account_deleted(request: Request) -> HttpResponse:
    """Confirm to the person that their account has been deleted."""
    if request.user.is_authenticated:
        return redirect("account-overview")
    return render(request, "accounts/account_deleted.html")


def _leave(request: Request) -> HttpResponse:
    """End the session of a person whose account has been deleted, and clear every cookie of this site."""
    logout(request)
    response = redirect("account-deleted")
    for name in request.COOKIES:
        response.delete_cookie(name)
    return response


@background_request
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def session_left(request: Request) -> HttpResponse:
    """Return as JSON the id of the signed-in user, the seconds left in their session and their CSRF token.

    For a visitor, the id is null. A POST counts as activity: the page sends it while the person types.
    """
    if not request.session_lifetime:
        return JsonResponse({"person": None, "seconds": 0})
    return JsonResponse(
        {"person": request.user.pk, "seconds": request.session_lifetime.seconds_left, "token": get_token(request)}
    )


@require_safe
@login_required
def unsaved(request: Request) -> HttpResponse:
    """Show the text that the person had not saved when they were signed out, each with the way back into its form."""
    texts = [(kept, put_back_address(kept)) for kept in request.user.unsaved_texts.active()]
    context = {"texts": texts, "days": KEPT_FOR.days}
    return render(request, "accounts/unsaved.html", context)


@csrf_exempt  # the page's seal is the proof, and is valid when the session has ended
@require_POST
def unsaved_keep(request: HttpRequest) -> HttpResponse:
    """Keep the text that a page's script sends, for the owner of that page's seal, whoever is signed in now."""
    try:
        sent = json.loads(request.body)
        token = str(sent["seal"])
        owner, seal = User.objects.from_seal(token), Seal.read(token)
        texts = [
            (str(each.get("form", "")), (str(each["label"]), str(each["text"]), str(each["name"])))
            for each in sent["texts"]
            if seal.is_text(str(each["name"]), str(each["text"]))
        ]
        for form in dict.fromkeys(form for form, _ in texts):
            owner.keep_unsaved(str(sent["address"]), [text for each, text in texts if each == form], form)
    except (User.DoesNotExist, ValueError, KeyError, TypeError, RecursionError):
        return HttpResponseBadRequest()
    return HttpResponse(status=204)


@require_POST
@login_required
def unsaved_delete(request: Request, pk: int) -> HttpResponse:
    """Delete one of the person's own kept texts; 404 for anyone else's."""
    get_object_or_404(request.user.unsaved_texts, pk=pk).delete()
    messages.success(request, "Text discarded.")
    return redirect("account-unsaved")

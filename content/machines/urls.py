from django.urls import path

from . import views

urlpatterns = [
    path("pages/<slug:slug>/history/<int:number>/cite.<str:form>", views.version_cite, name="version-cite"),
]

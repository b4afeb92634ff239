from datetime import date

from django.urls import include, path, register_converter

from . import views


class DayConverter:
    """A day as yyyy-mm-dd. An address with a day that does not exist is a 404."""

    regex = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
    to_python = staticmethod(date.fromisoformat)
    to_url = staticmethod(date.isoformat)


register_converter(DayConverter, "day")

urlpatterns = [
    path("", views.home, name="home"),
    path("changes/", views.changes, name="changes"),
    path("pages/", views.page_list, name="page-list"),
    path("pages/<slug:slug>/", views.page_detail, name="page-detail"),
    path("pages/<slug:slug>/history/", views.page_history, name="page-history"),
    path("pages/<slug:slug>/history/<int:number>/", views.version_detail, name="version-detail"),
    path("pages/<slug:slug>/history/<int:number>/references.json", views.version_references, name="version-references"),
    path("pages/<slug:slug>/history/<int:number>/report/", views.error_report, name="error-report"),
    path("pages/<slug:slug>/history/<int:old>..<int:new>/", views.version_compare, name="version-compare"),
    path("pages/<slug:slug>/history/compare/", views.version_choose, name="version-choose"),
    path("pages/<slug:slug>/on/<day:day>/", views.page_on, name="page-on"),
    path("search/", views.search, name="search"),
    path("search/suggest/", views.suggest, name="search-suggest"),
    path("search/tell/", views.missing_page, name="search-tell"),
    path("code/<str:system>/<str:code>/", views.code, name="code"),
    path("infobutton/", views.infobutton, name="infobutton"),
    path("opensearch.xml", views.opensearch, name="opensearch"),
    path("about/<slug:slug>/", views.about_detail, name="about-detail"),
    path("", include("content.machines.urls")),
]

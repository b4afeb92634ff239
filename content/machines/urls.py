from django.contrib.sitemaps.views import sitemap
from django.urls import path

from . import views
from .feeds import LatestChanges, TopicChanges
from .sitemaps import SITEMAPS
from .views import by_content

urlpatterns = [
    path("pages/<slug:slug>/history/<int:number>/cite.<str:form>", views.version_cite, name="version-cite"),
    path("pages/<slug:slug>/source.md", views.page_source, name="page-source"),
    path("feed/", by_content(LatestChanges()), name="feed"),
    path("topics/<slug:slug>/feed/", by_content(TopicChanges()), name="topic-feed"),
    path("sitemap.xml", by_content(sitemap), {"sitemaps": SITEMAPS}, name="sitemap"),
    path("robots.txt", views.robots, name="robots"),
    path(".well-known/security.txt", views.security, name="security"),
]

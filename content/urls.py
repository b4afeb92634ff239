from django.urls import path

from . import views

urlpatterns = [
    path("", views.home, name="home"),
    path("pages/<slug:slug>/", views.page_detail, name="page-detail"),
    path("pages/<slug:slug>/history/", views.page_history, name="page-history"),
    path("pages/<slug:slug>/history/<int:number>/", views.version_detail, name="version-detail"),
    path("pages/<slug:slug>/history/<int:number>/report/", views.error_report, name="error-report"),
    path("about/<slug:slug>/", views.about_detail, name="about-detail"),
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
]

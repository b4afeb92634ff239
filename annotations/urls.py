from django.urls import path

from . import views

urlpatterns = [
    path("pages/<slug:slug>/annotations/", views.annotation_add, name="annotation-add"),
    path("annotations/<int:pk>/", views.annotation_edit, name="annotation-edit"),
]

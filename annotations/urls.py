from django.urls import path

from . import views

urlpatterns = [
    path("pages/<slug:slug>/annotations/", views.annotation_add, name="annotation-add"),
    path("pages/<slug:slug>/annotations/still-correct/", views.annotations_confirm, name="annotations-confirm"),
    path("annotations/", views.annotation_list, name="annotation-list"),
    path("annotations/export.<slug:form>", views.annotation_export, name="annotation-export"),
    path("annotations/<int:pk>/", views.annotation_edit, name="annotation-edit"),
]

"""What is attacked: a table of each kind of value, and its neighbours."""

from __future__ import annotations

import dorm


class Folder(dorm.Model):
    title = dorm.CharField(max_length=50, unique=True)

    class Meta:
        app_label = "security"


class Paper(dorm.Model):
    name = dorm.CharField(max_length=50, unique=True)
    age = dorm.IntegerField(default=30)
    data = dorm.JSONField(null=True)
    born = dorm.DateField(null=True)
    joined = dorm.DateTimeField(null=True)
    folder = dorm.ForeignKey(Folder, on_delete=dorm.CASCADE, null=True)
    folders = dorm.ManyToManyField(Folder, related_name="copies")

    class Meta:
        app_label = "security"


ALL = (Folder, Paper)

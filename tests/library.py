"""The models that tests of queries share: a small library.

A model of a test may point here with ``DO_NOTHING`` and ``related_name="+"`` only: others would change what deleting
means for every test.
"""

from __future__ import annotations

import dorm


class Publisher(dorm.Model):
    name = dorm.CharField(max_length=50)
    city = dorm.CharField(max_length=50, null=True)

    class Meta:
        app_label = "library"
        ordering = ("name",)


class Author(dorm.Model):
    name = dorm.CharField(max_length=50)
    age = dorm.IntegerField(default=30)
    email = dorm.EmailField(null=True)
    active = dorm.BooleanField(default=True)
    joined = dorm.DateTimeField(null=True)
    salary = dorm.DecimalField(max_digits=8, decimal_places=2, null=True)
    publisher = dorm.ForeignKey(Publisher, on_delete=dorm.SET_NULL, null=True)
    mentor = dorm.ForeignKey("self", on_delete=dorm.SET_NULL, null=True, related_name="students")

    class Meta:
        app_label = "library"


class Book(dorm.Model):
    title = dorm.CharField(max_length=50, unique=True)
    pages = dorm.IntegerField(null=True)
    published = dorm.DateField(null=True)
    author = dorm.ForeignKey(Author, on_delete=dorm.CASCADE)
    editor = dorm.ForeignKey(Author, on_delete=dorm.SET_NULL, null=True, related_name="edited")

    class Meta:
        app_label = "library"


class Profile(dorm.Model):
    author = dorm.OneToOneField(Author, on_delete=dorm.CASCADE, related_name="profile")
    site = dorm.CharField(max_length=50)

    class Meta:
        app_label = "library"


ALL = (Publisher, Author, Book, Profile)

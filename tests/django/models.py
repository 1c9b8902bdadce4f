"""The models of the comparison, written once and defined twice: with Django's ``models``, and with dorm."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

LABEL = "compared"


def define(models: Any) -> SimpleNamespace:
    """The model classes, by name and in an order in which their tables can be made."""

    class Publisher(models.Model):
        name = models.CharField(max_length=50)
        city = models.CharField(max_length=50, null=True)
        founded = models.DateField(null=True)

        class Meta:
            app_label = LABEL

    class Tag(models.Model):
        name = models.CharField(max_length=20, unique=True)
        parent = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, related_name="children")

        class Meta:
            app_label = LABEL
            ordering = ("name",)

    class Author(models.Model):
        name = models.CharField(max_length=50)
        age = models.IntegerField(default=30)
        email = models.EmailField(null=True)
        active = models.BooleanField(default=True)
        verified = models.BooleanField(null=True)
        joined = models.DateTimeField(null=True)
        born = models.DateField(null=True)
        wakes = models.TimeField(null=True)
        salary = models.DecimalField(max_digits=8, decimal_places=2, null=True)
        score = models.FloatField(null=True)
        pause = models.DurationField(null=True)
        publisher = models.ForeignKey(Publisher, on_delete=models.SET_NULL, null=True)
        mentor = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, related_name="students")
        friends = models.ManyToManyField("self")
        follows = models.ManyToManyField("self", symmetrical=False, related_name="followers")

        class Meta:
            app_label = LABEL
            get_latest_by = "joined"

    class Profile(models.Model):
        author = models.OneToOneField(Author, on_delete=models.CASCADE, related_name="profile")
        site = models.CharField(max_length=50)
        bio = models.TextField()

        class Meta:
            app_label = LABEL

    class Book(models.Model):
        title = models.CharField(max_length=50)
        code = models.UUIDField(unique=True)
        pages = models.IntegerField(null=True)
        price = models.DecimalField(max_digits=6, decimal_places=2)
        published = models.DateField(null=True)
        added = models.DateTimeField()
        author = models.ForeignKey(Author, on_delete=models.CASCADE)
        editor = models.ForeignKey(Author, on_delete=models.SET_NULL, null=True, related_name="edited")
        publisher = models.ForeignKey(Publisher, on_delete=models.PROTECT, null=True, related_name="books")
        tags = models.ManyToManyField(Tag, related_name="books")

        class Meta:
            app_label = LABEL

    class Review(models.Model):
        book = models.ForeignKey(Book, on_delete=models.CASCADE, related_name="reviews", related_query_name="review")
        reviewer = models.ForeignKey(Author, on_delete=models.SET_NULL, null=True, related_name="reviews")
        stars = models.IntegerField()
        text = models.TextField(default="")
        posted = models.DateTimeField()

        class Meta:
            app_label = LABEL
            ordering = ("-stars", "id")

    class Club(models.Model):
        name = models.CharField(max_length=30)
        members = models.ManyToManyField(Author, through="Membership", related_name="clubs")

        class Meta:
            app_label = LABEL

    class Membership(models.Model):
        club = models.ForeignKey(Club, on_delete=models.CASCADE)
        author = models.ForeignKey(Author, on_delete=models.CASCADE)
        since = models.DateField()
        fee = models.DecimalField(max_digits=5, decimal_places=2)

        class Meta:
            app_label = LABEL

    return SimpleNamespace(
        Publisher=Publisher,
        Tag=Tag,
        Author=Author,
        Profile=Profile,
        Book=Book,
        Review=Review,
        Club=Club,
        Membership=Membership,
    )

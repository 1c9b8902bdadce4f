"""What is written: what the call gives, and what the tables hold afterwards."""

from __future__ import annotations

import datetime
from decimal import Decimal

from tests.django.comparing import compare, each
from tests.django.rows import code, moment


def _then(given, *querysets):
    """What the call gave, and then what the query sets find."""
    return (given, *(list(queryset) for queryset in querysets))


def _authors(m, *fields):
    return m.Author.objects.order_by("name").values_list(*fields)


def _count(m):
    return [
        model.objects.count() for model in (m.Author, m.Book, m.Review, m.Profile, m.Tag, m.Publisher, m.Membership)
    ]


def _made(pair):
    instance, created = pair
    return instance.name, created


WRITES = (
    lambda m: _then(m.Author.objects.update(age=1), _authors(m, "age")),
    lambda m: _then(m.Author.objects.filter(age=30).update(age=m.F("age") + 1), _authors(m, "age")),
    lambda m: _then(
        m.Author.objects.update(age=m.F("age") / 2, salary=m.F("salary") * 2), _authors(m, "age", "salary")
    ),
    lambda m: _then(m.Author.objects.update(name=m.Upper("name")), _authors(m, "pk")),
    lambda m: _then(m.Author.objects.filter(age=1).update(age=2)),
    lambda m: _then(m.Author.objects.none().update(age=2)),
    lambda m: _then(m.Author.objects.update(publisher=2), _authors(m, "publisher")),
    lambda m: _then(m.Author.objects.update(publisher_id=2), _authors(m, "publisher")),
    lambda m: _then(m.Author.objects.update(publisher=m.Publisher.objects.get(pk=3)), _authors(m, "publisher")),
    lambda m: _then(m.Author.objects.update(mentor=None, email=None), _authors(m, "mentor", "email")),
    lambda m: _then(m.Author.objects.update(salary="12.345"), _authors(m, "salary")),
    lambda m: _then(m.Author.objects.update(score=3), _authors(m, "score")),
    lambda m: _then(m.Author.objects.update(active=m.Q(age__gt=30)), _authors(m, "active")),
    lambda m: _then(
        m.Author.objects.update(age=m.Case(m.When(age=30, then=1), default=m.F("age"))), _authors(m, "age")
    ),
    lambda m: _then(m.Author.objects.filter(book__pages=100).update(age=0), _authors(m, "age")),
    lambda m: _then(m.Author.objects.exclude(book__pages=100).update(age=0), _authors(m, "age")),
    lambda m: _then(m.Author.objects.filter(mentor__name="Ann").update(age=0), _authors(m, "age")),
    lambda m: _then(m.Author.objects.annotate(n=m.Count("book")).filter(n__gt=1).update(age=0), _authors(m, "age")),
    lambda m: _then(m.Author.objects.annotate(x=m.F("age") + 1).update(age=m.F("x")), _authors(m, "age")),
    lambda m: _then(
        m.Author.objects.update(email=m.Subquery(m.Profile.objects.filter(author=m.OuterRef("pk")).values("site"))),
        _authors(m, "email"),
    ),
    lambda m: _then(m.Author.objects.order_by("-pk").update(age=3), _authors(m, "age")),
    lambda m: _then(m.Author.objects.update(joined=m.F("joined") + datetime.timedelta(1)), _authors(m, "joined")),
    lambda m: _then(m.Tag.objects.filter(name="crime").update(name="noir"), m.Tag.objects.values("name")),
    lambda m: _then(
        m.Review.objects.filter(book__author__name="Ann").update(stars=0), m.Review.objects.values("pk", "stars")
    ),
    lambda m: _then(m.Review.objects.all().delete(), _count(m)),
    lambda m: _then(m.Review.objects.filter(stars=5).delete(), _count(m)),
    lambda m: _then(m.Review.objects.filter(stars=50).delete(), _count(m)),
    lambda m: _then(m.Review.objects.none().delete(), _count(m)),
    lambda m: _then(m.Review.objects.filter(book__author__name="Ann").delete(), _count(m)),
    lambda m: _then(m.Book.objects.filter(pk=1).delete(), _count(m)),
    lambda m: _then(m.Book.objects.all().delete(), _count(m)),
    lambda m: _then(m.Book.objects.exclude(tags=1).delete(), _count(m)),
    lambda m: _then(m.Author.objects.filter(pk=1).delete(), _count(m), _authors(m, "mentor")),
    lambda m: _then(m.Author.objects.all().delete(), _count(m)),
    lambda m: _then(m.Author.objects.get(pk=5).delete(), _count(m)),
    lambda m: _then(m.Author.objects.annotate(n=m.Count("book")).filter(n=0).delete(), _count(m)),
    lambda m: _then(m.Tag.objects.get(pk=1).delete(), _count(m), m.Tag.objects.values("parent")),
    lambda m: _then(m.Publisher.objects.filter(pk=4).delete(), _count(m)),
    lambda m: m.Publisher.objects.filter(pk=1).delete(),
    lambda m: m.Publisher.objects.all().delete(),
    lambda m: m.Publisher.objects.get(pk=2).delete(),
    lambda m: _then(m.Club.objects.get(pk=1).delete(), _count(m)),
    lambda m: m.Author.objects.create(name="New").age,
    lambda m: _then(
        m.Author.objects.create(name="New", publisher_id=1, mentor=m.Author.objects.get(pk=2)).name,
        _authors(m, "name", "mentor"),
    ),
    lambda m: _then(
        m.Author.objects.create(name="N", salary=Decimal("1.5"), joined=moment(2024, 1, 1)).salary,
        _authors(m, "salary", "joined"),
    ),
    lambda m: _then(
        m.Author.objects.create(name="N", born="2024-01-01", wakes="01:02", age="7").age,
        _authors(m, "born", "wakes", "age"),
    ),
    lambda m: _then(m.Author.objects.create(name=m.Lower(m.Value("LOW"))).pk is None, _authors(m, "name")),
    lambda m: m.Tag.objects.create(name="crime"),
    lambda m: m.Book.objects.create(title="No author", code=code(99), price=1, added=moment(2024, 1, 1)),
    lambda m: m.Author.objects.create(name=None),
    lambda m: m.Author.objects.create(pk=1, name="Again"),
    lambda m: _made(m.Tag.objects.get_or_create(name="crime")),
    lambda m: _then(
        _made(m.Tag.objects.get_or_create(name="new", defaults={"parent_id": 1})), m.Tag.objects.values("parent")
    ),
    lambda m: _then(
        _made(m.Tag.objects.get_or_create(name__iexact="NEW", defaults={"name": "new"})), m.Tag.objects.values("name")
    ),
    lambda m: _made(m.Author.objects.get_or_create(age=45)),
    lambda m: _then(
        _made(m.Tag.objects.update_or_create(name="crime", defaults={"parent_id": 4})), m.Tag.objects.values("parent")
    ),
    lambda m: _then(
        _made(m.Tag.objects.update_or_create(name="new", defaults={"parent_id": 4})), m.Tag.objects.values("parent")
    ),
    lambda m: _then(_made(m.Tag.objects.update_or_create({"name": "x"}, name="new")), m.Tag.objects.values("name")),
    lambda m: _then(
        _made(m.Tag.objects.update_or_create(name="n", defaults={"parent": None}, create_defaults={"parent_id": 1})),
        m.Tag.objects.values("parent"),
    ),
    lambda m: _then(
        len(m.Tag.objects.bulk_create([m.Tag(name="a"), m.Tag(name="b", parent_id=1)])),
        m.Tag.objects.values("name", "parent"),
    ),
    lambda m: m.Tag.objects.bulk_create([]),
    lambda m: len(m.Tag.objects.bulk_create((m.Tag(name=str(n)) for n in range(5)), batch_size=2)),
    lambda m: m.Tag.objects.bulk_create([m.Tag(name="crime")]),
    lambda m: _then(
        len(
            m.Tag.objects.bulk_create(
                [m.Tag(name="new", parent_id=1), m.Tag(name="crime", parent_id=4)], ignore_conflicts=True
            )
        ),
        m.Tag.objects.order_by("name").values("name", "parent"),
    ),
    lambda m: _then(
        len(
            m.Tag.objects.bulk_create(
                [m.Tag(name="new", parent_id=1), m.Tag(name="crime", parent_id=4)],
                update_conflicts=True,
                unique_fields=["name"],
                update_fields=["parent"],
            )
        ),
        m.Tag.objects.order_by("name").values("name", "parent"),
    ),
    lambda m: _then(
        len(
            m.Tag.objects.bulk_create(
                [m.Tag(name="new", parent_id=1), m.Tag(name="crime", parent_id=4)], 1, False, True, ["parent"], ["name"]
            )
        ),
        m.Tag.objects.order_by("name").values("name", "parent"),
    ),
    lambda m: [
        one.pk is None
        for one in m.Tag.objects.bulk_create(
            [m.Tag(name="new", parent_id=1), m.Tag(name="crime", parent_id=4)], ignore_conflicts=True
        )
    ],
    lambda m: [
        one.name
        for one in m.Tag.objects.filter(
            pk__in=[
                one.pk
                for one in m.Tag.objects.bulk_create(
                    [m.Tag(name="new", parent_id=1), m.Tag(name="crime", parent_id=4)],
                    update_conflicts=True,
                    unique_fields=["name"],
                    update_fields=["parent"],
                )
            ]
        )
    ],
    lambda m: m.Tag.objects.bulk_create([m.Tag(name="x")], ignore_conflicts=True, update_conflicts=True),
    lambda m: m.Tag.objects.bulk_create([m.Tag(name="x")], update_conflicts=True, unique_fields=["name"]),
    lambda m: m.Tag.objects.bulk_create([m.Tag(name="x")], update_conflicts=True, update_fields=["name"]),
    lambda m: m.Tag.objects.bulk_create(
        [m.Tag(name="x")], update_conflicts=True, update_fields=["id"], unique_fields=["name"]
    ),
    lambda m: m.Tag.objects.bulk_create(
        [m.Tag(name="x")], update_conflicts=True, update_fields=["nope"], unique_fields=["name"]
    ),
    lambda m: len(m.Tag.objects.bulk_create([m.Tag(name="x")], update_fields=["parent"])),
    lambda m: _then(
        m.Author.objects.bulk_update([m.Author(pk=1, age=1), m.Author(pk=2, age=2)], ["age"]), _authors(m, "age")
    ),
    lambda m: _then(m.Author.objects.bulk_update([m.Author(pk=1, age=m.F("age") + 1)], ["age"]), _authors(m, "age")),
    lambda m: m.Author.objects.bulk_update([], ["age"]),
    lambda m: _then(
        m.Author.objects.filter(active=True).bulk_update([m.Author(pk=3, age=1), m.Author(pk=1, age=9)], ["age"]),
        _authors(m, "age"),
    ),
    lambda m: _then(
        m.Author.objects.get(pk=1).students.bulk_update([m.Author(pk=3, age=1), m.Author(pk=1, age=9)], ["age"]),
        _authors(m, "age"),
    ),
    lambda m: m.Author.objects.all()[:2].bulk_update([m.Author(pk=3, age=1)], ["age"]),
    lambda m: _then(m.Author.objects.update(active=~m.F("active")), _authors(m, "active")),
    lambda m: _then(m.Author.objects.update(verified=~m.F("verified")), _authors(m, "verified")),
    lambda m: m.Author.objects.update(age=m.F("mentor__age")),
    lambda m: _then(
        m.Author.objects.bulk_update([m.Author(pk=1, publisher_id=3, mentor=None)], ["publisher", "mentor"]),
        _authors(m, "publisher", "mentor"),
    ),
    lambda m: _then(m.Book.objects.get(pk=1).tags.add(3, m.Tag.objects.get(pk=1)), m.Book.objects.get(pk=1).tags.all()),
    lambda m: _then(m.Book.objects.get(pk=1).tags.remove(1), m.Book.objects.get(pk=1).tags.all()),
    lambda m: _then(m.Book.objects.get(pk=1).tags.set([2, 5]), m.Book.objects.get(pk=1).tags.all()),
    lambda m: _then(m.Book.objects.get(pk=1).tags.clear(), m.Book.objects.get(pk=1).tags.all()),
    lambda m: _then(
        m.Book.objects.get(pk=1).tags.create(name="n").name, m.Book.objects.get(pk=1).tags.all().values("name")
    ),
    lambda m: _then(m.Author.objects.get(pk=4).friends.add(1), m.Author.objects.get(pk=1).friends.order_by("pk")),
    lambda m: _then(m.Author.objects.get(pk=1).friends.remove(2), m.Author.objects.get(pk=2).friends.all()),
    lambda m: _then(m.Author.objects.get(pk=4).follows.add(1), m.Author.objects.get(pk=4).followers.all()),
    lambda m: _then(m.Author.objects.get(pk=4).book_set.set(m.Book.objects.filter(pk__lt=3)), _count(m)),
    lambda m: _then(m.Author.objects.get(pk=1).students.remove(m.Author.objects.get(pk=2)), _authors(m, "mentor")),
    lambda m: _then(m.Author.objects.get(pk=1).students.clear(), _authors(m, "mentor")),
    lambda m: _then(
        m.Publisher.objects.get(pk=4).books.add(*m.Book.objects.filter(pk__lt=3)),
        m.Publisher.objects.get(pk=4).books.order_by("pk"),
    ),
    lambda m: _then(
        m.Club.objects.get(pk=3).members.add(1, through_defaults={"since": datetime.date(2024, 1, 1), "fee": 3}),
        m.Membership.objects.order_by("pk").values("club", "author", "fee"),
    ),
    lambda m: _then(m.Author(pk=1, name="Changed").save(update_fields=["name"]), _authors(m, "name", "age")),
    lambda m: m.Author(pk=99, name="X").save(force_update=True),
    lambda m: m.Author(pk=99, name="X").save(update_fields=["name"]),
    lambda m: m.Author(pk=1, name="X").save(force_insert=True),
    lambda m: m.Author(name="X").delete(),
    lambda m: m.Author.objects.get(age=30),
    lambda m: m.Author.objects.get(age=31),
)


@each(WRITES)
def test_what_is_written_is_the_same(worlds, query):
    compare(worlds, query)

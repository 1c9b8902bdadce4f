"""Authors, who taught whom, who follows whom, and what they write."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dorm import Avg, Count, DenseRank, Exists, F, Max, Min, OuterRef, Q, Subquery, Sum, Window
from tests.questions import tree
from tests.questions.asking import by_hand, undone
from tests.questions.tree import Article, Author, Category, Profile

if TYPE_CHECKING:
    from tests.testbed.colours import Call

SHAPE = tree


@by_hand("""
    SELECT p.name, m.name FROM tree_author p JOIN tree_author m ON m.id = p.mentor_id
    WHERE p.born < m.born - 40 ORDER BY p.name
""")
def test_who_is_much_older_than_the_mentor():
    return Author.objects.filter(born__lt=F("mentor__born") - 40).order_by("name").values_list("name", "mentor__name")


@by_hand("""
    SELECT m.name, COUNT(p.id), MIN(p.born), MAX(p.born) FROM tree_author m JOIN tree_author p ON p.mentor_id = m.id
    GROUP BY m.id, m.name HAVING COUNT(p.id) >= 3 ORDER BY COUNT(p.id) DESC, m.name
""")
def test_who_has_many_pupils():
    counted = Author.objects.annotate(n=Count("pupils"), first=Min("pupils__born"), last=Max("pupils__born"))
    return counted.filter(n__gte=3).order_by("-n", "name").values_list("name", "n", "first", "last")


@by_hand("""
    SELECT a.name FROM tree_author a WHERE a.mentor_id IS NULL
      AND NOT EXISTS (SELECT 1 FROM tree_author p WHERE p.mentor_id = a.id) ORDER BY a.name
""")
def test_who_has_neither_mentor_nor_pupil():
    return Author.objects.filter(mentor=None, pupils=None).order_by("name").values_list("name", flat=True)


@by_hand("""
    SELECT a.name FROM tree_author a WHERE NOT EXISTS (
        SELECT 1 FROM tree_author p JOIN tree_article x ON x.author_id = p.id
        WHERE p.mentor_id = a.id AND x.score < 0.5) AND a.born > 1990 ORDER BY a.name
""")
def test_whose_pupils_never_wrote_badly():
    return Author.objects.filter(born__gt=1990).exclude(pupils__articles__score__lt=0.5).order_by("name").values("name")


@by_hand("""
    SELECT x.from_author_id, x.to_author_id FROM tree_author_follows x
    JOIN tree_author_follows y ON y.from_author_id = x.to_author_id AND y.to_author_id = x.from_author_id
    WHERE x.from_author_id < x.to_author_id ORDER BY 1, 2
""")
def test_who_follow_each_other():
    back = Author.objects.filter(pk=OuterRef("to_author"), follows=OuterRef("from_author"))
    links = Author.follows.through.objects.filter(Exists(back), from_author__lt=F("to_author"))
    return links.order_by("from_author", "to_author").values_list("from_author", "to_author")


@by_hand("""
    SELECT a.id, (SELECT COUNT(*) FROM tree_author_follows f WHERE f.to_author_id = a.id),
           (SELECT COUNT(*) FROM tree_author_follows f WHERE f.from_author_id = a.id)
    FROM tree_author a WHERE (SELECT COUNT(*) FROM tree_author_follows f WHERE f.to_author_id = a.id) >= 11
    ORDER BY 2 DESC, 1
""")
def test_who_is_followed_most():
    counted = Author.objects.annotate(n=Count("followers", distinct=True), own=Count("follows", distinct=True))
    return counted.filter(n__gte=11).order_by("-n", "id").values_list("id", "n", "own")


@by_hand("""
    SELECT DISTINCT a.name FROM tree_author a JOIN tree_author_follows f ON f.from_author_id = a.id
    WHERE f.to_author_id = a.mentor_id ORDER BY a.name
""")
def test_who_follows_the_mentor():
    return Author.objects.filter(follows=F("mentor")).distinct().order_by("name").values_list("name")


@by_hand("""
    SELECT a.name FROM tree_author a WHERE a.born > 1980
      AND NOT EXISTS (SELECT 1 FROM tree_author_follows f JOIN tree_author b ON b.id = f.to_author_id
                      WHERE f.from_author_id = a.id AND b.born > 1980) ORDER BY a.name
""")
def test_who_of_the_young_follows_nobody_young():
    return Author.objects.filter(born__gt=1980).exclude(follows__born__gt=1980).order_by("name").values_list("name")


@by_hand("""
    SELECT a.name, COUNT(x.id), SUM(x.words), AVG(x.score) FROM tree_author a LEFT JOIN tree_article x
    ON x.author_id = a.id AND x.published IS NOT NULL WHERE a.id % 20 = 3 GROUP BY a.id, a.name ORDER BY a.name
""")
def test_how_much_did_some_authors_publish():
    out = Q(articles__published__isnull=False)
    found = (
        Author.objects.alias(rest=F("pk") % 20)
        .filter(rest=3)
        .annotate(
            n=Count("articles", filter=out),
            words=Sum("articles__words", filter=out),
            mean=Avg("articles__score", filter=out),
        )
    )
    return found.order_by("name").values_list("name", "n", "words", "mean")


@by_hand("""
    SELECT a.name FROM tree_author a WHERE (
        SELECT COUNT(DISTINCT c.parent_id) FROM tree_article x JOIN tree_article_categories j ON j.article_id = x.id
        JOIN tree_category c ON c.id = j.category_id WHERE x.author_id = a.id AND c.parent_id < 5
    ) = (SELECT COUNT(*) FROM tree_category p WHERE p.id < 5 AND EXISTS (
        SELECT 1 FROM tree_category c WHERE c.parent_id = p.id)) AND a.born < 1950 ORDER BY a.name
""")
async def test_who_wrote_below_every_root(call: Call):
    roots = await call(Category.objects.filter(parent=None, children__isnull=False).distinct(), "count")
    place = "articles__categories__parent"
    below = Author.objects.filter(born__lt=1950, **{f"{place}__parent": None}).annotate(n=Count(place, distinct=True))
    return await call.list(below.filter(n=roots).order_by("name").values_list("name"))


@by_hand("""
    SELECT a.name, p.motto, c.name FROM tree_author a JOIN tree_profile p ON p.author_id = a.id
    LEFT JOIN tree_category c ON c.id = p.favourite_id WHERE p.motto = 'motto 6' ORDER BY a.name
""")
async def test_what_do_those_of_a_motto_like(call: Call):
    found = Author.objects.filter(profile__motto="motto 6").select_related("profile__favourite").order_by("name")
    return [
        (one.name, one.profile.motto, one.profile.favourite and one.profile.favourite.name)
        for one in await call.list(found)
    ]


@by_hand("""
    SELECT COUNT(*) FROM tree_author a LEFT JOIN tree_profile p ON p.author_id = a.id
    WHERE p.author_id IS NULL OR p.favourite_id IS NULL
""")
async def test_how_many_like_nothing(call: Call):
    return await call(Author.objects.filter(Q(profile=None) | Q(profile__favourite=None)), "count")


@by_hand("""
    SELECT p.author_id FROM tree_profile p WHERE EXISTS (
        SELECT 1 FROM tree_article x JOIN tree_article_categories j ON j.article_id = x.id
        WHERE x.author_id = p.author_id AND j.category_id = p.favourite_id) ORDER BY p.author_id
""")
def test_who_wrote_about_the_favourite():
    found = Profile.objects.filter(author__articles__categories=F("favourite")).distinct()
    return found.order_by("author").values_list("author", flat=True)


@by_hand("""
    SELECT c.id, COUNT(p.author_id), MIN(a.born) FROM tree_category c JOIN tree_profile p ON p.favourite_id = c.id
    JOIN tree_author a ON a.id = p.author_id GROUP BY c.id HAVING COUNT(p.author_id) > 1 ORDER BY c.id
""")
def test_which_categories_have_several_fans():
    fans = Category.objects.annotate(n=Count("fans"), oldest=Min("fans__author__born"))
    return fans.filter(n__gt=1).order_by("pk").values_list("pk", "n", "oldest")


@by_hand("""
    SELECT decade, n, DENSE_RANK() OVER (ORDER BY n DESC) FROM (
        SELECT a.born / 10 * 10 AS decade, COUNT(*) AS n FROM tree_author a GROUP BY a.born / 10 * 10
    ) decades ORDER BY decade
""")
def test_in_which_decade_were_most_born():
    decades = Author.objects.annotate(decade=F("born") - F("born") % 10).values("decade").annotate(n=Count("*"))
    return decades.annotate(place=Window(DenseRank(), order_by=F("n").desc())).order_by("decade")


@by_hand("""
    SELECT a.id, (SELECT x.id FROM tree_article x WHERE x.author_id = a.id ORDER BY x.words DESC, x.id LIMIT 1),
           (SELECT MAX(x.words) FROM tree_article x JOIN tree_author p ON p.id = x.author_id WHERE p.mentor_id = a.id)
    FROM tree_author a WHERE a.id BETWEEN 8 AND 30 ORDER BY a.id
""")
def test_what_is_the_longest_article_of_an_author_and_of_the_pupils():
    own = Article.objects.filter(author=OuterRef("pk")).order_by("-words", "pk").values("pk")[:1]
    theirs = Article.objects.filter(author__mentor=OuterRef("pk")).order_by().values("author__mentor")
    longest = theirs.annotate(most=Max("words")).values("most")
    found = Author.objects.filter(pk__range=(8, 30)).annotate(own=Subquery(own), theirs=Subquery(longest))
    return found.order_by("pk").values_list("pk", "own", "theirs")


@by_hand("""
    SELECT a.id, b.id, c.id FROM tree_author c JOIN tree_author b ON b.id = c.mentor_id
    JOIN tree_author a ON a.id = b.mentor_id WHERE a.id < 4 ORDER BY a.id, b.id, c.id
""")
async def test_who_are_pupils_of_pupils(call: Call):
    found = Author.objects.filter(pk__lt=4).order_by("pk").prefetch_related("pupils__pupils")
    return sorted(
        (one.pk, pupil.pk, last.pk)
        for one in await call.list(found)
        for pupil in one.pupils.all()
        for last in pupil.pupils.all()
    )


@by_hand("""
    SELECT id FROM tree_author WHERE born > 1990 INTERSECT SELECT mentor_id FROM tree_author WHERE born < 1945
    ORDER BY id
""")
def test_which_young_taught_the_old():
    old = Author.objects.filter(born__lt=1945).values_list("mentor")
    return Author.objects.filter(born__gt=1990).values_list("pk").intersection(old).order_by("id")


@by_hand("SELECT id, name FROM tree_author WHERE id IN (3, 77, 150) ORDER BY id")
async def test_what_are_these_authors_called(call: Call):
    found = await call(Author.objects, "in_bulk", [150, 3, 77, 999])
    return [(key, one.name) for key, one in sorted(found.items())]


@by_hand("""
    SELECT (SELECT COUNT(*) FROM tree_author WHERE mentor_id = 2), (SELECT COUNT(*) FROM tree_article
    WHERE author_id = 2),
           (SELECT COUNT(*) FROM tree_author_follows WHERE from_author_id = 2 OR to_author_id = 2),
           (SELECT COUNT(*) FROM tree_article_tags t JOIN tree_article a ON a.id = t.article_id WHERE a.author_id = 2)
""")
async def test_what_goes_when_an_author_does(call: Call):
    pupils = Author.objects.filter(pk__in=await call.list(Author.objects.filter(mentor=2).values_list("pk", flat=True)))
    async with undone(call):
        _, gone = await call(Author.objects.filter(pk=2), "delete")
        free = await call(pupils.filter(mentor=None), "count")
    return (free, gone["tree.Article"], gone["tree.Author_follows"], gone["tree.Article_tags"])

"""Articles, their categories, tags and relatives: many-to-many relations, also to themselves."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from dorm import (
    Avg,
    Case,
    Count,
    Exists,
    F,
    Max,
    OuterRef,
    Prefetch,
    Q,
    RowNumber,
    Subquery,
    Sum,
    TruncYear,
    Value,
    When,
    Window,
)
from tests.questions import tree
from tests.questions.asking import by_hand, undone
from tests.questions.tree import Article, Author, Category, Tag

if TYPE_CHECKING:
    from tests.testbed.colours import Call

SHAPE = tree


@by_hand("""
    SELECT a.id FROM tree_article a
    WHERE EXISTS (SELECT 1 FROM tree_article_tags t WHERE t.article_id = a.id AND t.tag_id = 3)
      AND EXISTS (SELECT 1 FROM tree_article_tags t WHERE t.article_id = a.id AND t.tag_id = 5) ORDER BY a.id
""")
def test_which_articles_have_both_tags():
    return Article.objects.filter(tags__name="tag03").filter(tags__name="tag05").order_by("id").values_list("id")


@by_hand("""
    SELECT DISTINCT a.id FROM tree_article a JOIN tree_article_tags t ON t.article_id = a.id
    WHERE t.tag_id IN (3, 5) AND a.words > 4700 ORDER BY a.id
""")
def test_which_long_articles_have_either_tag():
    found = Article.objects.filter(tags__in=[3, 5], words__gt=4700)
    return found.distinct().order_by("id").values_list("id", flat=True)


@by_hand("""
    SELECT a.id FROM tree_article a WHERE a.words > 4800
      AND NOT EXISTS (SELECT 1 FROM tree_article_tags t WHERE t.article_id = a.id AND t.tag_id < 50) ORDER BY a.id
""")
def test_which_long_articles_have_none_of_the_first_tags():
    return Article.objects.filter(words__gt=4800).exclude(tags__pk__lt=50).order_by("id").values_list("id")


@by_hand("""
    SELECT COUNT(*) FROM tree_article a
    WHERE NOT EXISTS (SELECT 1 FROM tree_article_categories c WHERE c.article_id = a.id)
      AND NOT EXISTS (SELECT 1 FROM tree_article_tags t WHERE t.article_id = a.id)
      AND NOT EXISTS (SELECT 1 FROM tree_article_related r WHERE r.from_article_id = a.id)
""")
async def test_how_many_articles_stand_alone(call: Call):
    return await call(Article.objects.filter(categories=None, tags=None, related=None), "count")


@by_hand("""
    SELECT t.name, COUNT(*), COUNT(DISTINCT a.author_id), AVG(a.words) FROM tree_tag t
    JOIN tree_article_tags j ON j.tag_id = t.id JOIN tree_article a ON a.id = j.article_id
    GROUP BY t.id, t.name HAVING COUNT(DISTINCT a.author_id) > 85 ORDER BY COUNT(*) DESC, t.name
""")
def test_which_tags_are_used_by_many_authors():
    counted = Tag.objects.annotate(
        n=Count("articles"), authors=Count("articles__author", distinct=True), mean=Avg("articles__words")
    )
    used = counted.filter(authors__gt=85).order_by("-n", "name")
    return used.values_list("name", "n", "authors", "mean")


@by_hand("""
    SELECT name FROM tree_tag t WHERE NOT EXISTS (SELECT 1 FROM tree_article_tags j WHERE j.tag_id = t.id) ORDER BY name
""")
def test_which_tags_were_never_used():
    return Tag.objects.exclude(articles__isnull=False).order_by("name").values_list("name")


@by_hand("""
    SELECT a.id, COUNT(DISTINCT c.category_id), COUNT(DISTINCT t.tag_id) FROM tree_article a
    LEFT JOIN tree_article_categories c ON c.article_id = a.id LEFT JOIN tree_article_tags t ON t.article_id = a.id
    GROUP BY a.id HAVING COUNT(DISTINCT c.category_id) >= 3 AND COUNT(DISTINCT t.tag_id) >= 5 ORDER BY a.id
""")
def test_which_articles_are_in_many_places_and_full_of_tags():
    counted = Article.objects.annotate(places=Count("categories", distinct=True), n=Count("tags", distinct=True))
    return counted.filter(places__gte=3, n__gte=5).order_by("id").values_list("id", "places", "n")


@by_hand("""
    SELECT DISTINCT c.id FROM tree_article_related x JOIN tree_article_related y ON y.from_article_id = x.to_article_id
    JOIN tree_article c ON c.id = y.to_article_id WHERE x.from_article_id = 12 AND c.id <> 12 ORDER BY c.id
""")
async def test_what_is_related_to_what_is_related(call: Call):
    first = await call(Article.objects.filter(related__isnull=False, pk__gte=12).order_by("pk"), "first")
    far = Article.objects.filter(related__related=first).exclude(pk=first.pk)
    return await call.list(far.distinct().order_by("pk").values_list("pk"))


@by_hand("""
    SELECT a.id, r.id FROM tree_article a JOIN tree_article_related j ON j.from_article_id = a.id
    JOIN tree_article r ON r.id = j.to_article_id WHERE a.author_id = r.author_id ORDER BY a.id, r.id
""")
def test_which_related_articles_are_of_the_same_author():
    same = Article.objects.filter(author=F("related__author")).order_by("id", "related__id")
    return same.values_list("id", "related__id")


@by_hand("""
    SELECT a.id, COUNT(r.id), SUM(CASE WHEN r.words > a.words THEN 1 ELSE 0 END) FROM tree_article a
    JOIN tree_article_related j ON j.from_article_id = a.id JOIN tree_article r ON r.id = j.to_article_id
    GROUP BY a.id HAVING COUNT(r.id) >= 8 ORDER BY a.id
""")
def test_how_many_related_articles_are_longer():
    counted = Article.objects.annotate(
        n=Count("related"), longer=Count("related", filter=Q(related__words__gt=F("words")))
    )
    return counted.filter(n__gte=8).order_by("id").values_list("id", "n", "longer")


@by_hand("""
    SELECT c.name, COUNT(j.id), (SELECT COUNT(*) FROM tree_category k WHERE k.parent_id = c.id) FROM tree_category c
    LEFT JOIN tree_article_categories j ON j.category_id = c.id WHERE c.id < 20 GROUP BY c.id, c.name ORDER BY c.name
""")
def test_how_many_articles_and_children_has_a_category():
    counted = Category.objects.filter(pk__lt=20).annotate(
        n=Count("articles", distinct=True), kids=Count("children", distinct=True)
    )
    return counted.order_by("name").values_list("name", "n", "kids")


@by_hand("""
    SELECT p.name, COUNT(DISTINCT j.article_id) FROM tree_category p JOIN tree_category c ON c.parent_id = p.id
    JOIN tree_article_categories j ON j.category_id = c.id GROUP BY p.id, p.name ORDER BY 2 DESC, p.name LIMIT 5
""")
def test_below_which_categories_are_most_articles():
    below = Category.objects.annotate(n=Count("children__articles", distinct=True))
    return below.order_by("-n", "name").values_list("name", "n")[:5]


@by_hand("""
    SELECT r.name, k.name, c.name FROM tree_category c JOIN tree_category k ON k.id = c.parent_id
    JOIN tree_category r ON r.id = k.parent_id WHERE r.parent_id IS NULL AND c.id % 7 = 0
    ORDER BY r.name, k.name, c.name
""")
async def test_what_is_above_a_category(call: Call):
    found = Category.objects.filter(parent__parent__isnull=False, parent__parent__parent=None)
    found = found.select_related("parent__parent").annotate(rest=F("pk") % 7).filter(rest=0)
    ordered = found.order_by("parent__parent__name", "parent__name", "name")
    return [(one.parent.parent.name, one.parent.name, one.name) for one in await call.list(ordered)]


@by_hand("""
    SELECT c.id FROM tree_category c WHERE NOT EXISTS (SELECT 1 FROM tree_category k WHERE k.parent_id = c.id)
      AND NOT EXISTS (SELECT 1 FROM tree_article_categories j JOIN tree_article a ON a.id = j.article_id
                      WHERE j.category_id = c.id AND a.score > 4.9) ORDER BY c.id
""")
def test_which_leaves_have_no_excellent_article():
    leaves = Category.objects.filter(children=None).exclude(articles__score__gt=4.9)
    return leaves.order_by("id").values_list("id")


@by_hand("""
    SELECT c.id, a.id FROM tree_category c JOIN tree_article_categories j ON j.category_id = c.id
    JOIN tree_article a ON a.id = j.article_id WHERE c.parent_id = 3 AND a.words > 4500
    ORDER BY c.id, a.words DESC, a.id
""")
async def test_which_long_articles_are_below_a_category(call: Call):
    long = Article.objects.filter(words__gt=4500).order_by("-words", "id")
    found = (
        Category.objects.filter(parent=3).order_by("id").prefetch_related(Prefetch("articles", long, to_attr="long"))
    )
    return [(one.pk, article.pk) for one in await call.list(found) for article in one.long]


@by_hand("""
    SELECT category_id, article_id FROM (
        SELECT j.category_id, j.article_id, ROW_NUMBER() OVER (
            PARTITION BY j.category_id ORDER BY a.words DESC, a.id) AS place
        FROM tree_article_categories j JOIN tree_article a ON a.id = j.article_id WHERE j.category_id BETWEEN 10 AND 15
    ) ranked WHERE place <= 3 ORDER BY category_id, place
""")
def test_which_three_articles_of_a_category_are_the_longest():
    place = Window(RowNumber(), partition_by="category", order_by=["-article__words", "article"])
    links = Article.categories.through.objects.filter(category__range=(10, 15)).annotate(place=place)
    return links.filter(place__lte=3).order_by("category", "place").values_list("category", "article")


@by_hand(
    """
    SELECT CAST(strftime('%Y', published) AS INTEGER), COUNT(*), AVG(score) FROM tree_article
    WHERE published IS NOT NULL GROUP BY 1 ORDER BY 1
    """,
    postgresql="""
    SELECT CAST(EXTRACT(year FROM published) AS INTEGER), COUNT(*), AVG(score) FROM tree_article
    WHERE published IS NOT NULL GROUP BY 1 ORDER BY 1
    """,
)
async def test_how_good_was_each_year(call: Call):
    years = Article.objects.exclude(published=None).annotate(year=TruncYear("published")).values("year")
    found = await call.list(years.annotate(n=Count("*"), mean=Avg("score")).order_by("year"))
    return [(one["year"].year, one["n"], one["mean"]) for one in found]


@by_hand("""
    SELECT t.name, (SELECT a.title FROM tree_article a JOIN tree_article_tags j ON j.article_id = a.id
                    WHERE j.tag_id = t.id AND a.score IS NOT NULL ORDER BY a.score DESC, a.id LIMIT 1)
    FROM tree_tag t ORDER BY t.name
""")
def test_which_article_is_the_best_of_each_tag():
    best = Article.objects.filter(tags=OuterRef("pk"), score__isnull=False).order_by("-score", "pk").values("title")[:1]
    return Tag.objects.annotate(best=Subquery(best)).order_by("name").values_list("name", "best")


@by_hand("""
    SELECT COUNT(*) FROM tree_article a WHERE EXISTS (
        SELECT 1 FROM tree_article_related r JOIN tree_article_tags s ON s.article_id = r.to_article_id
        JOIN tree_article_tags t ON t.tag_id = s.tag_id WHERE r.from_article_id = a.id AND t.article_id = a.id)
""")
async def test_how_many_share_a_tag_with_a_relative(call: Call):
    shared = Tag.objects.filter(articles__related=OuterRef("pk")).filter(articles=OuterRef("pk"))
    return await call(Article.objects.filter(Exists(shared)), "count")


@by_hand("""
    SELECT COUNT(*) FROM (SELECT article_id FROM tree_article_categories WHERE category_id = 20
    UNION SELECT article_id FROM tree_article_tags WHERE tag_id = 20) found
""")
async def test_how_many_are_in_a_category_or_have_a_tag(call: Call):
    one = Article.objects.filter(categories=20).values("pk")
    return await call(one.union(Article.objects.filter(tags=20).values("pk")), "count")


@by_hand("""
    SELECT CASE WHEN score IS NULL THEN 'none' WHEN score >= 4 THEN 'good' ELSE 'poor' END, COUNT(*), SUM(words),
           MAX(published) FROM tree_article GROUP BY 1 ORDER BY 1
""")
def test_how_much_was_written_well():
    mark = Case(When(score=None, then=Value("none")), When(score__gte=4, then=Value("good")), default=Value("poor"))
    marks = Article.objects.annotate(mark=mark).values("mark")
    return marks.annotate(n=Count("pk"), sum=Sum("words"), last=Max("published")).order_by("mark")


@by_hand("""
    SELECT COUNT(DISTINCT article_id), SUM(CASE WHEN tag_id = 9 THEN 1 ELSE 0 END) FROM tree_article_tags
    WHERE tag_id IN (8, 9)
""")
async def test_what_if_two_tags_became_one(call: Call):
    one, other = [await call(Tag.objects, "get", pk=key) for key in (8, 9)]
    async with undone(call):
        await call(one.articles, "add", *await call.list(other.articles.all()))
        _, gone = await call(other, "delete")
        return (await call(one.articles, "count"), gone["tree.Article_tags"])


@by_hand("""
    SELECT COUNT(*) FROM tree_article WHERE published >= '2023-01-01' AND score IS NOT NULL AND score + 1 <= 5
""")
async def test_how_many_would_gain_a_point(call: Call):
    recent = Article.objects.filter(published__gte=dt.date(2023, 1, 1), score__lte=5 - F("score") + F("score") - 1)
    async with undone(call):
        return await call(recent, "update", score=F("score") + 1)


@by_hand("""
    SELECT category_id, article_id FROM (
        SELECT j.category_id, j.article_id, ROW_NUMBER() OVER (
            PARTITION BY j.category_id ORDER BY a.words DESC, a.id) AS place
        FROM tree_article_categories j JOIN tree_article a ON a.id = j.article_id WHERE j.category_id BETWEEN 10 AND 15
    ) ranked WHERE place <= 3 ORDER BY category_id, place
""")
async def test_which_three_articles_each_category_shows(call: Call):
    longest = Article.objects.order_by("-words", "id")[:3]
    found = Category.objects.filter(pk__range=(10, 15)).order_by("id").prefetch_related(Prefetch("articles", longest))
    return [(one.pk, article.pk) for one in await call.list(found) for article in one.articles.all()]


@by_hand("""
    SELECT author_id, id FROM (
        SELECT author_id, id, ROW_NUMBER() OVER (PARTITION BY author_id ORDER BY words DESC, id) AS place
        FROM tree_article WHERE author_id < 9
    ) ranked WHERE place BETWEEN 2 AND 3 ORDER BY author_id, place
""")
async def test_which_articles_of_each_author_are_second_and_third(call: Call):
    some = Prefetch("articles", Article.objects.order_by("-words", "id")[1:3], to_attr="some")
    found = await call.list(Author.objects.filter(pk__lt=9).order_by("pk").prefetch_related(some))
    return [(one.pk, article.pk) for one in found for article in one.some]

"""Where dorm answers otherwise than Django on purpose: the query, the reason, the vendors.

A difference that disappears fails its test, and so does a query that is asked no more.
"""

from __future__ import annotations

ANY = ("sqlite", "postgresql")

CASE = "Upper and lower case differ in contains, startswith and endswith on SQLite too; the i-lookups do not mind it."
UNICODE = "Functions do the same on both databases: other letters than those of ASCII have two cases as well."
EQUAL = "Functions do the same on both databases, so that SQLite rounds and cuts as PostgreSQL does."
EXACT = "Decimals on SQLite are computed exactly, not by floats."
LAST_DIGIT = "The last digit of a float: computed in another way."
PLAIN = (
    "A value that cannot be read is a ValueError or TypeError, of any kind of field; ValidationError is validation's."
)
NAMED = "The error says what was wrong, where Django fails by chance on its way."
EARLY = "Refused before SQL, where Django leaves it to the database."
WIDER = "Works, where Django refuses."
LOOSE = "Refused, where Django ignores the mistake or answers something else."
KINDS = "Texts of all kinds are of one type, and so are whole numbers: no output_field is needed."
KEYS = "A raw key is accepted for a foreign key: what comes out of a schema carries keys."
ROUNDED = "A decimal with too many places is refused, where Django rounds it on PostgreSQL and cuts it on SQLite."
UNLOCKED = "SQLite locks no rows: whoever asks for it is told, where Django does nothing."
COMPOUND = "Members of a union may be ordered and sliced on SQLite too; Django refuses them, Meta.ordering included."
SLICES = "A slice may be prefetched without to_attr as well; Django then filters the slice, which it refuses."

DECIDED: dict[str, tuple[str, tuple[str, ...]]] = {
    "_keys(Author.objects.filter(name__contains='n'))": (CASE, ("sqlite",)),
    "_keys(Author.objects.filter(name__contains='N'))": (CASE, ("sqlite",)),
    "_keys(Author.objects.exclude(email__contains='example'))": (CASE, ("sqlite",)),
    "_keys(Author.objects.filter(email__endswith='example.com'))": (CASE, ("sqlite",)),
    "Author.objects.order_by('pk').values_list(Lower('name'), flat=True)": (UNICODE, ("sqlite",)),
    "Cast('score', IntegerField())": (EQUAL, ("sqlite",)),
    "Cast('joined', TimeField())": (EQUAL, ("sqlite",)),
    "Round('score', precision=-1)": (EQUAL, ("sqlite",)),
    "Log(10, 'age')": (LAST_DIGIT, ("sqlite",)),
    "Author.objects.aggregate(StdDev('age'), Variance('age'))": (LAST_DIGIT, ("sqlite",)),
    "Publisher.objects.annotate(a=Avg('books__price'), n=Min('author__age')).order_by('pk').values()": (
        EXACT,
        ("sqlite",),
    ),
    "ExpressionWrapper(F('born') + datetime.timedelta(days=1), DateTimeField())": (
        "What is declared as a moment is one, in UTC, on PostgreSQL too, where Django gives it without a time zone.",
        ("postgresql",),
    ),
    "list(Author.objects.annotate(x=F('joined') - datetime.date(2024, 1, 1)).order_by('pk').values_list('x'))": (
        "Dates are taken from moments on SQLite too, where Django's answer is wrong.",
        ("sqlite",),
    ),
    "Concat('name', Value(' <'), 'email', Value('>'))": (KINDS, ANY),
    "Greatest('age', 'pk')": (KINDS, ANY),
    "Window(Lead('name', 2, 'none'), order_by='pk')": (
        "The default of Lead and Lag is a value, also when it is text.",
        ANY,
    ),
    "SHA1('name')": ("Without pgcrypto Django's SQL fails; the error names the extension.", ("postgresql",)),
    "SHA256('email')": ("PostgreSQL computes it itself; Django's SQL needs an extension.", ("postgresql",)),
    "_keys(Book.objects.filter(pages__lt=2 ** 70))": (
        "A missing number is not less than any; Django leaves the condition out, so that it finds NULL.",
        ANY,
    ),
    "_keys(Book.objects.filter(pages__in=[2 ** 70, 100]))": (WIDER, ("sqlite",)),
    "_keys(Author.objects.filter(name__in='Ann'))": (
        "One text is no list of texts: the letters of it are hardly ever meant.",
        ANY,
    ),
    "_keys(Author.objects.filter(F('active')))": ("A boolean column is a condition.", ANY),
    "Author.objects.order_by(F('age').asc(nulls_first=False)).count()": (WIDER, ANY),
    "_names(Author.objects.order_by(Count('book'), 'pk'))": (WIDER, ANY),
    "Author.objects.order_by(Sum('age'))": (WIDER, ANY),
    "[(author.pk, [book.pk for book in author.book_set.all()]) for author in Author.objects.prefetch_related("
    "Prefetch('book_set', Book.objects.order_by('-title')[1:3])).order_by('pk')]": (SLICES, ANY),
    "[(book.pk, [tag.pk for tag in book.tags.all()]) for book in Book.objects.prefetch_related("
    "Prefetch('tags', Tag.objects.order_by('-name')[1:])).order_by('pk')]": (SLICES, ANY),
    "Author.objects.values('name').union(Tag.objects.values('name')).order_by('name')": (COMPOUND, ("sqlite",)),
    "Author.objects.order_by('pk')[:1].union(Author.objects.order_by('-pk')[:1]).order_by('id').count()": (
        COMPOUND,
        ("sqlite",),
    ),
    "Author.objects.annotate(x=Value(1)).values('x').union(Tag.objects.annotate(x=Value(2)).values('x'))"
    ".order_by('x')": (COMPOUND, ("sqlite",)),
    "(Author.objects.order_by('pk') & Author.objects.order_by('pk')[:2]).count()": (
        "The slice of the right side counts; Django forgets it.",
        ANY,
    ),
    "_then(Author.objects.update(salary='12.345'), _authors(m, 'salary'))": (ROUNDED, ANY),
    # -- Wrong uses ----------------------------------------------------------------------------
    "Author.objects.filter(active='maybe')": (PLAIN, ANY),
    "Author.objects.filter(salary='x')": (PLAIN, ANY),
    "Author.objects.filter(born='x')": (PLAIN, ANY),
    "Author.objects.filter(born='2024-02-30')": (PLAIN, ANY),
    "Author.objects.filter(joined='x')": (PLAIN, ANY),
    "Author.objects.filter(wakes='25:00')": (PLAIN, ANY),
    "Author.objects.filter(pause='x')": (PLAIN, ANY),
    "Book.objects.filter(code='x')": (PLAIN, ANY),
    "Author.objects.update(born='x')": (PLAIN, ANY),
    "Author.objects.create(name='x', born='x')": (PLAIN, ANY),
    "Author.objects.filter(age__range=5)": (PLAIN, ANY),
    "list(Author.objects.filter(age__range=(1,)))": (PLAIN, ANY),
    "Author.objects.filter('age')": (NAMED, ANY),
    "Author.objects.filter({'age': 1})": (NAMED, ANY),
    "Author.objects.update(book=1)": (NAMED, ANY),
    "RowRange(start=1, end=-1)": (NAMED, ANY),
    "Subquery(5)": (NAMED, ANY),
    "Author.objects.all() | 5": (NAMED, ANY),
    "Author.objects.prefetch_related(5)": (NAMED, ANY),
    "list(Author.objects.all().union(Author.objects.all()).order_by('publisher__name'))": (NAMED, ANY),
    "Author.objects.bulk_create([5])": (NAMED, ANY),
    "Author.objects.aggregate(x=Sum(Count('book')))": (EARLY, ANY),
    "list(Author.objects.values('pk').union(Author.objects.values('pk', 'age')))": (EARLY, ANY),
    "Author.objects.all().union(Author.objects.all()).aggregate(Count('pk'))": (EARLY, ANY),
    "Author(name='x').refresh_from_db()": (EARLY, ANY),
    "Author.objects.annotate(n=Count('book')).values('n').annotate(a=Count('pk')).order_by('n')": (LOOSE, ANY),
    "Author.objects.update(publisher=Author(pk=1))": (LOOSE, ANY),
    "Author.objects.contains(Book(pk=1))": (LOOSE, ANY),
    "list(Author.objects.values('name').prefetch_related('book_set'))": (LOOSE, ANY),
    "Author(publisher=5)": (KEYS, ANY),
    "Author.objects.all()[:2].select_for_update().filter(age=1)": (UNLOCKED, ("sqlite",)),
    "Author.objects.select_for_update(nowait=True, skip_locked=True)": (UNLOCKED, ("sqlite",)),
}

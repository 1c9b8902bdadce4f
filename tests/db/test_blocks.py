"""Transaction blocks, on both databases and in both colours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from dorm.conf import settings
from dorm.db.transactions import current
from dorm.exceptions import TransactionAborted, TransactionManagementError, UniqueViolation
from dorm.run import run
from dorm.transaction import aatomic, atomic, get_rollback, on_commit, set_rollback

if TYPE_CHECKING:
    from types import TracebackType

    from tests.db.conftest import Bench


class Within:
    """``atomic`` or ``aatomic``, whichever the bench's colour has, under one asynchronous face."""

    def __init__(self, bench: Bench, **options: Any) -> None:
        self.block: Any = atomic(**options) if bench.colour == "sync" else aatomic(**options)
        self.sync = bench.colour == "sync"

    async def __aenter__(self) -> None:
        if self.sync:
            self.block.__enter__()
        else:
            await self.block.__aenter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.sync:
            self.block.__exit__(kind, error, trace)
        else:
            await self.block.__aexit__(kind, error, trace)


class Interrupt(BaseException):
    """Stands for KeyboardInterrupt and its like."""


def test_a_block_commits(bench: Bench) -> None:
    async def scenario() -> list[int]:
        async with Within(bench):
            await bench.add(1)
            assert bench.db.in_block
        assert not bench.db.in_block
        return await bench.keys()

    assert [1] == bench.run(scenario())


@pytest.mark.parametrize("kind", [ValueError, Interrupt, SystemExit, GeneratorExit])
def test_any_exception_rolls_a_block_back(bench: Bench, kind: type[BaseException]) -> None:
    async def scenario() -> list[int]:
        with pytest.raises(kind):
            async with Within(bench):
                await bench.add(1)
                raise kind
        assert current.get() is None
        return await bench.keys()

    assert [] == bench.run(scenario())


def test_a_nested_block_rolls_back_alone(bench: Bench) -> None:
    async def scenario() -> list[int]:
        async with Within(bench):
            await bench.add(1)
            with pytest.raises(ValueError, match="inner"):
                async with Within(bench):
                    await bench.add(2)
                    raise ValueError("inner")
            async with Within(bench):
                await bench.add(3)
        return await bench.keys()

    assert [1, 3] == bench.run(scenario())


def test_an_error_is_survived_around_a_nested_block(bench: Bench) -> None:
    async def scenario() -> list[int]:
        async with Within(bench):
            await bench.add(1, "Ann")
            with pytest.raises(UniqueViolation):
                async with Within(bench):
                    await bench.add(2, "Ann")
            await bench.add(3)
        return await bench.keys()

    assert [1, 3] == bench.run(scenario())


def test_after_an_error_a_block_can_only_be_left(bench: Bench) -> None:
    async def scenario() -> None:
        with pytest.raises(TransactionAborted, match="UniqueViolation") as aborted:
            async with Within(bench):
                await bench.add(1, "Ann")
                with pytest.raises(UniqueViolation):
                    await bench.add(2, "Ann")
                with pytest.raises(TransactionManagementError, match="can only be left") as refused:
                    await bench.add(3)
                assert isinstance(refused.value.__cause__, UniqueViolation)
        assert isinstance(aborted.value.__cause__, UniqueViolation)
        assert [] == await bench.keys()

    bench.run(scenario())


def test_set_rollback_rolls_back_in_silence(bench: Bench) -> None:
    async def scenario() -> list[int]:
        async with Within(bench):
            await bench.add(1)
            assert not get_rollback()
            set_rollback(True)
            assert get_rollback()
        return await bench.keys()

    assert [] == bench.run(scenario())


def test_set_rollback_needs_a_block() -> None:
    with pytest.raises(TransactionManagementError, match="No transaction block"):
        set_rollback(True)


def test_without_a_savepoint_a_nested_failure_breaks_the_outer_block(bench: Bench) -> None:
    async def scenario() -> list[int]:
        with pytest.raises(TransactionAborted):
            async with Within(bench):
                await bench.add(1)
                with pytest.raises(ValueError):
                    async with Within(bench, savepoint=False):
                        raise ValueError
                with pytest.raises(TransactionManagementError):
                    await bench.add(2)
        return await bench.keys()

    assert [] == bench.run(scenario())


def test_a_durable_block_refuses_to_be_nested(bench: Bench) -> None:
    async def scenario() -> list[int]:
        async with Within(bench, durable=True):
            await bench.add(1)
            with pytest.raises(TransactionManagementError, match="durable"):
                async with Within(bench, durable=True):
                    raise AssertionError
        return await bench.keys()

    assert [1] == bench.run(scenario())


def test_a_read_only_block_refuses_to_write(bench: Bench) -> None:
    async def scenario() -> list[int]:
        await bench.add(1)
        with pytest.raises(Exception, match=r"read-?only"):
            async with Within(bench, read_only=True):
                assert [1] == await bench.keys()
                await bench.add(2)
        await bench.add(3)
        return await bench.keys()

    assert [1, 3] == bench.run(scenario())


def test_isolation_belongs_to_the_outermost_block(bench: Bench) -> None:
    async def scenario() -> None:
        async with Within(bench, isolation="serializable"):
            if bench.vendor == "postgresql":
                assert [("serializable",)] == await bench.fetch("SHOW transaction_isolation")
            with pytest.raises(TransactionManagementError, match="outermost"):
                async with Within(bench, isolation="serializable"):
                    raise AssertionError

    bench.run(scenario())


def test_an_unknown_isolation_level_is_refused_where_it_is_written() -> None:
    with pytest.raises(ValueError, match="repeatable read"):
        atomic(isolation="serialisable")


def test_hooks_run_after_the_commit_and_in_order(bench: Bench) -> None:
    calls: list[str] = []

    async def scenario() -> None:
        async with Within(bench):
            on_commit(lambda: calls.append("first"))
            async with Within(bench):
                on_commit(lambda: calls.append("nested"))
            with pytest.raises(ValueError):
                async with Within(bench):
                    on_commit(lambda: calls.append("rolled back"))
                    raise ValueError
            on_commit(lambda: calls.append("last"))
            await bench.add(1)
            assert [] == calls
        on_commit(lambda: calls.append("at once"))

    bench.run(scenario())
    assert ["first", "nested", "last", "at once"] == calls


def test_hooks_of_a_rolled_back_block_never_run(bench: Bench) -> None:
    calls: list[str] = []

    async def scenario() -> None:
        with pytest.raises(ValueError):
            async with Within(bench):
                on_commit(lambda: calls.append("never"))
                raise ValueError

    bench.run(scenario())
    assert [] == calls


def test_a_failing_hook_does_not_hide_that_the_data_is_committed(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> None:
        raise LookupError("mail server")

    async def scenario() -> list[int]:
        async with Within(bench):
            await bench.add(1)
            on_commit(fail, robust=True)
        with pytest.raises(LookupError) as caught:
            async with Within(bench):
                await bench.add(2)
                on_commit(fail)
        assert "is committed" in caught.value.__notes__[0]
        return await bench.keys()

    assert [1, 2] == bench.run(scenario())
    assert "is committed" in caplog.text


def test_a_hook_may_open_a_block(bench: Bench) -> None:
    async def scenario() -> list[int]:
        if bench.colour == "sync":

            def hook() -> None:
                with atomic(durable=True):
                    pass
        else:

            async def hook() -> None:  # type: ignore[misc]
                async with aatomic(durable=True):
                    await bench.add(2)

        async with Within(bench):
            await bench.add(1)
            on_commit(hook)
        return await bench.keys()

    assert ([1] if bench.colour == "sync" else [1, 2]) == bench.run(scenario())


def test_savepoint_names_are_unique(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG", "dorm.db.backends")

    async def scenario() -> None:
        async with Within(bench):
            for _ in range(2):
                async with Within(bench), Within(bench):
                    await bench.fetch("SELECT 1")

    bench.run(scenario())
    names = [record.getMessage() for record in caplog.records if " SAVEPOINT" in record.getMessage()]
    names = [name for name in names if "RELEASE" not in name]
    assert 4 == len(set(names))


def test_decorators(bench: Bench) -> None:
    async def scenario() -> list[int]:
        if bench.colour == "sync":

            @atomic
            def work(key: int) -> int:
                run(bench.add(key))
                return key

            @atomic("default")
            def fail(key: int) -> None:
                run(bench.add(key))
                raise ValueError

            assert 1 == work(1)
            with pytest.raises(ValueError):
                fail(2)
        else:

            @aatomic
            async def awork(key: int) -> int:
                await bench.add(key)
                return key

            @aatomic("default")
            async def afail(key: int) -> None:
                await bench.add(key)
                raise ValueError

            assert 1 == await awork(1)
            with pytest.raises(ValueError):
                await afail(2)
        return await bench.keys()

    assert [1] == bench.run(scenario())


def test_decorators_refuse_the_other_colour_and_generators() -> None:
    async def asynchronous() -> None: ...

    def synchronous() -> None: ...

    def generator() -> Any:
        yield

    with pytest.raises(TypeError, match="use aatomic"):
        atomic(asynchronous)
    with pytest.raises(TypeError, match="use atomic"):
        aatomic(synchronous)  # type: ignore[call-overload]
    with pytest.raises(TypeError, match="generator"):
        atomic(generator)


def test_one_block_object_may_be_entered_again(bench: Bench) -> None:
    async def scenario() -> list[int]:
        block = Within(bench)
        async with block:
            await bench.add(1)
            async with block:
                await bench.add(2)
        async with block:
            await bench.add(3)
        return await bench.keys()

    assert [1, 2, 3] == bench.run(scenario())


def test_a_block_on_another_alias_in_which_nothing_ran_is_told(bench: Bench, tmp_path: Any) -> None:
    settings.configure(DATABASES={**settings.DATABASES, "replica": f"sqlite:///{tmp_path / 'replica.db'}"})

    async def scenario() -> None:
        with pytest.warns(RuntimeWarning, match=r"using\('replica'\)"):
            async with Within(bench, using="replica"):
                await bench.add(1)

    bench.run(scenario())


def test_the_server_ends_the_transaction_behind_our_back(bench: Bench) -> None:
    """A COMMIT that the server answers with ROLLBACK is no success."""

    async def scenario() -> None:
        with pytest.raises(TransactionAborted):
            async with Within(bench):
                await bench.add(1)
                node = current.get()
                assert node is not None
                # As an extension or a trigger might, unseen by us.
                connection = node.transaction.connection  # type: ignore[attr-defined]
                if bench.vendor == "postgresql":
                    connection.pgconn.exec_(b"SELECT 1/0")
                elif bench.colour == "sync":
                    connection.execute("ROLLBACK")
                else:
                    connection.connection.execute("ROLLBACK")
        assert [] == await bench.keys()

    bench.run(scenario())

"""Health checks for orchestrators: they never raise, and answer within their time limit."""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING, Any

from dorm.db.connection import blocking, suspending
from dorm.exceptions import PoolTimeout
from dorm.run import load, run

if TYPE_CHECKING:
    from dorm.db.executor import Executor

__all__ = ["ahealth_check", "health_check"]


def health_check(alias: str = "default", timeout: float = 5.0) -> dict[str, Any]:
    """Whether the database answers: ``{"status": "ok", "alias": …, "elapsed_ms": …}``, or ``"error"`` and why."""
    started = perf_counter()
    outcome: list[BaseException | None] = []
    asked: list[Executor] = []

    def ask() -> None:
        try:
            asked.append(blocking(alias))
            run(_touch(asked[0]))
        except BaseException as error:  # noqa: BLE001 - a health check reports whatever went wrong
            outcome.append(error)
        else:
            outcome.append(None)

    # In a thread of its own: a server that does not answer at all must not hold the caller.
    threading = load("threading")
    thread = threading.Thread(target=ask, name="dorm-health", daemon=True)
    thread.start()
    thread.join(timeout)
    return _report(alias, started, outcome[0] if outcome else _late(asked[0] if asked else None, timeout))


async def ahealth_check(alias: str = "default", timeout: float = 5.0) -> dict[str, Any]:
    """Asynchronous :func:`health_check`."""
    started = perf_counter()
    asyncio = load("asyncio")
    try:
        executor = suspending(alias)
    except Exception as error:  # noqa: BLE001 - a health check reports whatever went wrong
        return _report(alias, started, error)
    task = asyncio.get_running_loop().create_task(_touch(executor))
    task.add_done_callback(_seen)
    try:
        await asyncio.wait({task}, timeout=timeout)
        if task.done():
            return _report(alias, started, task.exception())
        return _report(alias, started, _late(executor, timeout))
    finally:
        task.cancel()


def _seen(task: Any) -> None:
    """Take notice of the outcome of a task that nobody waits for any more."""
    if not task.cancelled():
        task.exception()


async def _touch(executor: Executor) -> None:
    """Ask on a connection of the pool, whatever block is open here."""
    await executor.driver.ping()


def _late(executor: Executor | None, timeout: float) -> Exception:
    """A full pool is told from a server that does not answer."""
    pool = None if executor is None else executor.driver.pool
    if pool is not None and pool.limit is not None and pool.size >= pool.limit and pool.waiters:
        return PoolTimeout(f"no connection became free within {timeout:g} s: all {pool.limit} are in use")
    return TimeoutError(f"no answer within {timeout:g} s")


def _report(alias: str, started: float, error: BaseException | None) -> dict[str, Any]:
    elapsed = round((perf_counter() - started) * 1000, 3)
    if error is None:
        return {"status": "ok", "alias": alias, "elapsed_ms": elapsed}
    return {"status": "error", "alias": alias, "elapsed_ms": elapsed, "error": f"{type(error).__name__}: {error}"}

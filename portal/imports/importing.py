"""The way of a file: kept while somebody looks at its preview, confirmed, carried out, forgotten."""

import json
import logging
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from django.core.cache import cache
from django.db import IntegrityError, InterfaceError, OperationalError, transaction
from django.utils import timezone
from redis import RedisError

from portal import kept_sealed, trail
from portal.accounts.models import User
from portal.imports.kinds import WRONG, HasChanged, Kind, NotTheirs, Plan, Told, kind_of
from portal.imports.models import FileImport
from portal.imports.waking import wake_importer
from portal.secret_box import secret_box
from portal.spreadsheets import Row

logger = logging.getLogger(__name__)

KEPT_AS: Final = "import"
AT_ONCE: Final = 200
"""A file of so many rows is carried out while whoever confirms it waits for the page."""
MOST_ATTEMPTS: Final = 5
WAITS: Final = timedelta(days=1)
REMEMBERED: Final = timedelta(days=30)
PROGRESS_KEPT: Final = 3600
"""Seconds."""

State = FileImport.State


class NoLongerSo(Exception):
    """Since the preview something has changed, and nothing was done. `plan` is what the file would do now."""

    def __init__(self, plan: Plan[Any]) -> None:
        self.plan = plan
        super().__init__("Since you looked, something has changed. Nothing has been done yet. Check again.")


@dataclass(frozen=True, slots=True)
class Kept:
    """A file that waits for its confirmation."""

    rows: Sequence[Row]
    agreed: Sequence[str]


def keep(kind: Kind, about: int | None, rows: Sequence[Row], *, agreed: Sequence[str], owner: User) -> str:
    """Keep a previewed file until it is confirmed; return the key by which its owner, and nobody else, takes it."""
    return kept_sealed.keep(KEPT_AS, {"owner": owner.pk, "kind": kind.key, "about": about, **_packed(rows, agreed)})


def look(key: str, kind: Kind, about: int | None, *, owner: User) -> Kept | None:
    """Return a kept file: None when it has expired, was taken, or is not theirs, or for something else."""
    content = kept_sealed.read(KEPT_AS, key)
    if content is None or (content["owner"], content["kind"], content["about"]) != (owner.pk, kind.key, about):
        return None
    return _unpacked(content)


def confirm(key: str, kind: Kind, about: int | None, *, owner: User) -> FileImport | None:
    """Take a kept file to be carried out, once: None when it cannot be taken, as for `look`.

    A short one has been carried out when this returns.
    """
    kept = look(key, kind, about, owner=owner)
    if kept is None or not kept_sealed.forget(KEPT_AS, key):
        return None
    with transaction.atomic():
        taken = FileImport.objects.create(
            kind=kind.key,
            about=about,
            by=owner,
            rows=len(kept.rows),
            sealed=secret_box(KEPT_AS).encrypt(json.dumps(_packed(kept.rows, kept.agreed)).encode()),
        )
        trail.record(f"{kind.deed}_confirmed", actor=owner, subject=taken, rows=taken.rows)
    if taken.rows > AT_ONCE:
        wake_importer()
    else:
        carry_out(taken.pk)
        taken.refresh_from_db()
    return taken


def carry_out_waiting() -> int:
    """Carry out what waits, the earliest first, and leave to other workers what they are at; return how many ended."""
    waiting = FileImport.objects.filter(state=State.WAITING).order_by("pk").values_list("pk", flat=True)
    return sum(carry_out(pk) for pk in list(waiting))


def carry_out(pk: int) -> bool:
    """Carry out a file in one transaction, unless somebody else is at it; say whether it has ended.

    Whoever is killed at it has done nothing, and lets go of it; after a few of those it is given up.
    """
    if not _begin(pk):
        return False
    with transaction.atomic():
        taken = _free(pk)
        if taken is None:
            return False
        try:
            with transaction.atomic():
                numbers = _carry_out(taken, told=lambda done: _remember(pk, done))
        except (NoLongerSo, NotTheirs):
            _end(taken, State.CHANGED)
        except (OperationalError, InterfaceError):
            raise  # the database is away, or broke a deadlock: it is tried again
        except Exception as error:  # noqa: BLE001  # whatever it is, the file must not be tried for ever
            # Its message and its trace may hold what somebody typed.
            logger.error("An import failed", extra={"import": pk, "error": type(error).__name__})  # noqa: TRY400  # so
            _end(taken, State.FAILED)
        else:
            _end(taken, State.DONE, numbers)
    return True


def apply(kind: Kind, rows: Sequence[Row], about: Any, *, agreed: Sequence[str], by: User, told: Told) -> Plan[Any]:
    """Do what was agreed, in one transaction, if that still is what the rows do: the outcomes of the preview.

    Raises NoLongerSo, with nothing done.
    """
    try:
        with transaction.atomic():
            now = plan(kind, rows, about, by=by)
            if now.outcomes != list(agreed) or not now.can_be_done:
                raise NoLongerSo(now)
            kind.carry_out(now, about, by=by, told=told)
    except (IntegrityError, HasChanged) as error:
        # Somebody wrote one of the rows at this very moment.
        raise NoLongerSo(plan(kind, rows, about, by=by)) from error
    return now


def plan(kind: Kind, rows: Sequence[Row], about: Any, *, by: User) -> Plan[Any]:
    """Work out what rows would do. One that could not be read as it stands is to be corrected, whatever it says."""
    worked_out = kind.plan(rows, about, by=by)
    lines = [
        replace(line, outcome=WRONG, acts=False, problems=row.problems, notes=()) if row.problems else line
        for line, row in zip(worked_out.lines, rows, strict=True)
    ]
    return replace(worked_out, lines=lines)


def done_of(taken: FileImport) -> int:
    """Return how many rows of a file are done so far; none of them stands before all do."""
    if taken.state != State.WAITING:
        return taken.rows if taken.state == State.DONE else 0
    with suppress(RedisError):
        return int(cache.get(_progress(taken.pk), 0))
    return 0


def forget(*, now: datetime | None = None) -> int:
    """Give up files that nobody carried out in a day, and forget what became of old ones; return how many changed."""
    now = now or timezone.now()
    with transaction.atomic():
        late = FileImport.objects.select_for_update(skip_locked=True, of=("self",)).filter(
            state=State.WAITING, confirmed_at__lt=now - WAITS
        )
        given_up = list(late)
        for taken in given_up:
            _end(taken, State.FAILED)
    old, _ = FileImport.objects.filter(ended_at__lt=now - REMEMBERED).delete()
    return len(given_up) + old


def _begin(pk: int) -> bool:
    """Count an attempt, in a transaction of its own, so that it counts whatever becomes of the worker."""
    with transaction.atomic():
        taken = _free(pk)
        if taken is None:
            return False
        if taken.attempts >= MOST_ATTEMPTS:
            _end(taken, State.FAILED)
            return False
        taken.attempts += 1
        taken.save(update_fields=["attempts"])
    return True


def _free(pk: int) -> FileImport | None:
    rows = FileImport.objects.select_for_update(skip_locked=True, of=("self",)).select_related("by")
    return rows.filter(pk=pk, state=State.WAITING).first()


def _carry_out(taken: FileImport, *, told: Told) -> dict[str, int]:
    if not taken.by.is_active:
        raise NotTheirs
    kind = kind_of(taken.kind)
    kept = _unpacked(json.loads(secret_box(KEPT_AS).decrypt(bytes(taken.sealed))))
    about = kind.about(taken.by, taken.about, held=True)
    done = apply(kind, kept.rows, about, agreed=kept.agreed, by=taken.by, told=told)
    trail.record(
        f"{kind.deed}_carried_out", actor=taken.by, subject=kind.subject(about), rows=taken.rows, by_import=taken.pk
    )
    return dict(done.numbers)


def _end(taken: FileImport, state: str, numbers: dict[str, int] | None = None) -> None:
    taken.state, taken.numbers, taken.sealed, taken.ended_at = state, numbers or {}, b"", timezone.now()
    taken.save()
    with suppress(RedisError):
        cache.delete(_progress(taken.pk))


def _remember(pk: int, done: int) -> None:
    """Let the page say how far it is: that is outside the transaction, and may be lost."""
    with suppress(RedisError):
        cache.set(_progress(pk), done, PROGRESS_KEPT)


def _progress(pk: int) -> str:
    return f"import-progress:{pk}"


def _packed(rows: Sequence[Row], agreed: Sequence[str]) -> dict[str, Any]:
    return {"agreed": list(agreed), "rows": [(row.number, dict(row.cells), row.problems) for row in rows]}


def _unpacked(content: dict[str, Any]) -> Kept:
    return Kept([Row(*row) for row in content["rows"]], content["agreed"])

"""What is checked before the first frame: media against their digests."""

from __future__ import annotations

from vbench.bench.plan import Plan
from vbench.bench.progress import Progress
from vbench.errors import LockError
from vbench.golden.lock import check_media_digest
from vbench.video import file_sha256


def verify_media(plan: Plan, progress: Progress, *, allow_damaged: bool) -> frozenset[str]:
    """Compare every locked clip's bytes with the lock.

    Returns:
        The clips that changed; never any without `allow_damaged`.

    Raises:
        LockError: media changed, and `allow_damaged` is not given.
    """
    changed = []
    for golden_set, clip in plan.clips():
        if not golden_set.locked:
            continue
        try:
            check_media_digest(clip, file_sha256(clip.media))
        except LockError as error:
            if not allow_damaged:
                raise
            progress.note(str(error))
            changed.append(clip.id)
    return frozenset(changed)

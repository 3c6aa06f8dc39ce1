"""Made-up MOTChallenge sequences, and the script that scores them with TrackEval.

TrackEval is no dependency. To make the gold numbers again, in an environment that has it::

    python -m tests.parity.mot_scenes
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from vbench.types import F64

GOLD = Path(__file__).with_name("gold") / "trackeval.json"
N_FRAMES = 60
SCENES = {"sparse": (0, 0.06, 2), "crowded": (1, 0.12, 2), "coarse": (2, 0.0, -1)}
"""Name -> seed, noise of the tracker's boxes in sizes, decimals; whole tens make many ties."""
BENCHMARKS = ("MOT15", "MOT17", "MOT20")


def scene(name: str) -> tuple[F64, F64]:
    """Truth and tracker results in MOTChallenge columns: nine and ten of them.

    Truth has all 13 classes, zero-marked boxes, gaps and frames without any box; results follow
    every class, swap identities, and see things that are not there.
    """
    seed, noise, decimals = SCENES[name]
    rng = np.random.default_rng(seed)
    n = 26
    corner, size = rng.random((n, 2)) * [400, 300], rng.uniform(30, 90, (n, 2))
    velocity = rng.normal(0, 3, (n, 2))
    kind = np.where(np.arange(n) < 13, 1, np.arange(n) - 12)
    identity = np.arange(100, 100 + n)
    truth, results = [], []
    for frame in range(1, N_FRAMES + 1):
        corner += velocity
        for k in range(n):
            if frame % 20 and rng.random() < 0.9:
                conf = float(rng.random() > 0.1)
                truth.append([frame, k + 1, *corner[k], *size[k], conf, kind[k], 1.0])
            if rng.random() < 0.04:
                identity[k] = 200 + frame * n + k
            if frame % 15 and rng.random() < 0.8:
                shift = rng.normal(0, 1, 4) * noise * np.tile(size[k], 2)
                box = [*(corner[k] + shift[:2]), *(size[k] + shift[2:])]
                results.append([frame, identity[k], *box, 1.0, -1.0, -1.0, -1.0])
        if rng.random() < 0.3:
            box = [*(rng.random(2) * [400, 300]), 50.0, 70.0]
            results.append([frame, 50000 + frame // 6, *box, 1.0, -1.0, -1.0, -1.0])
    left, right = np.array(truth, np.float64), np.array(results, np.float64)
    for rows in (left, right):
        rows[:, 2:6] = np.maximum(np.round(rows[:, 2:6], decimals), [-999.0, -999.0, 10.0, 10.0])
    return left, right


def main() -> None:
    """Score every scene with TrackEval under every benchmark's rules and write the gold file."""
    gold = {
        name: {"checksum": checksum(name), **{b: _trackeval(name, b) for b in BENCHMARKS}}
        for name in SCENES
    }
    GOLD.parent.mkdir(exist_ok=True)
    GOLD.write_text(json.dumps(gold, indent=1) + "\n")


def checksum(name: str) -> list[float]:
    """Sums that tell whether the generator still makes the scene that was scored."""
    return [float(np.round(side[:, :6].sum(), 2)) for side in scene(name)]


def _trackeval(name: str, benchmark: str) -> dict[str, float]:
    import trackeval  # type: ignore[import-not-found]

    truth, results = scene(name)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for path, rows in ((root / "gt/s/gt/gt.txt", truth), (root / "t/me/data/s.txt", results)):
            path.parent.mkdir(parents=True)
            np.savetxt(path, rows, fmt="%.10g", delimiter=",")
        dataset = trackeval.datasets.MotChallenge2DBox(
            {
                "GT_FOLDER": str(root / "gt"),
                "TRACKERS_FOLDER": str(root / "t"),
                "BENCHMARK": benchmark,
                "SKIP_SPLIT_FOL": True,
                "SEQ_INFO": {"s": N_FRAMES},
                "PRINT_CONFIG": False,
            }
        )
        data = dataset.get_preprocessed_seq_data(dataset.get_raw_seq_data("me", "s"), "pedestrian")
    quiet = {"PRINT_CONFIG": False}
    clear = trackeval.metrics.CLEAR(quiet).eval_sequence(data)
    identity = trackeval.metrics.Identity(quiet).eval_sequence(data)
    hota = trackeval.metrics.HOTA().eval_sequence(data)
    counts = {"TP": "CLR_TP", "FP": "CLR_FP", "FN": "CLR_FN", "FM": "Frag"}
    return {
        **{ours: float(clear[theirs]) for ours, theirs in counts.items()},
        **{key: float(clear[key]) for key in ("IDSW", "MT", "PT", "ML", "MOTA")},
        "MOTP": 1.0 - float(clear["MOTP"]),
        **{key: float(identity[key]) for key in ("IDF1", "IDP", "IDR")},
        **{key: float(np.mean(hota[key])) for key in ("HOTA", "DetA", "AssA", "LocA")},
    }


if __name__ == "__main__":
    main()

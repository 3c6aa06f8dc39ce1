"""Synthetic golden sets: rendered loading-dock scenes whose truth is known exactly."""

from vbench.golden.synth.render import SynthFrame, render
from vbench.golden.synth.scene import DEFAULT_SEED, SceneSpec, default_specs
from vbench.golden.synth.write import write_golden_set

__all__ = [
    "DEFAULT_SEED",
    "SceneSpec",
    "SynthFrame",
    "default_specs",
    "render",
    "write_golden_set",
]

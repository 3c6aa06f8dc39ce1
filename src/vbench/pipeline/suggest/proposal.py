"""A whole pipeline proposed for a model: every choice with how sure it is and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import TypeAdapter

from vbench.config.output_entries import OutputEntry
from vbench.config.post_entry import PostEntry
from vbench.config.yaml_text import Plain
from vbench.errors import ConfigError, ModelError
from vbench.pipeline.adapters.adapter import ModelFacts
from vbench.pipeline.adapters.registry import make_adapter
from vbench.pipeline.suggest.families import matches
from vbench.pipeline.suggest.model import Choice, Match, ModelSummary, Sure

"""From an ONNX file to a plan.

Networks are strongly typed: which layer computes in which precision is the ONNX file's, as TensorRT
11 demands. TensorRT 10 is told so by a flag.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from vbench.engines.tensor_rt.api import (
    Builder,
    IBuilderConfig,
    INetworkDefinition,
    ITensor,
    OnnxParser,
)
from vbench.engines.tensor_rt.library import Library, load_plugins
from vbench.engines.tensor_rt.settings import BuildSettings, InputRange
from vbench.errors import EngineError, ModelError

_STRONGLY_TYPED_IS_A_FLAG_BEFORE = 11
_N_ERRORS_SHOWN = 5
_BYTES_PER_MIB = 1 << 20
_NO_BUILDER = "check that the driver is new enough for this TensorRT"


@dataclass(frozen=True, slots=True)
class BuiltPlan:
    """What a build gives."""

    plan: bytes
    timing_cache: bytes
    """For the next build on the same GPU."""


def build_plan(
    library: Library, model: Path, settings: BuildSettings, timing_cache: bytes
) -> BuiltPlan:
    """Build a plan for the current GPU; takes seconds to minutes.

    Args:
        library: TensorRT.
        model: an ONNX file.
        settings: how.
        timing_cache: of an earlier build on this GPU; empty where there was none.

    Raises:
        EngineError: TensorRT cannot read the model or build it; with all that the parser says.
        ModelError: `settings` and the model's inputs do not fit each other.
    """
    load_plugins(library, settings.plugins)
    trt = library.trt
    builder = library.made("a builder", lambda: trt.Builder(library.logger), hint=_NO_BUILDER)
    flags = 0
    if library.major < _STRONGLY_TYPED_IS_A_FLAG_BEFORE:
        flags = 1 << int(trt.NetworkDefinitionCreationFlag.STRONGLY_TYPED)
    network = library.made("a network", lambda: builder.create_network(flags), hint=_NO_BUILDER)
    # The parser owns the weights until the plan is built.
    parser = _parsed(library, network, model)
    config = _config(library, builder, settings)
    _add_profile(library, builder, config, network, settings.profile, model)
    cache = library.made(
        "a timing cache",
        lambda: config.create_timing_cache(timing_cache),
        hint="delete the timing caches beside the cached engines: vbench engine list",
    )
    library.check(
        config.set_timing_cache(cache, False),
        "use the timing cache",
        hint="delete the timing caches beside the cached engines: vbench engine list",
    )
    library.messages.forget()
    plan = builder.build_serialized_network(network, config)
    if plan is None:
        raise library.failed(
            "cannot build an engine",
            where=str(model),
            hint="simplify or export the model again, or allow more workspace_mib",
        )
    del parser
    return BuiltPlan(bytes(plan), bytes(cache.serialize()))


def _parsed(library: Library, network: INetworkDefinition, model: Path) -> OnnxParser:
    parser = library.made(
        "an ONNX parser",
        lambda: library.trt.OnnxParser(network, library.logger),
        hint=_NO_BUILDER,
    )
    if parser.parse_from_file(str(model)):
        return parser
    errors = list(_parser_errors(parser))
    more = f" and {len(errors) - _N_ERRORS_SHOWN} more" if len(errors) > _N_ERRORS_SHOWN else ""
    said = "; ".join(errors[:_N_ERRORS_SHOWN]) or library.messages.text() or "no reason given"
    raise EngineError(
        f"TensorRT {library.version} cannot read the model: {said}{more}",
        where=str(model),
        hint="export it with operators that TensorRT has, or name a library under `plugins`",
    )


def _parser_errors(parser: OnnxParser) -> Iterator[str]:
    for index in range(parser.num_errors):
        error = parser.get_error(index)
        node = " ".join(part for part in (error.node_operator(), error.node_name()) if part)
        said = " ".join(error.desc().split())
        yield f"{node}: {said}" if node else said


def _config(library: Library, builder: Builder, settings: BuildSettings) -> IBuilderConfig:
    trt = library.trt
    config = library.made("builder settings", builder.create_builder_config, hint=_NO_BUILDER)
    config.builder_optimization_level = settings.optimization_level
    if settings.workspace_mib is not None:
        n_bytes = settings.workspace_mib * _BYTES_PER_MIB
        config.set_memory_pool_limit(trt.MemoryPoolType.WORKSPACE, n_bytes)
    if settings.tf32:
        config.set_flag(trt.BuilderFlag.TF32)
    else:
        # On by default: float32 layers would silently compute with 10 bits of mantissa.
        config.clear_flag(trt.BuilderFlag.TF32)
    return config


def _add_profile(
    library: Library,
    builder: Builder,
    config: IBuilderConfig,
    network: INetworkDefinition,
    ranges: tuple[InputRange, ...],
    model: Path,
) -> None:
    """Give the inputs with free axes their shapes; a network without any needs no profile."""
    found = (network.get_input(index) for index in range(network.num_inputs))
    inputs = {tensor.name: tensor for tensor in found if tensor is not None}
    by_name = {item.name: item for item in ranges}
    _check_names(inputs, by_name, model)
    free = [name for name, tensor in inputs.items() if any(axis < 0 for axis in tensor.shape)]
    if not free:
        return
    hint = "give shapes that the model takes under `profile`"
    profile = library.made(
        "an optimisation profile", builder.create_optimization_profile, hint=_NO_BUILDER
    )
    for name in free:
        item = by_name[name]
        library.messages.forget()
        try:
            profile.set_shape(name, item.smallest, item.best, item.largest)
        except (ValueError, RuntimeError) as error:
            raise library.failed(f"refused the profile {item.text()}: {error}", hint=hint) from None
    library.check(bool(profile), "accept the profile", hint=hint)
    library.check(config.add_optimization_profile(profile) >= 0, "accept the profile", hint=hint)


def _check_names(inputs: dict[str, ITensor], ranges: dict[str, InputRange], model: Path) -> None:
    for name in sorted(ranges):
        if name not in inputs:
            raise ModelError(
                f'`profile` names "{name}", which is no input of the model',
                where=str(model),
                hint=f"its inputs are {', '.join(inputs)}",
            )
    for name, tensor in inputs.items():
        shape = tuple(tensor.shape)
        axes = ", ".join("?" if axis < 0 else str(axis) for axis in shape)
        if name not in ranges:
            if any(axis < 0 for axis in shape):
                raise ModelError(
                    f"input {name} [{axes}] has free axes and no shape to build for",
                    where=str(model),
                    hint=f"add `profile: {{{name}: [1, 3, 640, 640]}}` with the shape you use",
                )
            continue
        item = ranges[name]
        for given in (item.smallest, item.best, item.largest):
            fits = len(given) == len(shape) and all(
                axis in (-1, length) for axis, length in zip(shape, given, strict=True)
            )
            if not fits:
                raise ModelError(
                    f"`profile` gives {name} the shape {list(given)}; the model has [{axes}]",
                    where=str(model),
                    hint="keep the model's fixed axes, and choose the free ones",
                )

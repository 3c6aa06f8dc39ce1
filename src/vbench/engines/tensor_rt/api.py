"""Every class, method and attribute of TensorRT's Python bindings that vbench uses.

The bindings have no types of their own. What is written here is checked twice: mypy lets the engine
use nothing else, and a test holds each line against the real bindings (11.x). Source: docstrings of
the bindings, tensorrt 11.4.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol, TypeAlias

if TYPE_CHECKING:
    from typing_extensions import Buffer

Shape: TypeAlias = Sequence[int]


class Named(Protocol):
    """A member of an enumeration."""

    @property
    def name(self) -> str:
        """``FLOAT``, ``INPUT``, ..."""

    def __int__(self) -> int:
        """Its number."""


class ILogger(Protocol):
    """Base of what TensorRT sends its messages to; `log` is overridden."""

    def log(self, severity: Named, msg: str) -> None:
        """A message."""


class IHostMemory(Protocol):
    """Bytes owned by TensorRT."""

    def __buffer__(self, flags: int, /) -> memoryview:
        """So that `bytes` takes it."""


class ITensor(Protocol):
    """An input of a network."""

    @property
    def name(self) -> str:
        """Its name in the ONNX file."""

    @property
    def shape(self) -> Shape:
        """-1 where an axis is free."""


class INetworkDefinition(Protocol):
    """A parsed model."""

    @property
    def num_inputs(self) -> int:
        """How many inputs."""

    def get_input(self, index: int) -> ITensor | None:
        """An input."""


class ParserError(Protocol):
    """What the ONNX parser could not do."""

    def desc(self) -> str:
        """What."""

    def node_name(self) -> str:
        """At which node."""

    def node_operator(self) -> str:
        """The node's operator."""


class OnnxParser(Protocol):
    """Reads an ONNX file into a network."""

    @property
    def num_errors(self) -> int:
        """How many errors `get_error` has."""

    def parse_from_file(self, model: str) -> bool:
        """Whether it could be read; external weights are found beside the file."""

    def get_error(self, index: int) -> ParserError:
        """An error."""


class IOptimizationProfile(Protocol):
    """Ranges of shapes."""

    def set_shape(self, input: str, min: Shape, opt: Shape, max: Shape) -> None:
        """Set an input's range; ValueError where it is inconsistent."""

    def __bool__(self) -> bool:
        """Whether it is consistent."""


class ITimingCache(Protocol):
    """Measured times of kernels, to build the same layers faster and alike."""

    def serialize(self) -> IHostMemory:
        """Bytes for `IBuilderConfig.create_timing_cache`."""


class IBuilderConfig(Protocol):
    """How to build."""

    builder_optimization_level: int

    def set_memory_pool_limit(self, pool: Named, pool_size: int) -> None:
        """Limit a kind of memory, in bytes."""

    def set_flag(self, flag: Named) -> None:
        """Switch on."""

    def clear_flag(self, flag: Named) -> None:
        """Switch off."""

    def add_optimization_profile(self, profile: IOptimizationProfile) -> int:
        """Index of the profile, -1 where it is not valid."""

    def create_timing_cache(self, serialized_timing_cache: Buffer) -> ITimingCache | None:
        """A cache from bytes; an empty one from none."""

    def set_timing_cache(self, cache: ITimingCache, ignore_mismatch: bool) -> bool:
        """Whether the cache can be used here."""


class Builder(Protocol):
    """Builds plans."""

    def create_network(self, flags: int = 0) -> INetworkDefinition | None:
        """An empty network."""

    def create_builder_config(self) -> IBuilderConfig | None:
        """Default settings."""

    def create_optimization_profile(self) -> IOptimizationProfile | None:
        """An empty profile."""

    def build_serialized_network(
        self, network: INetworkDefinition, config: IBuilderConfig
    ) -> IHostMemory | None:
        """The plan; None where it cannot be built."""


class IExecutionContext(Protocol):
    """An engine with memory to run in."""

    @property
    def active_optimization_profile(self) -> int:
        """Index of the profile in use."""

    def set_optimization_profile_async(self, profile_index: int, stream_handle: int) -> bool:
        """Change the profile."""

    def set_input_shape(self, name: str, shape: tuple[int, ...]) -> bool:
        """Set an input's shape."""

    def infer_shapes(self) -> list[str]:
        """Names of tensors that are not specified well enough."""

    def get_tensor_shape(self, name: str) -> Shape:
        """A tensor's shape, given those of the inputs; -1 where it depends on data."""

    def set_tensor_address(self, name: str, memory: int) -> bool:
        """Say where a tensor lies."""

    def execute_async_v3(self, stream_handle: int) -> bool:
        """Enqueue an inference."""


class EngineInspector(Protocol):
    """Describes an engine's layers."""

    def get_layer_information(self, layer_index: int, format: Named) -> str:
        """One layer, as text."""


class ICudaEngine(Protocol):
    """A deserialised plan."""

    @property
    def num_io_tensors(self) -> int:
        """Inputs and outputs."""

    @property
    def num_layers(self) -> int:
        """Layers after fusion."""

    @property
    def num_optimization_profiles(self) -> int:
        """At least 1."""

    def get_tensor_name(self, index: int) -> str:
        """Name of an input or output."""

    def get_tensor_mode(self, name: str) -> Named:
        """Input or output."""

    def get_tensor_dtype(self, name: str) -> Named:
        """Type of its elements."""

    def get_tensor_shape(self, name: str) -> Shape:
        """-1 where an axis is free."""

    def get_tensor_location(self, name: str) -> Named:
        """Whether it lies on the GPU or on the host."""

    def get_tensor_format(self, name: str) -> Named:
        """How its elements are ordered."""

    def get_tensor_profile_shape(self, name: str, profile_index: int) -> Sequence[Shape]:
        """Smallest, best and largest shape of an input."""

    def create_execution_context(self) -> IExecutionContext | None:
        """Memory to run in; None where there is not enough."""

    def create_engine_inspector(self) -> EngineInspector:
        """Describes layers."""


class Runtime(Protocol):
    """Loads plans."""

    def deserialize_cuda_engine(self, serialized_engine: bytes) -> ICudaEngine | None:
        """The engine; None where the plan does not fit."""


class IPluginRegistry(Protocol):
    """Operators that are not TensorRT's own."""

    def load_library(self, plugin_path: str) -> object | None:
        """A handle; None where it cannot be loaded or its plugins are there already."""


class BuilderFlagMembers(Protocol):
    """Switches of the builder."""

    @property
    def TF32(self) -> Named:
        """On unless it is cleared."""


class MemoryPoolTypeMembers(Protocol):
    """Kinds of memory."""

    @property
    def WORKSPACE(self) -> Named:
        """Scratch memory of layers."""


class NetworkDefinitionCreationFlagMembers(Protocol):
    """How a network is made."""

    @property
    def STRONGLY_TYPED(self) -> Named:
        """Types are the ONNX file's; always so from TensorRT 11 on."""


class TensorIOModeMembers(Protocol):
    """What a tensor is."""

    @property
    def INPUT(self) -> Named:
        """An input."""


class TensorLocationMembers(Protocol):
    """Where a tensor lies."""

    @property
    def DEVICE(self) -> Named:
        """On the GPU."""


class TensorFormatMembers(Protocol):
    """How elements are ordered."""

    @property
    def LINEAR(self) -> Named:
        """Row after row, as numpy does."""


class LayerInformationFormatMembers(Protocol):
    """How a layer is described."""

    @property
    def ONELINE(self) -> Named:
        """As a line of text."""


# Inside the class below, these names are its methods.
_Logger: TypeAlias = ILogger
_Runtime: TypeAlias = Runtime
_Builder: TypeAlias = Builder
_OnnxParser: TypeAlias = OnnxParser


class TensorRt(Protocol):
    """The module ``tensorrt``."""

    __version__: str

    @property
    def ILogger(self) -> type:
        """Base class of loggers: see the class of this name."""

    @property
    def BuilderFlag(self) -> BuilderFlagMembers:
        """Its members."""

    @property
    def MemoryPoolType(self) -> MemoryPoolTypeMembers:
        """Its members."""

    @property
    def NetworkDefinitionCreationFlag(
        self,
    ) -> NetworkDefinitionCreationFlagMembers:
        """Its members."""

    @property
    def TensorIOMode(self) -> TensorIOModeMembers:
        """Its members."""

    @property
    def TensorLocation(self) -> TensorLocationMembers:
        """Its members."""

    @property
    def TensorFormat(self) -> TensorFormatMembers:
        """Its members."""

    @property
    def LayerInformationFormat(self) -> LayerInformationFormatMembers:
        """Its members."""

    def Runtime(self, logger: _Logger) -> _Runtime:
        """A runtime; TypeError where there is none, as without a driver."""

    def Builder(self, logger: _Logger) -> _Builder:
        """A builder; TypeError where there is none."""

    def OnnxParser(self, network: INetworkDefinition, logger: _Logger) -> _OnnxParser:
        """A parser that writes into a network."""

    def init_libnvinfer_plugins(self, logger: _Logger, namespace: str) -> bool:
        """Register the plugins that come with TensorRT."""

    def get_plugin_registry(self) -> IPluginRegistry:
        """Where plugins are registered."""

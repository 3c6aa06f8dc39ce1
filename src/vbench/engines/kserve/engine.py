"""The kserve engine: each run is one request."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from vbench.config.engines.entry import LiveEntry
from vbench.config.engines.kserve import KserveEntry
from vbench.engines.kserve.connection import Connection
from vbench.engines.kserve.metadata import Metadata, described_tensors
from vbench.engines.model_checks import check_tensors, closed
from vbench.engines.printable import printable
from vbench.engines.protocol import EngineInfo, EngineSite, Tensor
from vbench.errors import EngineError


def open_engine(entry: LiveEntry, site: EngineSite) -> KserveEngine:
    """Connect to the server and read what its model takes; see `EngineModule.open_engine`."""
    if not isinstance(entry, KserveEntry):
        raise TypeError(f"entry of type {entry.type}")
    return KserveEngine(entry, site)


def files_of(entry: LiveEntry, folder: Path) -> tuple[Path, ...]:  # noqa: ARG001
    """None: the model is on the server."""
    return ()


class KserveEngine:
    """A model on a server; one request at a time."""

    def __init__(self, entry: KserveEntry, site: EngineSite) -> None:
        """Connect; raises EngineError, ModelError, MissingDependencyError."""
        self._entry = entry
        self._connection: Connection | None = Connection(entry, site)
        try:
            metadata = self._connection.model()
            self.inputs = described_tensors(metadata, "inputs", site.place)
            self.outputs = described_tensors(metadata, "outputs", site.place)
            self.info = self._described(self._connection.server(), metadata)
        except EngineError:
            self.close()
            raise
        self._version = entry.version

    def run(self, tensors: Sequence[Tensor]) -> tuple[Tensor, ...]:
        """Send the tensors and wait for the outputs; they are new arrays. Raises EngineError."""
        if self._connection is None:
            raise closed()
        check_tensors(self.inputs, tensors)
        outputs, version = self._connection.infer(self.inputs, tensors, self.outputs)
        self._check_version(version)
        return outputs

    def close(self) -> None:
        """Hang up; the model stays loaded on the server."""
        if self._connection is not None:
            self._connection.close()
        self._connection = None

    def _described(self, server: Metadata, model: Metadata) -> EngineInfo:
        versions = model.get("versions")
        known = [str(item) for item in versions] if isinstance(versions, list) else []
        version = self._entry.version or ", ".join(known) or "not stated"
        where = f"{server.get('name') or 'server'} at {self._entry.url}"
        provider = f"{where}, model {self._entry.model} version {version}"
        server_version = str(server.get("version") or "unknown")
        return EngineInfo("kserve", printable(server_version), printable(provider))

    def _check_version(self, version: str) -> None:
        """A server may load a new version at any time; a run is about one."""
        if self._version and version and version != self._version:
            raise EngineError(
                f"version {version} of model {self._entry.model} answered, no longer version "
                f"{self._version}",
                hint="pin it with `version` in the pipeline file, and keep the server as it is",
            )
        self._version = self._version or version

"""A YAML document put together from parts of others, each part remembering where it stands."""

from __future__ import annotations

from vbench.config.yaml_text import KeyPath, Place, Plain, YamlDocument


class DocumentDraft:
    """Collects lines and places while data are put together."""

    def __init__(self, own: YamlDocument) -> None:
        """`own` is the file that the finished document stands for."""
        self._own = own
        self._lines: dict[KeyPath, int] = {}
        self._moved: dict[KeyPath, Place] = {}
        self._written: dict[KeyPath, str] = {}

    def note(self, source: YamlDocument, source_at: KeyPath, at: KeyPath) -> None:
        """Remember that what is at `at` stands at `source_at` of a document."""
        place = source.place(*source_at)
        self._lines[at] = place.line
        self._moved.pop(at, None)
        if place.path != self._own.path or place.key_path != at:
            self._moved[at] = place
        self._written.pop(at, None)
        if source_at in source.written:
            self._written[at] = source.written[source_at]

    def forget(self, at: KeyPath) -> None:
        """Forget what is below a key that is about to be replaced."""
        for notes in (self._lines, self._moved, self._written):
            for key_path in [key_path for key_path in notes if key_path[: len(at)] == at]:
                del notes[key_path]

    def take(self, source: YamlDocument, value: Plain, source_at: KeyPath, at: KeyPath) -> Plain:
        """A copy of the value at `source_at` of a document, for `at` of this one."""
        self.note(source, source_at, at)
        if isinstance(value, dict):
            return {
                key: self.take(source, item, (*source_at, key), (*at, key))
                for key, item in value.items()
            }
        if isinstance(value, list):
            return [
                self.take(source, item, (*source_at, k), (*at, k)) for k, item in enumerate(value)
            ]
        return value

    def finished(self, data: dict[str, Plain], environment: dict[str, str]) -> YamlDocument:
        """The document."""
        return YamlDocument(
            path=self._own.path,
            data=data,
            lines=self._lines,
            text=self._own.text,
            moved=self._moved,
            written=self._written,
            environment=environment,
            derived=True,
        )

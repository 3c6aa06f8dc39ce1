"""Values of engines that would only fail, or hang, deep inside a library."""

from __future__ import annotations

from pathlib import Path

import pytest

from vbench.config.pipeline_file import read_pipeline_file
from vbench.errors import ConfigError

FILE = """\
schema: vbench.pipeline/v1
name: limits
version: 1
classes: {names: [person]}
stages:
  - {id: detect, kind: detector, engine: ENGINE}
"""


@pytest.mark.parametrize(
    ("engine", "message"),
    [
        ("{type: http, url: 'http://a/', timeout_s: 1.0e+300}", "engine.timeout_s: .*86400"),
        ("{type: http, url: 'http://a..b/'}", "engine.url: .*empty part"),
        (f"{{type: http, url: 'http://{'a' * 64}/'}}", "engine.url: .*over 63 letters"),
        ("{type: http, url: 'http://[1.2]/'}", "engine.url: .*IPv6"),
        ("{type: kserve, url: 'a..b:8000', model: m}", "engine.url: .*empty part"),
        ("{type: onnxruntime, model: m.onnx, threads: 100000}", "engine.threads: .*1024"),
        ("{type: openvino, model: m.onnx, threads: 100000}", "engine.threads: .*1024"),
        ('{type: command, command: [./x, "a\\0b"]}', r"engine.command\[1\]: holds a zero"),
    ],
)
def test_refused_at_their_line(tmp_path: Path, engine: str, message: str) -> None:
    (tmp_path / "p.yaml").write_text(FILE.replace("ENGINE", engine))
    with pytest.raises(ConfigError, match=r"p\.yaml:6: stages\[0\]\." + message):
        read_pipeline_file(tmp_path / "p.yaml")


@pytest.mark.parametrize("host", ["localhost", "a.example.com.", "127.0.0.1:8080", "[::1]:80"])
def test_hosts_that_can_be(tmp_path: Path, host: str) -> None:
    engine = f"{{type: http, url: 'http://{host}/detect'}}"
    (tmp_path / "p.yaml").write_text(FILE.replace("ENGINE", engine))
    read_pipeline_file(tmp_path / "p.yaml")

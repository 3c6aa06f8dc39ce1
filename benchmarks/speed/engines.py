"""What it costs to be behind a pipe, a server or a class: frames to a detector that does nothing.

python benchmarks/speed/engines.py [--frames 150] [--rounds 3] [--json FILE]

Every engine takes the same frames in turns, round by round, in one process; the detector behind it
reads the whole frame and answers that there is nothing. Medians of one frame, over all rounds.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

import numpy as np
from harness import Load, Table, arguments_of, measure

from vbench.config.detector_stage import DetectorStage
from vbench.engines.protocol import ClipFacts, EngineSite, FrameEngine
from vbench.engines.registry import open_engine
from vbench.types import U8, Frame

SIZES = ((1280, 720), (1920, 1080))

NOTHING = """\
class Detector:
    def detect(self, image):
        return [], [], []
"""

PROGRAM = """\
import json
import sys

source = sys.stdin.buffer
source.readline()
print(json.dumps({"protocol": "vbench.command/v1", "name": "nothing", "version": "1"}), flush=True)
for line in iter(source.readline, b""):
    message = json.loads(line)
    if "clip" in message:
        continue
    source.read(message["n_bytes"])
    print(json.dumps({"frame": message["frame"], "detections": []}), flush=True)
"""

SERVER = """\
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ANSWER = b'{"detections": []}'

class Requests(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", str(len(ANSWER)))
        self.end_headers()
        self.wfile.write(ANSWER)

    def log_message(self, *_):
        pass

server = ThreadingHTTPServer(("127.0.0.1", 0), Requests)
print(f"http://127.0.0.1:{server.server_port}/", flush=True)
server.serve_forever()
"""


def entries(address: str) -> dict[str, dict[str, object]]:
    """The engines to compare, by the names that the table gives them."""
    command: dict[str, object] = {"type": "command", "command": [sys.executable, "program.py"]}
    http: dict[str, object] = {"type": "http", "url": address}
    return {
        "python": {"type": "python", "object": "nothing:Detector"},
        "command, raw": command,
        "command, jpeg": {**command, "frames": "jpeg"},
        "http, raw": {**http, "frames": "raw"},
        "http, jpeg": http,
        "http, jpeg in JSON": {**http, "body": "json"},
        "http, png": {**http, "frames": "png"},
    }


@contextmanager
def opened(folder: Path) -> Iterator[dict[str, FrameEngine]]:
    """Every engine with its program or server running."""
    (folder / "nothing.py").write_text(NOTHING)
    (folder / "program.py").write_text(PROGRAM)
    (folder / "server.py").write_text(SERVER)
    server_command = [sys.executable, str(folder / "server.py")]
    with (
        subprocess.Popen(server_command, stdout=subprocess.PIPE, text=True) as server,
        ExitStack() as stack,
    ):
        assert server.stdout is not None
        stack.callback(server.terminate)
        found: dict[str, FrameEngine] = {}
        for name, entry in entries(server.stdout.readline().strip()).items():
            stage = DetectorStage.model_validate({"id": "d", "kind": "detector", "engine": entry})
            site = EngineSite(folder, "bench: {}".format, "d", ("person",))
            assert stage.engine.type != "replay"
            engine = open_engine(stage.engine, site)
            assert isinstance(engine, FrameEngine)
            stack.callback(engine.close)
            found[name] = engine
        yield found


def frame_ms(engine: FrameEngine, image: U8, n_frames: int) -> float:
    """Median ms of a frame, the first tenth left out."""
    height, width = image.shape[:2]
    engine.begin_clip(ClipFacts(f"{width}x{height}", width, height, 25.0))
    times_ms = []
    for index in range(n_frames):
        frame = Frame(index, index / 25.0, image, "bgr")
        began_s = time.perf_counter()
        engine.detect(frame)
        times_ms.append(1000 * (time.perf_counter() - began_s))
    return statistics.median(times_ms[n_frames // 10 :])


def picture(size: tuple[int, int]) -> U8:
    """A picture that JPEG finds neither empty nor hopeless: shapes with a little noise."""
    width, height = size
    random = np.random.default_rng(0)
    image = np.zeros((height, width, 3), np.float64)
    for _ in range(60):
        x, y = random.integers(0, width), random.integers(0, height)
        w, h = random.integers(20, width // 3), random.integers(20, height // 3)
        image[y : y + h, x : x + w] = random.integers(0, 256, 3)
    return np.clip(image + random.normal(0, 4, image.shape), 0, 255).astype(np.uint8)


def main() -> None:
    """Measure and print the table."""
    parser = arguments_of(__doc__, rounds=3)
    parser.add_argument("--frames", type=int, default=150)
    arguments = parser.parse_args()
    # The programs behind the engines end with this process: they count as other work.
    table = Table("A frame to a detector that does nothing", arguments)
    with tempfile.TemporaryDirectory() as folder, opened(Path(folder)) as engines:
        for size in SIZES:
            image = picture(size)
            rounds = measure(
                {
                    name: partial(frame_ms, engine, image, arguments.frames)
                    for name, engine in engines.items()
                },
                arguments.rounds,
            )
            load: Load | None = rounds.load
            for name, values in rounds.values.items():
                table.add(f"{size[0]}x{size[1]}: {name}", values, "ms", load=load)
                load = None
    table.finish()


if __name__ == "__main__":
    main()

"""A pipeline file behind every door: the command protocol, HTTP, and a Python class.

``python serve_pipeline.py PIPELINE.yaml`` answers the command protocol on stdin and stdout; with
``--port`` (0 takes a free one) it answers raw frames over HTTP and prints its address.
`ServedPipeline` is a class for the python engine. All three give what the pipeline itself gives.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import numpy as np

REPOSITORY = Path(__file__).resolve().parents[2]
if __name__ == "__main__":
    # In place of this folder, whose `http` would hide Python's.
    sys.path[0] = str(REPOSITORY)

from http.server import BaseHTTPRequestHandler, HTTPServer  # noqa: E402

from tests.pipeline.files import clip  # noqa: E402
from vbench.config.pipeline_file import read_pipeline_file  # noqa: E402
from vbench.pipeline.classes import own_taxonomy  # noqa: E402
from vbench.pipeline.frame_pipeline import FramePipeline  # noqa: E402
from vbench.pipeline.load import load_pipeline  # noqa: E402
from vbench.types import U8, Frame  # noqa: E402

PROTOCOL = "vbench.command/v1"

Answer = dict[str, object]


class ServedPipeline:
    """What a pipeline file finds, in the plain form of answers; BGR frames."""

    def __init__(self, pipeline: str) -> None:
        file = read_pipeline_file(Path(pipeline))
        self._class_names = own_taxonomy(file).names
        loaded = load_pipeline(file, own_taxonomy(file))
        assert isinstance(loaded, FramePipeline)
        self._pipeline = loaded
        self._n_frames = 0

    def begin_clip(self, clip_id: str, width_px: int, height_px: int, fps: float) -> None:
        self._n_frames = 0
        self._pipeline.begin_clip(clip(clip_id, size=(width_px, height_px)))

    def detect(self, image: U8) -> Answer:
        frame = Frame(self._n_frames, self._n_frames / 25.0, image, "bgr")
        self._n_frames += 1
        found, _ = self._pipeline.run_frame(frame)
        return {
            "boxes": found.boxes_xyxy.tolist(),
            "scores": found.scores.tolist(),
            "classes": [self._class_names[index] for index in found.class_id],
            "tracks": found.track_id.tolist(),
        }

    def close(self) -> None:
        self._pipeline.close()


def answer_commands(pipeline: ServedPipeline) -> None:
    source = sys.stdin.buffer
    source.readline()
    _say({"protocol": PROTOCOL, "name": "served pipeline", "version": "1"})
    size = (0, 0)
    for line in iter(source.readline, b""):
        message = json.loads(line)
        if "clip" in message:
            size = (message["width"], message["height"])
            pipeline.begin_clip(message["clip"], *size, message["fps"])
            continue
        content = source.read(message["n_bytes"])
        image = np.frombuffer(content, np.uint8).reshape(size[1], size[0], 3)
        _say({"frame": message["frame"], **pipeline.detect(image)})


def answer_http(pipeline: ServedPipeline, port: int) -> None:
    """POST of raw frames; every frame is a clip of its own, so trackers are of no use here."""

    class Requests(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers["Content-Length"]))
            width, height = (int(self.headers[f"Vbench-{key}"]) for key in ("Width", "Height"))
            pipeline.begin_clip("http", width, height, 25.0)
            image = np.frombuffer(content, np.uint8).reshape(height, width, 3)
            body = json.dumps(pipeline.detect(image)).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None: ...

    server = HTTPServer(("127.0.0.1", port), Requests)
    print(f"http://127.0.0.1:{server.server_port}/", flush=True)
    server.serve_forever()


def _say(message: Answer) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pipeline")
    parser.add_argument("--port", type=int)
    arguments = parser.parse_args()
    pipeline = ServedPipeline(arguments.pipeline)
    if arguments.port is None:
        answer_commands(pipeline)
    else:
        answer_http(pipeline, arguments.port)


if __name__ == "__main__":
    main()

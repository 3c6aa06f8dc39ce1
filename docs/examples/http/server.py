#!/usr/bin/env python3
"""A server for the http engine: a YOLOX model in ONNX Runtime behind POST /detect.

    python server.py model.onnx --port 8090 --classes person forklift pallet

It takes raw BGR frames and answers in vbench's plain form. Replace `Detector` with your own; it
needs nothing but numpy and onnxruntime. Each connection has a thread: every pipeline of a run keeps
one, so a server that takes a single connection at a time serves the first pipeline only.
"""

from __future__ import annotations

import argparse
import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime as ort

STRIDES = (8, 16, 32)
PADDING = 114
LOWEST_SCORE = 0.01
"""Far below any threshold: vbench picks that, and does the suppression of overlaps as well."""

Detection = dict[str, object]


class Detector:
    """A YOLOX model: one input (1, 3, H, W) of pixel values, one output (1, N, 5 + C)."""

    def __init__(self, model: Path, class_names: list[str]) -> None:
        options = ort.SessionOptions()
        options.intra_op_num_threads = 1
        self._session = ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        self._input = self._session.get_inputs()[0]
        self._class_names = class_names

    def __call__(self, image: npt.NDArray[np.uint8]) -> list[Detection]:
        """Detections of one frame, (height, width, 3) uint8 BGR."""
        height, width = self._input.shape[2:]
        scale = min(width / image.shape[1], height / image.shape[0])
        tensor = np.full((height, width, 3), PADDING, np.float32)
        small = _shrunk(image, scale)
        tensor[: small.shape[0], : small.shape[1]] = small
        (output,) = self._session.run(
            None, {self._input.name: tensor.transpose(2, 0, 1)[np.newaxis].copy()}
        )
        rows = output[0]
        cells, strides = _cells(width, height)
        centers = (rows[:, :2] + cells) * strides / scale
        sizes = np.exp(rows[:, 2:4]) * strides / scale
        scores = rows[:, 4:5] * rows[:, 5:]
        best = scores.argmax(axis=1)
        return [
            {
                "box": [
                    *(centers[k] - sizes[k] / 2).tolist(),
                    *(centers[k] + sizes[k] / 2).tolist(),
                ],
                "score": float(scores[k, best[k]]),
                "class": self._class_names[best[k]],
            }
            for k in np.flatnonzero(scores.max(axis=1) >= LOWEST_SCORE)
        ]


def _shrunk(image: npt.NDArray[np.uint8], scale: float) -> npt.NDArray[np.uint8]:
    """Nearest pixels."""
    height, width = (round(length * scale) for length in image.shape[:2])
    rows = np.arange(height) * image.shape[0] // height
    columns = np.arange(width) * image.shape[1] // width
    return image[rows[:, np.newaxis], columns]


def _cells(width: int, height: int) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Column and row of each output's cell, (N, 2), and its stride, (N, 1)."""
    cells, strides = [], []
    for stride in STRIDES:
        rows, columns = np.mgrid[: height // stride, : width // stride]
        cells.append(np.stack([columns.ravel(), rows.ravel()], axis=1).astype(np.float32))
        strides.append(np.full((rows.size, 1), stride, np.float32))
    return np.concatenate(cells), np.concatenate(strides)


def serve(detector: Detector, port: int) -> None:
    """Answer until the process is ended."""

    class Requests(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"  # Keeps the connection for the next frame.
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers["Content-Length"]))
            if self.path != "/detect":
                self._answer(404, {"error": "only /detect is here"})
                return
            try:
                width, height = (int(self.headers[f"Vbench-{key}"]) for key in ("Width", "Height"))
                image = np.frombuffer(content, np.uint8).reshape(height, width, 3)
            except (TypeError, ValueError):
                self._answer(400, {"error": "not a raw frame: set `frames: raw`"})
                return
            self._answer(200, {"detections": detector(image)})

        def _answer(self, status: int, value: dict[str, object]) -> None:
            content = json.dumps(value).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            """A line per frame would be of no use."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Requests)
    server.daemon_threads = True
    print(f"listening on http://127.0.0.1:{server.server_port}/detect", flush=True)
    server.serve_forever()


def main() -> None:
    """Read the command line and serve."""
    parser = argparse.ArgumentParser(description="A YOLOX model behind POST /detect.")
    parser.add_argument("model", type=Path)
    parser.add_argument("--port", type=int, default=8090)
    parser.add_argument("--classes", nargs="+", default=["person", "forklift", "pallet"])
    arguments = parser.parse_args()
    serve(Detector(arguments.model, arguments.classes), arguments.port)


if __name__ == "__main__":
    main()

from __future__ import annotations

import re
import resource
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from tests.engines.command.programs import ANSWERS_NOTHING, ends_within, program
from vbench.config.engines.command import CommandEntry
from vbench.engines.command import program as program_module
from vbench.engines.command.engine import CommandEngine, files_of, open_engine
from vbench.engines.protocol import ClipFacts, EngineSite
from vbench.errors import EngineError, ExitCode
from vbench.types import Frame

CLASSES = ("person", "forklift")
CLIP = ClipFacts("dock", 64, 48, 25.0)

Opener = Callable[..., CommandEngine]


def frame(index: int = 0, *, size: tuple[int, int] = (64, 48)) -> Frame:
    image = np.random.default_rng(index).integers(0, 256, (size[1], size[0], 3), np.uint8)
    return Frame(index=index, pts_s=index / 25.0, image=image, color_order="bgr")


@pytest.fixture
def opener(tmp_path: Path) -> Iterator[Opener]:
    """Opens a program with a clip begun; closes whatever a test left open."""
    opened: list[CommandEngine] = []

    def open_one(
        body: str | list[str], clip: ClipFacts = CLIP, **settings: object
    ) -> CommandEngine:
        words = program(tmp_path, body) if isinstance(body, str) else body
        entry = CommandEntry.model_validate({"type": "command", "command": words, **settings})
        site = EngineSite(tmp_path, lambda key: f"p.yaml:7: engine.{key}", "detect", CLASSES)
        engine = open_engine(entry, site)
        opened.append(engine)
        engine.begin_clip(clip)
        return engine

    yield open_one
    for engine in opened:
        engine.close()


def test_frames_arrive_as_they_are(opener: Opener, tmp_path: Path) -> None:
    engine = opener(
        """
hello = greet()
received = open("received", "wb")
for message, content in frames():
    received.write(content)
    received.flush()
    say({"frame": message["frame"], "detections": [
        {"box": [1.5, 2, 3, message["time_s"] + 2], "score": 0.1 + 0.2, "class": "forklift"}],
        "alerts": [{"kind": hello["stage"]}]})
"""
    )
    assert engine.info.text() == "command 7 (test)"
    found = engine.detect(frame(5))
    np.testing.assert_array_equal(found.boxes_xyxy, [[1.5, 2, 3, 2.2]])
    assert found.scores[0] == 0.1 + 0.2
    assert found.class_index.tolist() == [1]
    assert found.track_id.tolist() == [-1]
    assert [alert.kind for alert in found.alerts] == ["detect"]
    engine.begin_clip(CLIP)
    engine.detect(frame(0))
    wanted = frame(5).image.tobytes() + frame(0).image.tobytes()
    assert (tmp_path / "received").read_bytes() == wanted


def test_lines_are_those_of_the_reference(opener: Opener, tmp_path: Path) -> None:
    """Shell programs take them apart as text: order of keys and absence of spaces are promised."""
    engine = opener(
        """
received = open("received", "wb")
received.write(source.readline())
say({"protocol": "vbench.command/v1", "name": "test", "version": "7"})
received.write(source.readline() + source.readline())
received.close()
source.read(64 * 48 * 3)
say({"frame": 3, "detections": []})
"""
    )
    engine.detect(frame(3))
    assert (tmp_path / "received").read_text().splitlines() == [
        '{"protocol":"vbench.command/v1","stage":"detect","classes":["person","forklift"],'
        '"color":"bgr","frames":"raw"}',
        '{"clip":"dock","width":64,"height":48,"fps":25.0}',
        '{"frame":3,"time_s":0.12,"n_bytes":9216}',
    ]


@pytest.mark.parametrize("color", ["bgr", "rgb"])
def test_color_is_the_one_asked_for(opener: Opener, tmp_path: Path, color: str) -> None:
    engine = opener(
        """
greet()
for message, content in frames():
    open("received", "wb").write(content)
    nothing(message)
""",
        color=color,
    )
    engine.detect(frame())
    image = frame().image if color == "bgr" else frame().image[:, :, ::-1]
    assert (tmp_path / "received").read_bytes() == image.tobytes()


def test_jpeg_frames(opener: Opener, tmp_path: Path) -> None:
    import cv2

    engine = opener(
        """
assert greet()["frames"] == "jpeg"
for message, content in frames():
    open("received.jpg", "wb").write(content)
    nothing(message)
""",
        frames="jpeg",
    )
    smooth = np.full((48, 64, 3), (200, 100, 50), np.uint8)
    engine.detect(Frame(0, 0.0, smooth, "bgr"))
    decoded = np.asarray(cv2.imread(str(tmp_path / "received.jpg")))
    assert np.abs(decoded.astype(int) - smooth).max() <= 4


def test_a_large_frame_goes_through_a_small_pipe(
    opener: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(program_module, "_PIPE_BYTES", 4096)
    engine = opener(ANSWERS_NOTHING, ClipFacts("dock", 1920, 1080, 25.0))
    assert len(engine.detect(frame(size=(1920, 1080)))) == 0


def error_of(engine: CommandEngine, index: int = 0) -> EngineError:
    with pytest.raises(EngineError) as caught:
        engine.detect(frame(index))
    assert caught.value.exit_code == ExitCode.MEDIA_OR_ENGINE
    assert caught.value.where == f"stage detect, frame {index}"
    assert caught.value.hint
    return caught.value


def start_error(opener: Opener, body: str | list[str], **settings: object) -> EngineError:
    with pytest.raises(EngineError) as caught:
        opener(body, **settings)
    assert caught.value.where == "p.yaml:7: engine.command"
    assert caught.value.hint
    return caught.value


def test_program_is_missing(opener: Opener, tmp_path: Path) -> None:
    assert "no-such-program" in start_error(opener, ["no-such-program"]).what
    assert "does not exist" not in start_error(opener, ["./gone.sh"]).what
    (tmp_path / "here.sh").write_text("#!/bin/sh\n")
    assert "write ./here.sh" in start_error(opener, ["here.sh"]).hint


def test_program_cannot_be_executed(opener: Opener, tmp_path: Path) -> None:
    script = tmp_path / "detect.sh"
    script.write_text("#!/bin/sh\n")
    assert "chmod +x" in start_error(opener, ["./detect.sh"]).hint
    script.chmod(0o755)
    script.write_text("no first line\n")
    assert "#!" in start_error(opener, ["./detect.sh"]).hint
    script.write_text("#!/no/such/interpreter\n")
    assert "interpreter" in start_error(opener, ["./detect.sh"]).hint


def test_program_exits_at_the_start(opener: Opener) -> None:
    body = "print('no model here', file=sys.stderr)\nsys.exit(3)\n"
    assert start_error(opener, body).what == (
        "the program exited with code 3; its stderr ends: no model here"
    )


def test_program_hangs_at_the_start(opener: Opener) -> None:
    began = time.monotonic()
    body = "print('loading', file=sys.stderr, flush=True)\ntime.sleep(60)\n"
    error = start_error(opener, body, start_timeout_s=1.5)
    assert error.what == "the program did not answer within 1.5 s; its stderr ends: loading"
    assert time.monotonic() - began < 10


@pytest.mark.parametrize(
    ("answer", "wanted"),
    [
        ('{"protocol": "vbench.command/v2", "name": "n", "version": "1"}', "vbench.command/v2"),
        ('{"name": "n", "version": "1"}', "the protocol null"),
        ('{"protocol": "vbench.command/v1", "version": "1"}', "`name`"),
        ('{"protocol": "vbench.command/v1", "name": "n", "version": 1}', "`version`"),
        ('{"protocol": "vbench.command/v1", "name": "n", "version": "1", "x": 1}', '"x"'),
        ("Loading model ...", 'not JSON: "Loading model ..."'),
        ("[]", "expected a JSON object"),
        ("", "an empty line"),
    ],
)
def test_wrong_greetings(opener: Opener, answer: str, wanted: str) -> None:
    assert wanted in start_error(opener, f"say({answer!r} + '\\n')\ntime.sleep(60)\n").what


def test_program_exits_midway(opener: Opener) -> None:
    engine = opener(
        """
greet()
for message, _ in frames():
    if message["frame"] == 2:
        raise MemoryError("out of memory")
    nothing(message)
"""
    )
    engine.detect(frame(0))
    engine.detect(frame(1))
    what = error_of(engine, 2).what
    assert what.startswith("the program exited with code 1; its stderr ends: ")
    assert what.endswith("MemoryError: out of memory")
    with pytest.raises(EngineError, match="has ended"):
        engine.detect(frame(3))
    with pytest.raises(EngineError, match="has ended"):
        engine.begin_clip(CLIP)


def test_program_is_killed(opener: Opener) -> None:
    engine = opener("greet()\nnext(frames())\nos.kill(os.getpid(), signal.SIGSEGV)\n")
    assert error_of(engine).what == "the program was killed by SIGSEGV"


def test_program_exits_between_frames(opener: Opener) -> None:
    engine = opener("greet()\nfor message, _ in frames():\n    nothing(message)\n    break\n")
    engine.detect(frame(0))
    time.sleep(0.2)
    assert error_of(engine, 1).what == "the program exited with code 0"


def test_program_exits_and_leaves_its_pipes_to_a_child(opener: Opener, tmp_path: Path) -> None:
    engine = opener(
        """
greet()
next(frames())
child = subprocess.Popen(["sleep", "60"])
open("child", "w").write(str(child.pid))
os._exit(9)
"""
    )
    assert error_of(engine).what == "the program exited with code 9"
    assert ends_within(int((tmp_path / "child").read_text()), 5)


def test_program_hangs_and_is_killed_with_its_children(opener: Opener, tmp_path: Path) -> None:
    engine = opener(
        """
greet()
next(frames())
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = subprocess.Popen(["sleep", "60"])
open("pids", "w").write(f"{os.getpid()} {child.pid}")
time.sleep(60)
""",
        frame_timeout_s=1.0,
    )
    error = error_of(engine)
    assert error.what == "the program did not answer within 1 s"
    assert "time-out" in error.hint
    for pid in (tmp_path / "pids").read_text().split():
        assert ends_within(int(pid), 5)


def test_program_does_not_read(opener: Opener) -> None:
    engine = opener(
        "greet()\ntime.sleep(60)\n", ClipFacts("dock", 1920, 1080, 25.0), frame_timeout_s=0.5
    )
    with pytest.raises(EngineError, match=r"did not read what it was sent within 0\.5 s"):
        engine.detect(frame(size=(1920, 1080)))


def test_slow_program_is_stopped_while_it_trickles(opener: Opener) -> None:
    """Bytes that keep coming do not put the time-out off."""
    engine = opener(
        """
greet()
next(frames())
while True:
    say(" ")
    print("busy", file=sys.stderr, flush=True)
    time.sleep(0.02)
""",
        frame_timeout_s=0.5,
    )
    assert "did not answer within 0.5 s" in error_of(engine).what


def test_program_floods_stdout_without_line_ends(opener: Opener) -> None:
    before_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    engine = opener("greet()\nnext(frames())\nwhile True:\n    say('x' * 65536)\n")
    assert error_of(engine).what.startswith("the program wrote a line of more than 4 MiB")
    grown_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kb
    assert grown_kb < 64 * 1024


def test_program_floods_stdout_with_lines(opener: Opener) -> None:
    engine = opener("greet()\nnext(frames())\nwhile True:\n    say('{}\\n' * 1000)\n")
    assert error_of(engine).what.startswith("the program wrote more than the one line asked for")


def test_program_floods_both_outputs_instead_of_reading(opener: Opener) -> None:
    body = """
greet()
while True:
    os.write(2, b"!" * 65536)
    os.write(1, b"x" * 65536)
"""
    with pytest.raises(EngineError, match=r"more than (4 MiB|the one line asked for)"):
        opener(body, ClipFacts("dock", 1920, 1080, 25.0)).detect(frame(size=(1920, 1080)))


def test_program_floods_stderr_and_answers(opener: Opener) -> None:
    """More than a pipe holds, at the start, while it is sent a frame, and before it answers."""
    engine = opener(
        """
os.write(2, b"model loaded\\n" * 300_000)
greet()
while line := source.readline():
    os.write(2, b"frame comes\\n" * 300_000)
    message = json.loads(line)
    if "frame" in message:
        source.read(message["n_bytes"])
        os.write(2, b"frame done\\n" * 300_000)
        nothing(message)
"""
    )
    for index in range(3):
        assert len(engine.detect(frame(index))) == 0


@pytest.mark.parametrize(
    ("answer", "wanted"),
    [
        ("person 0.9", 'the program\'s answer is not JSON: "person 0.9"'),
        ('{"frame": 0, "detections": [', "not JSON"),
        ("\\x1b[31mred", 'not JSON: "?[31mred"'),
        ("\\n", "an empty line"),
        ("[" * 100_000, "not JSON"),
        ("7", "the program's answer is 7, expected a JSON object"),
        ('{"frame": 1, "detections": []}', "answered for frame 1, but was given frame 0"),
        ('{"frame": true, "detections": []}', "answered for frame true"),
        ('{"detections": []}', "answered for frame null"),
        ('{"frame": 0}', "the answer has no boxes"),
        ('{"frame": 0, "error": "out of memory"}', 'reports an error: "out of memory"'),
        ('{"frame": 0, "detections": [{"box": [0, 0, 1, NaN], "score": 1, "class": 0}]}', "finite"),
    ],
)
def test_wrong_answers(opener: Opener, answer: str, wanted: str) -> None:
    body = f'greet()\nnext(frames())\nsay("""{answer}""" + "\\n")\ntime.sleep(60)\n'
    assert wanted in error_of(opener(body)).what


def test_wrong_answer_is_told_with_stderr(opener: Opener) -> None:
    body = "greet()\nnext(frames())\nos.write(2, b'a\\nb\\n')\nsay('{}\\n')\ntime.sleep(60)\n"
    assert error_of(opener(body)).what.endswith("; its stderr ends: a | b")


def test_nothing_unprintable_reaches_messages_and_runs(opener: Opener) -> None:
    """Half a surrogate pair is JSON, but cannot be written to any file."""
    engine = opener(
        r"""
source.readline()
say('{"protocol":"vbench.command/v1","name":"a\\ud800","version":"1\\u001b[31m"}' + "\n")
for message, _ in frames():
    say('{"error": "bad \\ud800"}' + "\n")
"""
    )
    assert engine.info.text() == "command 1?[31m (a?)"
    assert 'error: "bad ?"' in str(error_of(engine))


def test_two_lines_for_a_frame(opener: Opener) -> None:
    body = "greet()\nm, _ = next(frames())\nsay('debug\\n{\"frame\": 0}\\n')\ntime.sleep(60)\n"
    assert "more than the one line" in error_of(opener(body)).what


def test_a_second_line_that_comes_late(opener: Opener) -> None:
    engine = opener(
        "greet()\nm, _ = next(frames())\nnothing(m)\ntime.sleep(0.1)\nsay('late\\n')\n"
        "time.sleep(60)\n"
    )
    engine.detect(frame(0))
    time.sleep(0.3)
    assert 'not JSON: "late"' in error_of(engine, 1).what


def test_program_closes_its_input(opener: Opener, tmp_path: Path) -> None:
    engine = opener(
        "greet()\nsource.readline()\nos.close(0)\nopen('closed', 'w').close()\ntime.sleep(60)\n"
    )
    while not (tmp_path / "closed").exists():
        time.sleep(0.01)
    assert error_of(engine).what == "the program still runs, but it closed its input"


def test_program_closes_its_output(opener: Opener) -> None:
    engine = opener("greet()\nnext(frames())\nos.close(1)\ntime.sleep(60)\n")
    assert error_of(engine).what == "the program still runs, but it closed its output"


def test_frame_of_another_size(opener: Opener) -> None:
    engine = opener(ANSWERS_NOTHING)
    with pytest.raises(EngineError, match="has 32x16 px, but a clip of 64x48 px was announced"):
        engine.detect(frame(size=(32, 16)))
    assert len(engine.detect(frame(0))) == 0


def test_closing_lets_the_program_finish(opener: Opener, tmp_path: Path) -> None:
    engine = opener(ANSWERS_NOTHING + "open('finished', 'w').write('yes')\n")
    engine.detect(frame(0))
    engine.close()
    engine.close()
    assert (tmp_path / "finished").read_text() == "yes"
    with pytest.raises(EngineError, match="has ended"):
        engine.detect(frame(1))


def test_closing_ends_a_program_that_does_not_stop(
    opener: Opener, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(program_module, "CLOSE_GRACE_S", 0.3)
    engine = opener(
        ANSWERS_NOTHING + "open('pid', 'w').write(str(os.getpid()))\nwhile True:\n    say('x')\n"
    )
    engine.detect(frame(0))
    engine.close()
    assert ends_within(int((tmp_path / "pid").read_text()), 5)


def test_closing_ends_children_that_stay_behind(opener: Opener, tmp_path: Path) -> None:
    engine = opener(
        "child = subprocess.Popen(['sleep', '60'], stdout=2)\n"
        "open('child', 'w').write(str(child.pid))\n" + ANSWERS_NOTHING
    )
    engine.detect(frame(0))
    engine.close()
    assert ends_within(int((tmp_path / "child").read_text()), 5)


def test_an_engine_that_is_forgotten_ends_its_program(tmp_path: Path) -> None:
    words = program(tmp_path, "greet()\nopen('pid', 'w').write(str(os.getpid()))\ntime.sleep(60)\n")
    entry = CommandEntry(type="command", command=words)
    engine = open_engine(entry, EngineSite(tmp_path, str, "detect", CLASSES))
    while not (tmp_path / "pid").exists() or not (tmp_path / "pid").read_text():
        time.sleep(0.01)
    del engine
    assert ends_within(int((tmp_path / "pid").read_text()), 5)


def test_nothing_is_left_open(opener: Opener) -> None:
    before = sorted(Path("/proc/self/fd").iterdir())
    for body in (ANSWERS_NOTHING, "greet()\n", "greet()\nnext(frames())\n"):
        with suppress(EngineError):
            engine = opener(body)
            engine.detect(frame(0))
            engine.close()
    assert sorted(Path("/proc/self/fd").iterdir()) == before


def test_files_are_the_words_that_name_some(tmp_path: Path) -> None:
    for name in ("detect.py", "model.bin", "more.txt"):
        (tmp_path / name).write_text(name)
    words = [sys.executable, "detect.py", "--model", "model.bin", "", "--fast"]
    entry = CommandEntry(type="command", command=words, files=["more.txt", "model.bin"])
    assert [path.name for path in files_of(entry, tmp_path)] == [
        "detect.py",
        "model.bin",
        "more.txt",
    ]
    missing = CommandEntry(type="command", command=["x"], files=["gone.bin"])
    with pytest.raises(EngineError, match=re.escape(f"{tmp_path / 'gone.bin'}: the file does not")):
        files_of(missing, tmp_path)

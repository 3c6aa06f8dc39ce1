from __future__ import annotations

import importlib
import random
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier, Event
from typing import cast

import pytest

from vbench.engines.python_object import imports_from, load_object, module_file
from vbench.errors import EngineError, ExitCode

PLACE = "p.yaml:7: engine.object"


def write(folder: Path, **modules: str) -> Path:
    for name, text in modules.items():
        path = folder / f"{name.replace('__', '/')}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def error_of(reference: str, folder: Path) -> EngineError:
    with pytest.raises(EngineError) as caught:
        load_object(reference, folder, PLACE)
    assert caught.value.where == PLACE
    assert caught.value.hint
    assert caught.value.exit_code == ExitCode.MEDIA_OR_ENGINE
    return caught.value


def test_loads_from_the_folder_and_its_packages(tmp_path: Path) -> None:
    write(tmp_path, mine="VALUE = 3\n", package__part="from package import other\nV = other.W\n",
          package__other="W = 5\n")  # fmt: skip
    assert load_object("mine:VALUE", tmp_path, PLACE) == 3
    assert load_object("package.part:V", tmp_path, PLACE) == 5
    assert load_object("collections:OrderedDict", tmp_path, PLACE).__name__ == "OrderedDict"  # type: ignore[attr-defined]


def test_modules_of_two_folders_are_not_mixed_up(tmp_path: Path) -> None:
    """Neither the modules named, nor those they import, nor those they import only when called."""
    text = (
        "import shared\nNAME = shared.NAME\ndef late():\n    import later\n    return later.NAME\n"
    )
    folders = [tmp_path / name for name in ("a", "b")]
    for folder in folders:
        folder.mkdir()
        name = f"NAME = '{folder.name}'\n"
        write(folder, detector=text, shared=name, later=name)
    assert [load_object("detector:NAME", folder, PLACE) for folder in folders] == ["a", "b"]
    for folder in (*folders, *folders):
        late = cast(Callable[[], str], load_object("detector:late", folder, PLACE))
        with imports_from(folder):
            assert late() == folder.name


def test_threads_of_one_folder_are_inside_together(tmp_path: Path) -> None:
    write(tmp_path, only_here="")
    path, names, stdout = list(sys.path), set(sys.modules), sys.stdout
    both_inside = Barrier(2)

    def visit() -> bool:
        with imports_from(tmp_path):
            both_inside.wait(30)
            return importlib.import_module("only_here").__file__ == str(tmp_path / "only_here.py")

    with ThreadPoolExecutor(2) as threads:
        assert all(future.result(30) for future in [threads.submit(visit) for _ in range(2)])
    assert (sys.path, set(sys.modules), sys.stdout) == (path, names, stdout)


def test_a_thread_of_another_folder_waits(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("a", "b")]
    for folder in folders:
        folder.mkdir()
        write(folder, shared=f"NAME = '{folder.name}'\n")
    inside, wait = Event(), Event()

    def first() -> str:
        with imports_from(folders[0]):
            inside.set()
            wait.wait(30)
            return str(importlib.import_module("shared").NAME)

    def second() -> str:
        with imports_from(folders[1]):
            return str(importlib.import_module("shared").NAME)

    with ThreadPoolExecutor(2) as threads:
        earlier = threads.submit(first)
        assert inside.wait(30)
        later = threads.submit(second)
        with pytest.raises(TimeoutError):
            later.result(0.05)
        wait.set()
        assert (earlier.result(30), later.result(30)) == ("a", "b")


def test_it_is_left_after_a_failure(tmp_path: Path) -> None:
    for _ in range(2):
        with pytest.raises(KeyError), imports_from(tmp_path):
            raise KeyError
    assert str(tmp_path) not in sys.path


def test_nothing_stays_in_the_interpreter(tmp_path: Path) -> None:
    path, names = list(sys.path), set(sys.modules)
    write(tmp_path, only_here="import only_there\n", only_there="")
    load_object("only_here:__name__", tmp_path, PLACE)
    assert sys.path == path
    assert set(sys.modules) == names


def test_a_module_keeps_its_state(tmp_path: Path) -> None:
    write(tmp_path, counting="seen = []\n")
    first = load_object("counting:seen", tmp_path, PLACE)
    assert load_object("counting:seen", tmp_path, PLACE) is first


def test_a_module_may_have_the_name_of_a_loaded_one(tmp_path: Path) -> None:
    """The folder comes first, as for a script; vbench itself keeps the real one."""
    write(tmp_path, random="OWN = True\n", detector="import random\nOWN = random.OWN\n")
    assert load_object("detector:OWN", tmp_path, PLACE) is True
    assert sys.modules["random"] is random
    assert not hasattr(random, "OWN")


def test_a_library_below_the_folder_is_not_the_folders(tmp_path: Path) -> None:
    """As with a virtual environment there: its modules are imported once and stay."""
    library = tmp_path / "env" / "site-packages"
    write(library, vbench_test_library="")
    write(
        tmp_path,
        detector=f"import sys\nsys.path.append({str(library)!r})\nimport vbench_test_library\n",
    )
    try:
        load_object("detector:__name__", tmp_path, PLACE)
        assert "vbench_test_library" in sys.modules
        assert "detector" not in sys.modules
    finally:
        sys.modules.pop("vbench_test_library", None)
        sys.path.remove(str(library))


def test_module_is_missing(tmp_path: Path) -> None:
    write(tmp_path, detector="")
    error = error_of("detectr:Class", tmp_path)
    assert error.what == f'there is no module "detectr" in {tmp_path}, and none is installed'
    assert error.hint == 'did you mean "detector"?'
    assert 'no module "detector.part"' in error_of("detector.part:Class", tmp_path).what
    (tmp_path / "empty").mkdir()
    assert "beside the pipeline file" in error_of("detectr:Class", tmp_path / "empty").hint


def test_module_imports_what_is_missing(tmp_path: Path) -> None:
    write(tmp_path, detector="import sys\n\nimport no_such_library.part\n")
    error = error_of("detector:Class", tmp_path)
    assert error.what == (
        "its import failed: detector.py:3: ModuleNotFoundError: No module named 'no_such_library'"
    )
    assert error.hint == "install no_such_library where vbench is installed"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("x = 1\ny = x / 0\n", "detector.py:2: ZeroDivisionError: division by zero"),
        ("x = 1\ny = (\n", "detector.py:2: SyntaxError: '(' was never closed"),
        ("import sys\nsys.exit('bye')\n", "detector.py:2: SystemExit: bye"),
        ("from os import no_such_name\n", "detector.py:1: ImportError: cannot import name"),
    ],
)
def test_module_fails(tmp_path: Path, text: str, wanted: str) -> None:
    write(tmp_path, detector=text)
    assert error_of("detector:Class", tmp_path).what.startswith(f"its import failed: {wanted}")


def test_error_in_a_module_that_it_imports(tmp_path: Path) -> None:
    write(tmp_path, detector="import part\n", part="\n\nx = [][1]\n")
    assert "part.py:3: IndexError: list index out of range" in error_of("detector:C", tmp_path).what


def test_error_in_a_library(tmp_path: Path) -> None:
    write(tmp_path, detector="import json\n\njson.loads('x')\n")
    assert "detector.py:3: JSONDecodeError" in error_of("detector:C", tmp_path).what


def test_a_module_that_was_corrected_loads(tmp_path: Path) -> None:
    write(tmp_path, detector="raise ValueError\n")
    error_of("detector:Class", tmp_path)
    write(tmp_path, detector="Class = 'corrected'\n")
    assert load_object("detector:Class", tmp_path, PLACE) == "corrected"


def test_name_is_missing(tmp_path: Path) -> None:
    write(tmp_path, detector="class Detector: ...\n")
    error = error_of("detector:Detectr", tmp_path)
    assert error.what == f'module "detector" ({tmp_path / "detector.py"}) has no "Detectr"'
    assert error.hint == 'did you mean "Detector"?'


def test_module_file(tmp_path: Path) -> None:
    write(tmp_path, detector="raise ValueError\n", package__part="")
    (tmp_path / "package" / "__init__.py").write_text("")
    assert module_file("detector:C", tmp_path, PLACE) == tmp_path / "detector.py"
    assert module_file("package:C", tmp_path, PLACE) == tmp_path / "package" / "__init__.py"
    assert module_file("package.part:C", tmp_path, PLACE) == tmp_path / "package" / "part.py"
    assert module_file("json.decoder:C", tmp_path, PLACE).name == "decoder.py"
    for missing in ("no_such_module:C", "no_such.module:C", "sys:path"):
        with pytest.raises(EngineError, match=r"^p\.yaml:7: engine\.object: "):
            module_file(missing, tmp_path, PLACE)

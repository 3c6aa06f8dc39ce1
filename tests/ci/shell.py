"""Steps of CI files run as their systems run them: in bash, with their environment."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

REPOSITORY = Path(__file__).resolve().parents[2]
_EXPRESSION = re.compile(r"\$\{\{\s*([\w.-]+)\s*\}\}")


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a composite action."""

    name: str
    id: str
    uses: str
    run: str
    env: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Action:
    """What the tests need of ``action.yml``."""

    defaults: Mapping[str, str]
    outputs: Mapping[str, str]
    steps: Sequence[Step]


@dataclass(slots=True)
class Job:
    """What a run of the action left."""

    code: int
    stdout: str
    outputs: dict[str, str] = field(default_factory=dict)
    summary: str = ""


def read_action() -> Action:
    written = yaml.safe_load((REPOSITORY / "action.yml").read_text("utf-8"))
    assert written["runs"]["using"] == "composite"
    return Action(
        defaults={
            name: str(entry["default"])
            for name, entry in written["inputs"].items()
            if "default" in entry
        },
        outputs={name: str(entry["value"]) for name, entry in written["outputs"].items()},
        steps=[
            Step(
                step["name"],
                step.get("id", ""),
                step.get("uses", ""),
                step.get("run", ""),
                step.get("env", {}),
            )
            for step in written["runs"]["steps"]
        ],
    )


def run_action(folder: Path, inputs: Mapping[str, str], path: str = "", run_code: str = "") -> Job:
    """Run the shell steps of ``action.yml`` in a folder, until one ends with another code than 0.

    Args:
        folder: the workspace.
        inputs: what the workflow gives; defaults fill the rest.
        path: folders to look for programs in; by default those of this Python come first.
        run_code: with what the step ``run`` ended, where it has been run before.
    """
    action = read_action()
    summary = folder / ".summary.md"
    summary.touch()
    known = {f"inputs.{key}": value for key, value in {**action.defaults, **inputs}.items()}
    known |= {"github.action_path": str(REPOSITORY), "steps.run.outputs.code": run_code}
    code, stdout = 0, ""
    for number, step in enumerate(action.steps):
        if not step.run or (step.id == "run" and run_code):
            continue
        output = folder / f".output-{number}"
        output.touch()
        environment = {
            **_environment(path),
            **{key: substituted(text, known) for key, text in step.env.items()},
            "GITHUB_OUTPUT": str(output),
            "GITHUB_STEP_SUMMARY": str(summary),
        }
        done = run_bash(substituted(step.run, known), folder, environment)
        code, stdout = done.returncode, stdout + done.stdout
        for line in output.read_text("utf-8").splitlines():
            name, _, value = line.partition("=")
            known[f"steps.{step.id}.outputs.{name}"] = value
        if code:
            break
    outputs = {name: substituted(text, known) for name, text in action.outputs.items()}
    return Job(code, stdout, outputs, summary.read_text("utf-8"))


def substituted(text: str, known: Mapping[str, str]) -> str:
    """Expressions like ``${{ inputs.out }}`` replaced; what is not known is empty, as on GitHub."""
    return _EXPRESSION.sub(lambda match: known.get(match[1], ""), text)


def run_gitlab(folder: Path, variables: Mapping[str, str], path: str = "") -> Job:
    """Run ``before_script`` and ``script`` of the GitLab template as one script, as GitLab does."""
    template = read_gitlab()
    lines = [*template["before_script"], *template["script"]]
    environment = {**_environment(path), **template["variables"], **variables}
    done = run_bash("\n".join(lines), folder, environment)
    return Job(done.returncode, done.stdout)


def read_gitlab() -> dict[str, Any]:
    written = yaml.safe_load((REPOSITORY / "ci" / "gitlab" / "vbench.yml").read_text("utf-8"))
    assert list(written) == [".vbench"]
    found: dict[str, Any] = written[".vbench"]
    return found


def run_bash(
    script: str, folder: Path, environment: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    """The command line that GitHub documents for ``shell: bash``."""
    file = folder / ".step.sh"
    file.write_text(script, encoding="utf-8")
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(file)],
        cwd=folder,
        env=dict(environment),
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    sys.stdout.write(done.stdout)
    sys.stderr.write(done.stderr)
    return done


def _environment(path: str) -> dict[str, str]:
    here = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    kept = {
        key: os.environ[key] for key in ("HOME", "LANG", "NUMBA_CACHE_DIR") if key in os.environ
    }
    return {**kept, "PATH": path or here, "CI": "true"}

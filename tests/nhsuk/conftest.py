"""What the tests of the design system share."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.template import engines

Ours = Callable[..., str]


@pytest.fixture
def ours() -> Ours:
    """Render a template's text with the portal's own engine and tags."""

    def render(template: str, **context: Any) -> str:
        return engines["django"].from_string(template).render(context)

    return render


def official(asked: list[dict[str, Any]]) -> list[str]:
    """Render the design system's own macros. Raises CalledProcessError when Node or the package is not there."""
    done = subprocess.run(
        ["node", Path(__file__).with_name("official.mjs")],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        check=True,
    )
    rendered: list[str] = json.loads(done.stdout)
    return rendered

"""Write docs/api.md: every operation of the API, and the tests that ask for it.

    rm -f /tmp/seen; IDANCE_OPERATIONS=/tmp/seen make quick
    .venv/bin/python scripts/operations.py /tmp/seen

The tests' client writes down what it asked for; `tests/idance/api/test_operations.py` fails when the page and
the schema differ, or when a test that the page names is gone.
"""

import os
import sys
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "api.md"
#: These ask for everything and look at little: they alone do not count as a test of an operation.
SWEEPS = ("test_sweep.py", "test_rules.py", "test_schemathesis.py")
HEAD = """\
# The API, operation by operation

Written by `scripts/operations.py` from what the tests asked for. How to use it: [app-guide.md](app-guide.md);
all of it with examples: `/api/docs` of a running server. Every answer in a test is compared with the schema.

| operation | what it does | answers seen | tests | one of them |
|---|---|---|---|---|
"""


def main():
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "idance.settings")
    sys.path.insert(0, str(ROOT))
    import django

    django.setup()
    from tests.api_client import openapi

    seen = read(Path(sys.argv[1]))
    lines = []
    for path, operations in sorted(openapi()["paths"].items()):
        for method, operation in operations.items():
            name = f"{method.upper()} {path}"
            statuses, tests, example = told(seen[name])
            lines.append(f"| `{name}` | {operation['summary']} | {statuses} | {tests} | `{example}` |")
            if not example:
                print(f"no test asks for {name}")
    PAGE.write_text(HEAD + "\n".join(lines) + "\n", encoding="utf-8")
    print(f"{PAGE.relative_to(ROOT)}: {len(lines)} operations")


def read(file):
    """operation -> [(status, test)]"""
    seen = defaultdict(list)
    for line in file.read_text(encoding="utf-8").splitlines():
        operation, status, test = line.split("\t")
        seen[operation].append((status, test))
    return seen


def told(asked):
    """Statuses, the number of tests, and the test that asks for it most with success."""
    statuses = ", ".join(sorted({status for status, _ in asked}))
    own = [(status, test) for status, test in asked if not any(sweep in test for sweep in SWEEPS)]
    tests = {test for _, test in own}
    good = sorted(test for status, test in own if status < "400") or sorted(tests)
    return statuses, len(tests), max(good, key=good.count, default="")


if __name__ == "__main__":
    main()

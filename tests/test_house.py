"""The house rules that a linter does not know: the README, the lock, the CI command, what may not enter."""

import ast
import importlib.util
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
import typer.main
from typer.core import TyperGroup

from pipelines.cli.app import app

ROOT = Path(__file__).parent.parent
BIN = Path(sys.executable).parent
README = ROOT / "README.md"


def verbs(group: TyperGroup, prefix: str = "sachsong") -> Iterator[str]:
    """`sachsong registry make` and so on, as a user types them."""
    for name, command in group.commands.items():
        if isinstance(command, TyperGroup):
            yield from verbs(command, f"{prefix} {name}")
        else:
            yield f"{prefix} {name}"


def every_verb() -> list[str]:
    group = typer.main.get_command(app)
    assert isinstance(group, TyperGroup)
    return list(verbs(group))


@pytest.mark.parametrize("verb", every_verb())
def test_every_verb_is_in_the_readme(verb: str) -> None:
    short = verb.removeprefix("sachsong ")
    assert re.search(rf"`(sachsong )?{short}[` ]", README.read_text(encoding="utf-8")), f"not in README.md: {verb}"


def test_two_commands_stand_alone_at_the_top_of_the_readme() -> None:
    blocks = re.findall(r"^```\w*\n(.*?)^```", README.read_text(encoding="utf-8"), flags=re.M | re.S)
    assert [block.strip() for block in blocks[:2]] == ["make night", "make test"]


def test_ci_calls_the_command_that_the_readme_gives() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "make test" in script.splitlines()
    assert (ROOT / ".ci" / "run").stat().st_mode & 0o111


def test_modules_import_downwards_only() -> None:
    done = subprocess.run([BIN / "lint-imports", "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


HEAVY_IN_ONE_PLACE = {
    "prefect": ("flows.py", "pipelines/night/prefect_server.py"),
    "great_expectations": ("rules/",),
    "pandas": (),
    "starlette": ("pipelines/review/web/", "pipelines/gateway/simulator/http_server.py"),
}


@pytest.mark.parametrize(("package", "places"), HEAVY_IN_ONE_PLACE.items())
def test_a_heavy_package_lives_in_one_place(package: str, places: tuple[str, ...]) -> None:
    imports = re.compile(rf"^\s*(?:from|import) {package}\b", re.M)
    ours = [ROOT / "flows.py"]
    for folder in ("vn", "rules", "matching", "pipelines"):
        ours += (ROOT / folder).rglob("*.py")
    found = {str(file.relative_to(ROOT)) for file in ours if imports.search(file.read_text(encoding="utf-8"))}
    assert {file for file in found if not file.startswith(places)} == set()


def test_only_the_flow_brings_up_a_prefect_server() -> None:
    """Whoever imports that module imports Prefect: seconds at every start."""
    found = [
        path for path in (ROOT / "pipelines").rglob("*.py") if "prefect_server" in path.read_text(encoding="utf-8")
    ]
    assert found == []


# Tests: what two of them share lies in a module that is no test, with a name that says what it makes.

TESTS = sorted((ROOT / "tests").rglob("*.py"))


def imports(text: str, folder: str) -> Iterator[str]:
    """Every module that this text may import when it lies in `folder`, a dotted name."""
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.Import():
                yield from (each.name for each in node.names)
            case ast.ImportFrom():
                above = folder.split(".")[: len(folder.split(".")) + 1 - node.level] if node.level else []
                module = ".".join([*above, *filter(None, [node.module])])
                yield module
                yield from (f"{module}.{each.name}" for each in node.names)


def of_tests(modules: Iterator[str]) -> set[str]:
    """Those of the modules that are test modules: pytest runs them."""
    files = {".".join(path.relative_to(ROOT).with_suffix("").parts) for path in TESTS if path.name.startswith("test_")}
    return files & set(modules)


IMPORTS = [
    ("from tests.test_journey import run", {"tests.test_journey"}, "a name out of it"),
    ("from tests import test_journey as journey", {"tests.test_journey"}, "the module, by another name"),
    ("import tests.test_journey", {"tests.test_journey"}, "whole"),
    ("from .. import test_journey", {"tests.test_journey"}, "counted up from tests.pipelines"),
    ("from ..test_journey import run", {"tests.test_journey"}, "the same"),
    ("def f():\n    from tests.test_journey import run", {"tests.test_journey"}, "inside a function"),
    ("from tests.pipelines.nights import LIST\nimport pytest", set(), "no test module"),
]


@pytest.mark.parametrize(("text", "found", "why"), IMPORTS)
def test_an_import_of_a_test_module_is_seen(text: str, found: set[str], why: str) -> None:
    assert of_tests(imports(text, "tests.pipelines")) == found, why


def test_no_module_imports_a_test_module() -> None:
    """Whoever reads a test need not read another one; fixtures of conftest.py are not imported."""
    found = {}
    for path in TESTS:
        folder = ".".join(path.relative_to(ROOT).parent.parts)
        found[str(path.relative_to(ROOT))] = of_tests(imports(path.read_text(encoding="utf-8"), folder))
    assert {name: modules for name, modules in found.items() if modules} == {}


OURS = ("flows.py", "vn", "rules", "matching", "pipelines", "benchmarks", "docs", "tests")


def names_of(body: list[ast.stmt]) -> Iterator[str]:
    """What these statements of a module define or import, also inside `if` and `try`."""
    for node in body:
        match node:
            case ast.Import() | ast.ImportFrom():
                yield from ((each.asname or each.name).split(".")[0] for each in node.names)
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                yield node.name
            case ast.Assign() | ast.AnnAssign() | ast.For() | ast.With():
                yield from (each.id for each in ast.walk(node) if isinstance(each, ast.Name))
            case ast.If() | ast.Try():
                yield from names_of([*node.body, *node.orelse])


def test_every_name_that_is_imported_from_us_is_there() -> None:
    """A name changed in one place is seen here, without a run of the test that imports it by the old name."""
    files = [path for each in OURS for path in ([ROOT / each] if each.endswith(".py") else (ROOT / each).rglob("*.py"))]
    trees = {path: ast.parse(path.read_text(encoding="utf-8")) for path in files}
    defined: dict[str, set[str]] = {}
    for path, tree in trees.items():
        parts = path.relative_to(ROOT).with_suffix("").parts
        module = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        defined[module] = set(names_of(tree.body))
        defined.setdefault(".".join(parts[:-1]), set())
    missing = [
        f"{path.relative_to(ROOT)}: {node.module}.{each.name}"
        for path, tree in trees.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module in defined
        for each in node.names
        if each.name not in defined[node.module] and f"{node.module}.{each.name}" not in defined
    ]
    assert missing == []


# The lock


def locked() -> dict[str, str]:
    """Package → its lines in requirements.lock."""
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8").replace("\\\n", " ")
    return {line.split("==")[0].split("[")[0]: line for line in text.splitlines() if line.strip()}


def test_every_locked_package_has_one_version_and_hashes() -> None:
    assert len(locked()) > 100
    for line in locked().values():
        assert re.match(r"^[a-z0-9][a-z0-9._-]*(\[[a-z0-9,-]+\])?==\S+ .*--hash=sha256:[0-9a-f]{64}", line), line


def test_the_lock_names_no_host() -> None:
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert "://" not in text
    assert " @ " not in text
    assert "index" not in re.sub(r"--hash=\S+", "", text)


def test_the_lock_holds_everything_that_the_project_asks_for() -> None:
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = project["dependencies"] + project["optional-dependencies"]["dev"]
    names = {re.split(r"[<>=\[ ;]", requirement)[0].lower() for requirement in asked}
    assert names - set(locked()) == set()


# What may not enter


@pytest.fixture(scope="module")
def refuse() -> ModuleType:
    spec = importlib.util.spec_from_file_location("refuse", ROOT / ".ci" / "refuse.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_nothing_in_the_repository_is_refused() -> None:
    """Large files, secrets, numbers that could be a person's, a package index."""
    done = subprocess.run([sys.executable, ".ci/refuse.py"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


# Written in two parts, so that this file may enter.
BAD = [
    ("docs/a.md", "số 0792030" + "54871", "could be a person's", "province 079, not an example's serial"),
    ("rules/a.toml", 'good = ["0010990' + '98765"]', "could be a person's", "within quotes"),
    ("docs/a.md", "-----BEGIN RSA PRIVATE" + " KEY-----", "private key", "any kind of key"),
    ("a.py", "AK" + "IA" + "A1B2C3D4E5F6G7H8", "cloud key", "an access key's form"),
    ("tests/a.py", "gh" + "p_" + "a" * 36, "access token", "tests may hold no secret either"),
    ("a.toml", "postgresql://user" + ":s3cretpass@db/sachsong", "password in a URL", "use a password file"),
    ("a.py", "pass" + 'word = "hunter2hunter2"', "password", "assigned in the source"),
    ("pip.conf", "index-url" + " = https://mirror.example/simple", "package index", "the machine's own matter"),
    ("requirements.lock", "# from files.python" + "hosted.org", "package index", "a host's name"),
    ("big.csv", "x" * 1_000_001, "bytes", "over the limit"),
]


@pytest.mark.parametrize(("path", "text", "fault", "why"), BAD)
def test_what_may_not_enter(refuse: ModuleType, path: str, text: str, fault: str, why: str) -> None:
    (found,) = refuse.faults(path, text.encode())
    assert fault in found, why


GOOD = [
    ("docs/a.md", "001099000001 và 079203001234", "documented examples"),
    ("data/sample/registry.csv", "079203054871,Nguyễn Văn An", "synthetic by origin"),
    ("tests/vn/test_ids.py", "079203054871", "synthetic by origin"),
    ("docs/a.md", "sha256 1f00079203054871ab", "part of a digest"),
    ("docs/a.md", "999203054871 và 097203054871", "no such province"),
    ("docs/a.md", "postgresql://sachsong@db/sachsong", "no password in it"),
    ("data/sample/registry.csv", "x" * 2_000_000, "the sample may be larger"),
    ("docs/a.png", "\0" + "079203054871", "not a text"),
]


@pytest.mark.parametrize(("path", "text", "why"), GOOD)
def test_what_may_enter(refuse: ModuleType, path: str, text: str, why: str) -> None:
    assert list(refuse.faults(path, text.encode())) == [], why

"""The functions' code: reproducible, complete, with bytecode, without boto3, rebuilt only when it has to be."""

import hashlib
import importlib.util
import json
import os
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import boto3
import pytest
from aws_cdk import App, Stack
from aws_cdk import aws_lambda as lambda_

from cdk_saga.aws import Bundle, BundleError
from stacks.participants import CODE

MAX_BYTES = 1_500_000
Entry = tuple[int, int, str]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return bundle(tmp_path_factory.mktemp("bundle")).folder


@pytest.fixture
def package(tmp_path: Path) -> Path:
    package = tmp_path / "mine"
    package.mkdir()
    (package / "__init__.py").write_text("ANSWER = 42\n")
    return package


def bundle(cache: Path, *sources: Path) -> Bundle:
    return replace(Bundle.runtime(*(sources or (CODE,))), cache=cache)


def tree(folder: Path) -> dict[str, Entry]:
    """Mode, time and contents of everything in ``folder``."""
    return {
        str(path.relative_to(folder)): (
            path.stat().st_mode,
            int(path.stat().st_mtime),
            hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "",
        )
        for path in sorted(folder.rglob("*"))
    }


def test_two_builds_are_the_same_byte_for_byte(folder: Path, tmp_path: Path) -> None:
    again = bundle(tmp_path / "elsewhere").folder
    assert again != folder
    assert tree(again) == tree(folder)


def test_the_umask_does_not_show(folder: Path, tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        assert tree(bundle(tmp_path).folder) == tree(folder)
    finally:
        os.umask(before)


def test_the_zip_file_holds_the_folder_and_two_are_the_same_byte_for_byte(folder: Path, tmp_path: Path) -> None:
    first, second = (bundle(tmp_path / cache).archive for cache in ("one", "other"))
    assert first.read_bytes() == second.read_bytes()
    with zipfile.ZipFile(first) as archive:
        archive.extractall(tmp_path / "unpacked")
        modes = {entry.external_attr >> 16 & 0o777 for entry in archive.infolist()}
    unpacked = tmp_path / "unpacked"
    files = {name: digest for name, (_, _, digest) in tree(folder).items() if digest}
    assert {name: digest for name, (_, _, digest) in tree(unpacked).items() if digest} == files
    assert modes == {0o644}


def test_boto3_is_left_to_the_lambda_runtime(folder: Path) -> None:
    assert not {"boto3", "botocore", "s3transfer", "urllib3"} & {path.name for path in folder.iterdir()}


def test_installers_notes_tests_and_scripts_are_left_out(folder: Path) -> None:
    names = {path.name for path in folder.rglob("*")}
    assert not {"RECORD", "INSTALLER", "REQUESTED", "direct_url.json", "tests", "bin", "jp.py"} & names


def test_licences_are_shipped(folder: Path) -> None:
    for distribution in folder.glob("*.dist-info"):
        assert any(path.name.startswith("LICENSE") for path in distribution.rglob("*")), distribution.name


def test_every_source_comes_with_bytecode_that_is_never_checked(folder: Path) -> None:
    for source in folder.rglob("*.py"):
        bytecode = Path(importlib.util.cache_from_source(str(source))).read_bytes()
        assert bytecode[:4] == importlib.util.MAGIC_NUMBER
        assert int.from_bytes(bytecode[4:8], "little") == 0b01, "hash-based, unchecked (PEP 552)"


def test_it_runs_in_a_bare_python(folder: Path, tmp_path: Path) -> None:
    """Only what is in the bundle, and boto3 beside it as in Lambda; not a byte is compiled anew."""
    lambdas_own = Path(boto3.__file__).parents[1]
    for name in ("boto3", "botocore", "s3transfer", "dateutil", "six.py", "urllib3"):
        (tmp_path / name).symlink_to(lambdas_own / name)
    modules = ["saga_runtime.recovery", *(f"participants.{path.stem}" for path in CODE.glob("[a-z]*.py"))]
    code = (
        "import importlib, json, sys\n"
        f"sys.path[:] = [path for path in sys.path if 'site-packages' not in path] + {[str(folder), str(tmp_path)]!r}\n"
        f"for module in {modules!r}: importlib.import_module(module)\n"
        "print(json.dumps(sorted({name.partition('.')[0] for name in sys.modules})))"
    )
    environment = {"TABLE": "table", "PROVIDER_URL": "http://127.0.0.1", "AWS_DEFAULT_REGION": "eu-central-1"}
    before = tree(folder)
    result = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code], env=environment, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
    assert {"saga_runtime", "participants", "aws_lambda_powertools"} <= set(json.loads(result.stdout))
    assert tree(folder) == before


def test_texts_and_counts_are_written_without_boto3(folder: Path, tmp_path: Path) -> None:
    """Whose import is a tenth of a cold start; a number with a fraction is worth it."""
    lambdas_own = Path(boto3.__file__).parents[1]
    for name in ("boto3", "botocore", "s3transfer", "dateutil", "six.py", "urllib3"):
        (tmp_path / name).symlink_to(lambdas_own / name)
    code = (
        "import sys\n"
        f"sys.path[:] = [path for path in sys.path if 'site-packages' not in path] + {[str(folder), str(tmp_path)]!r}\n"
        "import saga_runtime.entry.direct, saga_runtime.entry.queue\n"
        "writes = saga_runtime.Writes()\n"
        "for value in ('LH1', 3, 0.5):\n"
        "    writes.put('flights', {'pk': value})\n"
        "    print('boto3' in sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False", "True"]


def test_it_stays_small(tmp_path: Path) -> None:
    assert bundle(tmp_path).archive.stat().st_size <= MAX_BYTES


def test_it_is_built_once(tmp_path: Path, package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    built = bundle(tmp_path / "cache", package).folder
    monkeypatch.setattr("cdk_saga.aws.bundle.bundle.write_tree", pytest.fail)
    assert bundle(tmp_path / "cache", package).folder == built


def test_a_changed_source_makes_another_bundle(tmp_path: Path, package: Path) -> None:
    before = bundle(tmp_path / "cache", package)
    assert before.folder
    (package / "__init__.py").write_text("ANSWER = 43\n")
    after = bundle(tmp_path / "cache", package)
    assert after.digest != before.digest
    assert (after.folder / "mine" / "__init__.py").read_text() == "ANSWER = 43\n"


def test_the_time_of_a_source_does_not_matter(tmp_path: Path, package: Path) -> None:
    before = bundle(tmp_path, package).digest
    os.utime(package / "__init__.py", (0, 0))
    assert bundle(tmp_path, package).digest == before


def test_the_cache_ignores_itself(tmp_path: Path, package: Path) -> None:
    assert bundle(tmp_path / "cache", package).folder
    assert (tmp_path / "cache" / ".gitignore").read_text() == "*\n"


def test_the_lambda_runtime_is_the_one_the_bytecode_is_for(tmp_path: Path) -> None:
    expected = f"python{sys.version_info.major}.{sys.version_info.minor}"
    assert bundle(tmp_path).python.name == expected
    assert bundle(tmp_path).python.runtime_equals(lambda_.Runtime(expected, lambda_.RuntimeFamily.PYTHON))


def test_a_source_that_is_no_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="'nowhere' is not a folder: give the folder of a Python package"):
        assert bundle(tmp_path, Path("nowhere")).digest


def test_a_distribution_that_is_not_installed_is_refused(tmp_path: Path, package: Path) -> None:
    absent = replace(bundle(tmp_path, package), distributions=("no-such-thing",))
    with pytest.raises(BundleError, match="'no-such-thing' is not installed here: install it"):
        assert absent.digest


def test_a_distribution_with_compiled_code_is_refused(tmp_path: Path, package: Path) -> None:
    compiled = replace(bundle(tmp_path, package), distributions=("markupsafe",))
    with pytest.raises(BundleError, match=r"markupsafe ships _speedups.*pure Python; put that into a Lambda layer"):
        assert compiled.folder


def test_a_source_that_does_not_compile_is_refused_and_leaves_nothing(tmp_path: Path, package: Path) -> None:
    (package / "__init__.py").write_text("def")
    broken = bundle(tmp_path / "cache", package)
    with pytest.raises(BundleError, match=r"(?s)does not compile.*SyntaxError") as error:
        assert broken.folder
    assert "mine" in str(error.value)
    assert list((tmp_path / "cache" / "bundles").iterdir()) == []


def test_two_packages_of_one_name_are_refused(tmp_path: Path, package: Path) -> None:
    other = tmp_path / "other" / "mine"
    other.mkdir(parents=True)
    (other / "__init__.py").touch()
    with pytest.raises(BundleError, match=r"comes from .* and .*: rename one package"):
        assert bundle(tmp_path / "cache", package, other).folder


@pytest.mark.long("a process for each time zone")
def test_the_time_zone_does_not_show(tmp_path: Path, package: Path) -> None:
    """Local times west of Greenwich are before 1980, which no zip file can hold."""
    code = (
        "import sys; from dataclasses import replace; from pathlib import Path; from cdk_saga.aws import Bundle\n"
        "print(replace(Bundle.runtime(Path(sys.argv[1])), cache=Path(sys.argv[2])).archive)"
    )
    made: set[bytes] = set()
    for zone in ("UTC", "America/New_York", "Pacific/Kiritimati"):
        command = [sys.executable, "-c", code, str(package), str(tmp_path / zone)]
        done = subprocess.run(command, env={**os.environ, "TZ": zone}, capture_output=True, text=True, check=True)
        made.add(Path(done.stdout.strip()).read_bytes())
    assert len(made) == 1


LEFT_OUT = (
    ".env",
    ".git/config",
    ".idea/workspace.xml",
    ".mypy_cache/3.11/x.data.json",
    ".secrets/prod.json",
    ".venv/lib/python3.11/site-packages/big/__init__.py",
    "CVS/Root",
    "assembly/cdk.out",
    "assembly/asset.zip",
    "cdk.out/manifest.json",
    "deep/er/.svn/entries",
    "deep/er/.aws/credentials",
    "env/pyvenv.cfg",
    "env/lib/python3.11/site-packages/third/__init__.py",
    "node_modules/left-pad/index.js",
    "tests/test_it.py",
    "venv/lib/python3.11/site-packages/other/__init__.py",
)
"""What editors, version control, environments, other languages and CDK leave in a package's folder."""


def test_what_is_no_code_of_the_package_is_left_out(tmp_path: Path, package: Path) -> None:
    for name in LEFT_OUT:
        file = package / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("secret")
    (package / "env" / "__init__.py").touch()
    built = bundle(tmp_path / "cache", package)
    assert [left for left in LEFT_OUT if (built.folder / "mine" / left).exists()] == []
    assert [left for left in LEFT_OUT if f"mine/{left}" in built.listing.read_text()] == []


def test_a_package_called_env_is_code(tmp_path: Path, package: Path) -> None:
    (package / "env").mkdir()
    (package / "env" / "__init__.py").touch()
    assert (bundle(tmp_path / "cache", package).folder / "mine" / "env" / "__init__.py").is_file()


def test_what_went_in_is_listed_with_its_size(
    tmp_path: Path, package: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    built = bundle(tmp_path / "cache", package)
    assert built.folder
    assert "       12 mine/__init__.py" in built.listing.read_text().splitlines()
    assert str(built.listing) in capsys.readouterr().err
    assert bundle(tmp_path / "cache", package).folder
    assert capsys.readouterr().err == "", "nothing was built"


def test_a_bundle_that_holds_the_working_folder_does_not_grow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "app.py").write_text("ANSWER = 42\n")
    sizes: set[int] = set()
    for cache, out in ((".cdk-saga", "cdk.out"), ("kept", "out"), ("kept", "out")):
        built = bundle(Path(cache), tmp_path)
        sizes.add(len(list(built.folder.rglob("*"))))
        app = App(outdir=str(tmp_path / out))
        lambda_.Function(Stack(app, "Stack"), "F", code=built.code(), handler="app.handler", runtime=built.python)
        app.synth()
    assert len(sizes) == 1


def test_a_linked_folder_goes_in(tmp_path: Path, package: Path) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    (shared / "money.py").write_text("EURO = 1\n")
    (package / "common").symlink_to("../shared", target_is_directory=True)
    before = bundle(tmp_path / "cache", package)
    assert (before.folder / "mine" / "common" / "money.py").read_text() == "EURO = 1\n"
    (shared / "money.py").write_text("EURO = 100\n")
    assert bundle(tmp_path / "cache", package).digest != before.digest


def test_a_link_that_leads_nowhere_is_refused(tmp_path: Path, package: Path) -> None:
    (package / "gone").symlink_to("../nowhere")
    with pytest.raises(BundleError, match=r"link '.*/mine/gone' leads to '../nowhere', which is not there"):
        assert bundle(tmp_path / "cache", package).digest


def test_a_link_in_a_circle_is_refused(tmp_path: Path, package: Path) -> None:
    (package / "deep").mkdir()
    (package / "deep" / "round").symlink_to("..", target_is_directory=True)
    with pytest.raises(BundleError, match=r"link '.*/mine/deep/round' leads to a folder that holds it"):
        assert bundle(tmp_path / "cache", package).digest

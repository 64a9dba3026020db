import json
import re
from pathlib import Path

from choose import HELD_OUT
from sources import packages

BENCHMARKS = Path(__file__).parents[3] / "benchmarks"
PERMISSIVE = re.compile(
    r"MIT|Apache-2\.0|BSD-[23]-Clause|BSL-1\.0|ISC|PSF-2\.0|PostgreSQL|curl|Unlicense|public domain", re.IGNORECASE
)


def plain(name: str) -> str:
    return re.sub(r"^golang-github-\w+-|^rust-|^lib|-java$|\W", "", name.lower())


def test_no_package_is_an_evaluation_corpus():
    corpora = json.loads((BENCHMARKS / "corpora.json").read_text(encoding="utf-8"))
    evaluated = {plain(entry[key]) for entry in corpora for key in ("name", "package")}
    labelled = {plain(file.stem) for file in (BENCHMARKS / "quality" / "labels").glob("*.json")}
    trained = {plain(package[key]) for package in packages() for key in ("name", "package")}
    assert not trained & (evaluated | labelled)


def test_every_package_names_a_permissive_licence_and_an_exact_version():
    for package in packages():
        for licence in package["license"].split(" OR "):
            assert PERMISSIVE.fullmatch(licence), package["name"]
        assert re.match(r"\d", package["version"]), package["name"]
        assert package["registry"] in {"debian", "npm", "pypi"}


def test_there_are_at_most_eighty_packages_in_eight_languages_or_more_each_once():
    names = [package["name"] for package in packages()]
    assert len(names) == len(set(names)) <= 80
    assert len({language for package in packages() for language in package["languages"]}) >= 8


def test_held_out_packages_are_of_the_list_and_few():
    assert {package["name"] for package in packages()} > HELD_OUT
    assert len(HELD_OUT) <= len(packages()) // 5

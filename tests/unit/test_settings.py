import pytest

from cognate.settings import Settings, camel_case, declarations, resolve


def test_nothing_given_means_the_defaults():
    assert resolve(None) == (Settings(), [])


def test_camel_case_dots_and_objects_name_the_same_setting():
    for raw in (
        {"hoverMinScore": 0.5},
        {"hover.minScore": 0.5},
        {"hover": {"minScore": 0.5}},
        {"hover_min_score": 0.5},
    ):
        assert resolve(raw)[0].hover_min_score == 0.5


@pytest.mark.parametrize(
    ("raw", "named"),
    [
        ({"searchLimit": 0}, "searchLimit"),
        ({"searchLimit": "many"}, "searchLimit"),
        ({"searchLimit": 2.5}, "searchLimit"),
        ({"searchLimit": True}, "searchLimit"),
        ({"hoverEnabled": 1}, "hoverEnabled"),
        ({"exclude": "*.py"}, "exclude"),
        ({"exclude": ["*.py", 3]}, "exclude"),
        ({"model": 7}, "model"),
        ({"indexing": {"pace": "whenever"}}, "indexingPace"),
        ({"hoverMinScore": 1.5}, "hoverMinScore"),
    ],
)
def test_a_bad_value_is_named_and_the_others_count(raw: dict[str, object], named: str):
    settings, problems = resolve({**raw, "threads": 3})
    assert settings.threads == 3
    assert len(problems) == 1
    assert named in problems[0]


def test_unknown_settings_are_left_to_the_editor():
    assert resolve({"trace": {"server": "verbose"}, "server": {"path": "x"}}) == (Settings(), [])


def test_every_setting_says_what_it_does_in_a_sentence():
    for name, (declaration, _) in declarations().items():
        assert declaration.help.endswith("."), name
        assert "_" not in camel_case(name)

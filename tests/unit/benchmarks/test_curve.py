"""The picture of lines over steps."""

from xml.etree import ElementTree as ET

import pytest
from curve import svg

SVG = "{http://www.w3.org/2000/svg}"


def points(line: ET.Element) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in (pair.split(",") for pair in line.attrib["points"].split())]


@pytest.mark.parametrize("values", [[0.0, 0.25, 1.0], [0.413, 0.4, 0.4199], [0.5, 0.5, 0.5]])
def test_every_point_is_inside_and_higher_values_stand_higher(values: list[float]):
    picture = ET.fromstring(svg({"one & two": {"a <b>": values, "c": values[::-1]}}, ["0 %", "50 %", "all"], "share"))
    width, height = float(picture.attrib["width"]), float(picture.attrib["height"])
    drawn, reverse, *keys = [points(line) for line in picture.iter(f"{SVG}polyline")]
    assert len(keys) == 2
    assert all(0 < x < width and 0 < y < height for line in (drawn, reverse, *keys) for x, y in line)
    assert [x for x, _ in drawn] == sorted({x for x, _ in drawn})
    order = sorted(range(len(values)), key=values.__getitem__)
    assert [drawn[i][1] for i in order] == sorted((y for _, y in drawn), reverse=True)
    assert [y for _, y in reverse] == [y for _, y in drawn[::-1]]
    assert {"one & two", "a <b>", "c", "0 %", "share"} <= {text.text for text in picture.iter(f"{SVG}text")}


def test_panels_stand_side_by_side():
    lines = {"line": [0.1, 0.2]}
    first, second, _ = ET.fromstring(svg({"a": lines, "b": lines}, ["0", "1"], "")).iter(f"{SVG}polyline")
    assert points(second)[0][0] > points(first)[-1][0]

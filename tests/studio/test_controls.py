"""What the page is told of techniques: their settings."""

from __future__ import annotations

from artgen.studio.controls import controls, layers, spoken_help


def test_controls_come_from_the_settings() -> None:
    found = controls()
    style = next(one for one in found["techniques"] if one["name"] == "style")
    fields = {one["name"]: one for one in style["fields"]}
    assert "weights" not in fields
    assert (fields["strength"]["kind"], fields["strength"]["default"]) == ("number", 50.0)
    assert (fields["strength"]["least"], fields["strength"]["most"]) == (0, 100)
    assert [name for name, one in fields.items() if one["first"]][:2] == ["size", "strength"]
    assert fields["mask"]["paired"]
    dream = next(one for one in found["techniques"] if one["name"] == "dream")
    assert not any(one["group"] == "Film" for one in dream["fields"])
    assert {one["name"] for one in found["techniques"]}.isdisjoint({"see_map", "see_patches"})
    assert "etching" in {one["name"] for one in found["presets"]}
    assert {"starry", "wave"} <= {*found["styles"]} & {*found["fast"]}
    assert "frog" in found["examples"]
    for one in found["techniques"]:
        assert any(field["first"] for field in one["fields"]), one["name"]


def test_no_help_speaks_of_the_command_line() -> None:
    for one in controls()["techniques"]:
        for field in one["fields"]:
            for word in ("--", "artgen ", " -o", "given more than once", "STYLE"):
                assert word not in field["help"], field
    assert (
        spoken_help("one for each STYLE and then each --mask")
        == "one for each style and then each mask"
    )
    assert spoken_help("a film; needs -o out.mp4 or the like") == "a film"


def test_layers_can_be_picked() -> None:
    found = layers()
    assert "relu3_1" in found["slim"]
    assert found.keys() == {*controls()["nets"]}

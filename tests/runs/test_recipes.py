"""Recipes come back as they went, and say in words what is wrong with those that are none."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tomli_w
import torch
from torch import Tensor

from artgen._version import __version__
from artgen.core.events import Provenance, Result, Step
from artgen.core.schema import fields_of
from artgen.errors import RecipeError, UsageError
from artgen.images import Loaded
from artgen.networks.spec import NetworkSpec
from artgen.networks.zoo import all_networks, versions
from artgen.runs.recipes import Origin, Recipe, settings_from
from artgen.runtime import Runtime
from artgen.techniques import summaries, technique
from artgen.techniques.style import Style

CHANGES = {"size": 67, "strength": 30.5, "style_weights": (1.0, 0.25), "net": "tiny"}


def loaded(path: str, digest: str = "ab" * 32) -> Loaded:
    return Loaded(np.zeros((1, 3, 4, 4), np.float32), None, Path(path), digest, None, False)


def recipe(runtime: Runtime, event: Step | Result | None = None, **changes: Any) -> Recipe:
    pictures = {"content": [loaded("/home/me/cat.jpg")], "style": [loaded("a/b.png", "cd" * 32)]}
    return Recipe.of("style", Style(**CHANGES | changes), runtime, pictures, event)


def test_a_recipe_holds_all_it_takes(runtime: Runtime) -> None:
    runtime.seed = 42
    extractor = runtime.extractor("tiny")
    made = recipe(runtime, Result({}, extractor.provenance()))
    assert made.technique == "style"
    assert made.settings.keys() == {field.name for field in fields_of(Style)}
    assert made.seed == 42
    assert made.inputs == [
        Origin("content", "cat.jpg", "ab" * 32),
        Origin("style", "b.png", "cd" * 32),
    ]
    assert made.network == {"name": "tiny", "sha256": extractor.origin.sha256}
    assert made.machine == runtime.machine()
    assert made.machine["precision"] == "float32"


def test_a_network_that_never_ran_is_not_claimed(runtime: Runtime) -> None:
    runtime.extractor("tiny")
    assert recipe(runtime).network == {}
    assert recipe(runtime, Result({})).network == {}


def test_the_recipe_of_an_unfinished_run_says_what_made_it(runtime: Runtime) -> None:
    by = Provenance("tiny", "ab" * 32, 256)
    made = recipe(runtime, Step(7, 9, (4, 4), {}, lambda: torch.zeros(1, 3, 4, 4), dict, by))
    assert made.interrupted == 7
    assert made.network == {"name": "tiny", "sha256": "ab" * 32}
    assert made.machine["tile"] == "256"


@pytest.mark.parametrize("interrupted", [0, 17])
def test_a_recipe_comes_back_as_it_went(runtime: Runtime, interrupted: int) -> None:
    settings, by = Style(**CHANGES), runtime.extractor("tiny").provenance(64)
    event: Step | Result = Result({}, by)
    if interrupted:
        event = Step(interrupted, None, (4, 4), {}, lambda: torch.zeros(1, 3, 4, 4), dict, by)
    made = Recipe.of("style", settings, runtime, {"content": []}, event)
    text = made.dumps()
    read = Recipe.loads(text)
    assert read.dumps() == text
    assert read.interrupted == interrupted
    assert read.network == made.network
    assert read.machine == made.machine
    assert f'artgen = "{__version__}"' in text
    assert read.build() == settings
    assert read.build().style_weights == (1.0, 0.25)  # TOML has no tuples


@pytest.mark.parametrize("name", summaries())
def test_every_techniques_defaults_come_back(name: str, runtime: Runtime) -> None:
    settings = technique(name)()
    read = Recipe.loads(Recipe.of(name, settings, runtime, {}).dumps())
    nets = {f.name: f.default for f in fields_of(type(settings)) if f.option.network}
    assert replace(read.build(), **nets) == settings  # but for the network's version


def test_a_recipe_names_the_version_of_the_network(runtime: Runtime) -> None:
    extractor = runtime.extractor("slim")
    made = recipe(runtime, Result({}, extractor.provenance()), net="slim")
    assert made.settings["net"] == "slim@2"
    assert made.network == {"name": "slim@2", "sha256": extractor.origin.sha256}
    assert recipe(runtime, net="slim@2").settings == made.settings
    assert Recipe.loads(made.dumps()).build().net == "slim@2"


def test_a_recipe_keeps_its_version_when_there_is_a_newer_one(
    runtime: Runtime, retrained: NetworkSpec
) -> None:
    old = recipe(runtime, net="tiny@1")
    assert Recipe.loads(old.dumps()).build().net == "tiny@1"
    assert recipe(runtime).settings["net"] == "tiny@2"


def test_a_recipe_that_is_older_than_a_setting_has_what_it_was_in_effect() -> None:
    made = Recipe("style", {"size": 64}, inputs=[Origin("content", "a.png")])
    assert Recipe.loads(made.dumps()).settings["coherence"] == 0
    by_hand = made.dumps().replace(f'artgen = "{__version__}"', "")
    assert by_hand != made.dumps()
    assert "coherence" not in Recipe.loads(by_hand).settings
    new = Recipe("style", {"size": 64, "coherence": 70.0})
    assert Recipe.loads(new.dumps()).settings["coherence"] == 70


def test_a_recipe_older_than_versions_is_known_by_its_weights() -> None:
    for slim in versions(all_networks().get("slim")):
        used = {"name": "slim", "sha256": slim.source.digest}
        table = {"technique": "style", "settings": {"net": "slim"}, "network": used}
        assert Recipe.loads(tomli_w.dumps(table)).build().net == slim.full_name
    mine = {**table, "network": {**used, "sha256": "ab" * 32}}  # somebody's own weights
    assert Recipe.loads(tomli_w.dumps(mine)).build().net == "slim"
    by_hand = {"technique": "style", "settings": {"net": "slim"}}
    assert Recipe.loads(tomli_w.dumps(by_hand)).build().net == "slim"


@pytest.mark.parametrize("name", ["Käthe, 雪 & 🎨.jpg", 'quo"te\\.png', "line\nfeed.png", "tab\t"])
def test_any_name_comes_back(name: str, runtime: Runtime) -> None:
    pictures = {"content": [loaded(f"/très/secret/{name}")]}
    text = Recipe.of("style", Style(), runtime, pictures).dumps()
    assert "secret" not in text
    assert Recipe.loads(text).inputs[0].name == name


def test_a_name_that_is_not_unicode_does_not_spoil_the_recipe(runtime: Runtime) -> None:
    pictures = {"content": [loaded("caf\udce9.jpg")]}  # Latin-1 on a file system of UTF-8
    text = Recipe.of("style", Style(), runtime, pictures).dumps()
    assert text.encode("utf-8")
    assert Recipe.loads(text).inputs[0].name == "caf?.jpg"


def test_a_file_among_the_settings_loses_its_folder(runtime: Runtime) -> None:
    assert recipe(runtime, init="/home/me/start.png").settings["init"] == "start.png"
    assert recipe(runtime, init="noise").settings["init"] == "noise"


def test_settings_may_be_changed(runtime: Runtime) -> None:
    built = recipe(runtime).build(size=99, style_weights=[2])
    assert (built.size, built.style_weights, built.strength) == (99, (2,), 30.5)


def test_settings_not_named_take_their_defaults() -> None:
    assert settings_from("style", {"size": 99}) == Style(size=99)


@pytest.mark.parametrize(
    ("settings", "error", "message", "hint"),
    [
        ({"strenght": 3}, RecipeError, "'style' has no setting 'strenght'.", "mean 'strength'?"),
        ({"size": "big"}, UsageError, "--size cannot be 'big'.", "a whole number"),
        ({"size": 0}, UsageError, "--size is 0.", "least"),
        ({"size": [3]}, UsageError, "--size cannot be (3,).", "a whole number"),
        ({"strength": math.nan}, UsageError, "--strength is nan.", "finite"),
        ({"strength": True}, UsageError, "--strength cannot be True.", "a number"),
        ({"optimizer": "adan"}, UsageError, "--optimizer cannot be 'adan'.", "mean 'adam'?"),
        ({"optimizer": {"a": 1}}, UsageError, "--optimizer cannot be {'a': 1}.", "text"),
        ({"style_weights": ["1"]}, UsageError, "--style-weights cannot be ('1',).", "numbers"),
    ],
)
def test_settings_that_do_not_fit_are_refused(
    settings: dict[str, Any], error: type[Exception], message: str, hint: str
) -> None:
    read = Recipe.loads(tomli_w.dumps({"technique": "style", "settings": settings}))
    with pytest.raises(error) as caught:
        read.build()
    assert caught.value.message == message
    assert hint in caught.value.hint


def test_an_unknown_technique_gets_a_guess() -> None:
    with pytest.raises(UsageError, match="Did you mean 'style'"):
        Recipe.loads('technique = "stile"\n[settings]').build()


WHOLE = {"technique": "style", "settings": {}}
INPUT = {"role": "style", "name": "a.png", "sha256": "ab"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("not toml", "This is no TOML"),
        ("a = ", "This is no TOML"),
        ("technique = 'style'\ntechnique = 'style'", "This is no TOML"),
        ("", "it has no 'technique'"),
        ("[settings]", "it has no 'technique'"),
        ("technique = 'style'", "it has no 'settings'"),
        ("settings = 3\ntechnique = 'style'", "'settings' cannot be 3"),
        ("a = " + "[" * 5000, "This is no TOML"),
        ("seed = " + "9" * 5000, "This is no TOML"),
        ("technique = 3\n[settings]", "'technique' cannot be 3"),
        *(
            (tomli_w.dumps(WHOLE | changes), message)
            for changes, message in [
                ({"settings": [1, 2]}, "'settings' cannot be"),
                ({"seed": "one"}, "'seed' cannot be 'one'"),
                ({"seed": 1.5}, "'seed' cannot be 1.5"),
                ({"seed": True}, "'seed' cannot be True"),
                ({"interrupted": "yes"}, "'interrupted' cannot be 'yes'"),
                ({"network": "vgg19"}, "'network' cannot be 'vgg19'"),
                ({"network": {"name": 3}}, "'network' cannot be"),
                ({"machine": {"torch": [2]}}, "'machine' cannot be"),
                ({"machine": {"torch": True}}, "'machine' cannot be"),
                ({"machine": {"tile": 64}}, "'tile' is 64"),
                ({"machine": {"device": 3}}, "'device' is 3"),
                ({"machine": {"precision": 16}}, "'precision' is 16"),
                ({"inputs": [INPUT | {"name": "../a.png"}]}, "it has a folder"),
                ({"inputs": [INPUT | {"name": "/etc/passwd"}]}, "it has a folder"),
                ({"inputs": [INPUT | {"name": ".."}]}, "no name of a file"),
                ({"inputs": [INPUT] * 1001}, "1001 inputs, and 1000 are the most"),
                ({"settings": {"weights": "/dev/zero"}}, "no name of a file"),
                ({"settings": {"init": "../a.png"}}, "no name of a file"),
                ({"settings": {"mask": ["a/b.png=ink"]}}, "no name of a file"),
                ({"settings": {"mask": ["b.png=.."]}}, "no name of a file"),
                ({"k" * 1000: 3}, f"has no '{'k' * 200}…'."),
                ({"inputs": 3}, "'inputs' is no list"),
                ({"inputs": "photo.jpg"}, "'inputs' is no list"),
                ({"inputs": INPUT}, "'inputs' is no list"),
                ({"inputs": ["photo.jpg"]}, "'photo.jpg' is no table"),
                ({"inputs": [{"role": "style"}]}, "it has no 'name'"),
                ({"inputs": [INPUT | {"name": 3}]}, "'name' cannot be 3"),
                ({"inputs": [INPUT | {"path": "/"}]}, "has no 'path'"),
            ]
        ),
    ],
)
def test_what_is_no_recipe_is_refused(text: str, message: str) -> None:
    with pytest.raises(RecipeError) as caught:
        Recipe.loads(text)
    assert message in caught.value.message


@pytest.mark.parametrize(
    ("roles", "settings", "message"),
    [
        ("", {}, "for 'content' it names 0 pictures where 1 belong"),
        ("content", {}, "for 'style' it names 0 pictures"),
        ("content content style", {}, "for 'content' it names 2 pictures where 1 belong"),
        ("content style mask", {}, "for 'mask' it names 1 pictures where 0 belong"),
        ("content style init", {}, "for 'init' it names 1 pictures where 0 belong"),
        ("content style", {"init": "a.png"}, "for 'init' it names 0 pictures where 1 belong"),
        ("content style style", {}, ""),
        ("content style init", {"init": "a.png"}, ""),
    ],
)
def test_a_recipe_names_the_inputs_of_its_technique(
    roles: str, settings: dict[str, Any], message: str
) -> None:
    inputs = [Origin(role, "a.png", "ab") for role in roles.split()]
    made = Recipe("style", settings, inputs=inputs)
    if not message:
        return made.check_inputs()
    with pytest.raises(RecipeError) as caught:
        made.check_inputs()
    assert message in caught.value.message


def test_an_unknown_key_gets_a_guess() -> None:
    with pytest.raises(RecipeError, match="Did you mean 'seed'"):
        Recipe.loads(tomli_w.dumps(WHOLE | {"sead": 3}))


def test_a_recipe_makes_the_same_picture_again(
    runtime: Runtime, photo: Tensor, painting: Tensor
) -> None:
    settings = Style(size=67, net="tiny", iterations=2, init="noise")
    inputs = {"content": [photo], "style": [painting]}
    runtime.seed = 5
    *_, first = settings.run(inputs, runtime)
    read = Recipe.loads(Recipe.of("style", settings, runtime, {}).dumps())
    *_, second = read.build().run(inputs, Runtime("cpu", "float32", read.seed))
    assert second.pictures["picture"].equal(first.pictures["picture"])


def test_a_renamed_choice_of_an_old_recipe_is_read() -> None:
    settings = settings_from("dream", {"vary": "strength"})
    assert settings == settings_from("dream", {"vary": "step"})


def test_a_recipe_keeps_what_was_measured(runtime: Runtime) -> None:
    found = Result({}, measured={"repetition": 0.125})
    made = Recipe.of("style", Style(), runtime, {}, found)
    assert Recipe.loads(made.dumps()).measured == {"repetition": 0.125}
    assert "measured" not in Recipe.of("style", Style(), runtime, {}, Result({})).dumps()

"""What goes with a finished texture: maps derived from it, its proof, and the set for an engine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

from torch import Tensor

from artgen.core.events import FileSet, Note, Provenance, Result
from artgen.errors import UsageError
from artgen.materials.engines import ENGINES, check_size
from artgen.materials.kinds import Role, green_of, kinds_of
from artgen.materials.pack import Material, packed
from artgen.ops.color import from_light, to_light
from artgen.ops.relief import (
    flipped,
    heights_from_colours,
    heights_from_normals,
    normals_from_heights,
    unit,
)
from artgen.ops.repetition import Repetition, strongest_repetition
from artgen.ops.resize import resample
from artgen.techniques.base import Inputs
from artgen.techniques.texture.maps import bits_of
from artgen.techniques.texture.settings import TextureSettings

__all__ = ["PROOFS", "Finish", "scaled"]

PROOFS = ("proof", "distance")  # names of a proof's pictures
DEEP, PLAIN = 16, 8  # bits of derived heights and normals


class Finish:
    """What is made of a finished texture, beside its picture.

    Args:
        settings: of the texture.
        inputs: its pictures; `with` are the maps.

    Raises:
        UsageError: for a size or maps that no set can be made of.
    """

    def __init__(self, settings: TextureSettings, inputs: Inputs) -> None:
        self.settings, self.inputs = settings, inputs
        self.wanted = settings.pack != "none"
        if self.wanted:
            check_size(settings.result_size(inputs))
        names = [Path(file).stem for file in settings.with_]
        told = self.wanted or settings.derive
        self.kinds = kinds_of(names) if told else [None] * len(names)
        self.green_up, self.told = True, ""
        several = zip(settings.with_, self.kinds, inputs.get("with", ()), strict=False)
        for file, kind, given in several:
            if kind != "normal":
                continue
            if given.shape[1] < 3 or bool((given[:, 0] == given[:, 2]).all()):
                raise UsageError(
                    f"{Path(file).name} is a map of normals by its name, and it is grey.",
                    "Give the normals' own colours, or name it after what it is: height.png.",
                )
            self.green_up, self.told = green_of(Path(file).stem, given)

    def remarks(self) -> Iterator[Note]:
        """Notes on what will be made, and what of it is an estimate."""
        settings = self.settings
        if self.told:
            there = "up (OpenGL)" if self.green_up else "down (DirectX)"
            yield Note(f"Green of the normals given points {there}, told by {self.told}.")
        if settings.derive:
            known = {"height", "normal"} & {*self.kinds}
            if not known:
                yield Note(
                    f"Height and normal are estimates: what is {settings.deep} is taken for deep."
                )
            elif len(known) == 1:
                (there,) = known
                lacking = "normal" if there == "height" else "height"
                yield Note(f"The {lacking} is computed from the {there} given.")
        if self.wanted:
            rules = ENGINES[settings.pack]
            yield Note(f"The set is for {rules.title}: normals are {rules.green}.")
            for file, kind in zip(settings.with_, self.kinds, strict=True):
                if kind is None:
                    yield Note(
                        f"What {Path(file).name} is, its name does not tell; it goes into the set "
                        "under that name."
                    )
            if not settings.tileable:
                yield Note("Without --tileable the set shows its edges where it is repeated.")

    def result(
        self, picture: Tensor, maps: Mapping[str, Tensor], provenance: Provenance
    ) -> Iterator[Note | Result]:
        """The result, and notes on what was measured.

        Args:
            picture: (1, 3 or 4, H, W), the texture.
            maps: (1, 1 to 4, H, W) by name, in the order of `--with`.
            provenance: what made it.
        """
        settings, given = self.settings, self.inputs.get("with", ())
        found = {"picture": picture, **maps}
        data = {name: bits_of(one) for name, one in zip(maps, given, strict=True)}
        material = self._material(picture, maps)
        if settings.derive:
            material, more = _derived(material, settings.deep)
            for name, one in more.items():
                free = name if name not in found else f"{name}-derived"
                found[free], data[free] = one, DEEP if name == "height" else PLAIN
        measured = {}
        if settings.proof:
            many = picture.repeat(1, 1, settings.proof, settings.proof)
            found |= zip(PROOFS, (many, _from_afar(many, picture)), strict=True)
            seen = strongest_repetition(picture[:, :3], self._samples(), wraps=settings.tileable)
            measured = {"repetition": round(seen.strength, 4)}
            yield Note(_said(seen))
        files = None
        if self.wanted:
            engine, form = settings.pack, settings.pack_as
            title = f"the set for {ENGINES[engine].title}"
            files = FileSet(engine, partial(packed, material, engine, form), title)
        yield Result(found, provenance, data, measured=measured, files=files)

    def _material(self, picture: Tensor, maps: Mapping[str, Tensor]) -> Material:
        """The texture as a material, on the CPU, its green up."""
        picture, maps = picture.cpu(), {name: one.cpu() for name, one in maps.items()}
        normal, known, others = None, dict[Role, Tensor](), dict[str, Tensor]()
        for (name, made), kind in zip(maps.items(), self.kinds, strict=True):
            grey = made[:, :3].mean(1, keepdim=True)
            if kind is None:
                others[name] = made
            elif kind == "normal":
                normal = unit(made if self.green_up else flipped(made))
            elif kind == "smoothness":
                known["roughness"] = 1 - grey
            elif kind == "packed":
                three: tuple[Role, ...] = ("occlusion", "roughness", "metallic")
                colours = made[:, :3].expand(-1, 3, -1, -1)
                known |= {role: colours[:, at : at + 1] for at, role in enumerate(three)}
            else:
                known[kind] = grey
        return Material(picture, self.settings.tileable, normal, known, others)

    def _samples(self) -> Sequence[Tensor]:
        """The samples, or the picture that is filled or extended, as large as they are seen."""
        given = self.inputs.get("sample", ())
        if given:
            return [scaled(one[:, :3], self.settings.scale) for one in given]
        return [one[:, :3] for role in ("inpaint", "extend") for one in self.inputs.get(role, ())]


def _said(found: Repetition) -> str:
    """A sentence on the strongest repetition."""
    strength, (down, right) = f"{found.strength:.2f}", found.shift
    if float(strength) == 0:
        return "The texture repeats itself no more than the sample does."
    return (
        f"The strongest repetition is {strength} beyond the sample's own, at a shift of "
        f"{right} px across and {down} px down."
    )


def scaled(picture: Tensor, scale: float) -> Tensor:
    """A picture (1, C, H, W) or mask at another size, relative to its own."""
    height, width = (max(round(length * scale), 1) for length in picture.shape[-2:])
    return resample(picture, (height, width)).clamp(0, 1)


def _derived(material: Material, deep: str) -> tuple[Material, dict[str, Tensor]]:
    """The material with heights and normals, and those of them that it lacked, by name.

    `deep` is what an estimate from colours takes for deep: `dark` or `light`.
    """
    wraps, normal = material.tileable, material.normal
    height, more = material.maps.get("height"), dict[str, Tensor]()
    if height is None:
        height = more["height"] = (
            heights_from_colours(material.colours, dark_is_deep=deep == "dark", wraps=wraps)
            if normal is None
            else heights_from_normals(normal, wraps=wraps)
        )
    if normal is None:
        normal = more["normal"] = normals_from_heights(height, wraps=wraps)
    maps: dict[Role, Tensor] = {**material.maps, "height": height}
    return Material(material.colours, wraps, normal, maps, material.others), more


def _from_afar(many: Tensor, picture: Tensor) -> Tensor:
    """Repeats (1, C, nH, nW) of a picture (1, C, H, W), reduced to its size as light is."""
    size = (picture.shape[-2], picture.shape[-1])
    light = from_light(resample(to_light(many[:, :3]), size, wraps=True).clamp(0, 1))
    if many.shape[1] == 3:
        return light
    return resample(many, size, wraps=True).clamp(0, 1)

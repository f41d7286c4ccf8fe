"""Colours of films: those read are brought to BT.709, with square pixels; those written say so."""

from __future__ import annotations

from collections.abc import Sequence

from artgen.video.streams import Picture

__all__ = ["WRITTEN", "filters_of", "notes_of"]

HDR = {"smpte2084": "PQ", "arib-std-b67": "HLG"}  # transfer functions of more light than a screen's
WHITE, PEAK = 203, 1000  # cd/m2: of a white sheet in HDR (BT.2408), and of most of its films
# Light up to 0.7 of white stays as it is, and what is above is compressed below white.
TONES = f"tonemap=mobius:param=0.7:desat=0:peak={PEAK / WHITE:.3f}"
HD = (720, 1280)  # lines, or pixels a line, from which players take untagged films for BT.709
# Without tags a player has to guess the colours. Those of an encoder's options are lost where the
# frames have none.
WRITTEN = (
    "scale=out_color_matrix=bt709:out_range=tv:flags=accurate_rnd+full_chroma_int,"
    "setparams=colorspace=bt709:color_primaries=bt709:color_trc=bt709:range=tv"
)


def notes_of(picture: Picture, name: str) -> Sequence[str]:
    """A sentence for a film whose colours do not fit into what is written; `name` is its file's."""
    if picture.transfer not in HDR:
        return ()
    kind = HDR[picture.transfer]
    return (f"{name} is HDR ({kind}): its colours are brought to the range of BT.709.",)


def filters_of(picture: Picture) -> list[str]:
    """Filters of ffmpeg after which frames have square pixels and the colours of BT.709."""
    filters = []
    if picture.transfer in HDR:
        primaries, matrix = picture.primaries or "bt2020", picture.matrix or "bt2020nc"
        filters += [
            f"zscale=tin={picture.transfer}:pin={primaries}:min={matrix}:t=linear:npl={WHITE}",
            *("format=gbrpf32le", "zscale=p=bt709", TONES, "zscale=t=bt709", "format=gbrp"),
        ]
    elif not picture.matrix and picture.samples.startswith(("yuv", "nv")) and _is_hd(picture):
        filters += ["setparams=colorspace=bt709"]
    if picture.aspect != 1:  # the finer direction stays, and the other one gets more pixels
        wide = "if(gt(sar,1),round(iw*sar),iw)"
        high = "if(gt(sar,1),ih,round(ih/sar))"
        filters += [f"scale='{wide}':'{high}'", "setsar=1"]
    return filters


def _is_hd(picture: Picture) -> bool:
    return picture.size[0] >= HD[0] or picture.size[1] >= HD[1]

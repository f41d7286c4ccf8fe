"""When the frames of a film are shown: at an even rate, or each at a moment of its own."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

__all__ = [
    "FINE",
    "Timing",
    "between_keys",
    "exact_rate",
    "started",
    "timing_by",
    "timing_of",
    "untimed",
]

FINE = 90_000  # ticks a second of moments: whole milliseconds and the clocks of most cameras
NTSC = Fraction(1000, 1001)
USUAL = Fraction(25)  # where nothing is known
SLOWEST = Fraction(1, 1001)
TWICE = 0.02  # how far packets may be from two for a frame
KEY, DISCARDED = 1, 4  # flags of a packet: a keyframe; one that is decoded and not shown
TIMELESS = -(2**63)  # the time of a packet that has none


@dataclass(frozen=True)
class Timing:
    """When each frame of a film is shown.

    Attributes:
        rate: frames per second; on average, where there are moments.
        moments: of each frame and of the film's end, in ticks of 1 / FINE second; the first is 0.
            None if the rate is even.
    """

    rate: Fraction
    moments: tuple[int, ...] | None = None

    @property
    def scale(self) -> int:
        """Ticks a second in which the times of frames are whole."""
        return self.rate.numerator if self.moments is None else FINE

    def tick(self, index: int) -> int:
        """The time at which a frame is shown, in ticks of 1 / `scale` second."""
        if self.moments is None:
            return index * self.rate.denominator
        beyond = index - (len(self.moments) - 1)  # a film may have more frames than it told
        if beyond <= 0:
            return self.moments[index]
        return self.moments[-1] + round(beyond * FINE / self.rate)

    def seconds(self, index: int) -> float:
        """The time at which a frame is shown, in seconds; with their number, the duration."""
        return self.tick(index) / self.scale

    def paced(self, start: int, count: int) -> tuple[list[str], list[str]]:
        """Filters and arguments that give encoded frames from number `start` on their moments."""
        if self.moments is None:
            return [], []
        ticks = [self.tick(start + index) for index in range(count + 1)]
        steps = (f"+gte(N,{i})*{ticks[i] - ticks[i - 1]}" for i in range(1, count))
        filters = [f"settb=1/{FINE}", f"setpts='0{''.join(steps)}'"]
        clock = ("-fps_mode", "passthrough", "-enc_time_base", f"1/{FINE}")
        return filters, [*clock, *self.ending(start + count), "-video_track_timescale", f"{FINE}"]

    def ending(self, count: int) -> list[str]:
        """Arguments that give the last of so many packets its duration, where there are moments.

        Of the others, the next one's time tells. ffmpeg copies packets of VP9 with their mean one.
        """
        if self.moments is None:
            return []
        return ["-bsf:v", f"setts=duration={self.tick(count) - self.tick(count - 1)}"]

    def slowed(self, most: int, count: int) -> tuple[list[str], float]:
        """Filters after which no more than `most` frames come in a second.

        Frames that come too soon are left out; from an even rate follows another one.

        Args:
            most: frames per second, 0 for any number.
            count: frames of the film.

        Returns:
            The filters, and the seconds for which the last frame is shown.
        """
        end = self.tick(count)
        if self.moments is None:
            if not most or self.rate <= most:
                return [], float(1 / self.rate)
            return [f"fps={most}"], 1 / most
        least = FINE // most if most else 0
        last, soon = 0, False
        for index in range(1, count):
            if self.tick(index) - last < least:
                soon = True
            else:
                last = self.tick(index)
        kept = f"select='isnan(prev_selected_t)+gte(t-prev_selected_t,{least / FINE - 1e-6:.6f})'"
        return [kept] if soon else [], (end - last) / FINE


def exact_rate(told: float) -> Fraction:
    """The exact rate that ffmpeg rounds to two decimals: 29.97 is 30000/1001, 25.00 is 25."""
    if not 0 < told < 1000:
        return USUAL
    for rate in (Fraction(round(told)), round(told / float(NTSC)) * NTSC):
        if rate and abs(float(rate) - told) < 0.006:
            return rate
    return Fraction(told).limit_denominator(1001)


def timing_of(packets: str, told: float, *, fields: bool = False) -> tuple[Timing, int]:
    """When the frames of a film are shown, and how many there are; 0 if that is not known.

    Args:
        packets: what ffmpeg's framecrc muxer prints of the stream of moving pictures.
        told: frames per second that the file claims, 0 for none.
        fields: whether it is interlaced: then a packet may hold half a frame.

    Times that differ from an even rate by no more than the file's own clock can tell are even.
    """
    tick, rate = _clock(packets), exact_rate(told)
    shown, lasting = _times(packets)
    if not tick or not shown:
        return Timing(rate), 0
    if None in shown:  # as in AVI
        return Timing(rate), len(shown)
    times = sorted(at for at in shown if at is not None)
    if len(set(times)) < len(times) or len(times) == 1:
        return Timing(rate), len(times)
    first, mean = times[0] * tick, (len(times) - 1) / ((times[-1] - times[0]) * tick)
    if fields and abs(mean / rate - 2) < TWICE:
        return Timing(rate), len(times) // 2
    for even in dict.fromkeys([rate, exact_rate(float(mean))]):
        if _is_even(times, tick, even):
            # A film that begins late shows its first frame until then.
            return Timing(even), len(times) + max(round(first * even), 0)
    end = times[-1] + (lasting or round(1 / (mean * tick)))
    moments = (0, *(round(max(at, 0) * tick * FINE) for at in (*times[1:], end)))
    return Timing(max(mean.limit_denominator(1001), SLOWEST), moments), len(times)


def timing_by(delays: Sequence[Fraction]) -> Timing:
    """When frames are shown that each have their own delay in milliseconds."""
    if len(set(delays)) == 1:
        return Timing(1000 / delays[0])
    moments = [0]
    for delay in delays:
        moments.append(moments[-1] + round(delay * FINE / 1000))
    mean = Fraction(len(delays) * FINE, moments[-1])
    return Timing(mean.limit_denominator(1001), tuple(moments))


def _is_even(times: Sequence[int], tick: Fraction, rate: Fraction) -> bool:
    """Whether times, in ticks, are those of an even rate, but for a tick at most."""
    step, unit = rate.denominator * tick.denominator, tick.numerator * rate.numerator
    return all(abs((at - times[0]) * unit - i * step) <= unit for i, at in enumerate(times))


@dataclass(frozen=True)
class _Packet:
    """A packet: when it is decoded and shown (None where that is not told), and for how long."""

    decoded: int
    shown: int | None
    lasting: int
    flags: int


def _packets(listed: str) -> list[_Packet]:
    found = []
    for line in listed.splitlines():
        columns = [column.strip() for column in line.split(",")]
        if line.startswith("#") or len(columns) < 6:
            continue
        flags = next((column[2:] for column in columns[6:] if column.startswith("F=")), "0x1")
        time = int(columns[2])
        shown = None if time == TIMELESS else time
        found.append(_Packet(int(columns[1]), shown, int(columns[3]), int(flags, 16)))
    return found


def _times(listed: str) -> tuple[list[int | None], int]:
    """Times of all frames that are shown, None for one without; and the last packet's duration."""
    found = [one for one in _packets(listed) if not one.flags & DISCARDED]
    return [one.shown for one in found], found[-1].lasting if found else 0


def untimed(listed: str) -> bool:
    """Whether the first packet does not tell when it is shown, as in AVI; see `timing_of`."""
    return _times(listed)[0][:1] == [None]


def started(listed: str) -> Fraction:
    """When the first packet is shown, in seconds; 0 where that is not told."""
    first = next((one.shown for one in _packets(listed)), None)
    return (first or 0) * _clock(listed)


def between_keys(listed: str) -> float:
    """The most seconds from one keyframe to the next, or to the end; see `timing_of`."""
    packets = _packets(listed)
    keys = [one.decoded for one in packets if one.flags & KEY]
    ends = [*keys[1:], packets[-1].decoded] if packets else []
    longest = max((end - key for key, end in zip(keys, ends, strict=True)), default=0)
    return float(longest * _clock(listed))


def _clock(listed: str) -> Fraction:
    """Seconds of a tick."""
    clock = re.search(r"^#tb 0: (\d+)/(\d+)", listed, re.M)
    return Fraction(int(clock[1]), int(clock[2])) if clock else Fraction(0)

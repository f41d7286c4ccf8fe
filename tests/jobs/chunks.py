"""A small film as jobs: how tests cut and make it."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from artgen.jobs import film_chunks
from artgen.jobs.film_maker import workshop
from artgen.jobs.messages import Job, Order, Share
from artgen.jobs.worker import step_by_step
from artgen.techniques.dream import Dream

__all__ = ["CHUNK", "SETTINGS", "jobs_of", "make", "order_of"]

CHUNK = 3
SETTINGS = Dream(net="tiny", size=40, iterations=2, octaves=1, steady=50.0)


def order_of(settings: Dream = SETTINGS) -> Order:
    return Order("dream", asdict(settings), quality=100)


def jobs_of(clip: Path, settings: Dream = SETTINGS) -> list[Job]:
    return list(
        film_chunks.cut([Job("clip-dream.mp4", "clip.mp4", {"content": (str(clip),)})], settings)
    )


def make(jobs: list[Job], root: str, settings: Dream = SETTINGS) -> None:
    maker = workshop(order_of(settings), root)(Share("cpu", 1))
    for job in jobs:
        step_by_step(maker, job)

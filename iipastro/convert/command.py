"""The subcommand `convert`: its options, and what they become."""

from __future__ import annotations

import argparse
import os
import sys
from dataclasses import replace

from ..errors import printable
from ..stop import Stopped, stoppable
from .batch import Work, read_list, run_here, run_on_cluster
from .cuts import Rule
from .encode import Packing
from .job import Job, Settings, run
from .options import BIGTIFF
from .progress import Bar, make_progress, silent
from .source import ConvertError, Options
from .stretch import Stretch


def run_command(arguments: argparse.Namespace) -> int:
    """Convert one file or a list of files; return the exit code."""
    try:
        work = Work(_options(arguments), _settings(arguments))
        with stoppable():
            if arguments.batch is not None:
                return _run_list(arguments, work)
            job = Job(tuple(arguments.inputs), arguments.output or "")
            _check_words(arguments)
            _run_one(job, work, arguments.quiet)
    except ConvertError as error:
        return _fail(str(error))
    except Stopped as stop:
        return _fail(f"{stop}; nothing was written" if arguments.batch is None else str(stop))
    return 0


def _check_words(arguments: argparse.Namespace) -> None:
    if not arguments.inputs or arguments.output is None:
        raise ConvertError("convert needs INPUT… and -o OUTPUT, or --batch LIST")
    if arguments.scheduler is not None:
        raise ConvertError("--scheduler is for --batch")


def _run_one(job: Job, work: Work, quiet: bool) -> None:
    name = printable(os.path.basename(job.output))
    progress = silent if quiet else make_progress(sys.stderr, name)
    try:
        run(job, work.options, work.settings, progress)
    except BaseException:
        if isinstance(progress, Bar):
            progress.leave()
        raise


def _run_list(arguments: argparse.Namespace, work: Work) -> int:
    if arguments.inputs or arguments.output is not None:
        raise ConvertError("--batch takes no other inputs or output")
    jobs = read_list(arguments.batch)
    report = _Report(len(jobs), arguments.quiet)
    processes = arguments.jobs or min(len(os.sched_getaffinity(0)), max(1, len(jobs)))
    if arguments.scheduler is not None:
        run_on_cluster(arguments.scheduler, jobs, _on_threads(work, 1), report.tell)
    else:
        cores = len(os.sched_getaffinity(0))
        run_here(jobs, _on_threads(work, max(1, cores // processes)), processes, report.tell)
    return report.end()


def _on_threads(work: Work, threads: int) -> Work:
    settings = work.settings
    return work._replace(settings=replace(settings, threads=settings.threads or threads))


class _Report:
    """What has become of the jobs of a list."""

    def __init__(self, whole: int, quiet: bool):
        self._whole, self._quiet = whole, quiet
        self._done = 0
        self._failed: list[str] = []

    def tell(self, job: Job, fault: str) -> None:
        """Take in that a job has ended."""
        self._done += 1
        if fault:
            self._failed.append(f"{job.output}: {fault}")
        if not self._quiet:
            ending = "failed" if fault else "done"
            _say(f"{self._done} of {self._whole}: {job.output} {ending}")

    def end(self) -> int:
        """Name the jobs that failed; return the exit code."""
        for line in self._failed:
            _say(line)
        return _fail(f"{len(self._failed)} of {self._whole} failed") if self._failed else 0


def _say(text: str) -> None:
    sys.stderr.write(f"{printable(text)}\n")
    sys.stderr.flush()


def _fail(message: str) -> int:
    _say(f"iipastro: {message}")
    return 1


# ---- from words to values


def _options(arguments: argparse.Namespace) -> Options:
    return Options(
        hdus=tuple(arguments.hdu),
        planes=arguments.planes,
        mosaic=arguments.mosaic,
        labels=arguments.channels,
        label_key=arguments.label_key,
        flags=tuple(arguments.flags),
        blank_value=arguments.blank_value,
        unsigned=arguments.unsigned,
        any_wcs=arguments.any_wcs,
    )


def _settings(arguments: argparse.Namespace) -> Settings:
    low, low_levels = arguments.low
    high, high_levels = arguments.high
    compression, level = arguments.compression
    name, strength = arguments.stretch
    return Settings(
        sample=arguments.sample,
        stretch=Stretch(name, strength),
        rule=Rule(low, low_levels, high, high_levels, arguments.sky_level, arguments.blank_value),
        packing=Packing(compression, arguments.predictor, level),
        tile=arguments.tile,
        levels=arguments.levels,
        bigtiff=BIGTIFF[arguments.bigtiff],
        threads=arguments.threads,
    )

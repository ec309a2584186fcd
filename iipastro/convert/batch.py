"""Many conversions: a list of them, in processes of this machine or on a Dask cluster.

A job that fails is told at the end and stops no other; neither does a process
that is killed.
"""

from __future__ import annotations

import csv
import multiprocessing
import os
import shlex
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import NamedTuple

from ..stop import Stopped, stoppable
from .job import Job, Settings, run
from .progress import silent
from .source import ConvertError, Options

ARROW = " -> "

Receiver = Connection  # its parameters are not those of every Python
Tell = Callable[[Job, str], None]  # a job that has ended, and why it failed; "": it did not


class Work(NamedTuple):
    """What is done with every job of a list."""

    options: Options
    settings: Settings


# ---- the list


def read_list(path: str) -> list[Job]:
    """Return the jobs of a list: `INPUT… -> OUTPUT` or `INPUT,…,OUTPUT` in each line.

    Words with spaces stand in quotes, as in a shell or in CSV.  Empty lines and
    those that begin with # are passed over.  Names are made absolute, from the
    current folder.  Raises ConvertError, which names the line.
    """
    try:
        with open(path, encoding="utf-8") as file:
            jobs = [_job_of(path, number, line) for number, line in _lines(file)]
    except OSError as error:
        raise ConvertError(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConvertError(f"{path}: not a text in UTF-8") from error
    _check_outputs(path, jobs)
    return jobs


def _lines(file: Iterator[str]) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(file, 1):
        if line.strip() and not line.lstrip().startswith("#"):
            yield number, line.strip()


def _job_of(path: str, number: int, line: str) -> Job:
    try:
        *inputs, output = _words(line)
    except (ValueError, csv.Error) as error:
        raise ConvertError(f"{path}: line {number}: {error}") from error
    if not inputs or not all((*inputs, output)):
        raise ConvertError(f"{path}: line {number}: expected INPUT… -> OUTPUT or INPUT,…,OUTPUT")
    return Job(tuple(map(os.path.abspath, inputs)), os.path.abspath(output))


def _words(line: str) -> list[str]:
    if ARROW not in line:
        return [
            word.strip() for word in next(csv.reader([line], skipinitialspace=True, strict=True))
        ]
    before, _, after = line.rpartition(ARROW)
    names = shlex.split(after)
    if len(names) != 1:
        raise ValueError(f"expected one output, not {len(names)}")
    return shlex.split(before) + names


def _check_outputs(path: str, jobs: Sequence[Job]) -> None:
    """Refuse a list whose jobs would get in each other's way."""
    outputs = Counter(os.path.realpath(job.output) for job in jobs)
    inputs = {os.path.realpath(name) for job in jobs for name in job.inputs}
    for output, times in outputs.items():
        if times > 1:
            raise ConvertError(f"{path}: two jobs write {output}")
        if output in inputs:
            raise ConvertError(f"{path}: {output} is an output and an input")


# ---- on this machine


def run_here(jobs: Sequence[Job], work: Work, processes: int, tell: Tell) -> None:
    """Run jobs, each in a process of its own, so many at a time."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    rest = list(reversed(jobs))
    running: dict[Receiver, tuple[Job, BaseProcess]] = {}
    try:
        while rest or running:
            while rest and len(running) < processes:
                receiver, sender = context.Pipe(duplex=False)
                process: BaseProcess = context.Process(target=_child, args=(sender, rest[-1], work))
                process.start()
                sender.close()
                running[receiver] = rest.pop(), process
            ready = wait(list(running))
            for receiver in [receiver for receiver in running if receiver in ready]:
                job, process = running.pop(receiver)
                tell(job, _ending(receiver, process))
    finally:
        for _, left in running.values():
            left.terminate()
        for _, left in running.values():
            left.join()


def _child(sender: Receiver, job: Job, work: Work) -> None:
    """Be the process of a job.  What nobody foresaw ends it with a traceback."""
    try:
        with stoppable():
            sender.send(attempt(job, work))
    except Stopped:
        sys.exit(1)


def _ending(receiver: Receiver, process: BaseProcess) -> str:
    try:
        message = str(receiver.recv())
    except EOFError:
        message = ""
    process.join()
    receiver.close()
    if process.exitcode and not message:
        return f"its process ended with code {process.exitcode}"
    return message


def attempt(job: Job, work: Work) -> str:
    """Run a job; return why it failed, or nothing."""
    try:
        run(job, work.options, work.settings, silent)
    except ConvertError as error:
        return str(error)
    return ""


# ---- on a cluster


def run_on_cluster(address: str, jobs: Sequence[Job], work: Work, tell: Tell) -> None:
    """Run jobs on the workers of a Dask scheduler, which see the same files by the same names.

    Raises ConvertError where Dask is not installed, or the scheduler is not there.
    """
    try:
        from distributed import Client, as_completed  # noqa: PLC0415  an extra
    except ImportError as error:
        raise ConvertError("Dask is not installed: pip install 'iipastro[cluster]'") from error
    try:
        client = Client(address, set_as_default=False)
    except (OSError, ValueError) as error:
        raise ConvertError(f"the scheduler {address} does not answer: {error}") from error
    with client, client.as_current():
        futures = {client.submit(attempt, job, work, pure=False): job for job in jobs}
        for future in as_completed(futures):
            failed = future.status != "finished"
            tell(futures[future], str(future.exception()) if failed else future.result())

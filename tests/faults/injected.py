# SPDX-License-Identifier: ISC
"""For the tests here to import: each call of a command that writes fails, once
or from then on, or is the moment it is killed.

A story has words, which name it; begin(place) makes what is there before,
run(place, wrapper) runs the command there, and wrong(place, done, killed) yields
what is not as it may be afterwards."""
import concurrent.futures
import os
import pathlib
import re
import shutil
import tempfile

CALLS = ("pwrite64", "fdatasync", "fsync", "ftruncate", "rename", "link",
         "unlink", "openat")
ONCE = ("error=EIO:when={}", "error=ENOSPC:when={}")
ON = ("error=EIO:when={}+", "error=ENOSPC:when={}+")
KILL = "signal=SIGKILL:when={}"
# What the loader and who reads the rules open.
UNTOLD = re.compile(r'\.so[.\d]*"|/ld\.so|/rules[/"]|/locale|"/proc/|"/etc/|'
                    r'"/sys/|"/dev/')
ENOUGH = 5  # of one kind that went wrong


def traced(call, trace, *more):
    return ["strace", "-o", str(trace), "-e", f"trace={call}", *more]


def calls_of(story, call, place):
    """The numbers of those it makes when nothing fails."""
    story.begin(place)
    trace = place.parent / "trace"
    story.run(place, traced(call, trace))
    lines = re.findall(rf"^{call}\(.*", trace.read_text(errors="replace"),
                       re.MULTILINE)
    return [number for number, line in enumerate(lines, 1)
            if not UNTOLD.search(line)]


def some_of(numbers):
    """More and more seldom, and the last."""
    at = 0
    while at < len(numbers) - 1:
        yield numbers[at]
        at += 1 + 2 * at
    yield from numbers[-1:]


def loop(story, call, how, every, failures):
    """How many faults it came to."""
    home = pathlib.Path(tempfile.mkdtemp(dir=story.directory))
    place, count, mine = home / "p", 0, []
    numbers = calls_of(story, call, place)
    for number in numbers if every else some_of(numbers):
        story.begin(place)
        fault = f"{call}:{how.format(number)}"
        done = story.run(place, traced(call, home / "trace", "-e",
                                       f"inject={fault}"))
        count += 1
        mine += [f"{' '.join(story.words)}, {fault}: {why}"[:400] for why in
                 story.wrong(place, done, how == KILL)]
        if len(mine) > ENOUGH:
            break
    failures += mine
    shutil.rmtree(home)
    return count


def run_all(all_stories, every, failures):
    """How many faults there were: without every, few."""
    hows = (*ONCE, *ON, KILL) if every else ("error=EIO:when={}",
                                             "error=ENOSPC:when={}+", KILL)
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        running = [pool.submit(loop, story, call, how, every, failures)
                   for story in all_stories for call in CALLS for how in hows
                   if every or "ENOSPC" not in how or call == "pwrite64"]
        return sum(task.result() for task in running)

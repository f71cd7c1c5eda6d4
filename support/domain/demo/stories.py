"""Half a year at the desk, oldest first. People and their problems are invented; Dask's bugs and
what the scripts came to are not."""

from dataclasses import dataclass
from typing import Final

from support.domain.demo.moments import MinutesAgo, Moment, Workday
from support.domain.demo.steps import Answers, Links, Moves, Notes, Ranks, Runs, Says, Step
from support.models import Ticket

State = Ticket.State


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """A ticket and what became of it. `script` names one of `SCRIPTS`; `release` is what it was
    reported on, empty for what the project runs; unless it `is_recorded`, it is really run."""

    opener: str
    project: str
    at: Moment
    title: str
    body: str
    severity: str = "normal"
    script: str = ""
    release: str = ""
    is_recorded: bool = True
    steps: tuple[Step, ...] = ()


STORIES: Final = (
    Story(
        opener="ana",
        project="demand",
        at=Workday(118, "15:20"),
        severity="high",
        title="Client.map hands futures in a list to the function as they are",
        body="We map a function over lists of futures, one list per week of sales. Since 2025.4.1 "
        "the function gets the futures themselves instead of their results:\n\n"
        "> TypeError: unsupported operand type(s) for +: 'int' and 'Future'\n\n"
        "On 2025.3.0 the same code was fine. The script is the smallest case I could find.",
        script="nested_futures",
        release="2025.4.1",
        steps=(
            Answers(
                "teo",
                Workday(118, "16:32"),
                "We see the same on 2025.4.1: futures inside lists are not replaced by their "
                "results any more. It came with the new expressions of 2025.4.0.\n\n"
                "**2025.5.0 and later are right again**, your script is clean there. Could you "
                "move to 2025.7.0 with the next deployment?",
            ),
            Links(
                "teo",
                Workday(118, "16:40"),
                "dask/distributed#9071",
                "Client.map does not resolve nested futures",
                "released",
                "2025.5.0",
            ),
            Runs("teo", Workday(118, "16:45"), "2025.5.0", "nested_futures"),
            Says(
                "ana", Workday(114, "10:05"), "We run 2025.7.0 since this morning. Solved, thanks."
            ),
            Moves("teo", Workday(114, "10:40"), State.RESOLVED, "Gone with the move to 2025.7.0."),
            Moves("teo", Workday(104, "09:00"), State.CLOSED),
        ),
    ),
    Story(
        opener="dana",
        project="fraud",
        at=Workday(110, "11:15"),
        severity="low",
        title="How large should partitions be for a daily join of 900 GB?",
        body="The join of card payments with merchants reads 900 GB of Parquet a day. We have "
        "7,200 partitions of 128 MB and the scheduler is busy for minutes before anything starts. "
        "Is there a rule?",
        steps=(
            Answers(
                "mira",
                Workday(109, "10:20"),
                "A rule of thumb: a partition takes about a tenth of a worker's memory, and no "
                "less than a second to work through. Your workers have 16 GB and four threads, so "
                "300 to 400 MB each are right; that makes 2,500 partitions.\n\n"
                '```python\nframe = dd.read_parquet(path, blocksize="384MiB")\n```',
            ),
            Says(
                "dana",
                Workday(107, "16:48"),
                "The first task now starts after 20 seconds, and the whole join takes 31 minutes "
                "instead of 44.",
            ),
            Answers("mira", Workday(106, "09:30"), "Good to hear. I close this one then."),
            Moves("mira", Workday(106, "09:31"), State.CLOSED, "Advice given."),
        ),
    ),
    Story(
        opener="lena",
        project="ocean",
        at=Workday(96, "09:40"),
        title="Taking two steps of a virtual archive asks for 16 TiB",
        body="Our archive has 2^41 steps along its first axis, nearly all of them virtual. "
        "Picking two of them by a list should be cheap, but it wants to allocate 16 TiB before "
        "anything is computed. With a slice it works.",
        script="two_time_steps",
        steps=(
            Notes(
                "teo",
                Workday(96, "11:02"),
                "`take` makes an `arange` over the whole axis only to look up two places.",
            ),
            Answers(
                "teo",
                Workday(95, "10:12"),
                "Reproduced on your 2025.1.0: `take` builds an index of the whole axis. Newer "
                "releases do not. Until you can move, two slices do the same:\n\n"
                "```python\nda.concatenate([archive[12:13], archive[2**40 : 2**40 + 1]])\n```",
            ),
            Links(
                "teo",
                Workday(95, "10:20"),
                "dask/dask#11998",
                "take allocates an index of the whole axis",
                "released",
                "2025.9.0",
            ),
            Runs("teo", Workday(95, "10:25"), "2025.9.0", "two_time_steps"),
            Says(
                "lena",
                Workday(93, "13:10"),
                "The two slices do it for now. We move in the new year.",
            ),
            Answers("teo", Workday(93, "15:01"), "Then I mark it as solved; the script is kept."),
            Moves("teo", Workday(93, "15:02"), State.RESOLVED, "Fixed in 2025.9.0; worked around."),
        ),
    ),
    Story(
        opener="ravi",
        project="demand",
        at=Workday(80, "17:30"),
        title="to_dask_array(lengths=True) fails for a single partition",
        body="With one partition we get `TypeError: 'int' object is not iterable`. With two it "
        "works. This is on a machine that still has 2025.4.1.",
        script="basket_lengths",
        release="2025.4.1",
        steps=(
            Answers(
                "mira",
                Workday(79, "09:55"),
                "Thank you for the short script. It fails on 2025.4.1 and is clean on the newest "
                "release; the fix came with 2025.5.0. Is that machine due for an update?",
            ),
            Links(
                "mira",
                Workday(79, "10:00"),
                "dask/dask#11931",
                "to_dask_array fails with lengths=True for one partition",
                "released",
                "2025.5.0",
            ),
            Says("ravi", Workday(78, "15:31"), "It is now, and the script passes."),
            Moves("mira", Workday(78, "16:05"), State.RESOLVED, "Fixed in 2025.5.0."),
        ),
    ),
    Story(
        opener="ines",
        project="fraud",
        at=Workday(64, "14:05"),
        severity="urgent",
        title="Nightly scoring waits for a worker that has left the cluster",
        body="One of forty workers was drained at 03:10. Since then 212 tasks stand in "
        "*processing* on an address that no longer exists, and scoring does not go on. We had to "
        "restart the scheduler to have figures for the morning.",
        steps=(
            Answers(
                "jon",
                Workday(64, "15:52"),
                "I am sorry that this took us longer than the hour we promised.\n\nThe state that "
                "you describe should not exist. Before the next restart, please keep a dump:\n\n"
                '```python\nclient.dump_cluster_state("state", exclude=["run_spec"])\n```',
                waits=True,
            ),
            Notes("jon", Workday(64, "16:10"), "Second report of this kind. See the drain hook."),
            Says(
                "ines",
                Workday(63, "11:20"),
                "It has not come back, and we found that our drain hook killed the worker after "
                "10 seconds. With `distributed.worker.lifetime.stagger` set and 120 seconds of "
                "grace, draining works.",
            ),
            Answers(
                "jon",
                Workday(63, "12:01"),
                "Ten seconds are too few to hand over 6 GB of results; 120 fit. I write this into "
                "your runbook.",
            ),
            Moves(
                "jon", Workday(63, "12:02"), State.RESOLVED, "The drain hook gave too little time."
            ),
        ),
    ),
    Story(
        opener="lena",
        project="ocean",
        at=Workday(30, "10:30"),
        title="Boolean list with np.newaxis raises on a chunked array",
        body="`scenes[good, np.newaxis]` with a list of booleans raises as soon as there is more "
        "than one chunk. NumPy and a single chunk are fine.",
        script="flagged_scenes",
        steps=(
            Answers(
                "teo",
                Workday(29, "11:45"),
                "Reproduced on 2025.1.0, and it is still there on the newest release, with another "
                "message. I look for the release it came with.",
            ),
            Runs("teo", Workday(29, "11:50"), "2024.7.1", "flagged_scenes"),
            Answers(
                "teo",
                Workday(29, "14:20"),
                "It came after 2024.7.1, when taking elements was written anew. In two steps it "
                "is right on every release:\n\n```python\nscenes[good][:, np.newaxis]\n```\n\n"
                "A public issue exists; we take part there.",
            ),
            Links(
                "teo",
                Workday(29, "14:25"),
                "dask/dask#11267",
                "Fancy index together with newaxis fails on several chunks",
                "open",
            ),
            Says("lena", Workday(28, "09:15"), "The two steps work. We wait for the fix then."),
            Answers("teo", Workday(28, "10:02"), "We tell you here as soon as it moves."),
            Moves("teo", Workday(28, "10:03"), State.WAITING_ON_UPSTREAM),
        ),
    ),
    Story(
        opener="paul",
        project="risk",
        at=Workday(12, "09:20"),
        severity="urgent",
        title="Restating a column twenty-four times never starts to compute",
        body="The yearly restatement assigns `balance` from itself once a month. Twelve months "
        "take a while, with twenty-four nothing seems to happen at all; one core is busy.",
        script="restated_balance",
        steps=(
            Answers(
                "mira",
                Workday(12, "10:08"),
                "Reproduced: on 2024.8.0 each assignment doubles the work of simplifying the "
                "expression, so twenty-four of them would take days. The newest release is done "
                "in a second. I check which is the first good one.",
            ),
            Ranks(
                "mira",
                Workday(12, "10:12"),
                "high",
                "agreed on the phone, the restatement is due next month.",
            ),
            Runs("mira", Workday(12, "10:15"), "2024.12.1", "restated_balance"),
            Links(
                "mira",
                Workday(12, "10:30"),
                "dask/dask#11455",
                "Simplifying repeated assignments takes exponential time",
                "released",
                "2024.12.0",
            ),
            Answers(
                "mira",
                Workday(12, "11:02"),
                "2024.12.1 is clean, and the closest to what you run. Please try it in staging: "
                "does the restatement finish?\n\nIf you cannot move, `persist()` every sixth month "
                "cuts the expression.",
                waits=True,
            ),
        ),
    ),
    Story(
        opener="ravi",
        project="demand",
        at=Workday(6, "16:10"),
        title="Scheduler keeps tasks after their futures are gone",
        body="After some hours the scheduler of our notebook cluster knows 40,000 tasks, although "
        "every cell deletes its futures. The script does the same in small.",
        script="kept_futures",
        steps=(
            Answers(
                "teo",
                Workday(5, "09:40"),
                "We ran your script five times on each release and every time the scheduler was "
                "empty at the end, so the script does not show it yet. Notebooks keep what a cell "
                "returned in `Out`: could you run `%reset -f out` and tell us how many tasks are "
                "left then?",
                waits=True,
            ),
        ),
    ),
    Story(
        opener="ana",
        project="demand",
        at=Workday(5, "15:05"),
        severity="high",
        title="Nightly join: workers are killed and the job starts over",
        body="Three nights in a row the join of baskets and prices lost workers at about 80 %: "
        "`KilledWorker: Attempted to run task 'hash-join-...' on 4 different workers`. Memory "
        "looks fine until then.",
        steps=(
            Answers(
                "teo",
                Workday(5, "16:40"),
                "Four workers died with the same task, so it is likely that one partition is far "
                "larger than the others. Which key has the most rows?\n\n"
                "```python\nprices.basket.value_counts().nlargest(5).compute()\n```",
            ),
            Says(
                "ana",
                Workday(1, "16:35"),
                "Basket 0 has 31 million rows, it stands for returns. Everything else has less "
                "than 2,000. Can the join be told to split it?",
            ),
        ),
    ),
    Story(
        opener="paul",
        project="risk",
        at=Workday(3, "13:15"),
        title="rolling_exposure differs between two runs of the same day",
        body="The third decimal of our exposure differs between runs. The script uses our own "
        "features package.",
        script="private_features",
        steps=(
            Answers(
                "mira",
                Workday(3, "14:22"),
                "We cannot run it yet: `kestrel-features` is not on the public index. Could you "
                "put the one function that matters into the script? Sums over partitions in "
                "another order differ in the last digits; the third decimal would be more than "
                "that.",
                waits=True,
            ),
        ),
    ),
    Story(
        opener="ravi",
        project="demand",
        at=Workday(2, "16:50"),
        severity="high",
        title="Client.map with weights of more than a megabyte raises an AssertionError",
        body="We evaluate 2026.8.0. `client.map(weigh, items, weights=WEIGHTS)` raises as soon as "
        "the weights are larger than a megabyte. Passing them through `scatter` works.",
        script="shared_weights",
        release="2026.8.0",
        steps=(
            Answers(
                "teo",
                Workday(2, "17:20"),
                "Reproduced on 2026.8.0 with your script, every time. I look how long it has been "
                "there.",
            ),
            Runs("teo", Workday(1, "09:15"), "2025.7.0", "shared_weights"),
            Runs("teo", Workday(1, "09:20"), "2024.8.0", "shared_weights"),
            Notes(
                "teo",
                Workday(1, "09:31"),
                "One bug with several faces: it is in every release that I tried, each time with "
                "another error. The keyword becomes a task that is named `weights` and nothing "
                "else. Worth a public issue: nobody has reported it.",
            ),
            Says(
                "ravi",
                Workday(1, "16:20"),
                "So what we run in production, 2025.7.0, has it as well? Then please tell us "
                "which calls to look at.",
            ),
        ),
    ),
    Story(
        opener="ana",
        project="demand",
        at=Workday(2, "15:30"),
        severity="urgent",
        title="Forecast stands still, every worker is paused",
        body="All 24 workers are paused at 81 % of memory and nothing is spilled any more. The "
        "disks are full of spilled data of yesterday. What can be deleted without losing the run?",
    ),
    Story(
        opener="lena",
        project="ocean",
        at=Workday(1, "14:25"),
        title="Rechunk before or after a rolling mean over time?",
        body="We take a rolling mean of 30 days over hourly fields, chunked by day. Rechunking "
        "first doubles the memory, rechunking afterwards makes a graph of 1.2 million tasks. Is "
        "there a better order?",
    ),
    Story(
        opener="ines",
        project="fraud",
        at=MinutesAgo(2),
        severity="high",
        title="Series.map loses most merchant names since the upgrade",
        body="Since we moved to 2025.5.1, mapping merchant numbers to names gives NaN for most "
        "payments, without any error. In the script 31 of 36 lose their merchant. On 2023.11.0 "
        "every payment had one.",
        script="merchant_names",
        is_recorded=False,
    ),
)

"""`usage-ledger bench rating` tells a figure for every form of price, by the names that other benches use."""

import json

from click.testing import CliRunner

from usage_ledger.benchmarks.rating import WHOLE
from usage_ledger.entrypoints.cli.bench import rating


def test_the_answer_has_a_figure_for_every_form():
    answered = CliRunner().invoke(rating, ["--seconds", "0.05", "--json"])
    assert answered.exit_code == 0, answered.output
    answer = json.loads(answered.stdout.splitlines()[-1])
    assert {"bench", "version", "seconds", "items", "items_per_s", "cpu_us_per_item", "machine"} <= answer.keys()
    assert answer["cpu_us_per_item"].keys() == {"total", "plain", "margined", "tiered", "thresholded"}
    assert all(figure > 0 for figure in answer["cpu_us_per_item"].values())


def test_people_see_a_table():
    answered = CliRunner().invoke(rating, ["--seconds", "0.05"])
    assert WHOLE in answered.stderr or WHOLE in answered.stdout

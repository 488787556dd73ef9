"""A file with a mistake is not played: file, line, case, step and field of the mistake are said."""

from __future__ import annotations

import pytest

from usage_ledger.scenarios.reading.formats import read_cases
from usage_ledger.scenarios.reading.misfit import ScenarioInvalid

GOOD = """\
format: ledger-cases/1
fixtures:
  clock: "2026-03-02T12:00:00Z"
cases:
  - id: one
    title: a purchase
    given:
      - OpenAccount: {account: T}
    when:
      - RecordPurchase: {account: T, amount: "5.00", payment_ref: card/1}
    then: {result: {outcome: accepted}, accounts: {T: {balance: "5.00"}}}
"""


@pytest.fixture
def mistake_in(tmp_path):
    """What is said of a file."""

    def read(text, name="cases.yaml"):
        file = tmp_path / name
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        with pytest.raises(ScenarioInvalid) as invalid:
            read_cases([file])
        return str(invalid.value).replace(f"{tmp_path}/", "")

    return read


def test_a_good_file_is_read(tmp_path):
    (tmp_path / "cases.yaml").write_text(GOOD)
    (case,) = read_cases([tmp_path / "cases.yaml"])
    assert (case.case_id, [step.command.name for step in case.when]) == ("one", ["RecordPurchase"])


MISTAKES = [
    ("RecordPurchase:", "RecordPurchases:", "cases.yaml:10: case one, when 1: RecordPurchases: no such command"),
    ("payment_ref:", "payment:", "cases.yaml:10: case one, when 1, RecordPurchase: payment_ref is missing"),
    ("account: T, amount", "acount: T, account: T, amount", "case one, when 1, RecordPurchase, acount: unknown field"),
    ('"5.00", payment', '"5,00", payment', "when 1, RecordPurchase, amount: '5,00' is no amount of money"),
    ('"5.00", payment', '"1e3", payment', "RecordPurchase, amount: '1e3' is no amount of money"),
    (
        '"5.00", payment',
        '"0.0000000001", payment',
        "amount: '0.0000000001' is no amount of money: an amount has at most",
    ),
    ('"5.00", payment', '"99999999999999", payment', "does not fit 64 bits"),
    ('"5.00", payment', "5.00, payment", 'amount: money is text in quotes, such as "5.00"'),
    ('"5.00", payment', "[5], payment", "amount: expected text, found a list"),
    ("{account: T}\n", "{account: [T]}\n", "cases.yaml:8: case one, given 1, OpenAccount, account: expected a label"),
    ("accepted}", "agreed}", "cases.yaml:11: case one, then, result, outcome: expected one of accepted"),
    ('{balance: "5.00"}', '{blance: "5.00"}', "then, accounts, T, blance: unknown field"),
    ("card/1}", 'card/1, expires_at: "tomorrow"}', "expires_at: expected a time such as"),
    ("card/1}", 'card/1, at: "2026-03-02T11:59:59Z"}', "when 1, RecordPurchase: the clock never moves back"),
    ("RecordPurchase: {account: T, amount", "PlaceHold: {account: T, key: k, amount", "expected either account or key"),
    ("title: a purchase", "tittle: a purchase", "case one: title is missing"),
    ('clock: "2026-03-02T12:00:00Z"', 'clock: "2026-03-02"', "fixtures, clock: expected a time"),
    ("format: ledger-cases/1", "format: ledger-cases/2", "cases.yaml:1: format ledger-cases/2 is not known"),
    ("format: ledger-cases/1\n", "", "no known format"),
    ("given:\n", "given: *again\n", "this is no YAML"),
    ("    title: a purchase", "    title: a purchase\n    title: again", "cases.yaml:7: title stands here twice"),
    ("{account: T}\n", "{account: T\n", "this is no YAML"),
]


@pytest.mark.parametrize(("good", "bad", "said"), MISTAKES)
def test_it_says_where_the_mistake_is(mistake_in, good, bad, said):
    assert good in GOOD
    assert said in mistake_in(GOOD.replace(good, bad, 1))


def test_an_alias_is_not_read_since_it_could_make_a_small_file_very_large(mistake_in):
    text = GOOD.replace("{result:", "&same {result:") + "  - {id: two, title: the same, when: [], then: *same}\n"
    assert "aliases are not read" in mistake_in(text)


def test_two_cases_of_one_id_are_a_mistake(mistake_in):
    again = GOOD.partition("cases:\n")[2]
    assert "two cases have the id one" in mistake_in(GOOD + again)


def test_results_are_as_many_as_steps(mistake_in):
    assert "2 results are expected of 1 steps" in mistake_in(
        GOOD.replace("{result: {outcome: accepted}", "{results: [{outcome: accepted}, {outcome: accepted}]")
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "the file is empty"),
        ("- 1\n", "expected names with values"),
        ("[" * 20_000, "nested too deeply"),
        (b"\xff\xfe\x00", "no UTF-8"),
        ("version: 1\nvocabulary: {}\ncases: []\n", "the organization cases cannot be run by this version yet"),
    ],
)
def test_what_is_no_file_of_cases_is_refused(mistake_in, text, said):
    assert said in mistake_in(text)


def test_a_format_that_is_not_built_says_so(mistake_in):
    text = "case,sign_in,provider,pin\n1,2,3,4\n"
    assert "the payer table (CSV) cannot be run by this version yet" in mistake_in(text, "cases.csv")

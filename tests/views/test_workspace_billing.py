"""Who pays for a workspace: what its own events and its payer's say, and what it spends."""

from datetime import UTC, date, datetime

from usage_ledger_views.workspace_billing.queries import read_workspace_billing
from views.recorded import DAY, METERED, NOW, WORKSPACE, decision, item, line, resolution
from views.workspaces import (
    BYOK,
    DEFAULT,
    PLATFORM,
    cleared,
    decided,
    happens,
    moved,
    overridden,
    refused,
    registered,
    rejected,
    runs_on,
    selected,
    stored,
)

TODAY = datetime.fromtimestamp(NOW // 1_000_000, UTC).date()


def billing(ask, today=TODAY) -> object:
    return ask(lambda connection: read_workspace_billing(connection, 0, "acme", "ws", today))


def test_a_registered_workspace_shows_mode_model_and_payer(shard, writer, ask):
    shard.register_workspace(runtime="langgraph")
    shard.record(
        WORKSPACE,
        "ModelSelected",
        workspace_id="ws",
        model="model-a",
        origin="user",
        previous=None,
        before=None,
        after=resolution("platform_managed", "derived_default"),
    )
    shard.pin_payer()
    writer.write(shard.on_topic())
    found = billing(ask)
    workspace = found.workspace
    assert (workspace.mode, workspace.source, workspace.model) == ("platform_managed", "derived_default", "model-a")
    assert (workspace.runtime, workspace.payer, found.payer_reason) == ("langgraph", "main", "pinned")
    assert found.warnings == ()


def test_an_unknown_workspace_is_none(shard, writer, ask):
    shard.open_account()
    writer.write(shard.on_topic())
    assert billing(ask) is None


def test_an_event_changes_only_the_columns_that_it_speaks_of(shard, writer, ask):
    shard.register_workspace(runtime="langgraph")
    shard.pin_payer()
    writer.write(shard.on_topic())
    done = len(shard.events)
    shard.record(
        WORKSPACE,
        "BillingOverrideSet",
        workspace_id="ws",
        mode="byok",
        previous=None,
        effective_from=NOW,
        reason="test",
        before=None,
        after=resolution("byok", "workspace_override"),
    )
    writer.write(shard.on_topic()[done:])
    workspace = billing(ask).workspace
    assert (workspace.mode, workspace.source, workspace.override) == ("byok", "workspace_override", "byok")
    assert (workspace.runtime, workspace.payer) == ("langgraph", "main")


def test_clearing_the_override_empties_its_column(shard, writer, ask):
    shard.register_workspace()
    change = {"workspace_id": "ws", "effective_from": NOW, "reason": "test", "before": None}
    byok, derived = resolution("byok", "workspace_override"), resolution("platform_managed", "derived_default")
    shard.record(WORKSPACE, "BillingOverrideSet", mode="byok", previous=None, after=byok, **change)
    writer.write(shard.on_topic())
    shard.record(WORKSPACE, "BillingOverrideCleared", previous="byok", after=derived, **change)
    writer.write(shard.on_topic()[2:])
    workspace = billing(ask).workspace
    assert (workspace.override, workspace.mode) == (None, "platform_managed")


def test_spend_is_by_day_and_month_of_occurrence_in_utc(shard, writer, ask):
    shard.open_account()
    shard.register_workspace()
    shard.pin_payer()
    first_of_month = int(datetime(TODAY.year, TODAY.month, 1, tzinfo=UTC).timestamp()) * 1_000_000
    for charged, at in [(1, NOW), (10, first_of_month), (100, first_of_month - 1), (1_000, NOW + DAY)]:
        shard.usage([item(charged, occurred_at=at)], debits=[line(1300, "debit", charged)])
    writer.write(shard.on_topic())
    found = billing(ask)
    assert (found.spend_today, found.spend_month) == (1, 11)


def test_tokens_and_last_usage_count_metered_usage_too(shard, writer, ask):
    shard.open_account()
    shard.register_workspace()
    shard.pin_payer()
    shard.usage([item(5, input=7, output=3)], debits=[line(1300, "debit", 5)])
    shard.usage(
        [item(0, outcome="byok", input=100, occurred_at=NOW + 9)],
        account_id=None,
        decisions=[decision(mode="byok", payer=None, credential="byok")],
    )
    writer.write(shard.on_topic())
    found = billing(ask)
    assert (found.requests, found.quantities["input_tokens"], found.quantities["output_tokens"]) == (2, 107, 3)
    assert found.last_usage_at == NOW + 9


def test_what_somebody_should_look_at_is_warned_of(shard, writer, ask):
    shard.register_workspace()
    shard.usage(
        [item(0, outcome="no_price")],
        account_id=None,
        decisions=[decision(payer=None, route_mismatch=True)],
    )
    writer.write(shard.on_topic())
    assert billing(ask).warnings == ("no_payer", "unpriced_usage", "route_mismatch")


def test_the_answer_is_incomplete_while_usage_of_the_tenant_is_blocked(shard, writer, ask):
    shard.register_workspace()
    writer.write(shard.on_topic())
    assert not billing(ask, date(2026, 1, 1)).incomplete
    shard.usage([item()], account_id=None)
    shard.usage([item()], account_id=None)
    missing_the_first = [record for record in shard.on_topic()[1:] if record.offset != 1]
    writer.write(missing_the_first)
    assert missing_the_first[0].key == METERED.encode()
    assert billing(ask).incomplete


def answered(workspace) -> tuple[object, ...]:
    return workspace.mode, workspace.source, workspace.provider, workspace.registry_version


def test_whatever_moves_the_answer_is_the_answer_until_the_next(shard, writer, ask):
    states = ("BYOK_WITHOUT_ACCEPTED_CREDENTIAL", "RESTART_PENDING")
    happens(shard, registered(after=PLATFORM))
    seen = 0
    for event, after in (
        (selected("kimi-for-coding", after=BYOK, states=states, faults=("CREDENTIALS_UNREADABLE",)), BYOK),
        (runs_on("hermes", after=PLATFORM), PLATFORM),
        (stored("KIMI_API_KEY", after=BYOK), BYOK),
        (moved(BYOK, DEFAULT, faults=("REGISTRY_UNAVAILABLE",)), DEFAULT),
        (cleared(after=PLATFORM), PLATFORM),
    ):
        happens(shard, event)
        writer.write(shard.on_topic()[seen:])
        seen = len(shard.events)
        workspace = billing(ask).workspace
        assert answered(workspace) == (after.mode, after.source, after.provider, after.registry_version)
        assert (tuple(workspace.states), tuple(workspace.faults)) == (event.states, event.faults)
    assert (workspace.runtime, workspace.model) == ("hermes", "kimi-for-coding")


def test_named_states_are_warnings_before_what_usage_says(shard, writer, ask):
    happens(shard, registered(states=("PLATFORM_MODE_WITHOUT_PROXY",)))
    writer.write(shard.on_topic())
    assert billing(ask).warnings == ("PLATFORM_MODE_WITHOUT_PROXY", "no_payer")


def test_an_override_that_was_imported_is_shown_as_it_is_stored(shard, writer, ask):
    happens(shard, registered())
    happens(shard, overridden("UNKNOWN", unknown_text="Bring-Your-Own", faults=("OVERRIDE_UNRECOGNISED",)))
    writer.write(shard.on_topic())
    assert billing(ask).workspace.override == "Bring-Your-Own"


def test_a_workspace_that_names_no_organization_is_of_the_tenants_own(shard, writer, ask):
    happens(shard, registered())
    writer.write(shard.on_topic())
    assert billing(ask).workspace.organization_id == "acme"
    happens(shard, registered("elsewhere", organization_id="subsidiary"))
    writer.write(shard.on_topic()[1:])
    elsewhere = ask(lambda connection: read_workspace_billing(connection, 0, "acme", "elsewhere", TODAY))
    assert elsewhere.workspace.organization_id == "subsidiary"


def test_the_current_run_is_the_one_that_was_decided_last_and_no_fact_alters_it(shard, writer, ask):
    happens(shard, registered())
    happens(shard, decided("r1", "platform_managed", provider="platform"))
    happens(shard, decided("r2", "byok", warnings=("VENDOR_KEY_ON_PLATFORM_MODEL",)))
    happens(shard, refused("r3"))
    writer.write(shard.on_topic())
    found = billing(ask)
    workspace = found.workspace
    assert (workspace.run_id, workspace.run_mode, workspace.run_provider) == ("r2", "byok", "kimi-coding")
    assert (workspace.mode, workspace.provider) == ("byok", "kimi-coding")
    assert found.warnings == ("VENDOR_KEY_ON_PLATFORM_MODEL",)
    happens(shard, overridden("disabled", after=PLATFORM, states=("RESTART_PENDING",)))
    writer.write(shard.on_topic()[4:])
    found = billing(ask)
    assert (found.workspace.mode, found.workspace.run_mode) == ("platform_managed", "byok")
    assert "RESTART_PENDING" in found.warnings


def test_the_version_is_the_workspaces_own_streams_whatever_happened_in_it(shard, writer, ask):
    happens(shard, registered())
    happens(shard, rejected())
    happens(shard, refused())
    shard.pin_payer()
    happens(shard, stored("KIMI_API_KEY", scope="tenant"), stream="organization-acme")
    happens(shard, rejected(scope="tenant"), stream="organization-acme")
    writer.write(shard.on_topic())
    assert billing(ask).workspace.version == 3


def test_a_workspace_that_was_not_to_begin_is_not_there(shard, writer, ask):
    happens(shard, rejected(), stream="refusals")
    writer.write(shard.on_topic())
    assert billing(ask) is None


def test_of_two_streams_the_later_answer_counts_also_when_the_earlier_comes_last(shard, writer, ask, rows):
    happens(shard, registered())
    late = happens(shard, selected("kimi-for-coding", after=PLATFORM))
    happens(shard, stored("KIMI_API_KEY", scope="tenant", after=BYOK), stream="organization-acme")
    topic = shard.on_topic()
    writer.write([topic[0]])
    writer.write([topic[2]])
    # What a repair of the workspace's stream does.
    writer.write([topic[1]._replace(offset=3)])
    workspace = billing(ask).workspace
    assert (workspace.mode, workspace.model) == ("byok", "kimi-for-coding")
    assert (workspace.version, late.version) == (2, 2)
    assert rows("SELECT position, answered_position FROM views.workspace_billing") == [(3, 3)]

"""M17: a duty's clock starts, changes hands, warns, expires and stops; the first date stays on file."""

from datetime import date, timedelta
from uuid import UUID, uuid4

from shared import calendar
from tests.supervision.desk import DAY, NOON, Petition

MARCH = date(2026, 3, 10)


def feed(desk, *events):
    for event in events:
        desk.feed(event)


def test_registration_starts_the_decision_clock_from_the_day_of_receipt(desk):
    petition = Petition()
    feed(desk, petition.registered(received_on=date(2026, 3, 6)))
    clock = desk.clock("decision", petition)
    assert (clock["started_on"], clock["due_on"]) == ("2026-03-06", "2026-03-27")  # 15 working days
    assert clock["due_on"] == clock["first_due_on"]
    assert (clock["holder"], clock["light"], clock["term"]["article"]) == ("petition-office", "green", "26")
    (event,) = desk.events("clock.started")
    assert (event["duty"], event["due_on"], event["provisional"]) == ("decision", "2026-03-27", False)


def test_a_petition_bureau_has_15_calendar_days(desk):
    petition = Petition(organ="petition_bureau")
    feed(desk, petition.registered())
    assert desk.clock("decision", petition)["due_on"] == "2026-03-25"


def test_a_township_decides_what_its_own_commission_received(desk):
    petition = Petition(organ="township")
    feed(desk, petition.registered())
    assert desk.clock("decision", petition)["holder"] == "township-420324100"


def test_each_decision_stops_it(desk):
    for decision in ("accepted", "declined", "transferred"):
        petition = Petition()
        more = (uuid4(),) if decision == "transferred" else ()
        feed(desk, petition.registered(), getattr(petition, decision)(3, *more))
        clock = desk.clock("decision", petition)
        assert (clock["state"], clock["done"], clock["late"]) == ("stopped", True, False)
        assert (clock["stopped_on"], clock["light"]) == ("2026-03-13", None)
    assert [e["done"] for e in desk.events("clock.stopped")] == [True] * 3


def test_the_agency_holds_the_receipt_until_it_signs_or_sends_back(desk):
    signed, returned = Petition(), Petition()
    one, two = uuid4(), uuid4()
    feed(desk, signed.registered(), signed.transferred(1, one))
    receipt = desk.clock("receipt", signed, "liaison-police")
    assert (receipt["holder"], receipt["due_on"]) == ("agency-police", "2026-03-18")
    feed(desk, signed.signed(2, one))
    feed(desk, returned.registered(), returned.transferred(1, two), returned.returned(9, two))
    assert desk.clock("receipt", signed)["done"] is True
    late = desk.clock("receipt", returned)
    assert (late["done"], late["late"], late["stopped_on"]) == (True, True, "2026-03-19")


def test_what_an_agency_sends_back_is_to_be_decided_anew(desk):
    petition, transfer = Petition(), uuid4()
    feed(desk, petition.registered(), petition.transferred(1, transfer), petition.returned(3, transfer))
    first, second = sorted(
        desk.clocks(query=f"?duty=decision&petition_id={petition.id}"), key=lambda c: c["started_on"]
    )
    assert first["done"] is True
    assert (second["state"], second["started_on"]) == ("running", "2026-03-13")
    feed(desk, petition.declined(4))
    assert desk.clock("decision", petition)["stopped_on"] == "2026-03-14"


def test_sixty_days_only_for_the_procedure_of_petitions(desk):
    petition, accusation = Petition(), Petition(category="accusation", procedure="discipline")
    for each in (petition, accusation):
        feed(desk, each.registered(), each.accepted(1), each.opened(1.01))
    handling = desk.clock("handling", petition)
    assert (handling["started_on"], handling["due_on"]) == ("2026-03-11", "2026-05-11")  # the 10th: Sunday
    assert desk.clocks(query=f"?duty=handling&petition_id={accusation.id}") == []


def test_an_accusation_is_to_be_done_by_the_date_of_its_plan(desk):
    petition = Petition(category="accusation", procedure="discipline")
    feed(desk, petition.registered(), petition.accepted(1), petition.opened(1.01))
    plan = desk.clock("plan", petition)
    assert (plan["holder"], plan["due_on"]) == ("leader-1", "2026-04-13")  # a month: a Saturday
    feed(desk, petition.planned(2, date(2026, 4, 10)), petition.planned(5, date(2026, 4, 30), 2))
    assert desk.clock("plan", petition)["done"] is True
    handling = desk.clock("handling", petition)
    assert (handling["first_due_on"], handling["due_on"]) == ("2026-04-10", "2026-04-30")
    assert [e["reason"] for e in desk.events("clock.moved")] == ["plan"]


def test_the_plans_date_is_shown_and_the_laws_stays(desk):
    petition = Petition()
    feed(desk, petition.registered(), petition.accepted(1), petition.opened(1.01))
    feed(desk, petition.planned(2, date(2026, 4, 10)))
    handling = desk.clock("handling", petition)
    assert (handling["planned_on"], handling["due_on"]) == ("2026-04-10", "2026-05-11")
    assert [e["reason"] for e in desk.events("clock.moved")] == ["handover"]


def test_each_tier_shows_who_held_the_case_when(desk):
    petition = Petition()
    feed(desk, petition.registered(), petition.accepted(1), petition.opened(2))
    feed(desk, petition.rerouted(9, office="office-2", team="team-2"), petition.closed(20))
    handling = desk.clock("handling", petition)
    assert [(h["unit"], h["since"], h["until"]) for h in handling["holdings"]] == [
        ("petition-office", "2026-03-11", "2026-03-12"),
        ("office-1", "2026-03-12", "2026-03-19"),
        ("office-2", "2026-03-19", "2026-03-30"),
    ]
    moved = [e for e in desk.events("clock.moved") if e["duty"] == "handling"]
    assert [(e["holder"], e["reason"]) for e in moved] == [("office-1", "handover"), ("office-2", "handover")]


def test_closing_starts_the_reply_and_the_reply_stops_it(desk):
    petition = Petition(category="accusation", procedure="discipline")
    feed(desk, petition.registered(), petition.accepted(1), petition.opened(1.01))
    feed(desk, petition.planned(2, date(2026, 4, 10)), petition.closed(20))
    reply = desk.clock("reply", petition)
    assert (reply["holder"], reply["due_on"]) == ("office-1", "2026-04-21")  # 15 working days, Qingming off
    feed(desk, petition.replied(30))
    assert desk.clock("reply", petition)["done"] is True


def test_nobody_is_owed_a_reply_who_gave_no_name(desk):
    petition = Petition(category="accusation", procedure="discipline", signature="anonymous")
    feed(desk, petition.registered(), petition.accepted(1), petition.opened(1.01), petition.closed(20))
    assert desk.clocks(query="?duty=reply") == []


def test_a_new_round_has_its_own_clocks_with_those_who_take_it(desk):
    petition = Petition()
    feed(desk, petition.registered(), petition.accepted(1), petition.opened(1.01))
    feed(desk, petition.planned(2, date(2026, 4, 10)), petition.closed(90), petition.reopened(95))
    first, second = sorted(desk.clocks(query="?duty=handling"), key=lambda c: c["started_on"])
    assert (first["late"], first["stopped_on"]) == (True, "2026-06-08")
    assert (second["holder"], second["started_on"]) == ("office-2", "2026-06-13")
    assert second["due_on"] == "2026-07-13"
    assert desk.clock("plan", petition)["started_on"] == "2026-06-13"
    fell_away = desk.clock("reply", petition)
    assert (fell_away["state"], fell_away["done"], fell_away["late"]) == ("stopped", False, False)


def test_a_recusal_that_takes_the_plan_away_asks_for_a_new_one(desk):
    petition = Petition()
    feed(desk, petition.registered(), petition.accepted(1), petition.opened(1.01))
    feed(desk, petition.planned(2, date(2026, 4, 10)))
    feed(desk, petition.rerouted(4, "roster_change", leader="leader-2"))
    assert len(desk.clocks(query="?duty=plan")) == 1
    feed(desk, petition.rerouted(6, "recusal", leader="leader-3", excluded=["leader-2"]))
    plan = desk.clock("plan", petition)
    assert (plan["state"], plan["holder"], plan["started_on"]) == ("running", "leader-3", "2026-03-16")


def test_an_instruction_runs_to_its_own_date_until_its_addressee_reports(desk):
    petition = Petition()
    saturday = date(2026, 3, 21)
    feed(desk, petition.registered(), petition.instructed(1, saturday), petition.instructed(1, None))
    clock = desk.clock("instruction", petition, "office-1-a")
    assert (clock["holder"], clock["due_on"]) == ("office-1", "2026-03-23")
    desk.post("leader-2", f"/api/clocks/{clock['id']}/completion", 404, version=clock["version"])
    desk.post("clerk-1", f"/api/clocks/{clock['id']}/completion", 403, version=clock["version"])
    done = desk.post("office-1-a", f"/api/clocks/{clock['id']}/completion", 200, version=clock["version"])
    assert (done["state"], done["done"]) == ("stopped", True)


def test_an_instruction_that_is_amended_falls_away(desk):
    petition, first = Petition(), uuid4()
    feed(desk, petition.registered(), petition.instructed(1, date(2026, 3, 20), instruction_id=first))
    feed(desk, petition.instructed(2, date(2026, 3, 27), amends=first))
    old, new = sorted(desk.clocks(query="?duty=instruction"), key=lambda c: c["started_on"])
    assert (old["state"], old["done"]) == ("stopped", False)
    assert new["state"] == "running"


def test_what_is_withdrawn_has_no_clock_and_gets_none(desk):
    petition = Petition()
    feed(desk, petition.registered(), petition.accepted(1), petition.opened(1.01), petition.withdrawn(2))
    assert desk.clocks() == []
    ended = desk.events("clock.stopped")
    assert {(e["duty"], e["done"], e["late"]) for e in ended} == {
        ("decision", True, False),
        ("handling", False, False),
        ("plan", False, False),
    }
    feed(desk, petition.planned(3, date(2026, 4, 10)), petition.registered())
    assert desk.clocks() == []


def test_lights_turn_and_each_level_is_told_once(desk, move):
    petition = Petition()
    feed(desk, petition.registered(), petition.accepted(0), petition.opened(0.01))
    feed(desk, petition.planned(0.02, date(2026, 4, 10)))
    turned = {}
    for day in range(65):  # due on 9 May, a Saturday that is worked in exchange
        desk.run()
        desk.run()
        turned.setdefault(desk.clock("handling", petition)["light"], day)
        move(DAY)
    due = (date.fromisoformat(desk.clock("handling", petition)["due_on"]) - MARCH).days
    assert turned == {"green": 0, "yellow": due - due // 3, "orange": due - 3, "red": due + 1}
    told = [e["days_left"] for e in desk.events("clock.warned")]
    assert told == [due // 3, 3, 0]
    (expired,) = desk.events("clock.expired")
    assert expired["expired_on"] == (MARCH + timedelta(days=due + 1)).isoformat()


def test_who_comes_late_is_told_of_the_highest_level_only(desk, move):
    feed(desk, Petition(organ="petition_bureau").registered())
    move(timedelta(days=15))
    desk.run()
    assert [e["days_left"] for e in desk.events("clock.warned")] == [0]


def test_old_petitions_that_are_brought_in_are_late_but_not_announced_one_by_one(desk, move):
    petition = Petition()
    feed(desk, petition.registered(received_on=date(2014, 5, 5)))
    desk.run()
    clock = desk.clock("decision", petition)
    assert (clock["light"], clock["late"]) == ("red", True)
    assert desk.events("clock.warned", "clock.expired") == []


def test_closing_never_erases_lateness(desk, move):
    petition = Petition(organ="petition_bureau")
    feed(desk, petition.registered())
    move(timedelta(days=30))
    desk.run()
    feed(desk, petition.declined(29))
    clock = desk.clock("decision", petition)
    assert (clock["state"], clock["late"], clock["light"]) == ("stopped", True, None)
    assert desk.events("clock.stopped")[0]["late"] is True


class Published:
    """A calendar on which some years are published; in those, extra days are off."""

    def __init__(self, years, off=()):
        self.years, self.off = years, off

    def is_published(self, year):
        return year in self.years

    def is_working_day(self, day):
        return day.weekday() < 5 and day not in self.off


def test_a_provisional_date_is_counted_again_when_the_calendar_comes(desk, move):
    move(timedelta(days=290))  # 25 December 2026
    petition = Petition(organ="petition_bureau")
    with calendar.using(Published({2026})):
        feed(desk, petition.registered(290))
        before = desk.clock("decision", petition)
        desk.run()
    assert (before["provisional"], before["due_on"]) == (True, "2027-01-11")  # the 9th: a Saturday
    with calendar.using(Published({2026, 2027}, off={date(2027, 1, 11), date(2027, 1, 12)})):
        desk.run()
        after = desk.clock("decision", petition)
    assert (after["provisional"], after["first_due_on"]) == (False, "2027-01-11")
    assert after["due_on"] == "2027-01-13"
    assert [e["reason"] for e in desk.events("clock.moved")] == ["calendar"]


def test_what_was_done_in_time_by_an_unsettled_date_stays_so(desk, move):
    move(timedelta(days=290))
    petition = Petition(organ="petition_bureau")
    with calendar.using(Published({2026})):
        feed(desk, petition.registered(290), petition.declined(300))
    with calendar.using(Published({2026, 2027})):
        desk.run()
        assert desk.clock("decision", petition)["late"] is False
    assert desk.events("clock.moved") == []


def test_the_ids_in_events_are_those_of_the_list(desk):
    petition = Petition()
    feed(desk, petition.registered())
    (event,) = desk.events("clock.started")
    assert UUID(event["clock_id"]) == UUID(desk.clock("decision", petition)["id"])
    assert desk.rows()[0].started_on == MARCH == NOON.date()

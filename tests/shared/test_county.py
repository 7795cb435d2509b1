"""The county that Huajie comes with, and what a broken folder is answered."""

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from shared.county import load_county
from shared.county.load import EXAMPLE
from shared.county.model import ROLES
from shared.errors import SettingError

Edit = Callable[[str, str, str], Path]


@pytest.fixture
def edited(tmp_path: Path) -> Edit:
    """A copy of the example with one text in one file replaced by another."""
    folder = Path(shutil.copytree(EXAMPLE, tmp_path / "county"))

    def replace(name: str, old: str, new: str) -> Path:
        text = (folder / name).read_text(encoding="utf-8")
        assert old in text, "the test no longer fits the example"
        (folder / name).write_text(text.replace(old, new, 1), encoding="utf-8")
        return folder

    return replace


def test_the_example_is_zhuxi() -> None:
    county = load_county()
    assert (county.code, county.name) == ("420324", "竹溪县")
    assert len(county.townships) == 15
    assert county.township("420324107").name == "龙坝镇"
    assert all(township.code.startswith(county.code) for township in county.townships)
    assert len(county.content_classes) == 17
    assert county.content_classes[-1].code == "99"
    assert len(county.units_of("leader")) == 9
    assert len(county.units_of("office")) == 6
    assert len(county.units_of("team")) == 8
    assert len(county.units_of("agency")) == 7


def test_each_township_is_in_one_zone_and_on_the_roster_from_the_new_year() -> None:
    county = load_county()
    in_zones = [township for zone in county.zones for township in county.townships_of(zone.code)]
    assert sorted(t.code for t in in_zones) == sorted(t.code for t in county.townships)
    assert sorted(entry.township for entry in county.roster) == sorted(t.code for t in county.townships)
    assert {entry.starts_on for entry in county.roster} == {date(2026, 1, 1)}
    assert {entry.leader for entry in county.roster} == {unit.code for unit in county.units_of("leader")}
    assert {entry.office for entry in county.roster} == {unit.code for unit in county.units_of("office")}
    assert {entry.team for entry in county.roster} == {unit.code for unit in county.units_of("team")}


def test_posts_fill_every_role_and_every_unit() -> None:
    county = load_county()
    assert {post.role for post in county.posts} == set(ROLES)
    assert all(county.posts_of(unit.code) for unit in county.units)
    assert [post.code for post in county.posts_of("office-1")] == ["office-1-a", "office-1-b"]
    assert [post.code for post in county.posts if post.stands_in_for_head] == ["deputy"]
    assert county.post("deputy").unit == "leader-1"
    for township in county.townships:
        assert [post.role for post in county.posts_of(township.unit)] == ["township"]


def test_units_are_reached_at_the_mail_domain_or_their_own_address(edited: Edit) -> None:
    assert load_county().unit("team-3").email == "team-3@zhuxi.example"
    folder = edited(
        "county.toml", 'kind = "trial-office"', 'kind = "trial-office", email = "sl@other.example"'
    )
    assert load_county(folder).unit("trial-office").email == "sl@other.example"


def test_a_folder_is_read_once() -> None:
    assert load_county() is load_county(EXAMPLE)


def test_an_unknown_code_is_a_key_error() -> None:
    county = load_county()
    for look_up in (county.township, county.unit, county.post, county.posts_of):
        with pytest.raises(KeyError):
            look_up("nowhere")


def test_files_from_a_spreadsheet_program_are_read(edited: Edit) -> None:
    folder = edited("townships.csv", "zone\n", "zone\n,,,\n")
    path = folder / "townships.csv"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    assert load_county(folder).townships == load_county().townships


@pytest.mark.parametrize(
    ("name", "old", "new", "message"),
    [
        ("townships.csv", "code,name", "code,title", r"townships.csv, line 1: the columns must be code,name"),
        ("townships.csv", "Longba,", "", r"townships.csv, line 9: has 3 values, needs 4"),
        ("townships.csv", "龙坝镇", " ", r"townships.csv, line 9: `name` is missing"),
        ("townships.csv", "420324100", "100", r"townships.csv: 100 is not a code"),
        ("townships.csv", "420324101", "420324100", r"420324100 is there 2 times"),
        (
            "townships.csv",
            "zone-1",
            "zone-7",
            r"420324100 is in zone zone-7, which county.toml does not have",
        ),
        (
            "townships.csv",
            "420324207,",
            "420324999,",
            r"420324999 has no commission; add the unit township-42",
        ),
        (
            "townships.csv",
            "420324207,向坝乡,Xiangba,zone-5\n",
            "",
            r"township-420324207 belongs to no township",
        ),
        ("content_classes.csv", "01,政法", "1,政法", r"content_classes.csv: 1 is not a code"),
        ("county.toml", 'name = "竹溪县"', "", r"county.toml: `name` is missing"),
        ("county.toml", "zones = [", "zones = ", r"county.toml is not valid TOML: .*line"),
        ("county.toml", "zones = [", "zone = [", r"county.toml: `zone` is not known here"),
        ("county.toml", "zones = [", "zones = [1,", r"`zones` must be a list of tables"),
        (
            "county.toml",
            "zones = [",
            'zones = [{code="z-9",name="九",name_en="9"},',
            r"zone z-9 has no township",
        ),
        ("county.toml", 'code = "office-1"', 'code = "Office 1"', r"units: Office 1 is not a code"),
        ("county.toml", 'code = "office-1"', 'code = "office-2"', r"units: office-2 is there 2 times"),
        ("county.toml", 'kind = "team"', 'kind = "squad"', r"team-1 is of kind squad; use one of"),
        ("county.toml", 'kind = "team"', 'knd = "team"', r"units no. 17 \(team-1\): `knd` is not known here"),
        ("county.toml", '"zhuxi.example"', '"zhuxi example"', r"head has no usable e-mail address"),
        ("county.toml", 'role = "clerk"', 'role = "boss"', r"clerk-1 has role boss; use one of"),
        (
            "county.toml",
            'unit = "office-1"',
            'unit = "office-9"',
            r"office-1-a with role office is in unit office-9",
        ),
        (
            "county.toml",
            'unit = "office-1"',
            'unit = "team-1"',
            r"name a unit of the county that is of kind office",
        ),
        ("county.toml", "stands_in_for_head = true", 'stands_in_for_head = "yes"', r"must be true or false"),
        (
            "county.toml",
            'role = "clerk", unit = "petition-office"',
            'role = "clerk", unit = "petition-office", stands_in_for_head = true',
            r"clerk-1 stands in for the head; only a leader can",
        ),
        (
            "county.toml",
            'role = "operator"',
            'role = "supervisor"',
            r"operator-1 with role supervisor is in unit",
        ),
        ("county.toml", 'unit = "team-8"', 'unit = "team-7"', r"unit team-8 has no post"),
        (
            "county.toml",
            "starts_on = 2026-01-01",
            'starts_on = "2026-01-01"',
            r"must be a date like 2026-01-01",
        ),
        (
            "county.toml",
            'office = "office-1"',
            'office = "team-1"',
            r"420324100 has office team-1; name a unit",
        ),
        (
            "county.toml",
            'township = "420324100"',
            'township = "420324103"',
            r"township 420324100 needs exactly one line",
        ),
        ("county.toml", 'leader = "leader-9"', 'leader = "leader-1"', r"leader-9 answers for no township"),
        ("county.toml", "roster = [", "roster = []\nx = [", r"county.toml: `x` is not known here"),
    ],
)
def test_a_broken_file_is_named_with_its_place(
    edited: Edit, name: str, old: str, new: str, message: str
) -> None:
    folder = edited(name, old, new)
    with pytest.raises(SettingError, match=message):
        load_county(folder)


def test_a_role_that_nobody_has_is_named(edited: Edit) -> None:
    post = 'role = "supervisor", unit = "supervision-office"'
    folder = edited("county.toml", post, 'role = "operator", unit = "it-office"')
    with pytest.raises(SettingError, match="nobody has the role supervisor"):
        load_county(folder)


def test_a_roster_line_for_no_township_is_named(edited: Edit) -> None:
    units = 'leader = "leader-1", office = "office-1", team = "team-1"'
    line = f'roster = [{{ township = "999999999", {units}, starts_on = 2026-01-01 }},'
    with pytest.raises(SettingError, match="999999999 is not in townships.csv"):
        load_county(edited("county.toml", "roster = [", line))


@pytest.mark.parametrize("name", ["townships.csv", "content_classes.csv", "county.toml"])
def test_a_missing_file_is_named(edited: Edit, name: str) -> None:
    folder = edited(name, "code", "code")
    (folder / name).unlink()
    with pytest.raises(SettingError, match=f"{name} cannot be read"):
        load_county(folder)


def test_a_file_in_gbk_is_told_to_be_saved_as_utf8(edited: Edit) -> None:
    folder = edited("townships.csv", "code", "code")
    path = folder / "townships.csv"
    path.write_bytes(path.read_text(encoding="utf-8").encode("gbk"))
    with pytest.raises(SettingError, match=r"townships.csv is not in UTF-8"):
        load_county(folder)


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="COUNTY_DIR is not a folder"):
        load_county(tmp_path / "nowhere")


def test_an_empty_list_is_named(edited: Edit) -> None:
    folder = edited("content_classes.csv", "code", "code")
    (folder / "content_classes.csv").write_text("code,name,name_en\n\n", encoding="utf-8")
    with pytest.raises(SettingError, match=r"content_classes.csv: is empty"):
        load_county(folder)


def test_reports_of_retaliation_go_to_the_supervisors_or_to_whom_it_says(edited: Edit) -> None:
    assert [post.code for post in load_county().retaliation_posts] == ["supervisor-1"]
    folder = edited("county.toml", 'code = "420324"', 'retaliation_to = ["head"]\ncode = "420324"')
    assert [post.code for post in load_county(folder).retaliation_posts] == ["head"]


@pytest.mark.parametrize("to", ['["leader-1"]', '["clerk-1"]', '["nobody"]', '"supervisor-1"'])
def test_nobody_in_charge_gets_reports_of_retaliation(edited: Edit, to: str) -> None:
    folder = edited("county.toml", 'code = "420324"', f'retaliation_to = {to}\ncode = "420324"')
    with pytest.raises(SettingError, match="retaliation_to"):
        load_county(folder)


def test_the_map_gives_each_township_one_place_and_another_county_may_do_without(edited: Edit) -> None:
    county = load_county()
    placed = [code for row in county.map for code in row if code]
    assert sorted(placed) == sorted(township.code for township in county.townships)
    north_to_south = {code: row for row, codes in enumerate(county.map) for code in codes}
    assert north_to_south["420324107"] < north_to_south["420324100"] < north_to_south["420324207"]
    folder = edited("county.toml", "map = [", "map = []\n[no-part]\nrows = [")
    text = (folder / "county.toml").read_text(encoding="utf-8")
    start, end = text.index("[no-part]"), text.index("zones = [")
    (folder / "county.toml").write_text(text[:start] + text[end:], encoding="utf-8")
    assert load_county(folder).map == ()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('["", "420324107", "", ""]', '["", "420324107", ""]', "make all rows equally long"),
        ('["", "420324107", "", ""]', '["", "420324999", "", ""]', "420324107 is there 0 times"),
        ('["", "420324107", "", ""]', '["", "420324107", "420324207", ""]', "420324207 is there 2 times"),
        ('["", "420324107", "", ""]', '["420324000", "420324107", "", ""]', "420324000 is not in townships"),
        ('["", "420324107", "", ""]', '["", 420324107, "", ""]', "codes in quotation marks"),
        ('["", "420324107", "", ""]', '"420324107"', "must be a list of rows"),
    ],
)
def test_a_broken_map_is_named(edited: Edit, old: str, new: str, message: str) -> None:
    with pytest.raises(SettingError, match=message):
        load_county(edited("county.toml", old, new))


def test_documents_are_issued_with_the_letterhead_of_the_county(edited: Edit) -> None:
    assert load_county().letterhead.mark == "竹纪"
    assert load_county().letterhead.issuer == "中共竹溪县纪律检查委员会"
    folder = edited("county.toml", 'mark = "竹纪"', 'mark = "某纪"')
    assert load_county(folder).letterhead.mark == "某纪"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('mark = "竹纪"', 'mark = "ZJ"', "letterhead: `mark`"),
        ('mark = "竹纪"', 'marks = "竹纪"', "letterhead: `marks` is not known"),
        ('issuer = "中共竹溪县纪律检查委员会"', 'issuer = ""', "letterhead: `issuer`"),
        ("letterhead = {", "retaliation_to = []\n[other]\nletterhead = {", "letterhead"),
    ],
)
def test_a_letterhead_that_does_not_fit_is_refused(edited: Edit, old: str, new: str, said: str) -> None:
    with pytest.raises(SettingError, match=said):
        load_county(edited("county.toml", old, new))

"""Posts come and go with the county's list: who is no longer on it is let in nowhere, by no old token."""

from dataclasses import replace

from shared.county import load_county
from shared.identity.accounts import load_posts
from shared.identity.credentials import set_password
from shared.identity.roles import Role
from tests.ground import Ground


def test_a_post_that_the_county_no_longer_has_is_shut_out(stepped: Ground) -> None:
    county = load_county()
    fewer = replace(county, posts=tuple(post for post in county.posts if post.code != "office-2-a"))
    holder = stepped.client("intake", "office-2-a")  # with a token from before
    assert holder.get("/api/me").json["unit"] == "office-2"
    with stepped.instance("intake").db.write() as session:
        load_posts(session, fewer)
    assert holder.get("/api/me").status_code == 401
    sign_in = {"post": "office-2-a", "password": "zhuxi-demo"}
    assert stepped.client("intake", None).post("/api/tokens", json=sign_in).status_code == 401
    assert stepped.client("intake", "office-2-b").get("/api/me").status_code == 200


def test_a_post_that_comes_back_is_let_in_with_a_new_password(stepped: Ground) -> None:
    county = load_county()
    fewer = replace(county, posts=tuple(post for post in county.posts if post.code != "head"))
    before = stepped.client("intake", None)
    before.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {stepped.tokens.of('head')}"
    with stepped.instance("intake").db.write() as session:
        load_posts(session, fewer)
        load_posts(session, county)
    assert before.get("/api/me").status_code == 401
    demo = {"post": "head", "password": "zhuxi-demo"}
    assert before.post("/api/tokens", json=demo).status_code == 401
    with stepped.instance("intake").db.write() as session:
        set_password(session, "head", "a new password of the head", must_change=False)
    credentials = {"post": "head", "password": "a new password of the head"}
    token = stepped.client("intake", None).post("/api/tokens", json=credentials).json["token"]
    bearer = {"Authorization": f"Bearer {token}"}
    assert stepped.client("intake", None).get("/api/me", headers=bearer).json["role"] == Role.HEAD

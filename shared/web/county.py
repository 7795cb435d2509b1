"""The codes of the county that a program needs to fill in what the other operations take."""

from flask_smorest import Blueprint as ApiBlueprint
from marshmallow import Schema, fields

from shared.county import County, load_county
from shared.web.access import everyone_signed_in
from shared.web.request import current_instance


class CountyCode(Schema):
    code = fields.String()
    name = fields.String(metadata={"description": "Chinese"})
    name_en = fields.String()


class CountyTownship(CountyCode):
    zone = fields.String(metadata={"description": "Code of the collaboration zone"})


class CountyUnit(CountyCode):
    kind = fields.String(metadata={"description": "`agency`: a petition may be transferred there"})


class CountyPost(CountyCode):
    role = fields.String()
    unit = fields.String(metadata={"description": "Code of the unit"})


class CountyOut(CountyCode):
    zones = fields.List(fields.Nested(CountyCode(), metadata={"description": "Collaboration zones"}))
    townships = fields.List(fields.Nested(CountyTownship))
    content_classes = fields.List(fields.Nested(CountyCode()))
    units = fields.List(fields.Nested(CountyUnit))
    posts = fields.List(fields.Nested(CountyPost))


def county_api() -> ApiBlueprint:
    """Townships, content classes, units and posts by their codes; never a person."""
    blueprint = ApiBlueprint("county_api", __name__, url_prefix="/api", description="The county")

    @blueprint.get("/county")
    @blueprint.response(200, CountyOut)
    @everyone_signed_in
    def county() -> County:
        """The codes of townships, content classes, units and posts."""
        return load_county(current_instance().settings.county_dir)

    return blueprint

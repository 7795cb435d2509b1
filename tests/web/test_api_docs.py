"""What a partner's programmer finds in the OpenAPI document: how to begin, who may call what, every code."""

import pytest

from services import all_services
from shared.identity.roles import Role
from shared.web.api_docs import openapi_document
from tests.ground import Ground

every_service = pytest.mark.parametrize("name", [service.name for service in all_services()])


@every_service
def test_each_operation_says_who_may_call_it(together: Ground, name: str) -> None:
    app = together.composed.app(name)
    assert openapi_document(app) == openapi_document(app)  # asking does not add to it
    document = openapi_document(app)
    assert "POST /api/tokens" in document["info"]["description"]
    operations = {
        (method, path): operation
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if method != "parameters"
    }
    for operation in operations.values():
        assert operation["description"].count("For ") == 1
        assert bool(operation["x-roles"]) is ("security" not in operation)
    assert operations["post", "/api/tokens"]["security"] == []
    assert operations["get", "/api/parked"]["x-roles"] == [Role.OPERATOR.value]
    assert operations["get", "/api/me"]["description"] == "For every role."
    assert "PaginationMetadata" not in str(document)


@every_service
def test_the_codes_that_other_operations_take_are_listed(together: Ground, name: str) -> None:
    county = together.client(name, "liaison-audit").get("/api/county").get_json()
    assert len(county["townships"]) == 15
    assert {"code": "420324100", "name": "城关镇", "name_en": "Chengguan", "zone": "zone-1"} in county[
        "townships"
    ]
    assert {unit["code"] for unit in county["units"]} >= {post["unit"] for post in county["posts"]}
    assert {"leader-1", "clerk-1"} <= {post["code"] for post in county["posts"]}
    assert "99" in {each["code"] for each in county["content_classes"]}
    assert together.client(name, None).get("/api/county").status_code == 401

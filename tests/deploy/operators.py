"""What of the two operators' kinds our manifests use, as JSON schemas written by hand from their definitions.

RabbitmqCluster is of the RabbitMQ cluster operator (rabbitmq.com/v1beta1), Cluster and Database are of
CloudNativePG (postgresql.cnpg.io/v1), PodMonitor is of the Prometheus operator. A field that is not here is
refused: look it up in the operator's own definition before it is added.
"""

from typing import Any

Schema = dict[str, Any]
TEXT: Schema = {"type": "string", "minLength": 1}
COUNT: Schema = {"type": "integer", "minimum": 1}
QUANTITY: Schema = {"type": "string", "pattern": r"^[0-9]+(\.[0-9]+)?(m|Ki|Mi|Gi|Ti)?$"}
ANYTHING: Schema = {"type": "object"}  # of Kubernetes itself


def _object(required: tuple[str, ...] = (), **properties: Schema) -> Schema:
    return {
        "type": "object",
        "properties": properties,
        "required": list(required),
        "additionalProperties": False,
    }


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items, "minItems": 1}


_NAMED = _object(("name",), name=TEXT)
_QUANTITIES: Schema = {"type": "object", "additionalProperties": QUANTITY}
_RESOURCES = _object(requests=_QUANTITIES, limits=_QUANTITIES)
_ROLE = _object(
    ("name",),
    name=TEXT,
    ensure={"enum": ["present", "absent"]},
    login={"type": "boolean"},
    passwordSecret=_NAMED,
)
_POSTGRES = _object(
    synchronous=_object(("method", "number"), method={"enum": ["any", "first"]}, number=COUNT),
    parameters={"type": "object", "additionalProperties": {"type": "string"}},
    pg_hba=_list(TEXT),
)
_CLUSTER = _object(
    ("instances",),
    instances=COUNT,
    imageName=TEXT,
    enableSuperuserAccess={"type": "boolean"},
    storage=_object(("size",), size=QUANTITY),
    resources=_RESOURCES,
    bootstrap=_object(initdb=_object(database=TEXT, owner=TEXT)),
    managed=_object(roles=_list(_ROLE)),
    postgresql=_POSTGRES,
)
_DATABASE = _object(
    ("name", "owner", "cluster"),
    name=TEXT,
    owner=TEXT,
    encoding=TEXT,
    databaseReclaimPolicy={"enum": ["delete", "retain"]},
    cluster=_NAMED,
)
_POD = _object(("containers",), securityContext=ANYTHING, containers=_list(ANYTHING), volumes=_list(ANYTHING))
_RABBITMQ = _object(
    replicas=COUNT,
    image=TEXT,
    persistence=_object(storage=QUANTITY),
    resources=_RESOURCES,
    rabbitmq=_object(additionalConfig=TEXT),
    override=_object(statefulSet=_object(spec=_object(template=_object(spec=_POD)))),
)
_ENDPOINT = _object(
    ("port",),
    port=TEXT,
    path=TEXT,
    authorization=_object(credentials=_object(("name", "key"), name=TEXT, key=TEXT)),
)
_MONITOR = _object(
    ("selector", "podMetricsEndpoints"), selector=ANYTHING, podMetricsEndpoints=_list(_ENDPOINT)
)

SPECS: dict[tuple[str, str], Schema] = {
    ("rabbitmq.com/v1beta1", "RabbitmqCluster"): _RABBITMQ,
    ("postgresql.cnpg.io/v1", "Cluster"): _CLUSTER,
    ("postgresql.cnpg.io/v1", "Database"): _DATABASE,
    ("monitoring.coreos.com/v1", "PodMonitor"): _MONITOR,
}

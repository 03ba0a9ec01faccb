"""The kinds that operators bring, as far as the manifests use them: what is not written down here is refused.

The Prometheus operator's ``monitoring.coreos.com/v1`` and cert-manager's ``cert-manager.io/v1``.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

_Duration = Annotated[str, StringConstraints(pattern=r"^([0-9]+(ms|s|m|h|d|w|y))+$")]
_GoDuration = Annotated[str, StringConstraints(pattern=r"^([0-9]+(h|m|s))+$")]
_Text = Annotated[str, StringConstraints(min_length=1)]
_Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$", max_length=253)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class Metadata(_Strict):
    name: _Name
    namespace: _Name = ""
    labels: dict[str, str] = {}
    annotations: dict[str, str] = {}


class LabelExpression(_Strict):
    key: _Text
    operator: Literal["In", "NotIn", "Exists", "DoesNotExist"]
    values: list[str] = []


class LabelSelector(_Strict):
    matchLabels: dict[str, str] = {}
    matchExpressions: list[LabelExpression] = []


class PodMetricsEndpoint(_Strict):
    port: _Text
    path: Annotated[str, StringConstraints(pattern=r"^/")]
    interval: _Duration
    scrapeTimeout: _Duration


class PodMonitorSpec(_Strict):
    selector: LabelSelector
    podMetricsEndpoints: Annotated[list[PodMetricsEndpoint], Field(min_length=1)]
    podTargetLabels: list[str] = []


class PodMonitor(_Strict):
    """monitoring.coreos.com/v1 PodMonitor."""

    apiVersion: Literal["monitoring.coreos.com/v1"]
    kind: Literal["PodMonitor"]
    metadata: Metadata
    spec: PodMonitorSpec


class AlertAnnotations(_Strict):
    summary: _Text
    description: _Text
    runbook: _Text


class AlertLabels(_Strict):
    severity: Literal["warning", "critical"]


class AlertRule(_Strict):
    alert: Annotated[str, StringConstraints(pattern=r"^Samverka[A-Za-z]+$")]
    expr: _Text
    for_: Annotated[_Duration, Field(alias="for")] = "0s"
    labels: AlertLabels
    annotations: AlertAnnotations


class RuleGroup(_Strict):
    name: _Text
    rules: Annotated[list[AlertRule], Field(min_length=1)]


class PrometheusRuleSpec(_Strict):
    groups: Annotated[list[RuleGroup], Field(min_length=1)]


class PrometheusRule(_Strict):
    """monitoring.coreos.com/v1 PrometheusRule."""

    apiVersion: Literal["monitoring.coreos.com/v1"]
    kind: Literal["PrometheusRule"]
    metadata: Metadata
    spec: PrometheusRuleSpec


class IssuerReference(_Strict):
    group: Literal["cert-manager.io"]
    kind: Literal["Issuer", "ClusterIssuer"]
    name: _Name


class PrivateKey(_Strict):
    algorithm: Literal["RSA", "ECDSA", "Ed25519"]
    size: int
    rotationPolicy: Literal["Always", "Never"]


class CertificateSpec(_Strict):
    secretName: _Name
    issuerRef: IssuerReference
    commonName: Annotated[str, StringConstraints(max_length=64)]
    dnsNames: Annotated[list[_Name], Field(min_length=1)]
    duration: _GoDuration
    renewBefore: _GoDuration
    privateKey: PrivateKey
    usages: list[Literal["digital signature", "server auth", "client auth"]]


class Certificate(_Strict):
    """cert-manager.io/v1 Certificate."""

    apiVersion: Literal["cert-manager.io/v1"]
    kind: Literal["Certificate"]
    metadata: Metadata
    spec: CertificateSpec


MODELS: dict[str, type[BaseModel]] = {
    "PodMonitor": PodMonitor,
    "PrometheusRule": PrometheusRule,
    "Certificate": Certificate,
}
"""By kind; a model says itself which API it is of."""

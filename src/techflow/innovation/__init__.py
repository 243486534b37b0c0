"""Innovation: how strongly technology flows through a firm, and how much of that is known."""

from techflow.innovation.control import control_features, supply_features
from techflow.innovation.flow import technology_flow
from techflow.innovation.model import Dimension, FlowItem, FlowLevel, FlowModel, Stage
from techflow.innovation.peers import flow_peers, peer_medians
from techflow.innovation.rnd import rnd_features
from techflow.innovation.team import team_features

__all__ = [
    "Dimension",
    "FlowItem",
    "FlowLevel",
    "FlowModel",
    "Stage",
    "control_features",
    "flow_peers",
    "peer_medians",
    "rnd_features",
    "supply_features",
    "team_features",
    "technology_flow",
]

"""The two back ends: a plan as a state machine, a plan as routes of events. Plain data; they decide nothing."""

from cdk_saga.render.patience import PATIENCE
from cdk_saga.render.pictures import mermaid, svg
from cdk_saga.render.routes import Route, failed_receives, routes
from cdk_saga.render.shared_text import with_shared_text
from cdk_saga.render.state_machine import state_machine

__all__ = ["PATIENCE", "Route", "failed_receives", "mermaid", "routes", "state_machine", "svg", "with_shared_text"]

"""Politeness: what a guest on other people's servers does, and leaves."""

from crawler.politeness.pace import Pace, SiteRefusesError, TakeTurns, retry_after, site_refuses
from crawler.politeness.robots import (
    ForbiddenError,
    ObeyRobots,
    RobotsUnreadableError,
    TokenRobotParser,
)

__all__ = [
    "ForbiddenError",
    "ObeyRobots",
    "Pace",
    "RobotsUnreadableError",
    "SiteRefusesError",
    "TakeTurns",
    "TokenRobotParser",
    "retry_after",
    "site_refuses",
]

"""How scores, their reasons and a leaderboard look in a terminal."""

from __future__ import annotations

from typing import Any

from idance.demo.screen import Screen

#: The dimensions in the order of the contract, with their most points.
OUT_OF = {"balance": 25, "rhythm": 30, "smoothness": 25, "creativity": 20}


def show_scores(screen: Screen, status: dict[str, Any]) -> None:
    """The four scores and their sum, what the dancer is told, and the measures they were made of."""
    screen.heading("Scores")
    for name, most in OUT_OF.items():
        points = status["score_breakdown"][name]
        bar = screen.paint(screen.bar((points or 0) / most), "cyan")
        screen.line(f"  {name.capitalize():<11} {bar}  {_points(points):>3} / {most}")
    total = status["total_score"]
    bar = screen.paint(screen.bar((total or 0) / 100), "green")
    screen.line(
        f"  {screen.paint('Total', 'bold')}       {bar}  {_points(total):>3} / 100{_certainty(status)}"
    )
    screen.heading("What Maya is told")
    screen.text(status["feedback"])


def _points(points: int | None) -> str:
    return "-" if points is None else str(points)


def _certainty(status: dict[str, Any]) -> str:
    confidence = status.get("confidence")
    return "" if confidence is None else f"   confidence {confidence:.2f}"


def show_leaderboard(screen: Screen, board: dict[str, Any]) -> None:
    """Who leads the challenge, and where the caller stands."""
    screen.heading(f"Leaderboard of {board['challengeTitle']}")
    for entry in board["entries"]:
        parts = ", ".join(f"{name} {_points(entry['scoreBreakdown'][name])}" for name in OUT_OF)
        screen.line(
            f"  {entry['rank']:>3}.  {entry['userProfile']['displayName']:<20} {entry['score']:>3}   {parts}"
        )
    if not board["entries"]:
        screen.line("  Nobody has been scored yet.")

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


def show_reasons(screen: Screen, report: dict[str, Any]) -> None:
    """The measures behind each score: where each stands among dancers, and what it weighs."""
    screen.heading("What the scores are made of")
    screen.text(
        "Each bar shows what a measure earns, mostly by where it stands among dancers. A score is where the "
        "weighted mean of its measures stands, so it may lie below or above them."
    )
    screen.line()
    for name in OUT_OF:
        score = report["scores"][name]
        label = f"{name.capitalize():<11}"
        for measure in score["measures"]:
            if measure["weight"]:
                screen.line(f"  {label} {_measure(screen, measure)}")
                label = " " * len(label)
        if score["note"]:
            screen.text(score["note"], indent=14)
    if report["music"] and report["music"]["bpm"]:
        screen.line()
        screen.text(_music(report))


def _measure(screen: Screen, measure: dict[str, Any]) -> str:
    words = measure["name"].replace("_", " ")
    if measure["share"] is None:
        return f"{words:<14} {measure['note'] or 'could not be measured'}"
    value = "" if measure["value"] is None else f"{measure['value']:.3g} {measure['unit']}"
    bar = screen.paint(screen.bar(measure["share"], 10), "cyan")
    weight = f"weighs {measure['weight']:4.0%}"
    return f"{words:<14} {bar} {measure['share']:4.0%}   {weight}   {screen.paint(value, 'dim')}"


def _music(report: dict[str, Any]) -> str:
    names: dict[str, int] = {}
    for step in report["steps"]:
        names[step["name"]] = names.get(step["name"], 0) + 1
    told = ", ".join(f"{name} ({count}x)" if count > 1 else name for name, count in names.items())
    return f"Heard {report['music']['bpm']:.1f} beats a minute; saw {len(report['steps'])} steps: {told}."


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


def show_steps(screen: Screen, breakdown: dict[str, Any]) -> None:
    """The steps of a breakdown with their words."""
    screen.heading(f"Step by step, for a {breakdown['target_difficulty']}")
    for step in breakdown["steps"]:
        name = screen.paint(step["step_name"], "bold")
        screen.line(f"  {step['step_number']}. {name}  {step['start_timestamp']} to {step['end_timestamp']}")
        screen.text(step["global_description"], indent=5)

"""medgrain doctor."""

import typer

from pipelines.commands.output import JsonFlag, print_json, print_table


def doctor(json: JsonFlag = False) -> None:
    """What is installed, what each missing extra would enable, and how to get it.

    Exit 1 when something that every build needs is missing or clashes.

    Example: medgrain doctor
    """
    from pipelines.health import examine

    checks = examine()
    if json:
        print_json([vars(check) for check in checks])
    else:
        print_table(
            ["", "what", "found", "enables", "cure"],
            [[check.mark, check.what, check.found, check.enables, check.cure] for check in checks],
        )
    if any(check.mark == "bad" for check in checks):
        raise typer.Exit(1)

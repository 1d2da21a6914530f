from typing import Any

from django.db import migrations, models


def add_rule(apps: Any, schema_editor: Any) -> None:
    """New databases get it with the others."""
    rules = apps.get_model("moderation", "Rule").objects.using(schema_editor.connection.alias)
    if rules.exists():
        label = "Sent again after it was held or taken down"
        rules.create(fact="taken_down", threshold=1, label=label, weight=30, holds=True)


class Migration(migrations.Migration):
    dependencies = [
        ("moderation", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="decision",
            name="challenge_id",
            field=models.CharField(blank=True, editable=False, max_length=24),
        ),
        migrations.AlterField(
            model_name="rule",
            name="fact",
            field=models.CharField(
                choices=[
                    ("reports", "people who reported it"),
                    ("copies", "other dancers' submissions with the same video"),
                    ("own_copies", "the dancer's own earlier submissions with the same video"),
                    ("confidence", "confidence of the analysis, 0 to 1"),
                    ("people", "several people in the picture, 1 when so"),
                    ("account_days", "days since the dancer signed up"),
                    ("earlier", "earlier submissions of the dancer"),
                    ("approval", "the challenge wants approval first, 1 when so"),
                    ("analysed_again", "a moderator had it analysed again, 1 when so"),
                    (
                        "taken_down",
                        "earlier entries of the dancer to this challenge that were held or taken down",
                    ),
                ],
                max_length=20,
                verbose_name="looks at",
            ),
        ),
        migrations.RunPython(add_rule, migrations.RunPython.noop),
    ]

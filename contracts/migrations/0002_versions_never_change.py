"""What was published stays: the database itself refuses to change or delete a version."""

from django.db import migrations

TABLES = ["contracts_slapolicyversion", "contracts_businesscalendarversion"]

FUNCTION = """
CREATE FUNCTION contracts_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'published versions never change: publish another one'
        USING ERRCODE = 'integrity_constraint_violation', TABLE = TG_TABLE_NAME;
END
$$;
"""
TRIGGER = """
CREATE TRIGGER versions_never_change BEFORE UPDATE OR DELETE ON {table}
FOR EACH ROW EXECUTE FUNCTION contracts_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("contracts", "0001_initial")]

    operations = [
        migrations.RunSQL(FUNCTION, "DROP FUNCTION contracts_refuse_change();"),
        *(
            migrations.RunSQL(
                TRIGGER.format(table=table), f"DROP TRIGGER versions_never_change ON {table};"
            )
            for table in TABLES
        ),
    ]

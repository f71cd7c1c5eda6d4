"""Finished cycles and the book of events stay as they are: kept by the database itself."""

from django.db import migrations

FREEZE = """
CREATE FUNCTION support_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% % is written down for good: nothing changes it', TG_TABLE_NAME, OLD.id
        USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER a_finished_cycle_is_frozen BEFORE UPDATE ON support_cycle FOR EACH ROW
    WHEN (OLD.outcome <> '')
    EXECUTE FUNCTION support_refuse_change();
CREATE TRIGGER an_event_is_never_rewritten BEFORE UPDATE ON support_ticketevent FOR EACH ROW
    EXECUTE FUNCTION support_refuse_change();
"""

THAW = """
DROP TRIGGER a_finished_cycle_is_frozen ON support_cycle;
DROP TRIGGER an_event_is_never_rewritten ON support_ticketevent;
DROP FUNCTION support_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("support", "0001_initial")]

    operations = [migrations.RunSQL(FREEZE, THAW)]

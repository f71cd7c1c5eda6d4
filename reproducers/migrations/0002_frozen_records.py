"""What has ended, and what was handed in, stays as it is: kept by the database itself."""

from django.db import migrations

FREEZE = """
CREATE FUNCTION reproducers_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% % has ended or was handed in: nothing changes it', TG_TABLE_NAME, OLD.id
        USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER an_ended_trial_is_frozen BEFORE UPDATE ON reproducers_trial FOR EACH ROW
    WHEN (OLD.state IN ('ended', 'cancelled') AND (
        OLD.state, OLD.verdict, OLD.report, OLD.job, OLD.started_at, OLD.ended_at
    ) IS DISTINCT FROM (
        NEW.state, NEW.verdict, NEW.report, NEW.job, NEW.started_at, NEW.ended_at
    ))
    EXECUTE FUNCTION reproducers_refuse_change();
CREATE TRIGGER an_ended_experiment_is_frozen BEFORE UPDATE ON reproducers_experiment FOR EACH ROW
    WHEN (OLD.state IN ('ended', 'cancelled'))
    EXECUTE FUNCTION reproducers_refuse_change();
CREATE TRIGGER a_reproducer_is_frozen BEFORE UPDATE ON reproducers_reproducer FOR EACH ROW
    EXECUTE FUNCTION reproducers_refuse_change();
CREATE TRIGGER an_artifact_is_frozen BEFORE UPDATE ON reproducers_artifact FOR EACH ROW
    EXECUTE FUNCTION reproducers_refuse_change();
"""

THAW = """
DROP TRIGGER an_ended_trial_is_frozen ON reproducers_trial;
DROP TRIGGER an_ended_experiment_is_frozen ON reproducers_experiment;
DROP TRIGGER a_reproducer_is_frozen ON reproducers_reproducer;
DROP TRIGGER an_artifact_is_frozen ON reproducers_artifact;
DROP FUNCTION reproducers_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("reproducers", "0001_initial")]

    operations = [migrations.RunSQL(FREEZE, THAW)]

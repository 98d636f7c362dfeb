"""A team's places: a bucket of moto's server and a database of PostgreSQL's."""

import pytest


@pytest.fixture
def team_places(s3, postgres, tmp_path):
    """Return what a team says in the environment of where its store and its catalog are."""
    (tmp_path / "machine").mkdir()
    return {
        "STEPPE_STORE": f"s3://{s3.new_bucket()}/team/steppe",
        "STEPPE_CATALOG": postgres.database(),
        "STEPPE_MACHINE": str(tmp_path / "machine"),
        "AWS_ENDPOINT_URL": s3.options["endpoint"],
        "AWS_ACCESS_KEY_ID": s3.options["access_key_id"],
        "AWS_SECRET_ACCESS_KEY": s3.options["secret_access_key"],
        "AWS_REGION": s3.options["region"],
    }

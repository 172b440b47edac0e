"""Records that an older qml wrote: what they lack is added, and nothing in them is changed."""

import sqlite3

import sqlalchemy as sa

from qml.studies.schema import METADATA, VERSION


def missing(connection: sa.Connection) -> bool:
    """Tell whether records lack a table or a column of today's."""
    if connection.dialect.name == "sqlite" and connection.exec_driver_sql("PRAGMA user_version").scalar() == VERSION:
        return False
    inspector = sa.inspect(connection)
    return any(not inspector.has_table(table.name) or _lacking(inspector, table) for table in METADATA.sorted_tables)


def upgrade(connection: sa.Connection) -> None:
    """Add the tables and columns that records lack; every one of them may be empty."""
    inspector = sa.inspect(connection)
    columns = [
        (table, column)
        for table in METADATA.sorted_tables
        if inspector.has_table(table.name)
        for column in _lacking(inspector, table)
    ]
    METADATA.create_all(connection)
    for table, column in columns:
        kind = column.type.compile(connection.dialect)
        connection.exec_driver_sql(f"ALTER TABLE {table.name} ADD COLUMN {column.name} {kind}")
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(f"PRAGMA user_version = {VERSION}")


def in_memory(engine: sa.Engine) -> sa.Engine:
    """Copy an SQLite database into memory, where it can be upgraded though its file cannot be written to."""
    copy = sqlite3.connect(":memory:", check_same_thread=False)
    with engine.connect() as connection:
        original = connection.connection.driver_connection
        assert isinstance(original, sqlite3.Connection)
        original.backup(copy)
    return sa.create_engine("sqlite://", creator=lambda: copy, poolclass=sa.StaticPool)


def _lacking(inspector: sa.Inspector, table: sa.Table) -> list[sa.Column[object]]:
    have = {column["name"] for column in inspector.get_columns(table.name)}
    return [column for column in table.columns if column.name not in have]

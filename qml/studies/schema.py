"""The tables of a records file.

One file holds one study.  Rows are only ever added: a failed cell that is tried again gets another outcome, and the
last one counts.

A later version of qml adds tables, and columns that may be null; `upgrade.py` then adds them to older records when they
are opened.  To store one more fact about a cell: a nullable column of `OUTCOMES`, a field of the same name in
`CellRecord`, and `VERSION` raised by one.
"""

from sqlalchemy import (
    JSON,
    Column,
    Float,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

APPLICATION_ID = 0x514D4C53  # "QMLS": how SQLite's header says whose file it is
VERSION = 3  # SQLite's user_version; raise it with every change of the tables

METADATA = MetaData()

# What a study has decided: the last row is what it is run under, and judged by.  STUDY keeps the first.
MANIFESTS = Table(
    "manifests",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("hash", String(64), nullable=False),
    Column("content", JSON, nullable=False),
    Column("stored_at", Text, nullable=False),
    Column("spec", JSON, nullable=False),
    Column("spec_hash", String(64), nullable=False),
    Column("tasks", JSON, nullable=False),
    Column("protocol", JSON, nullable=False),
    Column("provenance", JSON, nullable=False),
)

STUDY = Table(
    "study",
    METADATA,
    Column("name", String(100), primary_key=True),
    Column("spec", JSON, nullable=False),
    Column("spec_hash", String(64), nullable=False),
    Column("tasks", JSON, nullable=False),
    Column("protocol", JSON, nullable=False),
    Column("provenance", JSON, nullable=False),
)

PLAN = Table(
    "plan",
    METADATA,
    Column("key", String(64), primary_key=True),
    Column("position", Integer, nullable=False, unique=True),
    Column("task", Text, nullable=False),
    Column("replicate", Integer, nullable=False),
    Column("model", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("side", Text, nullable=False),
    Column("twin", Text),
    Column("twin_of", Text),
    Column("n_trials", Integer, nullable=False),
    Column("cell", JSON, nullable=False),
)

# The cells of each manifest; PLAN holds every cell that was ever planned.
MANIFEST_CELLS = Table(
    "manifest_cells",
    METADATA,
    Column("manifest", Integer, ForeignKey(MANIFESTS.c.number), primary_key=True, autoincrement=False),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("key", String(64), ForeignKey(PLAN.c.key), nullable=False),
)

OUTCOMES = Table(
    "outcomes",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("key", String(64), ForeignKey(PLAN.c.key), nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("status", String(10), nullable=False),
    Column("score", Float),
    Column("validation_score", Float),
    Column("n_parameters", Integer),
    Column("n_failed_trials", Integer, nullable=False),
    Column("params", JSON(none_as_null=True)),
    Column("tune_seconds", Float),
    Column("fit_seconds", Float),
    Column("started_at", Text, nullable=False),
    Column("finished_at", Text, nullable=False),
    Column("warnings", JSON, nullable=False),
    Column("error", Text),
    Column("circuit", JSON(none_as_null=True)),
    Column("tags", JSON(none_as_null=True)),
    Column("survival", JSON(none_as_null=True)),
    Column("axis", JSON(none_as_null=True)),
    UniqueConstraint("key", "attempt"),
)

TRIALS = Table(
    "trials",
    METADATA,
    Column("outcome", Integer, ForeignKey(OUTCOMES.c.id), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("params", JSON, nullable=False),
    Column("score", Float),
    Column("fold_scores", JSON, nullable=False),
    Column("status", String(10), nullable=False),
    Column("error", Text),
    Column("seconds", Float, nullable=False),
)

HISTORIES = Table(
    "histories",
    METADATA,
    Column("outcome", Integer, ForeignKey(OUTCOMES.c.id), primary_key=True),
    Column("epoch", Integer, primary_key=True),
    Column("train_loss", Float),
    Column("validation_loss", Float),
)

# Labels as .npy bytes, which load without pickle.
PREDICTIONS = Table(
    "predictions",
    METADATA,
    Column("outcome", Integer, ForeignKey(OUTCOMES.c.id), primary_key=True),
    Column("y_true", LargeBinary, nullable=False),
    Column("y_pred", LargeBinary, nullable=False),
)

TEST_ACCESSES = Table(
    "test_accesses",
    METADATA,
    Column("outcome", Integer, ForeignKey(OUTCOMES.c.id), primary_key=True),
    Column("opened_at", Text, nullable=False),
    Column("manifest", String(64)),
)

# What happened, in order.  Each row's chain hashes the row and the chain before it; see `ledger.py`.
LEDGER = Table(
    "ledger",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("event", String(10), nullable=False),
    Column("key", String(64), nullable=False),
    Column("manifest", String(64)),
    Column("at", Text, nullable=False),
    Column("opened_at", Text),
    Column("digest", String(64)),
    Column("chain", String(64), nullable=False),
)

PRAGMA application_id = 1364020307;
PRAGMA user_version = 1;
BEGIN TRANSACTION;
CREATE TABLE histories (
	outcome INTEGER NOT NULL, 
	epoch INTEGER NOT NULL, 
	train_loss FLOAT, 
	validation_loss FLOAT, 
	PRIMARY KEY (outcome, epoch), 
	FOREIGN KEY(outcome) REFERENCES outcomes (id)
);
INSERT INTO "histories" VALUES(2,0,0.9,1.0);
INSERT INTO "histories" VALUES(2,1,0.5,NULL);
CREATE TABLE outcomes (
	id INTEGER NOT NULL, 
	"key" VARCHAR(64) NOT NULL, 
	attempt INTEGER NOT NULL, 
	status VARCHAR(10) NOT NULL, 
	score FLOAT, 
	validation_score FLOAT, 
	n_parameters INTEGER, 
	n_failed_trials INTEGER NOT NULL, 
	params JSON, 
	tune_seconds FLOAT, 
	fit_seconds FLOAT, 
	started_at TEXT NOT NULL, 
	finished_at TEXT NOT NULL, 
	warnings JSON NOT NULL, 
	error TEXT, 
	PRIMARY KEY (id), 
	UNIQUE ("key", attempt), 
	FOREIGN KEY("key") REFERENCES "plan" ("key")
);
INSERT INTO "outcomes" VALUES(1,'6c87db0b1a657e91895fbf0ccbc53159fa5b2497b8ace04df6377f939fb0014b',0,'failed',NULL,NULL,NULL,0,NULL,NULL,NULL,'2026-11-21T10:42:35.020+00:00','2026-11-21T10:42:35.021+00:00','[]','the worker died');
INSERT INTO "outcomes" VALUES(2,'49bf4dee937b3f3bd6e681d671a6225d751092659a712debe4672851e9371536',0,'done',0.75,0.7,12,1,'{"k": 3, "features": "raw"}',0.2,0.05,'2026-01-01T00:00:00.000+00:00','2026-01-01T00:00:01.000+00:00','["UserWarning: x"]',NULL);
CREATE TABLE "plan" (
	"key" VARCHAR(64) NOT NULL, 
	position INTEGER NOT NULL, 
	task TEXT NOT NULL, 
	replicate INTEGER NOT NULL, 
	model TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	side TEXT NOT NULL, 
	twin TEXT, 
	twin_of TEXT, 
	n_trials INTEGER NOT NULL, 
	cell JSON NOT NULL, 
	PRIMARY KEY ("key"), 
	UNIQUE (position)
);
INSERT INTO "plan" VALUES('49bf4dee937b3f3bd6e681d671a6225d751092659a712debe4672851e9371536',0,'two-moons',0,'knn','classical','classical',NULL,NULL,2,'{"task": "two-moons", "task_version": 1, "n_train": 4, "n_test": 3, "replicate": 0, "model": "knn", "model_version": 1, "params": {}, "search": "", "n_trials": 2, "inner_folds": 2, "study_seed": 0, "kind": "classical", "side": "classical", "twin": null, "twin_of": null, "plugins": [], "sources": {}}');
INSERT INTO "plan" VALUES('6c87db0b1a657e91895fbf0ccbc53159fa5b2497b8ace04df6377f939fb0014b',1,'two-moons',0,'mlp','classical','classical',NULL,NULL,2,'{"task": "two-moons", "task_version": 1, "n_train": 4, "n_test": 3, "replicate": 0, "model": "mlp", "model_version": 1, "params": {}, "search": "", "n_trials": 2, "inner_folds": 2, "study_seed": 0, "kind": "classical", "side": "classical", "twin": null, "twin_of": null, "plugins": [], "sources": {}}');
INSERT INTO "plan" VALUES('96339cd5078e9125efc2b98b6d0f70dc5a8ebfe3683ffe95e0dba6b58b437241',2,'two-moons',1,'knn','classical','classical',NULL,NULL,2,'{"task": "two-moons", "task_version": 1, "n_train": 4, "n_test": 3, "replicate": 1, "model": "knn", "model_version": 1, "params": {}, "search": "", "n_trials": 2, "inner_folds": 2, "study_seed": 0, "kind": "classical", "side": "classical", "twin": null, "twin_of": null, "plugins": [], "sources": {}}');
INSERT INTO "plan" VALUES('dae87853e36e22ee6a49c1961715949d26670df14b48b24178039996787f4e0b',3,'two-moons',1,'mlp','classical','classical',NULL,NULL,2,'{"task": "two-moons", "task_version": 1, "n_train": 4, "n_test": 3, "replicate": 1, "model": "mlp", "model_version": 1, "params": {}, "search": "", "n_trials": 2, "inner_folds": 2, "study_seed": 0, "kind": "classical", "side": "classical", "twin": null, "twin_of": null, "plugins": [], "sources": {}}');
CREATE TABLE predictions (
	outcome INTEGER NOT NULL, 
	y_true BLOB NOT NULL, 
	y_pred BLOB NOT NULL, 
	PRIMARY KEY (outcome), 
	FOREIGN KEY(outcome) REFERENCES outcomes (id)
);
INSERT INTO "predictions" VALUES(2,X'934E554D5059010076007B276465736372273A20273C6932272C2027666F727472616E5F6F72646572273A2046616C73652C20277368617065273A2028332C292C207D2020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020200A00000100FFFF',X'934E554D5059010076007B276465736372273A20277C7531272C2027666F727472616E5F6F72646572273A2046616C73652C20277368617065273A2028332C292C207D2020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020200A000101');
CREATE TABLE study (
	name VARCHAR(100) NOT NULL, 
	spec JSON NOT NULL, 
	spec_hash VARCHAR(64) NOT NULL, 
	tasks JSON NOT NULL, 
	protocol JSON NOT NULL, 
	provenance JSON NOT NULL, 
	PRIMARY KEY (name)
);
INSERT INTO "study" VALUES('s','{"name": "s", "seed": 0}','abc','[{"name": "two-moons"}]','{"alpha": 0.05}','{"qml": "0"}');
CREATE TABLE test_accesses (
	outcome INTEGER NOT NULL, 
	opened_at TEXT NOT NULL, 
	PRIMARY KEY (outcome), 
	FOREIGN KEY(outcome) REFERENCES outcomes (id)
);
INSERT INTO "test_accesses" VALUES(2,'2026-01-01T00:00:00.900+00:00');
CREATE TABLE trials (
	outcome INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	params JSON NOT NULL, 
	score FLOAT, 
	fold_scores JSON NOT NULL, 
	status VARCHAR(10) NOT NULL, 
	error TEXT, 
	seconds FLOAT NOT NULL, 
	PRIMARY KEY (outcome, number), 
	FOREIGN KEY(outcome) REFERENCES outcomes (id)
);
INSERT INTO "trials" VALUES(2,0,'{"k": 3}',0.7,'[0.6, 0.8]','done',NULL,0.1);
INSERT INTO "trials" VALUES(2,1,'{"k": 5}',NULL,'[]','failed','NaN',0.1);
COMMIT;

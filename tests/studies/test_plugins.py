import subprocess
import sys
from pathlib import Path

import pytest

from qml.errors import SpecError
from qml.models import MODELS
from qml.studies import Records, Study, run_cell
from qml.studies.plugins import import_plugins, plugin_sources
from qml.studies.run import finished

MODEL = """
from sklearn.neighbors import KNeighborsClassifier
from qml.models import MODELS, Model
MODELS.add(Model(name="toy", kind="quantum", summary="s", source="tests", estimator=KNeighborsClassifier))
"""


def edit(folder: Path) -> None:
    path = folder / "qml_toys.py"
    path.write_text(path.read_text() + "\n# another line\n")


def test_a_changed_plugin_is_a_changed_study(study_file: Path, inline: list[str]) -> None:
    study = Study.from_yaml(study_file)
    folder = study.run(progress=False).folder
    content = (folder / "records.sqlite").read_bytes()
    edit(study_file.parent)
    again = "from qml.studies import Study; Study.from_yaml('mini.yaml').run(progress=False)"
    done = subprocess.run([sys.executable, "-c", again], check=False, capture_output=True, text=True)
    assert "RecordError" in done.stderr
    assert "\n  the code of the plug-in 'qml_toys' changed\n" in done.stderr
    assert "--set name=mini-2" in done.stderr
    assert (folder / "records.sqlite").read_bytes() == content


@pytest.mark.slow
def test_a_plan_with_a_changed_plugin_has_other_keys_where_it_counts(study_file: Path) -> None:
    code = "from qml.studies import Study; print(*[c.key for c in Study.from_yaml('mini.yaml').plan().cells[:4]])"

    def keys() -> list[str]:
        return subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.split()

    before = keys()
    edit(study_file.parent)
    toy, twin, dummy, knn = (one != other for one, other in zip(before, keys(), strict=True))
    assert toy
    assert twin
    assert not dummy  # a result depends on nothing else that is in the study
    assert not knn


def test_a_plugin_that_changed_after_its_import_asks_for_a_new_process(study_file: Path) -> None:
    Study.from_yaml(study_file).plan()
    edit(study_file.parent)
    with pytest.raises(SpecError, match=r"mini\.yaml:2: the plug-in 'qml_toys' was changed after this process"):
        Study.from_yaml(study_file).plan()


def test_a_worker_with_other_code_fails_its_cells(study_file: Path) -> None:
    from dataclasses import replace

    cell = Study.from_yaml(study_file).plan().cells[0]
    assert run_cell(cell).status == "done"
    record = run_cell(replace(cell, sources={"qml_toys": "0" * 64}))
    assert "the code of the plug-in 'qml_toys' is another here than in the plan" in str(record.error)


def test_a_cell_keeps_running_with_the_code_that_was_imported(study_file: Path) -> None:
    cell = Study.from_yaml(study_file).plan().cells[0]
    edit(study_file.parent)
    assert run_cell(cell).status == "done"


def test_the_code_is_known_from_the_records(study_file: Path, inline: list[str]) -> None:
    folder = Study.from_yaml(study_file).run(progress=False).folder
    with Records.open(folder) as records:
        assert records.provenance()["plugins"] == plugin_sources(["qml_toys"])


def test_the_finished_check_imports_no_plugin(study_file: Path, inline: list[str]) -> None:
    study = Study.from_yaml(study_file)
    folder = study.run(progress=False).folder
    assert finished(folder, study.spec, study.plan().sources)
    code = (
        "import sys; from qml.studies import Study; print(Study.from_yaml('mini.yaml').run(progress=False).n_run, "
        "*(name in sys.modules for name in ('qml_toys', 'qml.models', 'torch', 'sklearn')))"
    )
    ran = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert ran.stdout.split() == ["0", "False", "False", "False", "False"]


def test_a_package_is_all_of_its_python_files(folder: Path) -> None:
    (folder / "lab" / "inner").mkdir(parents=True)
    for name in ("__init__", "inner/__init__", "inner/one", "two"):
        (folder / "lab" / f"{name}.py").write_text("raise RuntimeError('nothing is imported')\n")
    names = ("lab", "lab.inner", "lab.two")
    before = plugin_sources(names)
    (folder / "lab" / "inner" / "one.py").write_text("x = 1\n")
    (folder / "lab" / "notes.txt").write_text("no code")
    changed = {name for name, source in plugin_sources(names).items() if source != before[name]}
    assert changed == {"lab", "lab.inner"}
    (folder / "lab" / "two.py").rename(folder / "lab" / "three.py")
    assert plugin_sources(["lab"])["lab"] != before["lab"]
    with pytest.raises(SpecError, match=r"the module 'lab\.two' cannot be imported: ModuleNotFoundError: No module"):
        plugin_sources(["lab.two"])


def test_line_endings_are_no_change(folder: Path) -> None:
    (folder / "ends.py").write_bytes(b"x = 1\ny = 2\n")
    before = plugin_sources(["ends"])
    (folder / "ends.py").write_bytes(b"x = 1\r\ny = 2\r\n")
    assert plugin_sources(["ends"]) == before


def test_a_module_without_source_is_refused() -> None:
    with pytest.raises(SpecError, match="the module 'sys' has no source file"):
        import_plugins(["sys"])


def test_a_model_that_no_plugin_brings_is_refused_with_its_mend(study_file: Path) -> None:
    text = study_file.read_text()
    import_plugins(["qml_toys"])
    study_file.write_text(text.replace("plugins: [qml_toys]\n", ""))
    with pytest.raises(SpecError) as error:
        Study.from_yaml(study_file).plan()
    assert str(error.value) == (
        "mini.yaml:5: the model 'toy' was registered by the module 'qml_toys', which the workers do not import. "
        "Name it in the study: plugins: [qml_toys]."
    ).replace("mini.yaml", str(study_file))


def test_a_task_of_a_module_that_a_plugin_imports_is_named_beside_it(study_file: Path) -> None:
    (study_file.parent / "qml_toys.py").write_text("import qml_toys_inner\n")
    (study_file.parent / "qml_toys_inner.py").write_text(MODEL)
    study_file.write_text(study_file.read_text().replace("twins: [separable]", "twins: []"))
    try:
        with pytest.raises(SpecError, match=r"Name it in the study: plugins: \[qml_toys, qml_toys_inner\]\."):
            Study.from_yaml(study_file).plan()
        assert Study.from_yaml(study_file, ["plugins=[qml_toys, qml_toys_inner]"]).plan().cells[0].sources.keys() == {
            "qml_toys_inner"
        }
    finally:
        del sys.modules["qml_toys_inner"]


@pytest.mark.parametrize("kind", ["task", "model"])
def test_what_a_script_defines_is_refused_with_its_mend(folder: Path, kind: str) -> None:
    task = "from qml import tasks; from dataclasses import replace\n"
    task += "tasks.TASKS.add(replace(tasks.get('two-moons'), name='toy'))\n"
    names = {"task": ("toy", "iqp-kernel"), "model": ("two-moons", "toy")}[kind]
    script = f"""{task if kind == "task" else MODEL}
from qml import Study
models = {{"quantum": ["{names[1]}"], "classical": ["dummy"]}}
Study(name="s", tasks=["{names[0]}"], models=models, budget={{"trials": 4}}).run()
"""
    ran = subprocess.run([sys.executable, "-"], input=script, capture_output=True, text=True, check=False)
    assert f"the {kind} 'toy' was defined in a script or a notebook, and the workers run neither." in ran.stderr
    assert "for example mine.py, and name that in the study: plugins: [mine]." in ran.stderr
    assert not (folder / "results").exists()


def test_an_entry_of_an_installed_package_needs_no_plugin(study_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from importlib.metadata import EntryPoint

    from qml.studies import plugins

    import_plugins(["qml_toys"])
    point = EntryPoint("toys", "qml_toys:register", "qml.models")
    monkeypatch.setattr(plugins, "entry_points", lambda group: [point] if group == "qml.models" else [])
    study_file.write_text(study_file.read_text().replace("plugins: [qml_toys]\n", ""))
    assert Study.from_yaml(study_file).plan().cells[0].sources == {}


def test_a_registry_knows_who_registered(study_file: Path) -> None:
    import_plugins(["qml_toys"])
    assert MODELS.origin("toy") == "qml_toys"
    assert MODELS.origin("knn") == "qml.models.classical.knn"

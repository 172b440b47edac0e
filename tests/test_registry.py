import sys
from dataclasses import dataclass
from types import SimpleNamespace

import pytest

from qml import registry
from qml.errors import SpecError
from qml.registry import Registry


@dataclass(frozen=True)
class Entry:
    name: str


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A package ``zoo`` with a registry and two entries, one of them in a sub-package."""
    root = tmp_path / "zoo"
    (root / "big").mkdir(parents=True)
    (root / "__init__.py").write_text("")
    (root / "cage.py").write_text(
        "from dataclasses import dataclass\nfrom qml.registry import Registry\n"
        "ANIMALS = Registry('animal', 'zoo')\n\n@dataclass\nclass Animal:\n    name: str\n"
    )
    (root / "wolf.py").write_text("from zoo.cage import ANIMALS, Animal\nANIMALS.add(Animal('wolf'))\n")
    (root / "big" / "__init__.py").write_text("")
    (root / "big" / "bear.py").write_text("from zoo.cage import ANIMALS, Animal\nANIMALS.add(Animal('bear'))\n")
    monkeypatch.syspath_prepend(tmp_path)
    yield root
    for name in [name for name in sys.modules if name.split(".")[0] == "zoo"]:
        del sys.modules[name]


def animals():
    from zoo.cage import ANIMALS

    return ANIMALS


def test_entries_are_found_in_every_module(package):
    assert animals().names() == ("bear", "wolf")
    assert [animal.name for animal in animals()] == ["bear", "wolf"]
    assert "bear" in animals()
    assert "cat" not in animals()


def test_a_new_file_is_a_new_entry(package):
    (package / "cat.py").write_text("from zoo.cage import ANIMALS, Animal\nANIMALS.add(Animal('cat'))\n")
    assert animals().get("cat").name == "cat"


def test_nothing_is_imported_before_the_first_look_up(package):
    animals()
    assert "zoo.wolf" not in sys.modules


def test_an_unknown_name_gets_the_nearest(package):
    with pytest.raises(SpecError, match=r"unknown animal 'wolv'\. Did you mean 'wolf'\? Choices: bear, wolf\."):
        animals().get("wolv")


def test_a_name_is_taken_once(package):
    animals().names()
    with pytest.raises(SpecError, match="a animal named 'wolf' is already registered; choose another name"):
        animals().add(Entry("wolf"))


def test_a_plugin_is_loaded(package, monkeypatch):
    plugin = SimpleNamespace(name="extra", value="extra", load=lambda: animals().add(Entry("lynx")))
    monkeypatch.setattr(registry, "entry_points", lambda group: [plugin] if group == "zoo" else [])
    assert animals().names() == ("bear", "lynx", "wolf")


def test_a_broken_plugin_is_named(package, monkeypatch):
    def load():
        raise ImportError("No module named 'lynx'")

    plugin = SimpleNamespace(name="extra", value="lynx.plugin", load=load)
    monkeypatch.setattr(registry, "entry_points", lambda group: [plugin])
    for _ in range(2):  # it is named every time, not only the first
        with pytest.raises(SpecError) as caught:
            animals().names()
        assert "the plug-in 'extra' (lynx.plugin) for zoo cannot be imported: ImportError(" in str(caught.value)
        assert "Mend or uninstall it." in str(caught.value)


def test_an_empty_registry_says_so(package):
    with pytest.raises(SpecError, match=r"unknown plant 'a'\. Choices: none\."):
        Registry("plant", "zoo").get("a")

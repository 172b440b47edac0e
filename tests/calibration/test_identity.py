from pathlib import Path

import qml
from qml.calibration.identity import FILES, ROOMS, bare, hash_of, source_hash


def test_comments_docstrings_and_blank_lines_do_not_count() -> None:
    plain = "import os\n\nX = '# no comment'\n\n\nclass A:\n    def f(self):\n        return 1\n"
    told = (
        '"""What it is."""\n\nimport os\n# why\nX = \'# no comment\'\n\nclass A:\n    """An A,\n\n    at length."""\n'
        "    def f(self):\n        '''One.'''\n        return 1\n"
    )
    assert bare(told) == bare(plain)
    assert hash_of([("a", told)]) == hash_of([("a", plain)])


def test_code_names_and_order_of_files_count() -> None:
    assert hash_of([("a", "x = 1")]) != hash_of([("a", "x = 2")])
    assert hash_of([("a", "x = 1")]) != hash_of([("b", "x = 1")])
    assert hash_of([("a", "x = 1"), ("b", "y = 2")]) != hash_of([("a", "x = 1\ny = 2"), ("b", "")])


def test_every_named_room_and_file_is_there() -> None:
    root = Path(qml.__file__).parent
    assert all((root / room).is_dir() for room in ROOMS if room != "diagnostics")
    assert all((root / name).is_file() for name in FILES)
    assert len(source_hash()) == 64

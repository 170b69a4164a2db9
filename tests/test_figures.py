"""Static pictures: the same bytes on every machine, so that a changed picture is a changed line of code."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from backprop_course.explorer import new_figure
from backprop_course.figures import svg

SOURCE = Path(__file__).parents[1] / "course" / "source"
# Kernels for another processor: without fused multiply-add, and with functions of the C library for NumPy's own.
ANOTHER = {
    "OPENBLAS_CORETYPE": "Prescott",
    "OPENBLAS_NUM_THREADS": "1",
    "NPY_DISABLE_CPU_FEATURES": "X86_V4 AVX512_ICL X86_V3",
}


def curve(y):
    figure = new_figure()
    figure.subplots().plot([0, 1, 2], [0, y, 3])
    return svg(figure)


def test_round_off_in_the_data_does_not_change_a_picture():
    assert curve(1.0) == curve(1.0 + 1e-12)


def test_a_change_that_can_be_seen_changes_a_picture():
    assert curve(1.0) != curve(1.01)


def test_pictures_name_neither_date_nor_version():
    assert "<dc:date>" not in curve(1.0) and "Matplotlib v" not in curve(1.0)


def pictures(folder, **environment):
    for unit in filter(Path.is_dir, SOURCE.iterdir()):
        (folder / unit.name).mkdir(parents=True)
    command = [sys.executable, "-m", "backprop_course.figures", str(folder)]
    subprocess.run(command, check=True, capture_output=True, timeout=300, env={**os.environ, **environment})
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*.svg")}


@pytest.mark.slow
def test_static_pictures_do_not_depend_on_the_processor(tmp_path):
    here = pictures(tmp_path / "here", OPENBLAS_NUM_THREADS=str(os.cpu_count()))
    there = pictures(tmp_path / "there", **ANOTHER)
    assert here and [name for name in here if here[name] != there.get(name)] == []

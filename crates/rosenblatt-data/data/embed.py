"""Writes the embedded tables of this folder from two wheels of the Python package index.

    pip download --no-deps palmerpenguins==0.1.6 scikit-learn==1.9.1
    python embed.py palmerpenguins-*.whl scikit_learn-*.whl

Values are copied as they are written there; only header lines are added, and coded classes get their names.
"""

import gzip
import sys
import zipfile
from pathlib import Path

HERE = Path(__file__).parent
SKLEARN = "sklearn/datasets/data/"
BREAST_CANCER = [
    f"{statistic}_{quantity}"
    for statistic in ["mean", "error", "worst"]
    for quantity in [
        "radius",
        "texture",
        "perimeter",
        "area",
        "smoothness",
        "compactness",
        "concavity",
        "concave_points",
        "symmetry",
        "fractal_dimension",
    ]
]


def main(penguins, sklearn):
    penguins, sklearn = zipfile.ZipFile(penguins), zipfile.ZipFile(sklearn)
    write("penguins.csv", penguins.read("palmerpenguins/data/penguins.csv").decode().splitlines())
    write("iris.csv", iris(sklearn))
    write("breast_cancer.csv", breast_cancer(sklearn))
    write("digits.csv.gz", digits(sklearn))
    write("diabetes.csv", diabetes(sklearn))


def iris(wheel):
    return coded(wheel, "iris.csv", ["sepal_length", "sepal_width", "petal_length", "petal_width"], "species")


def breast_cancer(wheel):
    return coded(wheel, "breast_cancer.csv", BREAST_CANCER, "diagnosis")


def coded(wheel, file, features, target):
    """A table whose first line holds the names of the classes that the last column numbers."""
    first, *rows = wheel.read(SKLEARN + file).decode().splitlines()
    classes = first.split(",")[2:]
    yield ",".join([*features, target])
    for row in rows:
        values, _, label = row.rpartition(",")
        yield f"{values},{classes[int(label)]}"


def digits(wheel):
    yield ",".join([*(f"pixel_{row}_{column}" for row in range(8) for column in range(8)), "digit"])
    yield from gzip.decompress(wheel.read(SKLEARN + "digits.csv.gz")).decode().splitlines()


def diabetes(wheel):
    raw = gzip.decompress(wheel.read(SKLEARN + "diabetes_data_raw.csv.gz")).decode().splitlines()
    target = gzip.decompress(wheel.read(SKLEARN + "diabetes_target.csv.gz")).decode().splitlines()
    yield "age,sex,bmi,bp,s1,s2,s3,s4,s5,s6,progression"
    for row, y in zip(raw, target, strict=True):
        yield ",".join([*row.split(), f"{float(y):g}"])


def write(name, lines):
    data = ("\n".join(lines) + "\n").encode()
    (HERE / name).write_bytes(gzip.compress(data, 9, mtime=0) if name.endswith(".gz") else data)
    print(f"{name}: {(HERE / name).stat().st_size:,} bytes")


main(*sys.argv[1:])

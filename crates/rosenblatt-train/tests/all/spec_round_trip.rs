//! Every spec that can be run can be written as a run file, and is read back the same.

use rosenblatt_data::preprocess::DateOrder;
use rosenblatt_data::{ColumnKind, DataOptions, HeaderLine, NumericScale};
use rosenblatt_nn::entry::Registry;
use rosenblatt_nn::{Entry, Registration};
use rosenblatt_testkit::{Random, seeded_cases};
use rosenblatt_train::{BatchNormStatistics, ClassWeight, EarlyStopping, ModelSpec, Reduction, Spec, TrainSpec};
use serde_json::Value;

/// Texts that need care in TOML, on a command line or in a comment.
const TEXTS: [&str; 16] = [
    "a",
    "",
    " a b ",
    "a.b",
    "größe 身長 🌸",
    "\"",
    "'",
    "'''\"\"\"",
    "\\",
    "a\nb",
    "\r\n",
    "\t",
    "\u{0}\u{1b}\u{7f}",
    "# no comment",
    "a = 1\n[train]",
    "\u{feff}",
];

/// Numbers at the ends of what floats and whole numbers hold.
const NUMBERS: [f64; 10] = [
    0.1,
    1.0,
    1e300,
    f64::MAX,
    f64::MIN_POSITIVE,
    5e-324,
    0.999_999_999_999_999_9,
    1e15,
    123_456_789.123_456_78,
    1.8446744073709552e19,
];

/// What is random about a spec.
struct Draw(Random);

impl Draw {
    fn text(&mut self) -> String {
        let pieces = 1 + self.0.below(3);
        (0..pieces).map(|_| *self.0.pick(&TEXTS)).collect()
    }

    /// Above 0.
    fn number(&mut self) -> f64 {
        let random = f64::from_bits(self.0.bits() >> 1);
        match self.0.below(2) {
            0 if random.is_finite() && random > 0.0 => random,
            _ => *self.0.pick(&NUMBERS),
        }
    }

    /// Above 0 as f32, too.
    fn normal(&mut self) -> f64 {
        self.number().max(f64::from(f32::MIN_POSITIVE))
    }

    /// From 1 to the largest there is.
    fn whole(&mut self) -> u64 {
        let bits = self.0.below(64);
        (self.0.bits() >> bits).max(1)
    }

    fn share(&mut self) -> f64 {
        (self.0.bits() >> 12).max(1) as f64 / (1u64 << 52) as f64
    }

    fn maybe<T>(&mut self, some: impl FnOnce(&mut Self) -> T) -> Option<T> {
        (self.0.below(2) == 0).then(|| some(self))
    }

    fn several<T>(&mut self, mut one: impl FnMut(&mut Self) -> T) -> Vec<T> {
        (0..self.0.below(4)).map(|_| one(self)).collect()
    }

    /// An example of the registry, with other numbers where the entry takes them.
    fn entry<K: Registry + ?Sized>(&mut self) -> Entry<K> {
        let examples: Vec<Entry<K>> = K::registry().iter().flat_map(Registration::examples).collect();
        let example = self.0.pick(&examples).clone();
        let mut fields = example.fields();
        for value in fields.values_mut() {
            match value {
                Value::Number(number) if number.is_f64() => *value = self.number().into(),
                Value::Number(_) => *value = self.whole().into(),
                _ => {}
            }
        }
        Entry::make(example.name(), fields).unwrap_or(example)
    }

    fn data(&mut self) -> DataOptions {
        let kinds = [ColumnKind::Numeric, ColumnKind::Categorical, ColumnKind::Date];
        let valid = self.maybe(|draw| draw.text().into());
        let test = self.maybe(|draw| draw.text().into());
        DataOptions {
            source: self.text(),
            more: self.several(|draw| draw.text().into()),
            target: self.maybe(Self::text),
            drop: self.several(Self::text),
            columns: self
                .several(|draw| (draw.text(), *draw.0.pick(&kinds)))
                .into_iter()
                .collect(),
            not_missing: self.several(Self::text),
            exact: self.several(Self::text),
            numeric_scale: *self.0.pick(&[NumericScale::Standardize, NumericScale::RobustScale]),
            date_order: self.maybe(|draw| *draw.0.pick(&[DateOrder::DayFirst, DateOrder::MonthFirst])),
            date_formats: self.several(|draw| (draw.text(), draw.text())).into_iter().collect(),
            soft_clip: self.maybe(|draw| draw.0.below(2) == 0),
            quantiles_from: self.maybe(|draw| draw.0.below(1000) as u64),
            max_one_hot: self.maybe(|draw| draw.0.below(1000)),
            sample_weight: self.maybe(Self::text),
            missing: self.several(Self::text),
            delimiter: self.maybe(|draw| *draw.0.pick(&[',', '\t', '|', '\\', '"', '\n', '身'])),
            header: *self.0.pick(&[HeaderLine::Detect, HeaderLine::First, HeaderLine::None]),
            skip_lines: self.0.below(9) as u64,
            comment: self.maybe(|draw| *draw.0.pick(&['#', '%', '身'])),
            encoding: self.maybe(Self::text),
            names: self.several(Self::text),
            memory: self.maybe(Self::text),
            split: self.maybe(|draw| {
                let method = *draw.0.pick(&["random", "stratified", "group=", "time="]);
                let column = if method.ends_with('=') {
                    draw.text()
                } else {
                    String::new()
                };
                format!("{method}{column}").parse().unwrap()
            }),
            valid_fraction: self.maybe(Self::share).filter(|_| valid.is_none()),
            valid,
            test_fraction: self.maybe(Self::share).filter(|_| test.is_none()),
            test,
        }
    }

    fn class_weight(&mut self) -> ClassWeight {
        let mut weight = |draw: &mut Self| (draw.text(), draw.number().clamp(1e-12, 1e12));
        let mut weights = self.several(&mut weight);
        match self.0.below(3) {
            0 => ClassWeight::Balanced,
            _ => {
                weights.push(weight(self));
                ClassWeight::Each(weights.into_iter().collect())
            }
        }
    }

    fn spec(&mut self) -> Spec {
        Spec {
            data: self.data(),
            model: ModelSpec {
                layers: self.several(Self::entry),
                embedding_dim: self.whole() as usize,
                init: self.entry(),
                bias_init: self.entry(),
                scale_target: self.0.below(2) == 0,
                linear_path: self.0.below(2) == 0,
                clip_predictions: self.0.below(2) == 0,
            },
            train: TrainSpec {
                loss: self.maybe(Self::entry),
                class_weight: self.maybe(Self::class_weight),
                reduction: *self.0.pick(&[Reduction::Mean, Reduction::Sum]),
                augment: self.several(Self::entry),
                mixup: self.maybe(Self::number),
                l2: self.number(),
                optimizer: self.entry(),
                schedule: self.entry(),
                learning_rate: self.normal(),
                clip_value: self.maybe(Self::normal),
                clip_parameter_norm: self.maybe(Self::normal),
                clip_norm: self.maybe(Self::normal),
                l1: self.number().abs(),
                max_norm: self.maybe(Self::number),
                epochs: self.whole() as usize,
                batch_size: self.whole() as usize,
                shuffle: self.0.below(2) == 0,
                calibrate: self.0.below(2) == 0,
                accumulate_steps: self.whole() as usize,
                ema: self.maybe(Self::share),
                swa: self.maybe(Self::share),
                early_stopping: self.maybe(|draw| EarlyStopping {
                    patience: draw.whole() as usize,
                    min_delta: draw.number(),
                }),
                pocket: self.0.below(2) == 0,
                batch_norm_statistics: *self.0.pick(&[BatchNormStatistics::Running, BatchNormStatistics::Exact]),
                seed: self.0.bits(),
            },
        }
    }
}

#[test]
fn every_spec_is_read_back_as_it_is_written() {
    for seed in seeded_cases(5000) {
        let spec = Draw(Random::new(seed)).spec();
        spec.check().unwrap_or_else(|error| panic!("seed {seed}: {error}"));
        let remarks = [("data.target", Draw(Random::new(seed)).text())];
        for text in [spec.to_toml().unwrap(), spec.to_commented_toml(&remarks).unwrap()] {
            let read = Spec::from_toml(&text).unwrap_or_else(|error| panic!("seed {seed}: {error}\n{text}"));
            assert_eq!(read, spec, "seed {seed}: {text}");
        }
        assert_eq!(Spec::from_json(&spec.to_json().unwrap()).unwrap(), spec, "seed {seed}");
    }
}

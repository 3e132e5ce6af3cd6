//! Images: folders of IDX files and the named sets that are images.

use std::path::Path;

use rosenblatt_tensor::{Error, Result};

use super::divide::Divider;
use super::{Prepared, rows_line};
use crate::images::ImagePart;
use crate::schema::{Field, FieldKind};
use crate::sets::{Content, Set};
use crate::split::Context;
use crate::typed::Written;
use crate::{DataOptions, HeaderLine, Images, Preprocessing, Schema, Task};

/// The column of pixels in a schema of images.
pub(super) const PIXELS: &str = "image";

const LABELS: &str = "label";

pub(super) fn load_set(set: &Set, options: &DataOptions, seed: u64) -> Result<Prepared> {
    let parts = (set.images(ImagePart::Train)?, Some(set.images(ImagePart::Test)?));
    prepare(parts, Some(class_names(set)), options, seed).map_err(|e| e.within(set.name))
}

/// Names of the classes of a set of images; none of a table.
pub(super) fn class_names(set: &Set) -> Vec<String> {
    match set.content {
        Content::Idx { classes, .. } => classes.iter().map(|&name| name.to_owned()).collect(),
        Content::Csv(_) => Vec::new(),
    }
}

pub(super) fn load_folder(folder: &Path, options: &DataOptions, seed: u64) -> Result<Prepared> {
    prepare(folder_parts(folder)?, None, options, seed).map_err(|e| e.within(folder.display().to_string()))
}

/// The images for training in a folder, and those for a test if there are some.
pub(super) fn folder_parts(folder: &Path) -> Result<(Images, Option<Images>)> {
    if !Images::are_in(folder) {
        return Err(nothing_in(folder));
    }
    let train = Images::read_part(folder, ImagePart::Train)?;
    let test = Images::is_part(folder, ImagePart::Test)
        .then(|| Images::read_part(folder, ImagePart::Test))
        .transpose()?;
    Ok((train, test))
}

/// The error of a folder without anything that is read.
pub(super) fn nothing_in(folder: &Path) -> Error {
    let error = Error::data("there are neither tables nor images").within(folder.display().to_string());
    error.hint(
        "tables end in `.csv` or `.tsv`, packed or not; images are IDX files such as `train-images-idx3-ubyte.gz`",
    )
}

fn prepare(
    (train, official): (Images, Option<Images>),
    classes: Option<Vec<String>>,
    options: &DataOptions,
    seed: u64,
) -> Result<Prepared> {
    refuse_columns(options, official.is_some())?;
    if train.is_empty() {
        return Err(Error::data("there are no images"));
    }
    let labels = train.labels.clone().unwrap_or_default();
    let task = Task::Classification {
        classes: classes.unwrap_or_else(|| numbered(&labels)),
    };
    if labels.iter().all(|label| *label == labels[0]) {
        return Err(Error::data(format!("all images have the label {}", labels[0])));
    }
    let schema = schema(&train, task.clone());
    let preprocessing = Preprocessing::image(PIXELS);
    let pixel_scale = preprocessing.pixel_scale(&schema);

    let all = (0..train.len() as u64).collect();
    let context = Context {
        table: None,
        options,
        target: LABELS,
        classes: Some(&labels),
    };
    let divider = Divider::of(&context, seed)?;
    let (rest, test) = divider.test(all)?;
    let (rest, valid) = divider.valid(rest)?;
    let dataset = |images: Images| images.into_dataset(task.clone(), pixel_scale);
    let drawn = |rows: Option<Vec<u64>>| rows.map(|rows| train.select(&rows).and_then(dataset)).transpose();
    let valid = drawn(valid)?;
    let test = match official {
        Some(images) => Some(fitting(&schema, images).and_then(dataset)?),
        None => drawn(test)?,
    };
    let train = dataset(train.select(&rest)?)?;
    let summary = vec![
        format!(
            "task: classification of images, {} classes",
            task.classes().map_or(0, <[String]>::len)
        ),
        format!(
            "features: {:?} pixels as bytes, divided by 255 in the network",
            &train.features().shape()[1..]
        ),
        rows_line(&train, valid.as_ref(), test.as_ref()),
    ];
    Ok(Prepared {
        train,
        valid,
        test,
        schema,
        preprocessing,
        summary,
        warnings: Vec::new(),
    })
}

fn refuse_columns(options: &DataOptions, has_test: bool) -> Result<()> {
    let settings = [
        ("target", options.target.is_some()),
        ("drop", !options.drop.is_empty()),
        ("columns", !options.columns.is_empty()),
        ("max_one_hot", options.max_one_hot.is_some()),
        ("sample_weight", options.sample_weight.is_some()),
        ("missing", !options.missing.is_empty()),
        ("delimiter", options.delimiter.is_some()),
        ("header", options.header != HeaderLine::default()),
        ("skip_lines", options.skip_lines > 0),
        ("comment", options.comment.is_some()),
        ("encoding", options.encoding.is_some()),
        ("names", !options.names.is_empty()),
        ("valid", options.valid.is_some()),
        ("test", options.test.is_some()),
    ];
    if let Some((name, _)) = settings.iter().find(|(_, given)| *given) {
        return Err(Error::config("does not apply to images").within(format!("data.{name}")));
    }
    if has_test && options.test_fraction.is_some() {
        return Err(Error::config("the data set has its own test rows").within("data.test_fraction"));
    }
    Ok(())
}

fn numbered(labels: &[i64]) -> Vec<String> {
    let classes = labels.iter().max().map_or(0, |most| most + 1);
    (0..classes).map(|class| class.to_string()).collect()
}

fn schema(images: &Images, task: Task) -> Schema {
    let kind = FieldKind::Image {
        shape: images.pixels.shape()[1..].to_vec(),
    };
    let levels = task.classes().unwrap_or_default().to_vec();
    Schema {
        columns: vec![Field {
            name: PIXELS.to_owned(),
            kind,
            written: Written::default(),
        }],
        target: Field {
            name: LABELS.to_owned(),
            kind: FieldKind::Categorical { levels },
            written: Written::default(),
        },
        task,
        sample_weight: None,
        missing: Vec::new(),
        delimiter: None,
        reading: crate::options::Reading::default(),
        asked: Vec::new(),
    }
}

/// The images, if they have the shape the schema names.
pub(super) fn fitting(schema: &Schema, images: Images) -> Result<Images> {
    let found = &images.pixels.shape()[1..];
    match &schema.columns[..] {
        [
            Field {
                kind: FieldKind::Image { shape },
                ..
            },
        ] if shape == found => Ok(images),
        [
            Field {
                kind: FieldKind::Image { shape },
                ..
            },
        ] => Err(Error::data(format!(
            "expected images of {shape:?} pixels, as in training, got {found:?}"
        ))),
        _ => Err(Error::data(format!(
            "expected a table with the columns of training, got images of {found:?} pixels"
        ))),
    }
}

//! What a folder or a set of images holds, for `inspect`.

use rosenblatt_data::{ImageGroup, ImageSet};
use rosenblatt_tensor::Result;
use serde_json::{Value, json};

use crate::ui::{Report, count, one_line, quoted_file, table};

/// Images, looked at.
pub(crate) struct ImageSetDescription {
    /// What the user calls them.
    pub(crate) source: String,
    pub(crate) image_set: ImageSet,
}

impl Report for ImageSetDescription {
    fn text(&self) -> String {
        let Self { source, image_set } = self;
        let test = image_set.test.as_ref();
        let told = |name: &str, pictures: &ImageGroup| count(pictures.rows, &format!("{name} image"));
        let rows = [
            Some(told("training", &image_set.train)),
            test.map(|test| told("test", test)),
        ];
        let rows: Vec<String> = rows.into_iter().flatten().collect();
        let size: Vec<String> = image_set.shape.iter().map(usize::to_string).collect();
        let head = ["label", "training", test.map_or("", |_| "test")].map(str::to_owned);
        let line = |class: usize| {
            let of = |pictures: &ImageGroup| pictures.per_class[class].to_string();
            [
                image_set.classes[class].clone(),
                of(&image_set.train),
                test.map_or(String::new(), of),
            ]
        };
        let lines: Vec<_> = std::iter::once(head)
            .chain((0..image_set.classes.len()).map(line))
            .collect();
        format!(
            "{}: {}, {} pixels, {}\n{}next: rosenblatt train {}\n",
            one_line(source),
            rows.join(", "),
            size.join(" x "),
            count(image_set.classes.len(), "label"),
            table(2, &lines),
            quoted_file(source)
        )
    }

    fn json(&self) -> Result<Value> {
        let part = |pictures: &ImageGroup| json!({ "rows": pictures.rows, "per_class": pictures.per_class });
        let mut document = json!({
            "data": self.source,
            "shape": self.image_set.shape,
            "classes": self.image_set.classes,
            "train": part(&self.image_set.train),
        });
        if let Some(test) = &self.image_set.test {
            document["test"] = part(test);
        }
        Ok(document)
    }
}

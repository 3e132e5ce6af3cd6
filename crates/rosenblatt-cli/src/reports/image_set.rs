//! What a folder or a set of images holds, for `inspect`.

use rosenblatt_data::{ImageGroup, ImageSet};
use rosenblatt_tensor::Result;
use serde_json::{Value, json};

use crate::ui::{Report, count, quoted, table};

/// Images, looked at.
pub(crate) struct AlbumDescription {
    /// What the user calls them.
    pub(crate) source: String,
    pub(crate) album: ImageSet,
}

impl Report for AlbumDescription {
    fn text(&self) -> String {
        let Self { source, album } = self;
        let test = album.test.as_ref();
        let told = |name: &str, pictures: &ImageGroup| count(pictures.rows, &format!("{name} image"));
        let rows = [
            Some(told("training", &album.train)),
            test.map(|test| told("test", test)),
        ];
        let rows: Vec<String> = rows.into_iter().flatten().collect();
        let size: Vec<String> = album.shape.iter().map(usize::to_string).collect();
        let head = ["label", "training", test.map_or("", |_| "test")].map(str::to_owned);
        let line = |class: usize| {
            let of = |pictures: &ImageGroup| pictures.per_class[class].to_string();
            [
                album.classes[class].clone(),
                of(&album.train),
                test.map_or(String::new(), of),
            ]
        };
        let lines: Vec<_> = std::iter::once(head)
            .chain((0..album.classes.len()).map(line))
            .collect();
        format!(
            "{source}: {}, {} pixels, {}\n{}next: rosenblatt train {}\n",
            rows.join(", "),
            size.join(" x "),
            count(album.classes.len(), "label"),
            table(2, &lines),
            quoted(source)
        )
    }

    fn json(&self) -> Result<Value> {
        let part = |pictures: &ImageGroup| json!({ "rows": pictures.rows, "per_class": pictures.per_class });
        let mut document = json!({
            "data": self.source,
            "shape": self.album.shape,
            "classes": self.album.classes,
            "train": part(&self.album.train),
        });
        if let Some(test) = &self.album.test {
            document["test"] = part(test);
        }
        Ok(document)
    }
}

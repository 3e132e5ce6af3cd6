//! What a model holds, for `inspect`.

use std::collections::BTreeMap;
use std::path::Path;

use rosenblatt_data::preprocess::Fitted;
use rosenblatt_data::schema::{Field, FieldKind};
use rosenblatt_tensor::{Result, Tensor};
use rosenblatt_train::{Model, PlanFigures, Progress, Table};
use serde_json::{Value, json};

use super::{plan, sparsity};
use crate::ui::{Report, count, folded, number, one_line, shown, table};

/// A model, and perhaps its compiled training step.
pub(crate) struct Description<'a> {
    pub(crate) file: &'a Path,
    pub(crate) model: &'a Model,
    pub(crate) table: &'a Table,
    /// How far the run is, if it is a checkpoint.
    pub(crate) progress: Option<Progress>,
    /// Whether there is more than initial values.
    pub(crate) is_trained: bool,
    pub(crate) plan: Option<PlanFigures>,
    /// The picture that was drawn.
    pub(crate) plot: Option<&'a Path>,
}

/// A layer, with what its tensors say of it.
struct LayerRow {
    /// As in the names of its tensors: `layers.0`.
    name: String,
    layer: String,
    /// Its tensors' names and shapes.
    tensors: Vec<(String, Vec<usize>)>,
    /// Of what it puts out, for one row.
    shape: Option<Vec<usize>>,
    /// How many numbers are learned.
    parameters: usize,
    /// How many numbers of its weight matrix are exactly 0, of how many; nothing if it has none.
    zeros: Option<(usize, usize)>,
}

impl Description<'_> {
    /// The embedding, if columns need one; the hidden layers; and what follows from the task: the output layer.
    fn layers(&self) -> Vec<LayerRow> {
        let about = self.table;
        let mut named: Vec<(String, String)> = about
            .layers()
            .unwrap_or_default()
            .into_iter()
            .map(|(name, layer)| (name, layer.to_string()))
            .collect();
        if let Some((_, output)) = named.last_mut() {
            *output = "linear (output)".to_owned();
        }
        let codes = about.preprocessing.codes().len();
        let embedding = (codes > 0).then(|| {
            (
                "embedding".to_owned(),
                format!("embedding of {}", count(codes, "column")),
            )
        });
        let learned = self.model.parameter_names().unwrap_or_default();
        let shapes: BTreeMap<_, _> = self.model.output_shapes().unwrap_or_default().into_iter().collect();
        let row = |(name, layer): (String, String)| {
            let is_learned = |own: &str| learned.contains(&format!("{name}.{own}"));
            let own =
                self.model.params().iter().filter_map(|(full, tensor)| {
                    Some((full.strip_prefix(&name)?.strip_prefix('.')?.to_owned(), tensor))
                });
            let own: Vec<(String, &Tensor)> = own.collect();
            let parameters = own.iter().filter(|(name, _)| is_learned(name));
            let parameters = parameters.map(|(_, tensor)| tensor.elements()).sum();
            let zeros = sparsity::zeros(&own);
            let tensors = own
                .into_iter()
                .map(|(name, tensor)| (name, tensor.shape().to_vec()))
                .collect();
            LayerRow {
                zeros,
                shape: shapes.get(&name).cloned(),
                name,
                layer,
                tensors,
                parameters,
            }
        };
        embedding.into_iter().chain(named).map(row).collect()
    }

    fn parameters(&self) -> usize {
        self.layers().iter().map(|layer| layer.parameters).sum()
    }

    /// One paragraph: what it is, and how good.
    fn heading(&self) -> String {
        let (about, model) = (self.table, self.model);
        let metadata = model.metadata();
        let target = one_line(&about.schema.target.name);
        let mut text = format!(
            "{} ({}, format {})\n",
            shown(self.file),
            model.library(),
            model.format()
        );
        text += &match about.schema.task.classes() {
            Some(classes) => format!(
                "task: classification of `{target}`, {} classes: {}\n",
                classes.len(),
                one_line(&classes.join(", "))
            ),
            None => format!("task: regression of `{target}`\n"),
        };
        text += &match &self.progress {
            Some(progress) => format!(
                "checkpoint: after step {}, {} epochs done\n",
                progress.step, progress.epoch
            ),
            None if self.is_trained => format!(
                "trained: parameters of epoch {}, seed {}\n",
                metadata.epoch, metadata.seed
            ),
            None => format!("not trained: initial values of seed {}\n", metadata.seed),
        };
        for (name, metrics) in &metadata.metrics {
            let metrics: Vec<_> = metrics
                .iter()
                .map(|(name, value)| format!("{name} {}", number(value)))
                .collect();
            text += &format!(
                "{}: {}\n",
                if name == "valid" { "validation" } else { name },
                metrics.join(", ")
            );
        }
        text
    }

    fn columns(&self) -> String {
        let about = self.table;
        let features = about
            .preprocessing
            .features_of_columns(&about.schema)
            .unwrap_or_default();
        let features = |name: &str| {
            let places = features.iter().find(|one| one.column == name).map(|one| &one.places);
            places.map_or(String::new(), |places| count(places.len(), "feature"))
        };
        let row = |field: &Field| {
            let steps = about
                .preprocessing
                .columns
                .iter()
                .filter(|steps| steps.column == field.name);
            let steps: Vec<String> = steps.flat_map(|steps| &steps.steps).map(step_name).collect();
            [
                field.name.clone(),
                kind(&field.kind),
                features(&field.name),
                steps.join(", "),
            ]
        };
        table(2, &about.schema.columns.iter().map(row).collect::<Vec<_>>())
    }

    /// As `model.summary()` of Keras: layers with their output shapes and parameters, and how many there are in total.
    fn layer_table(&self) -> String {
        let batch = |shape: &[usize]| {
            let sizes = shape.iter().map(usize::to_string);
            format!(
                "[{}]",
                ["batch".to_owned()]
                    .into_iter()
                    .chain(sizes)
                    .collect::<Vec<_>>()
                    .join(", ")
            )
        };
        let header = ["layer", "type", "output shape", "parameters"].map(str::to_owned);
        let input = [
            "input".to_owned(),
            String::new(),
            batch(&self.table.input.shape),
            "0".to_owned(),
        ];
        let row = |layer: LayerRow| {
            let shape = layer.shape.map(|shape| batch(&shape)).unwrap_or_default();
            [layer.name, layer.layer, shape, layer.parameters.to_string()]
        };
        let layers = self.layers().into_iter().map(row);
        table(2, &[header, input].into_iter().chain(layers).collect::<Vec<_>>())
    }

    /// `5059 parameters, 20236 bytes; 128 further numbers in buffers`.
    fn total(&self) -> String {
        let (parameters, tensors) = (self.parameters(), self.model.params().values());
        let (elements, bytes) = tensors.fold((0, 0), |(elements, bytes), tensor| {
            let own = tensor.elements();
            (elements + own, bytes + own * tensor.dtype().size())
        });
        let buffers = match elements - parameters.min(elements) {
            0 => String::new(),
            others => format!(", and {} in buffers", count(others, "number")),
        };
        format!("total: {}{buffers} ({bytes} bytes)\n", count(parameters, "parameter"))
    }
}

impl Report for Description<'_> {
    fn text(&self) -> String {
        let about = self.table;
        let mut text = folded(&self.heading());
        text += &format!("columns:\n{}", self.columns());
        text += &format!("layers:\n{}{}", self.layer_table(), self.total());
        let zeros = self
            .layers()
            .into_iter()
            .filter_map(|layer| Some((layer.name, layer.zeros?)));
        text += &folded(&sparsity::text(&zeros.collect::<Vec<_>>()));
        if let Some(plan) = &self.plan {
            text += &plan::text(plan);
        }
        if let Some(plot) = self.plot {
            text += &format!("plot: {}\n", shown(plot));
        }
        let settings = about.spec.to_toml().unwrap_or_else(|error| format!("# {error}\n"));
        text + "settings:\n"
            + &settings
                .lines()
                .map(|line| format!("  {line}\n").replace("  \n", "\n"))
                .collect::<String>()
    }

    fn json(&self) -> Result<Value> {
        let (about, model) = (self.table, self.model);
        let metadata = model.metadata();
        let layer = |layer: LayerRow| {
            let tensors: serde_json::Map<_, _> = layer
                .tensors
                .into_iter()
                .map(|(name, shape)| (name, json!(shape)))
                .collect();
            json!({ "name": layer.name, "layer": layer.layer, "tensors": tensors, "output_shape": layer.shape, "parameters": layer.parameters, "zero_weights": layer.zeros.map(|(zeros, _)| zeros) })
        };
        let progress = self.progress.as_ref().map(|progress| {
            json!({ "step": progress.step, "epoch": progress.epoch, "batch": progress.batch, "finished": progress.finished })
        });
        let mut document = json!({
            "file": self.file.display().to_string(),
            "format": model.format(),
            "library": model.library(),
            "trained": self.is_trained,
            "epoch": metadata.epoch,
            "seed": metadata.seed,
            "input": about.input,
            "schema": about.schema,
            "preprocessing": about.preprocessing,
            "metrics": metadata.metrics,
            "parameters": self.parameters(),
            "layers": self.layers().into_iter().map(layer).collect::<Vec<_>>(),
            "spec": about.spec.to_json()?,
            "progress": progress,
            "plan": self.plan.as_ref().map(plan::json),
            "plot": self.plot,
        });
        if let Some(document) = document.as_object_mut() {
            document.retain(|_, value| !value.is_null());
        }
        Ok(document)
    }
}

fn kind(kind: &FieldKind) -> String {
    match kind {
        FieldKind::Numeric => "numeric".to_owned(),
        FieldKind::Categorical { levels } => format!("categorical, {} values", levels.len()),
        FieldKind::Date => "date".to_owned(),
        FieldKind::Image { shape } => format!("pixels {shape:?}"),
    }
}

/// The name of a transform, as the model file has it.
fn step_name(step: &Fitted) -> String {
    let json = serde_json::to_value(step).unwrap_or_default();
    json.as_object()
        .and_then(|table| table.keys().next())
        .cloned()
        .unwrap_or_default()
}

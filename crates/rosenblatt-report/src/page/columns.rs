//! What the columns are, and which ones matter.

use rosenblatt_data::schema::{Inferred, Profile};

use super::markup::{Element, Markup, element, of};
use super::{metrics, row, table as table_of};
use crate::{ColumnImportance, ColumnLine, Importance, Judged, Report, Role};
use rosenblatt_train::text::{count, decimals, fixed, grouped, plain};

/// More columns than these are counted, not shown.
const MAX_IMPORTANT: usize = 20;
const MAX_COLUMNS: usize = 200;

/// How many rows were for what.
pub(super) fn parts(report: &Report) -> Element {
    let part = |(part, rows): &(Judged, usize)| {
        let purpose = match part {
            Judged::Train => "training: the model learned from these",
            Judged::Valid => "validation: these decided when training stopped",
            Judged::Test => "test: these decided nothing",
            Judged::New => "given to judge the model by",
        };
        of("li", format!("{} rows for {purpose}", grouped(*rows as u64)))
    };
    element("ul").each(report.parts.iter().map(part))
}

/// Every column of the table.
pub(super) fn table(report: &Report) -> Markup {
    let rows: usize = report.parts.iter().map(|(_, rows)| rows).sum();
    let lines = report.columns.iter().take(MAX_COLUMNS).map(line);
    let caption = format!("The columns of {}, in their order.", report.source);
    let head = ["column", "what it is", "its cells", "what became of it"];
    let more = report.columns.len().saturating_sub(MAX_COLUMNS);
    let more = (more > 0).then(|| of("p", format!("{} are not shown.", count(more, "further column"))));
    let total = element("p")
        .with(format!("{} rows whose ", grouped(rows as u64)))
        .with(of("code", &report.target))
        .with(format!(" is known, in {}:", count(report.columns.len(), "column")));
    let table = table_of(&caption, &head, lines).class("cards");
    [total.into(), parts(report).into(), table.into(), more.into()]
        .into_iter()
        .collect()
}

fn line(column: &ColumnLine) -> Element {
    let profile = &column.profile;
    let role = match &column.role {
        Role::Target => "predicted".to_owned(),
        Role::Used(1) => "used, as 1 number".to_owned(),
        Role::Used(features) => format!("used, as {features} numbers"),
        Role::Weight => "weight: how much each row counts".to_owned(),
        Role::LeftOut(reason) => format!("left out: {reason}"),
    };
    let kind = element("td")
        .attr("data-label", "what it is")
        .with(kind(profile.kind))
        .with(of("small", super::prose(&profile.reason)));
    let cells = element("td").attr("data-label", "its cells").with(cells(profile));
    row(&profile.name, [])
        .with(kind)
        .with(cells)
        .with(of("td", role).attr("data-label", "what became of it"))
}

fn kind(kind: Inferred) -> &'static str {
    match kind {
        Inferred::Numeric => "numbers",
        Inferred::Categorical => "categories",
        Inferred::Boolean => "yes or no",
        Inferred::Date => "dates",
        Inferred::Identifier => "identifier",
        Inferred::FreeText => "free text",
        Inferred::Constant => "constant",
        _ => "other",
    }
}

/// `1 to 29, 28 different`, or `8 different, most often Private (33,906), …`; and how many are missing.
fn cells(profile: &Profile) -> Markup {
    let distinct = format!("{} different", grouped(profile.distinct as u64));
    let frequent = profile.frequent.iter();
    let frequent = frequent.map(|(text, cells)| format!("{text} ({})", grouped(*cells as u64)));
    let frequent = frequent.collect::<Vec<_>>().join(", ");
    let text = match profile.range {
        Some([low, high]) => format!("{} to {}, {distinct}", plain(low), plain(high)),
        None if profile.frequent.len() < profile.distinct => format!("{distinct}, most often {frequent}"),
        None => frequent,
    };
    let missing = (profile.missing > 0).then(|| of("small", format!("{} missing", grouped(profile.missing as u64))));
    [Markup::from(text), missing.into()].into_iter().collect()
}

/// How much worse predictions get without what each column says.
pub(super) fn importance(importance: &Importance) -> Markup {
    let is_share = importance.metric == "accuracy";
    let unit = if is_share {
        "percentage points of accuracy"
    } else {
        metrics::title(&importance.metric)
    };
    let verb = if is_share { "Lost" } else { "Added" };
    let words = format!(
        "One column at a time was shuffled among {} rows, and all others left as they are, {}. The more predictions suffer, \
         the more the model leans on the column. Columns that say the same can stand in for each other, and then each looks \
         less important than they are together.",
        grouped(importance.rows as u64),
        count(importance.repeats, "time"),
    );
    let most = importance
        .columns
        .first()
        .map_or(0.0, |column| column.mean)
        .max(f64::MIN_POSITIVE);
    // As many digits for all as say something of the largest.
    let digits = decimals(most);
    let show = |value: f64| match is_share {
        true => fixed(100.0 * value, 2),
        false => fixed(value, digits),
    };
    let line = |column: &ColumnImportance| {
        let width = 100.0 * (column.mean / most).clamp(0.0, 1.0);
        let bar = element("span").class("bar").attr("style", format!("width:{width:.1}%"));
        row(&column.column, [])
            .with(of("td", bar).class("track"))
            .with(of("td", format!("{} ± {}", show(column.mean), show(column.spread))).class("number"))
    };
    let shown = importance.columns.iter().take(MAX_IMPORTANT).map(line);
    let caption = format!(
        "{verb} by shuffling: {unit}, mean and standard deviation over {}.",
        count(importance.repeats, "shuffle")
    );
    let value = if is_share { "#points lost" } else { "#error added" };
    let table = table_of(&caption, &["column", "size", value], shown).class("importance");
    let rest = importance.columns.get(MAX_IMPORTANT).map(|next| {
        let more = count(importance.columns.len() - MAX_IMPORTANT, "further column");
        of("p", format!("{more}: at most {} each.", show(next.mean)))
    });
    [of("p", words).into(), table.into(), rest.into()].into_iter().collect()
}

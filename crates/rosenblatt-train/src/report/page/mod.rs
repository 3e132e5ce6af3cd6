//! The page: one file, no script, light and dark, for wide screens, phones and paper.
//!
//! | part | where |
//! |---|---|
//! | text that cannot become markup | `markup.rs` |
//! | how good predictions are | `classes.rs`, `numbers.rs`, `metrics.rs` |
//! | which columns matter, what they are | `columns.rs` |
//! | how the model was made | `making.rs` |
//! | pictures | `pictures/` |
//! | colors and sizes | `style.css` |

mod classes;
mod columns;
mod making;
mod markup;
mod metrics;
mod numbers;
mod pictures;

use markup::{Element, Markup, element, of, prose};

use super::{Command, Details, Judged, Report};
use crate::text::{grouped, percent, rounded};

const STYLE: &str = include_str!("style.css");

/// What the page may load: nothing but what is in it.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";

/// The whole page.
pub(super) fn render(report: &Report) -> String {
    let title = format!("Predicting {} · {}", report.target, report.source);
    let meta = |name, content| element("meta").attr("name", name).attr("content", content);
    let policy = element("meta")
        .attr("http-equiv", "Content-Security-Policy")
        .attr("content", POLICY);
    let head = element("head")
        .with(element("meta").attr("charset", "utf-8"))
        .with(policy)
        .with(meta("viewport", "width=device-width, initial-scale=1"))
        .with(meta("color-scheme", "light dark"))
        .with(element("link").attr("rel", "icon").attr("href", "data:,"))
        .with(of("title", title))
        .with(Markup::style(STYLE));
    let sections = sections(report);
    let main = element("main").each(sections.iter().map(Section::markup));
    let body = element("body")
        .with(header(report, &sections))
        .with(main)
        .with(footer(report));
    let html = element("html").attr("lang", "en").with(head).with(body);
    format!("<!doctype html>\n{}\n", Markup::from(html).into_string())
}

/// A part of the page that the list at its head leads to.
struct Section {
    id: &'static str,
    title: &'static str,
    content: Markup,
}

impl Section {
    fn markup(&self) -> Element {
        let heading = of("h2", self.title).attr("id", self.id);
        element("section")
            .attr("aria-labeledby", self.id)
            .with(heading)
            .with(self.content.clone())
    }
}

fn sections(report: &Report) -> Vec<Section> {
    let section = |id, title, content: Option<Markup>| {
        Some(Section {
            id,
            title,
            content: content?,
        })
    };
    let columns = (!report.columns.is_empty()).then(|| columns::table(report));
    [
        section("quality", "How good it is", Some(quality(report))),
        section(
            "importance",
            "Which columns matter",
            report.importance.as_ref().map(columns::importance),
        ),
        section(
            "data",
            "The data",
            columns.or_else(|| Some(columns::parts(report).into())),
        ),
        section("unusual", "What was unusual", Some(unusual(&report.remarks))),
        section(
            "training",
            "How it was trained",
            report.making.as_ref().map(making::section),
        ),
        section(
            "use",
            "How to use it",
            (!report.commands.is_empty()).then(|| commands(&report.commands)),
        ),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn header(report: &Report, sections: &[Section]) -> Element {
    let link = |section: &Section| of("li", of("a", section.title).attr("href", format!("#{}", section.id)));
    let list = element("ul").each(sections.iter().map(link));
    element("header")
        .with(element("h1").with("Predicting ").with(of("code", &report.target)))
        .with(
            element("p")
                .class("muted")
                .with("from ")
                .with(of("code", &report.source)),
        )
        .with(of("p", prose(&report.sentence)).class("lead"))
        .with(tiles(report))
        .with(of("nav", list).attr("aria-label", "Parts of this page"))
}

/// The figures one looks for first.
fn tiles(report: &Report) -> Element {
    let usual = report.judgment.usual();
    let show = |value: f64| match report.judgment.details {
        Details::Classes(_) => percent(value),
        Details::Numbers(_) => rounded(value),
    };
    let tile = |name: String, value: String| element("div").with(of("dt", name)).with(of("dd", value));
    let columns = report
        .columns_used
        .map(|columns| tile("columns used".into(), grouped(columns as u64)));
    element("dl")
        .class("tiles")
        .with(tile(
            format!("{}, this model", metrics::title(&usual.name)),
            show(usual.value),
        ))
        .with(tile(
            format!("{}, trivial guess", metrics::title(&usual.name)),
            show(usual.guess),
        ))
        .with(tile(
            "rows it was judged by".into(),
            grouped(report.judgment.rows as u64),
        ))
        .with(columns)
}

fn quality(report: &Report) -> Markup {
    let judgment = &report.judgment;
    let details = match &judgment.details {
        Details::Classes(classes) => classes::section(classes, report),
        Details::Numbers(numbers) => numbers::section(numbers, report),
    };
    let weights = judgment.weighted_by.as_ref().map(|column| {
        element("p")
            .with("In the first table each row counts by its ")
            .with(of("code", column))
            .with("; below it every row counts as one.")
    });
    let caution = of("p", caution(judgment.part));
    [caution.into(), weights.into(), metrics::table_of(judgment), details]
        .into_iter()
        .collect()
}

/// What one must know about the rows before one believes the figures.
fn caution(part: Judged) -> &'static str {
    match part {
        Judged::Test => {
            "All figures in this part are of the test rows. The model neither learned from them nor was chosen by them, so \
             new rows of the same kind should come out about as well."
        }
        Judged::Valid => {
            "All figures in this part are of the validation rows. The model did not learn from them, but they decided when \
             training stopped, so new rows may come out slightly worse. Hold out test rows (`data.test_fraction`) \
             to measure that."
        }
        Judged::Train => {
            "No rows were set apart: all figures in this part are of the very rows the model learned from, and say little \
             about new rows. Hold out test rows (`data.test_fraction`) to measure that."
        }
        Judged::New => "All figures in this part are of the rows that were given.",
    }
}

fn unusual(remarks: &[String]) -> Markup {
    if remarks.is_empty() {
        return of("p", "Nothing that one would have to look at.").into();
    }
    element("ul")
        .each(remarks.iter().map(|remark| of("li", prose(remark))))
        .into()
}

fn commands(commands: &[Command]) -> Markup {
    let command = |command: &Command| -> Markup {
        [
            of("p", &command.purpose).into(),
            of("pre", of("code", &command.line)).into(),
        ]
        .into_iter()
        .collect()
    };
    commands.iter().map(command).collect()
}

fn footer(report: &Report) -> Element {
    let made = format!(
        "Made by {}. The same training gives the same page, byte for byte.",
        report.library
    );
    of("footer", made)
}

/// A table with a caption and a head; a `#` before a name stands for a column of numbers.
fn table(caption: &str, head: &[&'static str], rows: impl IntoIterator<Item = Element>) -> Element {
    let cell = |name: &&'static str| match name.strip_prefix('#') {
        Some(name) => of("th", name).attr("scope", "col").class("number"),
        None => of("th", *name).attr("scope", "col"),
    };
    let head = element("tr").each(head.iter().map(cell));
    element("table")
        .with(of("caption", caption))
        .with(of("thead", head))
        .with(element("tbody").each(rows))
}

/// A row of a table: what it is about, and numbers.
fn row(name: impl Into<Markup>, numbers: impl IntoIterator<Item = String>) -> Element {
    let numbers = numbers.into_iter().map(|number| of("td", number).class("number"));
    element("tr").with(of("th", name).attr("scope", "row")).each(numbers)
}

//! What a page shows, and what it must not contain.

use rosenblatt_data::{Dataset, load};
use rosenblatt_report::{NewRows, Report, Role};
use rosenblatt_train::Predictor;
use rosenblatt_train::presets::Overrides;

use crate::alone;
use crate::{class, quantity, report_of, small, table, tame};

/// Two numbers that decide, an identifier, a constant and a column of categories; hostile names.
fn hostile(rows: usize) -> String {
    let mut csv = "id,<script>alert(1)</script>,größe 身長 & \"x\",constant,y\n"
        .replace("größe 身長 & \"x\"", "\"größe 身長 & \"\"x\"\"\"");
    for row in 0..rows {
        let (a, b) = (row % 10, row * 3 % 7);
        let class = ["<img src=x onerror=alert(2)>", "naïve ' \" `", "身長"][usize::from(a > 4) + usize::from(b > 3)];
        let gap = if row % 9 == 0 { String::new() } else { a.to_string() };
        csv += &format!("{row:04},{gap},{b}.25,7,\"{}\"\n", class.replace('"', "\"\""));
    }
    csv
}

#[test]
fn names_from_data_cannot_become_markup() {
    let overrides = Overrides::default().set("epochs", 3);
    let (report, _) = report_of(&hostile(200), &overrides, Some(0.25));
    let html = report.to_html();
    for evil in ["<script", "<img", "<b>", "<i>", "\u{0}"] {
        assert!(!html.contains(evil), "{evil}");
    }
    for shown in [
        "&lt;script&gt;alert(1)&lt;/script&gt;",
        "größe 身長 &amp; &quot;x&quot;",
        "&lt;img src=x onerror=alert(2)&gt;",
        "naïve ' &quot; `",
        "<code>&lt;b&gt;</code>: odd",
        "predict '&lt;i&gt;.safetensors' table.csv",
    ] {
        assert!(html.contains(shown), "{shown}: {html}");
    }
    let roles: Vec<_> = report.columns.iter().map(|column| column.role.clone()).collect();
    assert_eq!(
        roles,
        [
            Role::Dropped("it numbers the rows".to_owned()),
            Role::Features(2),
            Role::Features(1),
            Role::Features(1),
            Role::Target
        ]
    );
}

/// Everything a page could load or run is in an attribute or in a style sheet.
#[test]
fn the_page_needs_nothing_else() {
    for target in [class, quantity] {
        let (report, _) = report_of(&tame(200, target), &small(), None);
        let html = report.to_html();
        for outside in [
            "http:",
            "https:",
            "src=",
            "@import",
            "url(",
            "<script",
            "<iframe",
            "<object",
            "javascript:",
            "onload",
        ] {
            assert!(!html.contains(outside), "{outside}");
        }
        for link in html.split("href=\"").skip(1) {
            let link = link.split('"').next().unwrap();
            let id = link.strip_prefix('#').map(|id| format!(" id=\"{id}\""));
            assert!(link == "data:," || id.is_some_and(|id| html.contains(&id)), "{link}");
        }
        assert!(html.starts_with("<!doctype html>") && html.ends_with("</html>\n"));
        assert_eq!(html.matches("<table").count(), html.matches("<caption>").count());
        assert_eq!(
            html.matches("<svg").count(),
            html.matches("role=\"img\" aria-label=\"").count()
        );
        assert!(
            !html.contains("NaN") && !html.contains("inf\""),
            "numbers that are none"
        );
        let tags = |name: &str| {
            let opened = html.matches(&format!("<{name}>")).count() + html.matches(&format!("<{name} ")).count();
            (opened, html.matches(&format!("</{name}>")).count())
        };
        for name in ["table", "section", "figure", "svg", "td", "li", "code", "div"] {
            let (opened, closed) = tags(name);
            assert_eq!(opened, closed, "{name}");
        }
    }
}

#[test]
fn new_rows_of_a_model_have_a_page_too() {
    let (_, trained) = report_of(&tame(300, class), &small(), None);
    let mut predictor = Predictor::new(&trained.model, &alone()).unwrap();
    let (_folder, options) = table(&tame(50, class));
    let rows = load(&options, 0).unwrap().train;
    let new = NewRows {
        source: "new.csv",
        rows: &rows,
        warnings: Vec::new(),
        commands: Vec::new(),
    };
    let report = Report::of_rows(&mut predictor, new.clone()).unwrap();
    assert!(report.summary.contains("On 50 rows of `new.csv`"), "{}", report.summary);
    assert!(report.training.is_none() && !report.to_html().contains("best epoch"));
    let blind = Dataset::new(rows.features().clone(), None, rows.task().clone()).unwrap();
    assert!(Report::of_rows(&mut predictor, NewRows { rows: &blind, ..new }).is_err());
}

#[test]
fn the_same_run_gives_the_same_page() {
    let page = || report_of(&tame(200, class), &small(), None).0;
    let (first, second) = (page(), page());
    // The run file and `data.source` name the folder of the table, which is new each time.
    let html = |report: &Report| {
        let mut report = report.clone();
        let training = report.training.as_mut().unwrap();
        training.run_file.clear();
        training.settings.retain(|setting| setting.name != "data.source");
        report.to_html()
    };
    assert_eq!(html(&first), html(&second));
    let json = serde_json::to_string(&first).unwrap();
    assert!(!json.contains("seconds"), "nothing depends on the time");
}

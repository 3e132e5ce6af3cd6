//! The page about a run is the same each time, needs nothing else, and can be read anywhere.

use std::fs;
use std::path::{Path, PathBuf};

use rosenblatt_testkit::{Browser, Scheme};

use super::{Context, Proof};
use crate::program::{Program, remove};
use crate::shell::{self, Outcome};
use crate::tables::{self, Table};

/// See the module.
pub static PROOF: Proof = Proof {
    name: "report",
    claim: "`train --report` gives the same page each time, which loads nothing and can be read on any screen.",
    run,
};

/// Widths of a phone and of a desk, in pixels.
const WIDTHS: [u32; 2] = [360, 1100];

/// Tables that are fetched, if they have been.
const TABLES: [&str; 2] = ["adult", "abalone"];

/// A run with a report.
struct Case {
    name: &'static str,
    /// What follows `train`.
    arguments: Vec<String>,
    /// How many pictures its page has.
    pictures: usize,
}

fn run(context: &mut Context) -> Outcome {
    let pictures: Option<PathBuf> = context.args.value("--screenshots")?;
    let only: Option<String> = context.args.value("--table")?;
    context.args.finish()?;
    let program = context.program()?;
    let browser = Browser::find();
    let mut cases = cases(context)?;
    cases.retain(|case| only.as_deref().is_none_or(|only| only == case.name));
    if browser.is_none() {
        context.report.note(
            "in a browser: skipped",
            "there is no Chromium; install it, or name it in CHROMIUM",
        );
    }
    for case in cases {
        let page = page(context, &program, &case)?;
        if let Some(browser) = &browser {
            read(context, browser, &case, &page)?;
            if let Some(folder) = &pictures {
                draw(context, browser, case.name, &page, folder)?;
            }
        }
    }
    Ok(())
}

fn cases(context: &Context) -> Outcome<Vec<Case>> {
    let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    let mut cases = vec![
        Case {
            name: "penguins",
            arguments: words("penguins"),
            pictures: 3,
        },
        Case {
            name: "diabetes",
            arguments: words("diabetes"),
            pictures: 4,
        },
        Case {
            name: "digits",
            arguments: words("digits --epochs 5"),
            pictures: 3,
        },
    ];
    let hostile = context.scratch.join("hostile.csv");
    fs::write(&hostile, hostile_table())?;
    let target = "<script>alert(1)</script>".to_owned();
    let file = hostile.display().to_string();
    cases.push(Case {
        name: "hostile",
        arguments: vec![file, "--target".into(), target],
        pictures: 3,
    });
    for name in TABLES {
        let folder = tables::folder()?;
        if !folder.join(format!("{name}.csv")).exists() {
            context
                .report
                .note(format!("{name}: skipped"), "`cargo xtask tables` has not fetched it");
            continue;
        }
        let target = Table::open(&folder, name)?.target;
        let file = folder.join(format!("{name}.csv")).display().to_string();
        let arguments = vec![file, "--target".into(), target, "--test-fraction".into(), "0.2".into()];
        cases.push(Case {
            name,
            arguments,
            pictures: if name == "adult" { 3 } else { 4 },
        });
    }
    Ok(cases)
}

/// A table whose names try to become markup, are long, or are written from right to left.
fn hostile_table() -> String {
    let long = "a_column_with_a_name_that_is_far_too_long_for_the_screen_of_any_phone".repeat(3);
    let mut csv =
        format!("\"<img src=x onerror=alert(3)>\",größe 身長,{long},\"</style><b>\",<script>alert(1)</script>\n");
    let classes = ["<script>alert(2)</script>", "نعم", "naïve & \"\"quoted\"\" `class`"];
    for row in 0..240 {
        let (a, b) = (row % 8, row * 3 % 7);
        let class = classes[usize::from(a > 3) + usize::from(b > 3)];
        csv += &format!("{a},{b}.5,{},{},\"{class}\"\n", row % 5, ["<i>x</i>", "y"][row % 2]);
    }
    csv
}

/// Trains twice, in different ways, and returns the page.
fn page(context: &mut Context, program: &Program, case: &Case) -> Outcome<PathBuf> {
    let model = context.scratch.join(format!("{}.safetensors", case.name));
    let train = |page: &Path, more: &str| -> Outcome<String> {
        remove(&model)?;
        let mut command = program.command("train");
        command
            .args(&case.arguments)
            .args(more.split_whitespace())
            .arg("--quiet")
            .arg("-o")
            .arg(&model);
        shell::capture(command.arg("--report").arg(page))?;
        shell::read(page)
    };
    let [first, second] = ["first", "second"].map(|name| context.scratch.join(format!("{}-{name}.html", case.name)));
    let html = train(&first, "")?;
    let again = train(&second, "--threads 1 --isa portable")?;
    let same = html == again;
    let size = format!("{} bytes", html.len());
    context.report.line(
        format!("{}: same page from another thread count", case.name),
        size,
        "same bytes",
        same,
    );
    let clean = !["http:", "https:", "<script", "@import", "url("]
        .iter()
        .any(|word| html.contains(word));
    context.report.line(
        format!("{}: addresses and scripts in it", case.name),
        if clean { "none" } else { "some" },
        "none",
        clean,
    );
    Ok(first)
}

/// Opens the page on narrow and wide screens, light and dark.
fn read(context: &mut Context, browser: &Browser, case: &Case, page: &Path) -> Outcome {
    for scheme in [Scheme::Light, Scheme::Dark] {
        for width in WIDTHS {
            let look = browser.look(page, width, scheme, context.scratch.folder())?;
            for finding in look.findings(case.pictures) {
                let name = format!("{}, {width} px, {scheme:?}: {}", case.name, finding.what).to_lowercase();
                context.report.line(name, finding.got, finding.wanted, finding.holds);
            }
        }
    }
    Ok(())
}

/// Pictures for the eye.
fn draw(context: &Context, browser: &Browser, name: &str, page: &Path, folder: &Path) -> Outcome {
    fs::create_dir_all(folder)?;
    for (kind, width, scheme) in [
        ("light", 1100, Scheme::Light),
        ("dark", 1100, Scheme::Dark),
        ("phone", 360, Scheme::Light),
    ] {
        let file = folder.join(format!("{name}-{kind}.png"));
        browser.picture(page, width, scheme, &file, context.scratch.folder())?;
        context.report.note(format!("{name}: {kind}"), file.display());
    }
    Ok(())
}

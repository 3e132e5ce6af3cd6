//! A page in headless Chromium: what its console says, how it is laid out, how it looks.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// Holds the page in a frame of a given width, and measures it.
const HARNESS: &str = include_str!("browser.html");

/// A page with a picture that has a letter.
const TRY_OUT: &str = "<!doctype html><title>try-out</title><h1>x</h1>\
    <svg width=\"300\" height=\"300\"><text x=\"9\" y=\"90\" font-size=\"40\">x</text></svg>";

/// WCAG 2.2, AA, for text of usual size.
const MIN_CONTRAST: f64 = 4.5;

/// What could be seen, or why nothing could.
type Outcome<T = ()> = Result<T, Box<dyn Error>>;

/// Names under which Chromium is installed.
const NAMES: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

/// Chromium.
pub struct Browser {
    path: PathBuf,
}

/// What the user of the page prefers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// Dark letters on light ground.
    Light,
    /// Light letters on dark ground.
    Dark,
}

/// What was seen of a page.
pub struct Look {
    /// Lines of the console.
    console: Vec<String>,
    /// Figures of the layout: see the harness.
    seen: Value,
    scheme: Scheme,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// What it is about.
    pub what: &'static str,
    /// What was there.
    pub got: String,
    /// What should be.
    pub wanted: String,
    /// Whether it is.
    pub holds: bool,
}

impl Look {
    /// Whether the page needs nothing else, fits the screen, can be read, and has so many pictures.
    pub fn findings(&self, pictures: usize) -> Vec<Finding> {
        let number = |key: &str| self.seen[key].as_f64().unwrap_or(f64::NAN);
        let finding = |what, got: &dyn ToString, wanted: String, holds| Finding {
            what,
            got: got.to_string(),
            wanted,
            holds,
        };
        let least = |what, key, least: f64| finding(what, &number(key), format!(">= {least}"), number(key) >= least);
        let [wide, cut] = ["wide", "cut"].map(|key| self.seen[key].to_string());
        let console = self.console.join("; ");
        let (loaded, width) = (number("requests") + number("scripts"), number("width"));
        let contrast = format!("{:.2} {}", number("contrast"), self.seen["faintest"]);
        let as_asked = self.seen["dark"] == (self.scheme == Scheme::Dark) && number("headings") == 1.0;
        vec![
            finding("console", &console, "nothing".to_owned(), console.is_empty()),
            finding("requests and scripts", &loaded, "= 0".to_owned(), loaded == 0.0),
            finding(
                "width of the content",
                &number("content"),
                format!("<= {width}"),
                number("content") <= width,
            ),
            finding("too wide", &wide, "= []".to_owned(), wide == "[]"),
            finding("cut labels of pictures", &cut, "= []".to_owned(), cut == "[]"),
            finding(
                "pictures",
                &number("pictures"),
                format!("= {pictures}"),
                number("pictures") == pictures as f64,
            ),
            least("smallest picture", "smallest", 150.0),
            least("letters in pictures", "letters", 9.0),
            finding(
                "contrast",
                &contrast,
                format!(">= {MIN_CONTRAST}"),
                number("contrast") >= MIN_CONTRAST,
            ),
            finding("colors", &format!("{:?}", self.scheme), "as asked".to_owned(), as_asked),
        ]
    }
}

impl Browser {
    /// The one that `CHROMIUM` names, or else the first on the path.
    #[must_use]
    pub fn find() -> Option<Self> {
        let named = std::env::var_os("CHROMIUM").map(PathBuf::from);
        let folders: Vec<PathBuf> = std::env::var_os("PATH")
            .iter()
            .flat_map(std::env::split_paths)
            .collect();
        let installed = NAMES
            .iter()
            .flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
        let path = named.into_iter().chain(installed).find(|path| path.is_file())?;
        Some(Self { path })
    }

    /// Whether it opens a page and writes letters: in some containers it cannot, or there is no font.
    ///
    /// # Errors
    /// Why it does not.
    pub fn try_out(&self, scratch: &Path) -> Outcome {
        let page = scratch.join("try-out.html");
        fs::write(&page, TRY_OUT)?;
        let look = self.look(&page, 500, Scheme::Light, scratch)?;
        match look.seen["letters"].as_f64() {
            Some(size) if size > 0.0 => Ok(()),
            _ => Err("it writes no letters; is a font installed?".into()),
        }
    }

    /// Opens a page by itself, and in a frame of `width` pixels, and returns what was there; `scratch` is a folder for files
    /// of the browser.
    ///
    /// # Errors
    /// If Chromium cannot be run, or the page is not there.
    pub fn look(&self, page: &Path, width: u32, scheme: Scheme, scratch: &Path) -> Outcome<Look> {
        let (_, mut console) = self.open(page, scheme, scratch, &["--dump-dom"])?;
        let (dom, more) = self.open(&harness(page, width, scratch)?, scheme, scratch, &["--dump-dom"])?;
        console.extend(more);
        let seen = dom
            .split("<pre id=\"seen\">")
            .nth(1)
            .and_then(|rest| rest.split("</pre>").next());
        let seen = seen.filter(|seen| !seen.is_empty()).ok_or("the page did not load")?;
        let seen = seen.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
        Ok(Look {
            console,
            seen: serde_json::from_str(&seen)?,
            scheme,
        })
    }

    /// A picture of a page, `width` pixels wide and as long as it is.
    ///
    /// # Errors
    /// If Chromium cannot be run, or draws nothing.
    pub fn picture(&self, page: &Path, width: u32, scheme: Scheme, to: &Path, scratch: &Path) -> Outcome {
        let height = &self.look(page, width, scheme, scratch)?.seen["height"];
        let file = format!("--screenshot={}", std::path::absolute(to)?.display());
        let size = format!("--window-size={},{height}", width.max(500));
        self.open(
            &harness(page, width, scratch)?,
            scheme,
            scratch,
            &[&file, &size, "--hide-scrollbars"],
        )?;
        if to.is_file() {
            Ok(())
        } else {
            Err(format!("{} was not drawn", to.display()).into())
        }
    }

    /// Runs Chromium on a page: its output, and the lines of the console.
    fn open(&self, page: &Path, scheme: Scheme, scratch: &Path, flags: &[&str]) -> Outcome<(String, Vec<String>)> {
        // One that hangs must not hang us.
        let mut command = Command::new("timeout");
        command.arg("60").arg(&self.path).args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--host-resolver-rules=MAP * ~NOTFOUND",
            "--virtual-time-budget=5000",
            "--enable-logging=stderr",
        ]);
        let dark = u8::from(scheme == Scheme::Light);
        command.arg(format!("--blink-settings=preferredColorScheme={dark}"));
        command.arg(format!("--user-data-dir={}", scratch.join("chromium").display()));
        let output = command
            .args(flags)
            .arg(format!("file://{}", std::path::absolute(page)?.display()))
            .output()?;
        if !output.status.success() {
            let stderr = String::from_utf8_lossy(&output.stderr);
            return Err(format!("{}: {}\n{stderr}", self.path.display(), output.status).into());
        }
        let stderr = String::from_utf8_lossy(&output.stderr);
        let console = stderr
            .lines()
            .filter(|line| line.contains("CONSOLE"))
            .map(str::to_owned);
        Ok((String::from_utf8_lossy(&output.stdout).into_owned(), console.collect()))
    }
}

/// The harness with the page in it.
fn harness(page: &Path, width: u32, scratch: &Path) -> Outcome<PathBuf> {
    let html = fs::read_to_string(page).map_err(|error| format!("{}: {error}", page.display()))?;
    // `<` could end the script.
    let text = serde_json::to_string(&html)?.replace('<', "\\u003c");
    let path = scratch.join("harness.html");
    fs::write(
        &path,
        HARNESS.replace("WIDTH", &width.to_string()).replacen("PAGE", &text, 1),
    )?;
    Ok(path)
}

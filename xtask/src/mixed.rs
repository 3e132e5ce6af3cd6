//! A table with all that a table can have: gaps, dates, few and many categories, weights of rows.

use std::path::Path;

use crate::random::Random;
use crate::shell::Outcome;

/// Rows of the table.
pub const ROWS: usize = 1200;
/// What trains on it, after the file: everything that a table brings is used, and a normalizing layer and dropout too.
pub const TRAINING: &str = "--target label --sample-weight weight --preset plain --hidden 32,16 --norm batch --activation gelu --dropout 0.1 \
                            --optimizer adam --lr 0.003 --batch-size 32 --valid-fraction 0.2";

const HEADER: &str = "a,b,c,d,day,color,shop,weight,label";
const COLOURS: [&str; 4] = ["red", "green", "blue", ""];
/// So many that the column gets an embedding.
const SHOPS: usize = 240;
const LABELS: [&str; 3] = ["low", "middle", "high"];

/// The rows, the same at every call; the label follows from the others.
pub fn rows() -> Vec<String> {
    let mut random = Random::new(7);
    (0..ROWS).map(|index| row(index, &mut random)).collect()
}

/// The rows as the text of a file.
pub fn csv(rows: &[String]) -> String {
    format!("{HEADER}\n{}\n", rows.join("\n"))
}

/// Writes all rows into a file, and returns what `train` is to be given.
///
/// # Errors
/// If the file cannot be written.
pub fn training(file: &Path) -> Outcome<String> {
    std::fs::write(file, csv(&rows()))?;
    Ok(format!("{} {TRAINING}", file.display()))
}

fn row(index: usize, random: &mut Random) -> String {
    let x: [f64; 4] = std::array::from_fn(|_| random.unit() * 2.0 - 1.0);
    let mut below = |n: usize| (random.unit() * n as f64) as usize;
    let (color, shop, month) = (below(COLOURS.len()), below(SHOPS), below(12));
    let score = x[0] + x[1] * x[2] + 0.3 * color as f64 + 0.2 * (shop % 5) as f64 - 0.02 * month as f64 - 0.75;
    let label = LABELS[usize::from(score > -0.3) + usize::from(score > 0.3)];
    let [a, b, c, d] = x.map(|value| format!("{value:.6}"));
    let gap = |every: usize, text: String, absent: &str| match index % every {
        0 => absent.to_owned(),
        _ => text,
    };
    let day = gap(25, format!("2024-{:02}-{:02}", month + 1, 1 + below(28)), "");
    let (b, d) = (gap(40, b, ""), gap(17, d, "NA"));
    // A weight of 0 leaves a row out.
    let weight = [1.0, 0.25, 3.5, 0.0, 1.0, 2.0][below(6)];
    format!("{a},{b},{c},{d},{day},{},shop{shop},{weight},{label}", COLOURS[color])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_has_every_label_color_and_shop_and_some_gaps() {
        let rows = rows();
        let columns = HEADER.split(',').count();
        let cells: Vec<Vec<&str>> = rows.iter().map(|row| row.split(',').collect()).collect();
        assert!(cells.iter().all(|row| row.len() == columns));
        let often = |column: usize, text: &str| cells.iter().filter(|row| row[column] == text).count();
        assert!(LABELS.iter().all(|label| often(8, label) > 100));
        assert!(COLOURS.iter().all(|color| often(5, color) > 100));
        assert!((0..SHOPS).filter(|shop| often(6, &format!("shop{shop}")) > 1).count() > 200);
        assert!(often(1, "") > 20 && often(3, "NA") > 20 && often(4, "") > 20 && often(7, "0") > 20);
    }
}

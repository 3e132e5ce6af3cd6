//! Grids of small images: every pixel is read back from the file.

use rosenblatt_report::charts::{Tile, TileGrid, tile_grids};

fn grid(height: usize, width: usize, is_signed: bool, images: &[&[f64]]) -> TileGrid {
    let tile = |(i, values): (usize, &&[f64])| Tile {
        label: i.to_string(),
        values: values.to_vec(),
    };
    TileGrid {
        title: "layers.0: <conv2d>".to_owned(),
        note: "a & b".to_owned(),
        height,
        width,
        group: 1,
        is_signed,
        tiles: images.iter().enumerate().map(tile).collect(),
    }
}

fn between<'t>(text: &'t str, before: &str, after: &str) -> &'t str {
    text.split_once(before).unwrap().1.split_once(after).unwrap().0
}

/// Of each image its colors, row by row; every line has to be inside of it.
pub(crate) fn pixels(svg: &str) -> Vec<Vec<String>> {
    let image = |part: &str| {
        let part = part.split_once("</g>").unwrap().0;
        let size = ["width", "height"].map(|name| between(part, &format!(" {name}=\""), "\"").parse().unwrap());
        let [width, height]: [usize; 2] = size;
        let mut colors = vec![between(part, "fill=\"", "\"").to_owned(); width * height];
        for path in part.split("<path ").skip(1) {
            for run in between(path, "d=\"M", "\"").split('M') {
                let (x, rest) = run.split_once(' ').unwrap();
                let (y, length) = rest.split_once(".5h").unwrap();
                let [x, y, length]: [usize; 3] = [x, y, length].map(|number| number.parse().unwrap());
                assert!(x + length <= width && y < height, "{run}");
                colors[y * width + x..][..length].fill(between(path, "stroke=\"", "\"").to_owned());
            }
        }
        colors
    };
    svg.split("<g class=\"tile\"").skip(1).map(image).collect()
}

/// Places of images: left, top, right, bottom.
fn places(svg: &str) -> Vec<[f64; 4]> {
    let place = |part: &str| {
        let [at, scale] = ["translate(", "scale("].map(|before| {
            let (x, y) = between(part, before, ")").split_once(' ').unwrap();
            [x.parse::<f64>().unwrap(), y.parse::<f64>().unwrap()]
        });
        let size = ["width", "height"].map(|name| between(part, &format!(" {name}=\""), "\"").parse::<f64>().unwrap());
        [at[0], at[1], at[0] + scale[0] * size[0], at[1] + scale[1] * size[1]]
    };
    svg.split("<g class=\"tile\"").skip(1).map(place).collect()
}

/// Every element is closed, in order.
pub(crate) fn is_well_formed(svg: &str) -> bool {
    let mut open = Vec::new();
    for part in svg.split('<').skip(1) {
        let (tag, text) = part.split_once('>').unwrap();
        let name = tag.split([' ', '/']).find(|name| !name.is_empty()).unwrap_or_default();
        match tag.starts_with('/') {
            true if open.pop() != Some(name) => return false,
            false if !tag.ends_with('/') => open.push(name),
            _ => {}
        }
        let entities = text.split('&').skip(1);
        if tag.matches('"').count() % 2 == 1 || entities.into_iter().any(|entity| !entity.contains(';')) {
            return false;
        }
    }
    open.is_empty()
}

#[test]
fn grays_are_by_hand() {
    // 64 steps: a quarter is the 48th with signs, and the 16th without.
    let svg = tile_grids("a <b>", &[grid(1, 4, true, &[&[-2.0, 0.0, 1.0, 2.0]])]);
    assert_eq!(pixels(&svg), [["#000000", "#808080", "#bfbfbf", "#ffffff"]]);
    assert!(
        svg.contains(">−2.00<") && svg.contains(">0<") && svg.contains(">2.00<"),
        "{svg}"
    );
    let svg = tile_grids("a <b>", &[grid(2, 2, false, &[&[0.0, 0.25, 1.0, 0.0], &[0.5; 4]])]);
    assert_eq!(
        pixels(&svg),
        [["#000000", "#404040", "#ffffff", "#000000"], ["#808080"; 4]]
    );
    // A negative value makes a scale with signs, which all images of the grid share.
    let svg = tile_grids("a <b>", &[grid(1, 2, false, &[&[0.0, -1.0], &[0.5, 0.5]])]);
    assert_eq!(pixels(&svg), [["#808080", "#000000"], ["#bfbfbf"; 2]]);
    assert!(svg.contains("a &lt;b&gt;") && svg.contains("a &amp; b") && svg.contains("prefers-color-scheme: dark"));
}

#[test]
fn constant_and_extreme_values_have_grays_too() {
    for (values, signed, plain) in [
        ([0.0; 4], ["#808080"; 4], ["#000000"; 4]),
        ([-0.0; 4], ["#808080"; 4], ["#000000"; 4]),
        ([3.0; 4], ["#ffffff"; 4], ["#ffffff"; 4]),
        ([-3.0; 4], ["#000000"; 4], ["#000000"; 4]),
        (
            [f64::MAX, -f64::MAX, 0.0, 5e-324],
            ["#ffffff", "#000000", "#808080", "#808080"],
            ["#ffffff", "#000000", "#808080", "#808080"],
        ),
        ([5e-324; 4], ["#ffffff"; 4], ["#ffffff"; 4]),
        (
            [f64::NAN, f64::INFINITY, 1.0, -1.0],
            ["#d1242f", "#d1242f", "#ffffff", "#000000"],
            ["#d1242f", "#d1242f", "#ffffff", "#000000"],
        ),
        ([f64::NAN; 4], ["#d1242f"; 4], ["#d1242f"; 4]),
    ] {
        for (is_signed, expected) in [(true, signed), (false, plain)] {
            let svg = tile_grids("x", &[grid(2, 2, is_signed, &[&values])]);
            assert_eq!(pixels(&svg), [expected], "{values:?}");
            assert!(
                is_well_formed(&svg) && !svg.contains("NaN") && !svg.contains("inf"),
                "{svg}"
            );
            let refused = values.iter().filter(|value| !value.is_finite()).count();
            assert_eq!(
                svg.contains(&format!("red: not finite ({refused})")),
                refused > 0,
                "{svg}"
            );
        }
    }
}

/// Images are inside of the picture and apart from each other, whatever their size and number; groups stay together.
#[test]
fn images_do_not_lie_on_each_other() {
    for (height, width, count, group) in [
        (1, 1, 5, 1),
        (1, 5, 40, 1),
        (1, 2000, 2, 1),
        (28, 28, 64, 1),
        (3, 3, 30, 3),
        (5, 5, 96, 6),
        (7, 3, 60, 20),
        (200, 2, 3, 1),
        (2, 2, 0, 1),
    ] {
        let values: Vec<f64> = (0..height * width).map(|i| i as f64).collect();
        let one = TileGrid {
            group,
            ..grid(height, width, true, &vec![&values[..]; count])
        };
        let svg = tile_grids("x", &[one.clone(), one]);
        assert!(is_well_formed(&svg), "{svg}");
        let size: Vec<f64> = between(&svg, "viewBox=\"0 0 ", "\"")
            .split(' ')
            .map(|n| n.parse().unwrap())
            .collect();
        let places = places(&svg);
        assert_eq!(places.len(), 2 * count);
        for (i, a) in places.iter().enumerate() {
            assert!(
                a[0] >= 16.0 && a[1] >= 44.0 && a[2] <= size[0] - 16.0 && a[3] <= size[1],
                "{a:?} {size:?}"
            );
            let apart = |b: &[f64; 4]| a[2] < b[0] || b[2] < a[0] || a[3] + 11.0 < b[1] || b[3] + 11.0 < a[1];
            assert!(places[..i].iter().all(apart), "{i} {a:?}");
        }
        // Six columns and three columns fit twice and more; twenty begin a row of their own.
        for whole in places.chunks(group).filter(|_| group < 20) {
            assert!(whole.iter().all(|place| place[1] == whole[0][1]), "{whole:?}");
        }
    }
    assert!(is_well_formed(&tile_grids("", &[])));
}

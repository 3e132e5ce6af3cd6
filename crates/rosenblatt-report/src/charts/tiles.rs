//! Grids of small grayscale images: filters, weights, feature maps.

use maud::{Markup, html};
use rosenblatt_train::text::{plain, rounded};

use super::pixels::{Levels, Shades};
use super::{file, short, text};
use crate::minus;

/// A small image.
#[derive(Clone, Debug, PartialEq)]
pub struct Tile {
    /// What is under it.
    pub label: String,
    /// Its values, row by row, as many as the grid's height times its width.
    pub values: Vec<f64>,
}

/// Images of one size and one scale of grays, under a title.
#[derive(Clone, Debug, PartialEq)]
pub struct TileGrid {
    /// The first line: a layer.
    pub title: String,
    /// The second line: what the images are.
    pub note: String,
    /// Rows of an image.
    pub height: usize,
    /// Columns of an image.
    pub width: usize,
    /// Images that stay together follow each other, so many of them; 1 if each is for itself.
    pub group: usize,
    /// Whether 0 is the middle gray, even if no value is negative. Otherwise 0 is black if no value is negative.
    pub is_signed: bool,
    /// The images.
    pub tiles: Vec<Tile>,
}

/// Least width of a picture.
const WIDTH: f64 = 800.0;
const PADDING: f64 = 16.0;
/// The first grid, and room between two grids.
const TOP: f64 = 44.0;
const BETWEEN: f64 = 22.0;
/// Title and note of a grid.
const HEADER: f64 = 44.0;
/// Room between images, and what groups have besides.
const GAP: f64 = 8.0;
const GROUP_GAP: f64 = 12.0;
/// A label under an image, and about the width of a letter of it.
const LABEL: f64 = 14.0;
const LETTER: f64 = 6.0;
/// The bar of grays.
const BAR: [f64; 2] = [150.0, 10.0];

/// Grids of images as an SVG file, for light and dark pages. All images of a grid have one scale of grays, which is beside its title.
///
/// Values are shown by 65 grays. Black is the smallest value, or 0; if there are negative values, 0 is the middle gray and black
/// and white are equally far from it. What is not finite is red.
///
/// # Example
/// ```
/// use rosenblatt_report::charts::{Tile, TileGrid, tile_grids};
/// let edge = Tile { label: "0".to_owned(), values: vec![-1.0, 1.0, -1.0, 1.0] };
/// let grid = TileGrid {
///     title: "layers.0: conv2d".to_owned(),
///     note: "1 filter".to_owned(),
///     height: 2,
///     width: 2,
///     group: 1,
///     is_signed: true,
///     tiles: vec![edge],
/// };
/// assert!(tile_grids("filters", &[grid]).starts_with("<svg "));
/// ```
#[must_use]
pub fn tile_grids(title: &str, grids: &[TileGrid]) -> String {
    let widest = grids.iter().map(|grid| grid.cell()[0] + 2.0 * PADDING);
    let room = 9.0 * title.chars().count() as f64 + 2.0 * PADDING;
    let width = widest.fold(WIDTH.max(room), f64::max);
    let mut top = TOP;
    let placed: Vec<Placed<'_>> = grids
        .iter()
        .map(|grid| {
            let placed = Placed::new(grid, width, top);
            top = placed.bottom + BETWEEN;
            placed
        })
        .collect();
    let content = html! {
        defs { linearGradient id="grays" { stop offset="0" stop-color="#000000" {} stop offset="1" stop-color="#ffffff" {} } }
        (text("title", PADDING, 26.0, title))
        @for grid in &placed { (grid.drawn(width)) }
    };
    file([width, top], title, &content)
}

impl TileGrid {
    /// Width and height of a pixel: images are about as large as a thumbnail, and rows of numbers are strips.
    fn pixel(&self) -> [f64; 2] {
        let across = |size: f64, longest: usize| (size / longest.max(1) as f64).round().clamp(1.0, 12.0);
        match self.height {
            1 if self.width > 1 => [across(if self.width > 8 { 224.0 } else { 56.0 }, self.width), 14.0],
            _ => [across(56.0, self.height.max(self.width)); 2],
        }
    }

    /// Width and height of an image.
    fn size(&self) -> [f64; 2] {
        let [x, y] = self.pixel();
        [x * self.width as f64, y * self.height as f64]
    }

    /// Width and height of an image with its label.
    fn cell(&self) -> [f64; 2] {
        let letters = self.tiles.iter().map(|tile| tile.label.chars().count()).max();
        let [width, height] = self.size();
        [width.max(LETTER * letters.unwrap_or(0) as f64).ceil(), height + LABEL]
    }

    /// Upper left corners of the images, below and to the right of 0, if rows may be so wide.
    fn corners(&self, width: f64) -> Vec<[f64; 2]> {
        let ([cell, height], group) = (self.cell(), self.group.max(1));
        let apart = if group > 1 { GROUP_GAP } else { 0.0 };
        let (mut at, mut corners) = ([0.0, 0.0], Vec::new());
        let of_group = group as f64 * (cell + GAP) - GAP;
        for i in 0..self.tiles.len() {
            let begins = i % group == 0;
            if begins && i > 0 {
                at[0] += apart;
            }
            // A group that is wider than a row begins one.
            if at[0] > 0.0 && (at[0] + if begins { of_group } else { cell }) > width {
                at = [0.0, at[1] + height + GAP];
            }
            corners.push(at);
            at[0] += cell + GAP;
        }
        corners
    }
}

/// A grid at its place.
struct Placed<'g> {
    grid: &'g TileGrid,
    shades: Shades,
    corners: Vec<[f64; 2]>,
    top: f64,
    bottom: f64,
}

impl<'g> Placed<'g> {
    fn new(grid: &'g TileGrid, width: f64, top: f64) -> Self {
        let corners = grid.corners(width - 2.0 * PADDING);
        let rows = corners.last().map_or(0.0, |[_, y]| y + grid.cell()[1]);
        let values = grid.tiles.iter().flat_map(|tile| &tile.values).copied();
        Self {
            grid,
            shades: Shades::of(values, grid.is_signed),
            corners,
            top,
            bottom: top + HEADER + rows,
        }
    }

    fn drawn(&self, width: f64) -> Markup {
        let grid = self.grid;
        html! {
            (text("strong", PADDING, self.top + 14.0, &grid.title))
            (text("muted", PADDING, self.top + 31.0, &grid.note))
            (self.legend(width - PADDING - BAR[0]))
            @for (tile, corner) in grid.tiles.iter().zip(&self.corners) { (self.tile(tile, *corner)) }
        }
    }

    /// The bar of grays, and above it the values of black and white, and where 0 is if it is none of them.
    fn legend(&self, left: f64) -> Markup {
        let (y, [low, high]) = (self.top + 4.0, self.shades.ends());
        let mark = |value: f64| minus(&rounded(value));
        html! {
            (frame([left, self.top + 8.0], BAR))
            rect fill="url(#grays)" x=(short(left)) y=(short(self.top + 8.0)) width=(BAR[0]) height=(BAR[1]) {}
            (text("small", left, y, &mark(low)))
            @if low < 0.0 { (text("small middle", left + BAR[0] / 2.0, y, "0")) }
            (text("small end", left + BAR[0], y, &mark(high)))
            @if self.shades.not_finite > 0 {
                (text("small end", left - GAP, self.top + 14.0, &format!("red: not finite ({})", self.shades.not_finite)))
            }
        }
    }

    fn tile(&self, tile: &Tile, corner: [f64; 2]) -> Markup {
        let ([cell, _], [width, height], [x, y]) = (self.grid.cell(), self.grid.size(), self.grid.pixel());
        let left = PADDING + corner[0] + ((cell - width) / 2.0).floor();
        let top = self.top + HEADER + corner[1];
        let levels = Levels::of(&tile.values, self.grid.width, &self.shades);
        html! {
            (frame([left, top], [width, height]))
            g class="tile" transform={ "translate(" (short(left)) " " (short(top)) ") scale(" (short(x)) " " (short(y)) ")" } {
                title { (description(tile)) }
                rect width=(self.grid.width) height=(self.grid.height) fill=(levels.background()) {}
                @for (color, runs) in levels.runs() { path stroke=(color) d=(runs) {} }
            }
            @if !tile.label.is_empty() { (text("small middle", left + width / 2.0, top + height + 11.0, &tile.label)) }
        }
    }
}

/// A line around something.
fn frame([left, top]: [f64; 2], [width, height]: [f64; 2]) -> Markup {
    html! { rect class="frame" x=(short(left - 1.0)) y=(short(top - 1.0)) width=(short(width + 2.0)) height=(short(height + 2.0)) {} }
}

/// What a pointer over an image shows.
fn description(tile: &Tile) -> String {
    let finite = || tile.values.iter().copied().filter(|value| value.is_finite());
    let [low, high] = [finite().reduce(f64::min), finite().reduce(f64::max)];
    let label = match tile.label.is_empty() {
        true => String::new(),
        false => format!("{}: ", tile.label),
    };
    match low.zip(high) {
        Some((low, high)) => format!("{label}{} to {}", minus(&plain(low)), minus(&plain(high))),
        None => label + "nothing finite",
    }
}

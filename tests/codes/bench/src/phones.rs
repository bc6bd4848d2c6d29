//! Generated phone screens: how many are read, how quickly, and whether anything else is read than what stands there.

use std::collections::BTreeMap;

use guitai_codes::{Category, Frame, Shot, Size, empty};
use serde_json::{Value, json};

use crate::bench::{Answer, Bench};
use crate::clock::percentile;
use crate::progress::{Progress, stopped};
use crate::readers::{Picture, Symbol, Wish};
use crate::table;

/// The categories the targets are set for; the rest is shown below them and not counted in.
const COUNTED: usize = 15;

/// What to measure.
pub struct Order {
    /// Pictures of each category and size.
    pub count: u64,
    /// The first seed.
    pub seed: u64,
    /// Which categories.
    pub categories: Vec<Category>,
    /// Which sizes.
    pub sizes: Vec<Size>,
    /// Name each picture that some reader reads and the first one does not.
    pub lost: bool,
}

#[derive(Default, Clone)]
struct Cell {
    whole: usize,
    either: usize,
    qr: usize,
    wrong: usize,
    panics: usize,
}

impl Cell {
    fn add(&mut self, other: &Cell) {
        self.whole += other.whole;
        self.either += other.either;
        self.qr += other.qr;
        self.wrong += other.wrong;
        self.panics += other.panics;
    }
}

/// All that was counted, by reader.
struct Tally {
    names: Vec<&'static str>,
    cells: BTreeMap<(Category, Size, usize), Cell>,
    with_code: BTreeMap<(Size, usize), Vec<f64>>,
    without: BTreeMap<(Size, usize), Vec<f64>>,
    wrong_in_empty: Vec<usize>,
    readable: BTreeMap<Size, usize>,
    lost: Vec<String>,
}

/// Measures, prints, and gives the figures.
pub fn run(bench: &mut Bench, order: &Order) -> Value {
    let names = bench.names();
    let mut tally = Tally {
        wrong_in_empty: vec![0; names.len()],
        names,
        cells: BTreeMap::new(),
        with_code: BTreeMap::new(),
        without: BTreeMap::new(),
        readable: BTreeMap::new(),
        lost: Vec::new(),
    };
    // Every fifth picture is an empty one, in between, so that nobody's buffers are warmer for one kind.
    let each = order.categories.len() * order.sizes.len();
    let whole = order.count as usize * each;
    let mut progress = Progress::new("phone screens", whole);
    'all: for seed in order.seed..order.seed + order.count {
        for &size in &order.sizes {
            for (place, &category) in order.categories.iter().enumerate() {
                if stopped() {
                    break 'all;
                }
                let frame = Shot::draw(category, size, seed).take();
                tally.count_frame(category, size, seed, &frame, &bench.ask(&picture(&frame), Wish::Frame));
                if place % 5 == 0 {
                    let frame = empty(size, seed * 8 + place as u64 / 5);
                    tally.count_empty(size, &bench.ask(&picture(&frame), Wish::Frame));
                }
                progress.step();
            }
        }
    }
    tally.print(order);
    tally.json(order)
}

fn picture(frame: &Frame) -> Picture<'_> {
    Picture { width: frame.width, height: frame.height, pixels: &frame.pixels }
}

impl Tally {
    fn count_frame(&mut self, category: Category, size: Size, seed: u64, frame: &Frame, answers: &[Answer]) {
        let text = frame.text.as_deref().unwrap_or_default();
        let mut read_by = Vec::new();
        for (reader, answer) in answers.iter().enumerate() {
            let cell = self.cells.entry((category, size, reader)).or_default();
            let right = |symbol: Option<Symbol>| {
                answer
                    .codes
                    .iter()
                    .any(|code| code.text == text && symbol.is_none_or(|one| one == code.symbol))
            };
            cell.whole += 1;
            cell.either += usize::from(right(None));
            cell.qr += usize::from(right(Some(Symbol::Qr)));
            let wrong = answer.codes.iter().filter(|code| code.text != text).count();
            cell.wrong += wrong;
            cell.panics += usize::from(answer.panicked);
            self.with_code.entry((size, reader)).or_default().push(answer.ms);
            if right(None) {
                read_by.push(self.names[reader]);
            }
            if wrong > 0 {
                let name = self.names[reader];
                self.lost.push(format!(
                    "{} {} {seed}: {name} reads something else",
                    category.name(),
                    size.name()
                ));
            }
        }
        *self.readable.entry(size).or_default() += usize::from(!read_by.is_empty());
        if !read_by.is_empty() && read_by[0] != self.names[0] {
            let names = read_by.join(" ");
            self.lost.push(format!("{} {} {seed}: read by {names}", category.name(), size.name()));
        }
    }

    fn count_empty(&mut self, size: Size, answers: &[Answer]) {
        for (reader, answer) in answers.iter().enumerate() {
            self.without.entry((size, reader)).or_default().push(answer.ms);
            self.wrong_in_empty[reader] += answer.codes.len();
        }
    }

    fn sum(&self, reader: usize, wanted: impl Fn(Category, Size) -> bool) -> Cell {
        let mut sum = Cell::default();
        for ((category, size, by), cell) in &self.cells {
            if *by == reader && wanted(*category, *size) {
                sum.add(cell);
            }
        }
        sum
    }

    fn rates(&self, rows: &[(String, Box<dyn Fn(Category, Size) -> bool>)], qr: bool) -> Vec<Vec<String>> {
        let mut table = vec![self.head("")];
        for (name, wanted) in rows {
            let cells: Vec<Cell> = (0..self.names.len()).map(|reader| self.sum(reader, wanted)).collect();
            if cells.first().is_none_or(|cell| cell.whole == 0) {
                continue;
            }
            let read = |cell: &Cell| if qr { cell.qr } else { cell.either };
            let mut row = vec![name.clone()];
            row.extend(cells.iter().map(|cell| table::percent(read(cell), cell.whole)));
            table.push(row);
        }
        table
    }

    fn head(&self, first: &str) -> Vec<String> {
        [first].iter().chain(&self.names).map(|name| (*name).to_owned()).collect()
    }

    fn print(&self, order: &Order) {
        let counted = &Category::ALL[..COUNTED];
        let mut rows: Vec<(String, Box<dyn Fn(Category, Size) -> bool>)> = Vec::new();
        for one in counted.iter().copied() {
            rows.push((one.name().to_owned(), Box::new(move |category, _| category == one)));
        }
        for one in Size::ALL {
            rows.push((
                format!("the fifteen, {}", one.name()),
                Box::new(move |category, size| size == one && Category::ALL[..COUNTED].contains(&category)),
            ));
        }
        rows.push((
            "the fifteen".to_owned(),
            Box::new(|category, _| Category::ALL[..COUNTED].contains(&category)),
        ));
        for one in Category::ALL[COUNTED..].iter().copied() {
            rows.push((format!("beside: {}", one.name()), Box::new(move |category, _| category == one)));
        }
        let about = format!("{} of each category and size, seeds from {}", order.count, order.seed);
        table::print(&format!("Phone screens, either symbol, % ({about})"), &self.rates(&rows, false));
        table::print("Phone screens, QR code alone, %", &self.rates(&rows, true));
        for size in Size::ALL {
            let by_size: Vec<(String, Box<dyn Fn(Category, Size) -> bool>)> = counted
                .iter()
                .copied()
                .map(|one| {
                    let wanted: Box<dyn Fn(Category, Size) -> bool> =
                        Box::new(move |category, at| category == one && at == size);
                    (one.name().to_owned(), wanted)
                })
                .collect();
            table::print(
                &format!("Phone screens at {}, either symbol, %", size.name()),
                &self.rates(&by_size, false),
            );
        }
        self.print_times();
        self.print_overall();
        if order.lost {
            println!("\nRead by another and not by {}, or read wrongly:", self.names[0]);
            self.lost.iter().for_each(|line| println!("  {line}"));
        }
    }

    fn print_times(&self) {
        let mut rows = vec![self.head("")];
        for (what, times) in [("with a code", &self.with_code), ("empty", &self.without)] {
            for size in Size::ALL {
                let cells: Vec<String> = (0..self.names.len())
                    .filter_map(|reader| times.get(&(size, reader)))
                    .map(|times| format!("{:.1} / {:.1}", percentile(times, 0.5), percentile(times, 0.95)))
                    .collect();
                if !cells.is_empty() {
                    rows.push([vec![format!("{what}, {}", size.name())], cells].concat());
                }
            }
        }
        table::print("Processor time of a frame, ms, median / p95", &rows);
    }

    fn print_overall(&self) {
        let sums: Vec<Cell> = (0..self.names.len())
            .map(|reader| self.sum(reader, |category, _| Category::ALL[..COUNTED].contains(&category)))
            .collect();
        let best = sums.iter().zip(&self.names).filter(|(_, name)| **name != "ours");
        let best = best.map(|(cell, _)| cell.either).max().unwrap_or(0);
        let wrong = |reader: usize| self.sum(reader, |_, _| true).wrong;
        let line = |name: &str, cell: &dyn Fn(usize) -> String| {
            [vec![name.to_owned()], (0..self.names.len()).map(cell).collect()].concat()
        };
        let rows = vec![
            self.head(""),
            line("either symbol, %", &|reader| table::percent(sums[reader].either, sums[reader].whole)),
            line("QR code alone, %", &|reader| table::percent(sums[reader].qr, sums[reader].whole)),
            line("to the best library", &|reader| {
                if best == 0 {
                    "–".to_owned()
                } else {
                    format!("{:.3}", sums[reader].either as f64 / best as f64)
                }
            }),
            line("wrong in frames with a code", &|reader| wrong(reader).to_string()),
            line("anything in empty frames", &|reader| self.wrong_in_empty[reader].to_string()),
            line("panics", &|reader| self.sum(reader, |_, _| true).panics.to_string()),
        ];
        table::print("Overall, the fifteen categories", &rows);
    }

    fn json(&self, order: &Order) -> Value {
        let mut cells = Vec::new();
        for ((category, size, reader), cell) in &self.cells {
            cells.push(json!({
                "category": category.name(), "size": size.name(), "reader": self.names[*reader],
                "frames": cell.whole, "either": cell.either, "qr": cell.qr, "wrong": cell.wrong, "panics": cell.panics,
            }));
        }
        let times = |kind: &BTreeMap<(Size, usize), Vec<f64>>| -> Vec<Value> {
            kind.iter()
                .map(|((size, reader), times)| {
                    json!({
                        "size": size.name(), "reader": self.names[*reader], "frames": times.len(),
                        "p50_ms": percentile(times, 0.5), "p95_ms": percentile(times, 0.95),
                    })
                })
                .collect()
        };
        json!({
            "count": order.count, "seed": order.seed, "cells": cells,
            "with_code": times(&self.with_code), "empty": times(&self.without),
            "wrong_in_empty": self.names.iter().zip(&self.wrong_in_empty).collect::<BTreeMap<_, _>>(),
            "readable": self.readable.iter().map(|(size, count)| (size.name(), count)).collect::<BTreeMap<_, _>>(),
            "lost": self.lost,
        })
    }
}

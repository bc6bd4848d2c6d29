//! Folders of photographs.
//!
//! Two layouts are known. *With texts*: `expected.tsv` beside the pictures, a line each of file, category, text. *With corners* (the
//! BoofCV QR detection set): a folder for each category, beside each picture a `.txt` with the corners of each code in it and no
//! text, so a picture counts as read when as many codes are read as are marked.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use crate::bench::Bench;
use crate::clock::percentile;
use crate::progress::{Progress, stopped};
use crate::readers::{Code, Picture, Symbol, Wish};
use crate::table;

/// One photograph.
struct Photo {
    file: PathBuf,
    category: String,
    expected: Expected,
}

enum Expected {
    /// This text.
    Text(String),
    /// So many QR codes.
    Count(usize),
}

#[derive(Default, Clone)]
struct Cell {
    whole: usize,
    read: usize,
    wrong: usize,
    panics: usize,
    times: Vec<f64>,
}

/// Measures one folder, prints, and gives the figures. A folder that is not there is said to be absent, and nothing else.
pub fn run(bench: &mut Bench, folder: &Path) -> Result<Value> {
    if !folder.is_dir() {
        println!("\n{}: no such folder; nothing was measured on it.", folder.display());
        return Ok(json!({ "folder": folder.display().to_string(), "absent": true }));
    }
    let photos = photos(folder)?;
    let names = bench.names();
    let mut cells: BTreeMap<(String, usize), Cell> = BTreeMap::new();
    let mut lost = Vec::new();
    let mut progress = Progress::new(&folder.display().to_string(), photos.len());
    for photo in &photos {
        if stopped() {
            break;
        }
        let opened = image::open(&photo.file).with_context(|| photo.file.display().to_string())?.into_luma8();
        let (width, height) = (opened.width() as usize, opened.height() as usize);
        let answers = bench.ask(&Picture { width, height, pixels: &opened }, Wish::Still);
        let mut read_by = Vec::new();
        for (reader, answer) in answers.iter().enumerate() {
            let cell = cells.entry((photo.category.clone(), reader)).or_default();
            let (read, wrong) = photo.expected.judge(&answer.codes);
            cell.whole += 1;
            cell.read += usize::from(read);
            cell.wrong += wrong;
            cell.panics += usize::from(answer.panicked);
            cell.times.push(answer.ms);
            if read {
                read_by.push(names[reader]);
            }
            if wrong > 0 {
                let texts: Vec<&str> = answer.codes.iter().map(|code| code.text.as_str()).collect();
                lost.push(format!("{}: {} reads {texts:?}", photo.file.display(), names[reader]));
            }
        }
        if !read_by.is_empty() && read_by[0] != names[0] {
            lost.push(format!("{}: read by {}", photo.file.display(), read_by.join(" ")));
        }
        progress.step();
    }
    print(folder, &names, &cells);
    if !lost.is_empty() {
        println!("\nRead by another and not by {}, or read wrongly:", names[0]);
        lost.iter().for_each(|line| println!("  {line}"));
    }
    Ok(figures(folder, &names, &cells, &lost))
}

impl Expected {
    /// Whether it was read, and how many other things were. Without texts nothing can be called wrong.
    fn judge(&self, codes: &[Code]) -> (bool, usize) {
        match self {
            Expected::Text(text) => {
                let right = codes.iter().filter(|code| same(&code.text, text)).count();
                (right > 0, codes.len() - right)
            }
            Expected::Count(count) => {
                (codes.iter().filter(|code| code.symbol == Symbol::Qr).count() >= *count, 0)
            }
        }
    }
}

/// Lists of texts have lost how a line ends, and blanks at the end.
fn same(read: &str, expected: &str) -> bool {
    let lines = |text: &str| text.replace("\r\n", "\n").trim_end().to_owned();
    lines(read) == lines(expected)
}

fn photos(folder: &Path) -> Result<Vec<Photo>> {
    let list = folder.join("expected.tsv");
    if list.is_file() {
        return with_texts(folder, &fs::read_to_string(list)?);
    }
    // The set as it is unpacked has its categories one or two folders down.
    for below in ["", "detection", "qrcodes/detection"] {
        let photos = with_corners(&folder.join(below))?;
        if !photos.is_empty() {
            return Ok(photos);
        }
    }
    bail!("{}: neither expected.tsv nor folders of pictures with .txt beside them", folder.display())
}

fn with_texts(folder: &Path, list: &str) -> Result<Vec<Photo>> {
    let line = |line: &str| {
        let mut parts = line.splitn(3, '\t');
        let (Some(file), Some(category), Some(text)) = (parts.next(), parts.next(), parts.next()) else {
            bail!("expected.tsv: file, category and text expected in {line:?}");
        };
        // A line break or tab within a text is written as in C.
        let text = text.replace("\\n", "\n").replace("\\r", "\r").replace("\\t", "\t");
        Ok(Photo { file: folder.join(file), category: category.to_owned(), expected: Expected::Text(text) })
    };
    list.lines().filter(|text| !text.trim().is_empty()).map(line).collect()
}

fn with_corners(folder: &Path) -> Result<Vec<Photo>> {
    let mut photos = Vec::new();
    let Ok(categories) = fs::read_dir(folder) else { return Ok(photos) };
    for category in categories {
        let category = category?.path();
        let Ok(files) = fs::read_dir(&category) else { continue };
        for file in files {
            let file = file?.path();
            let picture = file.extension().is_some_and(|end| {
                ["jpg", "jpeg", "png", "bmp", "webp"].iter().any(|known| end.eq_ignore_ascii_case(known))
            });
            let marks = file.with_extension("txt");
            if picture && marks.is_file() {
                let numbers = fs::read_to_string(&marks)?
                    .lines()
                    .filter(|line| !line.starts_with('#') && !line.starts_with("SETS"))
                    .flat_map(str::split_whitespace)
                    .filter(|word| word.parse::<f64>().is_ok())
                    .count();
                let name = category.file_name().unwrap_or_default().to_string_lossy().into_owned();
                photos.push(Photo { file, category: name, expected: Expected::Count(numbers / 8) });
            }
        }
    }
    photos.sort_by(|one, other| one.file.cmp(&other.file));
    Ok(photos)
}

fn categories(cells: &BTreeMap<(String, usize), Cell>) -> Vec<&String> {
    let mut names: Vec<&String> = cells.keys().map(|(category, _)| category).collect();
    names.dedup();
    names
}

fn sum(cells: &BTreeMap<(String, usize), Cell>, reader: usize) -> Cell {
    let mut sum = Cell::default();
    for ((_, by), cell) in cells {
        if *by == reader {
            sum.whole += cell.whole;
            sum.read += cell.read;
            sum.wrong += cell.wrong;
            sum.panics += cell.panics;
            sum.times.extend(&cell.times);
        }
    }
    sum
}

fn mean(cells: &BTreeMap<(String, usize), Cell>, reader: usize) -> f64 {
    let rates: Vec<f64> = cells
        .iter()
        .filter(|((_, by), _)| *by == reader)
        .map(|(_, cell)| 100.0 * cell.read as f64 / cell.whole as f64)
        .collect();
    rates.iter().sum::<f64>() / rates.len().max(1) as f64
}

fn print(folder: &Path, names: &[&str], cells: &BTreeMap<(String, usize), Cell>) {
    let mut rows =
        vec![["", "photos"].iter().chain(names).map(|name| (*name).to_owned()).collect::<Vec<_>>()];
    for category in categories(cells) {
        let of = |reader: usize| &cells[&(category.clone(), reader)];
        let mut row = vec![category.clone(), of(0).whole.to_string()];
        row.extend((0..names.len()).map(|reader| table::percent(of(reader).read, of(reader).whole)));
        rows.push(row);
    }
    let sums: Vec<Cell> = (0..names.len()).map(|reader| sum(cells, reader)).collect();
    let whole = sums.first().map_or(0, |sum| sum.whole).to_string();
    let line = |name: &str, cell: &dyn Fn(usize) -> String| {
        [vec![name.to_owned(), whole.clone()], (0..names.len()).map(cell).collect()].concat()
    };
    rows.push(line("mean of categories", &|reader| format!("{:.1}", mean(cells, reader))));
    rows.push(line("all photos", &|reader| table::percent(sums[reader].read, sums[reader].whole)));
    rows.push(line("ms, median / p95", &|reader| {
        let times = &sums[reader].times;
        format!("{:.1} / {:.1}", percentile(times, 0.5), percentile(times, 0.95))
    }));
    rows.push(line("other texts read", &|reader| sums[reader].wrong.to_string()));
    rows.push(line("panics", &|reader| sums[reader].panics.to_string()));
    table::print(&format!("{}, % of photographs read", folder.display()), &rows);
    if names.len() > 1 && names[0] == "ours" {
        let behind: Vec<String> = categories(cells)
            .into_iter()
            .filter_map(|category| {
                let best = (1..names.len()).map(|reader| cells[&(category.clone(), reader)].read).max()?;
                let ours = cells[&(category.clone(), 0)].read;
                (ours < best).then(|| format!("{category} ({ours} against {best})"))
            })
            .collect();
        let behind = if behind.is_empty() { "none".to_owned() } else { behind.join(", ") };
        println!("\nCategories in which ours is behind the best library: {behind}");
    }
}

fn figures(folder: &Path, names: &[&str], cells: &BTreeMap<(String, usize), Cell>, lost: &[String]) -> Value {
    let rows: Vec<Value> = cells
        .iter()
        .map(|((category, reader), cell)| {
            json!({
                "category": category, "reader": names[*reader], "photos": cell.whole, "read": cell.read,
                "wrong": cell.wrong, "panics": cell.panics,
                "p50_ms": percentile(&cell.times, 0.5), "p95_ms": percentile(&cell.times, 0.95),
            })
        })
        .collect();
    let means: BTreeMap<&str, f64> =
        names.iter().enumerate().map(|(reader, name)| (*name, mean(cells, reader))).collect();
    json!({ "folder": folder.display().to_string(), "cells": rows, "mean_of_categories": means, "lost": lost })
}

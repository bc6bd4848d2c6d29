//! What all readers made of many photographs, by category.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::bench::Answer;
use crate::clock::percentile;
use crate::sets::Expected;
use crate::table;

/// How many lost photographs are named on the screen; the JSON has all.
const NAMED: usize = 60;

/// By category and reader.
pub struct Results {
    names: Vec<&'static str>,
    cells: BTreeMap<(String, usize), Cell>,
    lost: Vec<String>,
}

#[derive(Default, Clone)]
struct Cell {
    whole: usize,
    read: usize,
    wrong: usize,
    panics: usize,
    times: Vec<f64>,
}

impl Results {
    /// Nothing yet.
    pub fn new(names: Vec<&'static str>) -> Results {
        Results { names, cells: BTreeMap::new(), lost: Vec::new() }
    }

    /// Counts the answers to one photograph.
    pub fn count(&mut self, category: &str, photo: &str, expected: &Expected, answers: &[Answer]) {
        let mut read_by = Vec::new();
        for (reader, answer) in answers.iter().enumerate() {
            let cell = self.cells.entry((category.to_owned(), reader)).or_default();
            let (read, wrong) = expected.judge(&answer.codes);
            cell.whole += 1;
            cell.read += usize::from(read);
            cell.wrong += wrong;
            cell.panics += usize::from(answer.panicked);
            cell.times.push(answer.ms);
            if read {
                read_by.push(self.names[reader]);
            }
            if wrong > 0 {
                let texts: Vec<&str> = answer.codes.iter().map(|code| code.text.as_str()).collect();
                self.lost.push(format!("{photo}: {} reads {texts:?}", self.names[reader]));
            }
        }
        if !read_by.is_empty() && read_by[0] != self.names[0] {
            self.lost.push(format!("{photo}: read by {}", read_by.join(" ")));
        }
    }

    fn categories(&self) -> Vec<&String> {
        let mut names: Vec<&String> = self.cells.keys().map(|(category, _)| category).collect();
        names.dedup();
        names
    }

    fn of(&self, category: &str, reader: usize) -> &Cell {
        &self.cells[&(category.to_owned(), reader)]
    }

    fn sum(&self, reader: usize) -> Cell {
        let mut sum = Cell::default();
        for (_, cell) in self.cells.iter().filter(|((_, by), _)| *by == reader) {
            sum.whole += cell.whole;
            sum.read += cell.read;
            sum.wrong += cell.wrong;
            sum.panics += cell.panics;
            sum.times.extend(&cell.times);
        }
        sum
    }

    fn mean(&self, reader: usize) -> f64 {
        let cells = self.cells.iter().filter(|((_, by), _)| *by == reader);
        let rates: Vec<f64> = cells.map(|(_, cell)| 100.0 * cell.read as f64 / cell.whole as f64).collect();
        rates.iter().sum::<f64>() / rates.len().max(1) as f64
    }

    /// A table, and what the first reader lost.
    pub fn print(&self, title: &str) {
        let readers = 0..self.names.len();
        let mut rows =
            vec![["", "photos"].iter().chain(&self.names).map(|name| (*name).to_owned()).collect()];
        for category in self.categories() {
            let mut row = vec![category.clone(), self.of(category, 0).whole.to_string()];
            row.extend(
                readers
                    .clone()
                    .map(|reader| self.of(category, reader))
                    .map(|cell| table::percent(cell.read, cell.whole)),
            );
            rows.push(row);
        }
        let sums: Vec<Cell> = readers.clone().map(|reader| self.sum(reader)).collect();
        let whole = sums.first().map_or(0, |sum| sum.whole).to_string();
        let line = |name: &str, cell: &dyn Fn(usize) -> String| -> Vec<String> {
            [vec![name.to_owned(), whole.clone()], readers.clone().map(cell).collect()].concat()
        };
        rows.push(line("mean of categories", &|reader| format!("{:.1}", self.mean(reader))));
        rows.push(line("all photographs", &|reader| table::percent(sums[reader].read, sums[reader].whole)));
        rows.push(line("ms, median / p95", &|reader| {
            let times = &sums[reader].times;
            format!("{:.1} / {:.1}", percentile(times, 0.5), percentile(times, 0.95))
        }));
        rows.push(line("other texts read", &|reader| sums[reader].wrong.to_string()));
        rows.push(line("panics", &|reader| sums[reader].panics.to_string()));
        table::print(title, &rows);
        self.print_behind();
        if !self.lost.is_empty() {
            println!("\nRead by another and not by {}, or something else read:", self.names[0]);
            self.lost
                .iter()
                .take(NAMED)
                .for_each(|line| println!("  {}", line.chars().take(200).collect::<String>()));
            if self.lost.len() > NAMED {
                println!("  and {} more", self.lost.len() - NAMED);
            }
        }
    }

    fn print_behind(&self) {
        if self.names.len() < 2 || self.names[0] != "ours" {
            return;
        }
        let behind = self.categories().into_iter().filter_map(|category| {
            let best = (1..self.names.len()).map(|reader| self.of(category, reader).read).max()?;
            let ours = self.of(category, 0).read;
            (ours < best).then(|| format!("{category} ({ours} against {best})"))
        });
        let behind: Vec<String> = behind.collect();
        let behind = if behind.is_empty() { "none".to_owned() } else { behind.join(", ") };
        println!("\nCategories in which ours is behind the best library: {behind}");
    }

    /// All of it, for programs.
    pub fn figures(&self, name: &str) -> Value {
        let rows: Vec<Value> = self
            .cells
            .iter()
            .map(|((category, reader), cell)| {
                json!({
                    "category": category, "reader": self.names[*reader], "photos": cell.whole, "read": cell.read,
                    "wrong": cell.wrong, "panics": cell.panics,
                    "p50_ms": percentile(&cell.times, 0.5), "p95_ms": percentile(&cell.times, 0.95),
                })
            })
            .collect();
        let means: BTreeMap<&str, f64> =
            self.names.iter().enumerate().map(|(reader, name)| (*name, self.mean(reader))).collect();
        json!({ "folder": name, "cells": rows, "mean_of_categories": means, "lost": self.lost })
    }
}

//! Folders of photographs.
//!
//! Two layouts are known. *With texts*: `expected.tsv` beside the pictures, a line each of file, category, text. *With corners* (the
//! BoofCV QR detection set): a folder for each category, beside each picture a `.txt` with the corners of each code in it and no
//! text, so a picture counts as read when as many codes are read as are marked. So does one whose text is left empty, with any code.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use guitai_codes::photo::{Kind, photo};
use serde_json::{Value, json};

use crate::bench::Bench;
use crate::progress::{Progress, stopped};
use crate::readers::{Code, Picture, Symbol, Wish};
use crate::results::Results;

/// One photograph.
struct Photo {
    file: PathBuf,
    category: String,
    expected: Expected,
}

/// What is in a photograph.
pub enum Expected {
    /// These texts, in one code each. A list that does not know a text has it empty, and any code will do.
    Texts(Vec<String>),
    /// So many QR codes.
    Count(usize),
}

/// Measures one folder, prints, and gives the figures. A folder that is not there is said to be absent, and nothing else.
pub fn run(bench: &mut Bench, folder: &Path) -> Result<Value> {
    let name = folder.display().to_string();
    if !folder.is_dir() {
        println!("\n{name}: no such folder; nothing was measured on it.");
        return Ok(json!({ "folder": name, "absent": true }));
    }
    let photos = photos(folder)?;
    let mut results = Results::new(bench.names());
    let mut progress = Progress::new(&name, photos.len());
    for photo in &photos {
        if stopped() {
            break;
        }
        let opened = image::open(&photo.file).with_context(|| photo.file.display().to_string())?.into_luma8();
        let (width, height) = (opened.width() as usize, opened.height() as usize);
        let answers = bench.ask(&Picture { width, height, pixels: &opened }, Wish::Still);
        let file = photo.file.file_name().unwrap_or_default().to_string_lossy();
        results.count(&photo.category, &format!("{}/{file}", photo.category), &photo.expected, &answers);
        progress.step();
    }
    results.print(&format!("{name}, % of photographs read"));
    Ok(results.figures(&name))
}

/// The same for generated photographs: `count` of each kind.
pub fn run_generated(bench: &mut Bench, count: u64, seed: u64) -> Value {
    let mut results = Results::new(bench.names());
    let mut progress = Progress::new("generated photographs", count as usize * Kind::ALL.len());
    'all: for seed in seed..seed + count {
        for kind in Kind::ALL {
            if stopped() {
                break 'all;
            }
            let one = photo(kind, seed);
            let picture = Picture { width: one.width, height: one.height, pixels: &one.pixels };
            let answers = bench.ask(&picture, Wish::Still);
            results.count(
                kind.name(),
                &format!("{} {seed}", kind.name()),
                &Expected::Texts(one.texts),
                &answers,
            );
            progress.step();
        }
    }
    results.print(&format!(
        "Generated photographs, % with every code read ({count} of each kind, seeds from {seed})"
    ));
    results.figures("generated")
}

impl Expected {
    /// Whether all of it was read, and how many other things were. Without texts nothing can be called wrong.
    pub fn judge(&self, codes: &[Code]) -> (bool, usize) {
        match self {
            Expected::Texts(texts) if texts.iter().all(String::is_empty) => (!codes.is_empty(), 0),
            Expected::Texts(texts) => {
                let read = |text: &String| codes.iter().any(|code| same(&code.text, text));
                let stranger = |code: &&Code| !texts.iter().any(|text| same(&code.text, text));
                (texts.iter().all(read), codes.iter().filter(stranger).count())
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
        Ok(Photo {
            file: folder.join(file),
            category: category.to_owned(),
            expected: Expected::Texts(vec![text]),
        })
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

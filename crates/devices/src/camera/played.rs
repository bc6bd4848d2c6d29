//! A file played as a camera, for training, demonstrations and tests.
//!
//! Either a Y4M film, which every video tool writes, or a folder of pictures (JPEG, grey PGM) that is shown in the order of their names,
//! over and over; it is read anew each time round, so that a picture can be put in while it plays.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::mode::Mode;
use super::pixels::Layout;
use super::source::{Frame, Source, Unpacked, Why};

/// Thirty pictures a second, for a folder.
const FOLDER_RATE_MILLI: u32 = 30_000;
/// A broken header must not ask for gigabytes.
const SIDE_MAX: usize = 8192;

/// Opens `path` to be played.
///
/// # Errors
///
/// [`Why::NoCamera`] where there is no such file, [`Why::NoMode`] for one that cannot be read.
pub fn open(path: &Path) -> Result<Box<dyn Source>, Why> {
    if path.is_dir() { Ok(Box::new(Folder::open(path)?)) } else { Ok(Box::new(Film::open(path)?)) }
}

/// Keeps to the rate a camera would have.
struct Pace {
    step: Duration,
    due: Option<Instant>,
}

impl Pace {
    fn new(rate_milli: u32) -> Pace {
        let micros = 1_000_000_000 / u64::from(rate_milli.max(1));
        Pace { step: Duration::from_micros(micros), due: None }
    }

    /// Waits for the next frame's time, `patience` at most; `false` when it has not come yet.
    #[expect(clippy::disallowed_methods, reason = "a device's own thread: a film is played in real time")]
    fn wait(&mut self, patience: Duration) -> bool {
        let now = Instant::now();
        let due = *self.due.get_or_insert(now);
        let left = due.saturating_duration_since(now);
        std::thread::sleep(left.min(patience));
        if left > patience {
            return false;
        }
        // A player that was held up goes on from here: a camera does not catch up either.
        self.due = Some(if left.is_zero() { now + self.step } else { due + self.step });
        true
    }
}

struct Folder {
    path: PathBuf,
    pace: Pace,
    left: Vec<PathBuf>,
    size: (usize, usize),
    unpacked: Unpacked,
}

impl Folder {
    fn open(path: &Path) -> Result<Folder, Why> {
        let mut folder = Folder {
            path: path.to_owned(),
            pace: Pace::new(FOLDER_RATE_MILLI),
            left: Vec::new(),
            size: (0, 0),
            unpacked: Unpacked::default(),
        };
        let mut first = Frame::default();
        folder.pictures()?;
        while folder.size == (0, 0) {
            let next = folder.left.pop().ok_or(Why::NoMode)?;
            folder.show(&next, &mut first);
        }
        folder.left.clear();
        Ok(folder)
    }

    fn pictures(&mut self) -> Result<(), Why> {
        let listed = fs::read_dir(&self.path).map_err(|_| Why::NoCamera)?;
        self.left =
            listed.filter_map(|entry| Some(entry.ok()?.path())).filter(|path| path.is_file()).collect();
        self.left.sort_unstable_by(|left, right| right.cmp(left));
        Ok(())
    }

    /// A file that is no picture, or is just being written, is passed over.
    fn show(&mut self, path: &Path, frame: &mut Frame) -> bool {
        let Ok(bytes) = fs::read(path) else { return false };
        let (layout, size, at) = match pgm(&bytes) {
            Some((size, at)) => (Layout::Grey, size, at),
            None => (Layout::Mjpeg, (0, 0), 0),
        };
        let whole = frame.put(layout, size, 0, &bytes[at..]);
        let size = frame.grey(&mut self.unpacked).map(|(_, size)| size);
        self.size = size.unwrap_or(self.size);
        whole && size.is_some()
    }
}

impl Source for Folder {
    fn mode(&self) -> Mode {
        mode(self.size, FOLDER_RATE_MILLI)
    }

    fn next(&mut self, patience: Duration, frame: &mut Frame) -> Result<bool, Why> {
        if !self.pace.wait(patience) {
            return Ok(false);
        }
        if self.left.is_empty() {
            self.pictures()?;
        }
        let Some(path) = self.left.pop() else { return Err(Why::Lost) };
        Ok(self.show(&path, frame))
    }
}

/// The size of a binary grey map, and where its pixels begin.
fn pgm(bytes: &[u8]) -> Option<((usize, usize), usize)> {
    let mut at = 0;
    let mut word = || {
        let rest = bytes.get(at..)?;
        let length = rest.iter().take(16).position(u8::is_ascii_whitespace)?;
        at += length + 1;
        std::str::from_utf8(&rest[..length]).ok()
    };
    word().filter(|magic| *magic == "P5")?;
    let (width, height) = (word()?.parse().ok()?, word()?.parse().ok()?);
    word().filter(|brightest| *brightest == "255")?;
    Some(((width, height), at))
}

struct Film {
    file: BufReader<File>,
    start: u64,
    size: (usize, usize),
    frame_bytes: usize,
    rate_milli: u32,
    pace: Pace,
    bytes: Vec<u8>,
}

impl Film {
    fn open(path: &Path) -> Result<Film, Why> {
        let mut file = BufReader::new(File::open(path).map_err(|_| Why::NoCamera)?);
        let header = line(&mut file).ok_or(Why::NoMode)?;
        let (size, rate_milli, frame_bytes) = header_of(&header).ok_or(Why::NoMode)?;
        let start = file.stream_position().map_err(|_| Why::NoMode)?;
        Ok(Film {
            file,
            start,
            size,
            frame_bytes,
            rate_milli,
            pace: Pace::new(rate_milli),
            bytes: Vec::new(),
        })
    }

    fn read(&mut self) -> Option<()> {
        line(&mut self.file).filter(|line| line.starts_with("FRAME"))?;
        self.bytes.resize(self.frame_bytes, 0);
        self.file.read_exact(&mut self.bytes).ok()
    }
}

impl Source for Film {
    fn mode(&self) -> Mode {
        mode(self.size, self.rate_milli)
    }

    fn next(&mut self, patience: Duration, frame: &mut Frame) -> Result<bool, Why> {
        if !self.pace.wait(patience) {
            return Ok(false);
        }
        if self.read().is_none() {
            self.file.seek(SeekFrom::Start(self.start)).map_err(|_| Why::Lost)?;
            self.read().ok_or(Why::Lost)?;
        }
        Ok(frame.put(Layout::Planar, self.size, self.size.0, &self.bytes))
    }
}

fn mode((width, height): (usize, usize), rate_milli: u32) -> Mode {
    let side = |side: usize| u32::try_from(side).unwrap_or(0);
    Mode { width: side(width), height: side(height), rate_milli, layout: Layout::Planar }
}

/// A line of a film's text; none where there is no end to it.
fn line(file: &mut impl BufRead) -> Option<String> {
    let mut line = Vec::new();
    file.take(1024).read_until(b'\n', &mut line).ok()?;
    line.pop().filter(|last| *last == b'\n')?;
    String::from_utf8(line).ok()
}

/// Size, rate and bytes of a frame. Brightness comes first in each colour format with eight bits.
fn header_of(header: &str) -> Option<((usize, usize), u32, usize)> {
    let mut words = header.split_ascii_whitespace();
    words.next().filter(|magic| *magic == "YUV4MPEG2")?;
    let (mut width, mut height, mut rate, mut colours) = (0, 0, 30_000, "420");
    for word in words {
        let (name, value) = word.split_at_checked(1)?;
        match name {
            "W" => width = value.parse().ok()?,
            "H" => height = value.parse().ok()?,
            "C" => colours = value,
            "F" => {
                let (frames, seconds) = value.split_once(':')?;
                let (frames, seconds): (u32, u32) = (frames.parse().ok()?, seconds.parse().ok()?);
                rate = frames.checked_mul(1000)?.checked_div(seconds)?;
            }
            _ => {}
        }
    }
    let sides = 1..=SIDE_MAX;
    if !sides.contains(&width) || !sides.contains(&height) || rate == 0 {
        return None;
    }
    let chroma = match colours {
        "mono" => 0,
        "420" | "420jpeg" | "420paldv" | "420mpeg2" => 2 * width.div_ceil(2) * height.div_ceil(2),
        "422" => 2 * width.div_ceil(2) * height,
        "444" => 2 * width * height,
        _ => return None,
    };
    Some(((width, height), rate, width * height + chroma))
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn film(header: &str, frames: &[&[u8]]) -> tempfile::NamedTempFile {
        let mut file = tempfile::NamedTempFile::new().expect("a file");
        writeln!(file, "{header}").expect("written");
        for frame in frames {
            file.write_all(b"FRAME\n").expect("written");
            file.write_all(frame).expect("written");
        }
        file
    }

    fn shown(source: &mut dyn Source) -> u8 {
        let mut frame = Frame::default();
        assert_eq!(source.next(Duration::from_secs(1), &mut frame), Ok(true));
        frame.grey(&mut Unpacked::default()).expect("a whole frame").0[0]
    }

    #[test]
    fn a_film_goes_round_and_round() {
        let file = film("YUV4MPEG2 W2 H2 F1000:1 Cmono", &[&[1; 4], &[2; 4]]);

        let mut source = open(file.path()).expect("a film");

        let seen: Vec<u8> = (0..5).map(|_| shown(&mut *source)).collect();
        assert_eq!(seen, [1, 2, 1, 2, 1]);
        assert_eq!((source.mode().width, source.mode().rate_milli), (2, 1_000_000));
    }

    #[test]
    fn colours_are_passed_over() {
        let file =
            film("YUV4MPEG2 W2 H2 F1000:1 Ip A1:1 C420jpeg", &[&[1, 1, 1, 1, 9, 9], &[2, 2, 2, 2, 9, 9]]);

        let mut source = open(file.path()).expect("a film");

        assert_eq!([shown(&mut *source), shown(&mut *source)], [1, 2]);
    }

    #[test]
    fn a_folder_shows_its_pictures_by_name_and_one_put_in_while_it_plays() {
        let folder = tempfile::tempdir().expect("a folder");
        let put = |name: &str, bytes: &[u8]| fs::write(folder.path().join(name), bytes).expect("written");
        put("b.pgm", b"P5\n2 1\n255\n\x02\x02");
        put("a.pgm", b"P5 2 1 255\n\x01\x01");
        put("notes.txt", b"no picture");

        let mut source = open(folder.path()).expect("a folder");
        let mut seen = Vec::new();
        for _ in 0..6 {
            let mut frame = Frame::default();
            if source.next(Duration::from_secs(1), &mut frame) == Ok(true) {
                seen.push(frame.grey(&mut Unpacked::default()).expect("a whole frame").0[0]);
            }
            put("c.pgm", b"P5 2 1 255\n\x03\x03");
        }

        assert_eq!(seen, [1, 2, 1, 2, 3], "the text is passed over");
    }

    #[test]
    fn what_is_no_film_is_not_played() {
        let cases = [
            ("", Why::NoMode),
            ("YUV4MPEG2 W0 H2", Why::NoMode),
            ("YUV4MPEG2 W99999999 H99999999", Why::NoMode),
            ("YUV4MPEG2 W2 H2 F30:0", Why::NoMode),
            ("YUV4MPEG2 W2 H2 C420p10", Why::NoMode),
            ("RIFF W2 H2", Why::NoMode),
        ];

        for (header, why) in cases {
            assert_eq!(open(film(header, &[]).path()).err(), Some(why), "{header}");
        }
        assert_eq!(open(Path::new("/nowhere/film.y4m")).err(), Some(Why::NoCamera));
    }

    #[test]
    fn an_empty_film_is_lost_at_its_first_frame() {
        let file = film("YUV4MPEG2 W2 H2 F1000:1 Cmono", &[]);
        let mut source = open(file.path()).expect("a film");

        assert_eq!(source.next(Duration::from_secs(1), &mut Frame::default()), Err(Why::Lost));
    }
}

//! All readers on one picture, one after the other, in an order that turns with every picture.

use crate::clock::busy_ms;
use crate::readers::{Code, Picture, Reader, Wish, guarded};

/// What one reader made of one picture.
pub struct Answer {
    /// What it read.
    pub codes: Vec<Code>,
    /// It panicked.
    pub panicked: bool,
    /// Processor time.
    pub ms: f64,
}

/// The readers that take part.
pub struct Bench {
    readers: Vec<Box<dyn Reader>>,
    turn: usize,
}

impl Bench {
    /// Those of `readers` whose names are wanted; all of them if no name is.
    pub fn new(readers: Vec<Box<dyn Reader>>, only: &[String]) -> anyhow::Result<Bench> {
        let names: Vec<&str> = readers.iter().map(|reader| reader.name()).collect();
        if let Some(stranger) = only.iter().find(|name| !names.contains(&name.as_str())) {
            anyhow::bail!("no such reader: {stranger} (there are: {})", names.join(", "));
        }
        let wanted = |reader: &dyn Reader| only.is_empty() || only.iter().any(|name| name == reader.name());
        let readers = readers.into_iter().filter(|reader| wanted(reader.as_ref())).collect();
        Ok(Bench { readers, turn: 0 })
    }

    /// Their names, in the order of the answers.
    pub fn names(&self) -> Vec<&'static str> {
        self.readers.iter().map(|reader| reader.name()).collect()
    }

    /// Shows the picture to everyone.
    pub fn ask(&mut self, picture: &Picture, wish: Wish) -> Vec<Answer> {
        self.turn += 1;
        let count = self.readers.len();
        let mut answers: Vec<Option<Answer>> = (0..count).map(|_| None).collect();
        for step in 0..count {
            let at = (self.turn + step) % count;
            let begun = busy_ms();
            let codes = guarded(self.readers[at].as_mut(), picture, wish);
            let ms = busy_ms() - begun;
            let panicked = codes.is_none();
            answers[at] = Some(Answer { codes: codes.unwrap_or_default(), panicked, ms });
        }
        answers.into_iter().flatten().collect()
    }
}

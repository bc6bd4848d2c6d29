//! What may be wrong with a picture of a phone.

/// One kind of trouble. The first fifteen are those the targets are set for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Category {
    /// Held well.
    Nominal,
    /// Small in the picture.
    Far,
    /// So near that part of it is outside the picture.
    Close,
    /// Turned by any angle.
    Rotated,
    /// Seen from the side, from above or below.
    Tilt,
    /// Out of focus.
    Defocus,
    /// Moving.
    Motion,
    /// A dark shop, and a sensor that makes up for it.
    Noise,
    /// Lamps mirrored in the glass.
    Glare,
    /// A dim screen in a bright room.
    LowContrast,
    /// A bright screen in a dark room.
    OverExposed,
    /// Stripes of a lamp's flicker.
    Banding,
    /// The screen's pixels beat with the sensor's.
    Moire,
    /// Compressed too far.
    Jpeg,
    /// Two or three of these at once, each milder.
    Mixed,
    /// Broken glass.
    Cracked,
    /// A finger, a sticker or a notice over part of it.
    Covered,
    /// A camera that shows left as right.
    Mirrored,
}

impl Category {
    /// All of them.
    pub const ALL: [Category; 18] = [
        Category::Nominal,
        Category::Far,
        Category::Close,
        Category::Rotated,
        Category::Tilt,
        Category::Defocus,
        Category::Motion,
        Category::Noise,
        Category::Glare,
        Category::LowContrast,
        Category::OverExposed,
        Category::Banding,
        Category::Moire,
        Category::Jpeg,
        Category::Mixed,
        Category::Cracked,
        Category::Covered,
        Category::Mirrored,
    ];

    /// How tables and arguments call it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Category::Nominal => "nominal",
            Category::Far => "far",
            Category::Close => "close",
            Category::Rotated => "rotated",
            Category::Tilt => "tilt",
            Category::Defocus => "defocus",
            Category::Motion => "motion",
            Category::Noise => "noise",
            Category::Glare => "glare",
            Category::LowContrast => "low-contrast",
            Category::OverExposed => "over-exposed",
            Category::Banding => "banding",
            Category::Moire => "moire",
            Category::Jpeg => "jpeg",
            Category::Mixed => "mixed",
            Category::Cracked => "cracked",
            Category::Covered => "covered",
            Category::Mirrored => "mirrored",
        }
    }
}

/// What a webcam gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Size {
    /// 640 by 480.
    P480,
    /// 1280 by 720.
    P720,
    /// 1920 by 1080.
    P1080,
}

impl Size {
    /// All of them.
    pub const ALL: [Size; 3] = [Size::P480, Size::P720, Size::P1080];

    /// How tables and arguments call it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Size::P480 => "480p",
            Size::P720 => "720p",
            Size::P1080 => "1080p",
        }
    }

    /// Pixels in a row, and rows.
    #[must_use]
    pub fn pixels(self) -> (usize, usize) {
        match self {
            Size::P480 => (640, 480),
            Size::P720 => (1280, 720),
            Size::P1080 => (1920, 1080),
        }
    }
}

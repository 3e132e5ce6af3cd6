//! The windows of an image as the columns of a matrix, which is packed panel by panel and never written down as a whole.

/// The windows of images, of which each is a column of a matrix `[channels · height · width of a window, windows]`.
///
/// Element `(c, i, j)` of the window at `(y, x)` is that of the image at `(c, y′, x′)` where
/// `y · step + i · dilation − before = y′ · spread`, the same across; it is 0 where there is no such element: outside of the
/// image, and between its elements if these are spread.
///
/// Windows with a step are those of a convolution; images that are spread are those of its derivative.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Windows {
    /// Channels, height and width of the image.
    pub image: [usize; 3],
    /// Height and width of a window.
    pub size: [usize; 2],
    /// How many windows there are, down and across.
    pub count: [usize; 2],
    /// From one window to the next; not 0.
    pub step: [isize; 2],
    /// From one element of a window to the next; not 0.
    pub dilation: [isize; 2],
    /// By how much the first window begins before the image.
    pub before: [isize; 2],
    /// From one element of the image to the next; at least 1.
    pub spread: [usize; 2],
}

impl Windows {
    /// Elements of a window.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.image[0] * self.size[0] * self.size[1]
    }

    /// Windows.
    #[must_use]
    pub fn cols(&self) -> usize {
        self.count[0] * self.count[1]
    }

    /// Whether every number is in its range, and no place is too far away to be counted.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        let far = |axis: usize| {
            let [end, reach] = [
                (self.count[axis], self.step[axis]),
                (self.size[axis], self.dilation[axis]),
            ]
            .map(|(n, by)| n.checked_mul(by.unsigned_abs()));
            let image = self.image[axis + 1].checked_mul(self.spread[axis])?;
            let parts = [end?, reach?, self.before[axis].unsigned_abs(), image];
            parts.into_iter().try_fold(0usize, |sum, part| sum.checked_add(part))
        };
        let mut distances = self.step.iter().chain(&self.dilation);
        distances.all(|&distance| distance != 0)
            && self.spread.iter().all(|&spread| spread > 0)
            && (0..2).all(|axis| far(axis).is_some_and(|far| far <= isize::MAX as usize / 2))
    }

    /// The element of the image along an axis that element `tap` of window `at` shows.
    #[inline(always)]
    pub(super) fn element(&self, axis: usize, at: usize, tap: usize) -> Option<usize> {
        let place = usize::try_from(self.place(axis, at, tap)).ok()?;
        let element = place / self.spread[axis];
        (element * self.spread[axis] == place && element < self.image[axis + 1]).then_some(element)
    }

    /// The place along an axis of element `tap` of window `at`, before it is divided by the spread.
    #[inline(always)]
    pub(super) fn place(&self, axis: usize, at: usize, tap: usize) -> isize {
        at as isize * self.step[axis] + tap as isize * self.dilation[axis] - self.before[axis]
    }
}

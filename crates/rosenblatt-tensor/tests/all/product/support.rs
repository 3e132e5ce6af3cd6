//! Random numbers and sizes, ways to lay a matrix out, and memory between pages no one may touch.

use rosenblatt_tensor::kernels::product::{Axis, Lane, Matrix, Output, PANEL};
use rosenblatt_testkit::Guarded;

/// SplitMix64: a seed per case, so that a failing case can be run alone.
pub struct Rng(pub u64);

impl Rng {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let x = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        x ^ (x >> 31)
    }

    pub fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }

    pub fn chance(&mut self, one_in: usize) -> bool {
        self.below(one_in) == 0
    }

    fn size(&mut self) -> usize {
        const EDGES: [usize; 16] = [0, 1, 2, 3, 13, 14, 15, 16, 31, 32, 33, 63, 64, 65, 127, 128];
        const LARGE: [usize; 6] = [129, 255, 256, 257, 300, 784];
        match self.below(4) {
            0 => EDGES[self.below(EDGES.len())],
            1 => LARGE[self.below(LARGE.len())],
            _ => self.below(71),
        }
    }

    /// Three sizes; large ones seldom all at once, to keep the plain twin's time in bounds.
    pub fn sizes(&mut self) -> [usize; 3] {
        loop {
            let sizes = [self.size(), self.size(), self.size()];
            if sizes.iter().product::<usize>() < 40_000 || self.chance(100) {
                return sizes;
            }
        }
    }

    /// A number of moderate size; in `wild` cases also zeros of both signs, tiny, huge, infinite and not a number.
    pub fn number<T: Number>(&mut self, wild: bool) -> T {
        let x = (self.next() >> 11) as f64 / (1u64 << 52) as f64 - 1.0;
        match (wild, self.below(40)) {
            (true, 0) => T::WILD[self.below(T::WILD.len())],
            (true, 1..20) => T::from(x * (2.0f64).powi(self.below(120) as i32 - 60)),
            _ => T::from(x),
        }
    }
}

pub trait Number: Lane + std::fmt::Debug {
    const WILD: [Self; 9];
    const NAN: Self;
    fn from(x: f64) -> Self;
    /// The bits; one value for all that are not a number.
    fn bits(self) -> u64;
}

macro_rules! number {
    ($t:ident) => {
        impl Number for $t {
            const WILD: [Self; 9] = [
                0.0,
                -0.0,
                $t::MIN_POSITIVE / 8.0,
                -$t::MIN_POSITIVE,
                $t::MAX,
                $t::MIN,
                $t::INFINITY,
                $t::NEG_INFINITY,
                $t::NAN,
            ];
            const NAN: Self = $t::NAN;
            fn from(x: f64) -> Self {
                x as $t
            }
            fn bits(self) -> u64 {
                if self.is_nan() {
                    u64::MAX
                } else {
                    self.to_bits().into()
                }
            }
        }
    };
}

number!(f32);
number!(f64);

/// How a matrix lies in memory.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Form {
    RowMajor,
    Transposed,
    Packed,
    PackedTransposed,
    /// Gaps, negative and zero strides.
    Strange,
}

impl Form {
    pub const ALL: [Form; 5] = [
        Form::RowMajor,
        Form::Transposed,
        Form::Packed,
        Form::PackedTransposed,
        Form::Strange,
    ];
}

/// Numbers whose end or start, by chance, touches a page no one may touch.
pub fn guarded<T: Number>(numbers: &[T], rng: &mut Rng) -> Guarded<T> {
    if rng.chance(2) {
        Guarded::ending(numbers)
    } else {
        Guarded::starting(numbers)
    }
}

/// A matrix in memory: its axes, where its first element is, and how far it reaches.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    pub shape: [usize; 2],
    row: Axis,
    col: Axis,
    origin: isize,
    pub len: usize,
}

impl Place {
    pub fn new(form: Form, [rows, cols]: [usize; 2], rng: &mut Rng) -> Self {
        let gap = if rng.chance(2) { 0 } else { rng.below(20) } as isize;
        let packed = |rows: usize| Axis {
            stride: 1,
            block: (rows * PANEL) as isize + gap,
        };
        let lanes = Axis::strided(PANEL as isize);
        let (row, col) = match form {
            Form::RowMajor => (Axis::strided(cols as isize + gap), Axis::strided(1)),
            Form::Transposed => (Axis::strided(1), Axis::strided(rows as isize + gap)),
            Form::Packed => (lanes, packed(rows)),
            Form::PackedTransposed => (packed(cols), lanes),
            Form::Strange => {
                let mut stride = || Axis::strided(rng.below(41) as isize - 20);
                (stride(), stride())
            }
        };
        Self::reaching([rows, cols], row, col)
    }

    fn reaching(shape: [usize; 2], row: Axis, col: Axis) -> Self {
        let offsets = |n: usize, axis: Axis| (0..n).map(move |i| axis.offset(i));
        let span = |n, axis| (offsets(n, axis).min().unwrap_or(0), offsets(n, axis).max().unwrap_or(0));
        let ((row_low, row_high), (col_low, col_high)) = (span(shape[0], row), span(shape[1], col));
        let len = if shape.contains(&0) {
            0
        } else {
            (row_high + col_high - row_low - col_low + 1) as usize
        };
        Self {
            shape,
            row,
            col,
            origin: -row_low - col_low,
            len,
        }
    }

    pub fn index(&self, i: usize, j: usize) -> usize {
        (self.origin + self.row.offset(i) + self.col.offset(j)) as usize
    }

    pub fn matrix<T>(&self, numbers: &[T]) -> Matrix<T> {
        assert_eq!(numbers.len(), self.len);
        // SAFETY: `reaching` made the slice long enough for every index; tests keep it alive and unwritten.
        unsafe {
            Matrix::new(
                numbers.as_ptr().wrapping_offset(self.origin),
                self.shape,
                self.row,
                self.col,
            )
        }
    }

    /// Where to write a matrix whose columns are contiguous.
    pub fn output<T>(&self, numbers: &mut [T]) -> Output<T> {
        assert!(numbers.len() == self.len && self.col.stride == 1);
        // SAFETY: as in `matrix`, and tests lend the slice exclusively.
        unsafe { Output::new(numbers.as_mut_ptr(), self.shape[1], self.row.stride, self.col.block) }
    }

    /// Random numbers at the elements, and NaN between them.
    pub fn filled<T: Number>(&self, wild: bool, rng: &mut Rng) -> Guarded<T> {
        let mut numbers = vec![T::NAN; self.len];
        for i in 0..self.shape[0] {
            for j in 0..self.shape[1] {
                numbers[self.index(i, j)] = rng.number(wild);
            }
        }
        guarded(&numbers, rng)
    }
}

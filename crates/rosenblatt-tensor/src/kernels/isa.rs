//! Instruction sets, and the one place where a loop is compiled once for each of them.
//!
//! A binary for plain x86-64 uses whatever the CPU it meets can do: a loop is written once as a [`Loop`], and
//! [`Isa::run`] holds a copy of it for each instruction set. On other architectures every copy is the portable one.
//! The choice changes speed only; by the rules of the kernels it never changes a bit.

use std::fmt;
use std::str::FromStr;
use std::sync::OnceLock;

/// An instruction set a loop can be compiled for, the weakest first.
///
/// # Example
/// ```
/// use rosenblatt_tensor::Isa;
/// let best = Isa::detect();
/// assert!(Isa::supported().all(|isa| isa <= best));
/// assert_eq!("portable".parse(), Ok(Isa::Portable));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Isa {
    /// What every CPU of the architecture can do.
    Portable,
    /// x86-64 with AVX2 and FMA: 16 registers of 256 bits.
    Avx2,
    /// x86-64 with AVX-512 F, DQ, BW and VL, besides AVX2 and FMA: 32 registers of 512 bits.
    Avx512,
}

/// A loop that [`Isa::run`] compiles once per instruction set.
///
/// Mark `run`, and every function of ours it calls in its hot part, `#[inline(always)]`: only what is inlined into
/// the copy for an instruction set is compiled for it. (Hence no such method for closures, which cannot be marked.)
///
/// # Example
/// ```
/// use rosenblatt_tensor::{Isa, kernels::isa::Loop};
/// struct Double<'a>(&'a mut [f32]);
///
/// impl Loop for Double<'_> {
///     type Output = ();
///
///     #[inline(always)]
///     fn run(self) {
///         self.0.iter_mut().for_each(|x| *x *= 2.0);
///     }
/// }
///
/// let mut x = [1.0, 2.0];
/// Isa::detect().run(Double(&mut x));
/// assert_eq!(x, [2.0, 4.0]);
/// ```
pub trait Loop {
    /// What the loop returns.
    type Output;

    /// Runs the loop.
    fn run(self) -> Self::Output;
}

impl Isa {
    /// Every instruction set, the weakest first, whether this CPU has it or not.
    pub const ALL: [Isa; 3] = [Isa::Portable, Isa::Avx2, Isa::Avx512];

    /// The best one this CPU has; asked once, then remembered.
    #[inline]
    pub fn detect() -> Self {
        static BEST: OnceLock<Isa> = OnceLock::new();
        *BEST.get_or_init(ask_the_cpu)
    }

    /// Whether this CPU has it.
    pub fn is_supported(self) -> bool {
        self <= Self::detect()
    }

    /// Those this CPU has, the weakest first.
    pub fn supported() -> impl Iterator<Item = Isa> {
        Self::ALL.into_iter().filter(|isa| isa.is_supported())
    }

    /// The name users write: `portable`, `avx2` or `avx512`.
    pub fn name(self) -> &'static str {
        match self {
            Isa::Portable => "portable",
            Isa::Avx2 => "avx2",
            Isa::Avx512 => "avx512",
        }
    }

    /// This one, or the best of this CPU if it lacks it: what [`Isa::run`] really uses.
    #[inline]
    pub fn available(self) -> Self {
        self.min(Self::detect())
    }

    /// Runs the copy of `work` compiled for this instruction set, or for the best of this CPU if it lacks it.
    #[inline]
    pub fn run<L: Loop>(self, work: L) -> L::Output {
        match self.available() {
            // SAFETY: `available` never exceeds `detect`, so the CPU has these instructions.
            #[cfg(target_arch = "x86_64")]
            Isa::Avx512 => unsafe { run_avx512(work) },
            // SAFETY: as above.
            #[cfg(target_arch = "x86_64")]
            Isa::Avx2 => unsafe { run_avx2(work) },
            _ => work.run(),
        }
    }
}

/// # Safety
/// The CPU has everything [`Isa::Avx512`] names.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512dq,avx512bw,avx512vl,avx2,fma")]
pub(super) unsafe fn run_avx512<L: Loop>(work: L) -> L::Output {
    work.run()
}

/// # Safety
/// The CPU has everything [`Isa::Avx2`] names.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
pub(super) unsafe fn run_avx2<L: Loop>(work: L) -> L::Output {
    work.run()
}

#[cfg(target_arch = "x86_64")]
fn ask_the_cpu() -> Isa {
    let avx2 = is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma");
    let avx512 = is_x86_feature_detected!("avx512f")
        && is_x86_feature_detected!("avx512dq")
        && is_x86_feature_detected!("avx512bw")
        && is_x86_feature_detected!("avx512vl");
    match (avx2, avx512) {
        (true, true) => Isa::Avx512,
        (true, false) => Isa::Avx2,
        (false, _) => Isa::Portable,
    }
}

#[cfg(not(target_arch = "x86_64"))]
fn ask_the_cpu() -> Isa {
    Isa::Portable
}

impl fmt::Display for Isa {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// Reads a name; the error is a sentence for the user.
impl FromStr for Isa {
    type Err = String;

    /// # Errors
    /// If the name is unknown, or this CPU lacks the instruction set.
    fn from_str(name: &str) -> Result<Self, String> {
        let Some(isa) = Self::ALL.into_iter().find(|isa| isa.name() == name) else {
            return Err(format!(
                "unknown instruction set `{name}`; expected {}",
                list(Self::ALL)
            ));
        };
        if isa.is_supported() {
            Ok(isa)
        } else {
            Err(format!("this CPU has no `{name}`; it has {}", list(Self::supported())))
        }
    }
}

/// "`portable`, `avx2`"
fn list(sets: impl IntoIterator<Item = Isa>) -> String {
    sets.into_iter()
        .map(|isa| format!("`{isa}`"))
        .collect::<Vec<_>>()
        .join(", ")
}
